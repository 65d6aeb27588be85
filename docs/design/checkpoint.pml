/* The checkpoint protocol (quiescent cut over Kafka): checkpoint.md says how to read and run it.
   2 upstream tasks (0,1) -> repartition partition r -> downstream task 2.
   Records are appended OPEN; commit/abort is decided once per transaction (with the input offsets), then the markers of
   partition r and of the control partition land in any order. Readers are read_committed: they stop at the first OPEN record.
   A timer (or a mark) is a record of a task that no input record causes: the cut of its task decides on which side of E it
   belongs. The purge deletes what task 2 has committed of r, and must leave what is still to be copied of a decided cut.
   With DRAIN task 2 is cut when it has read r up to the end in LEVEL, which the leader fixes once tasks 0 and 1 are cut. */
#ifndef NSRC
#define NSRC 1
#endif
#ifndef CRASH
#define CRASH 0
#endif
#ifndef LCRASH
#define LCRASH 0
#endif
#ifndef TMO
#define TMO 2        /* pause timeouts in total */
#endif
#ifndef TIMER
#define TIMER 0      /* records that time brings, in total */
#endif
#ifndef PURGE
#define PURGE 0      /* purges of r */
#endif
#ifndef DRAIN
#define DRAIN 0      /* 1: a checkpoint that drains, nothing is left in r */
#endif
#ifdef MUT_LEVEL_EARLY
#define LEVELCUT (cuts & 3)
#else
#define LEVELCUT (cuts & 3) == 3
#endif
#ifdef MUT_TIMER
#define QUIET true
#else
#define QUIET (!paused && !want)
#endif
#define MAXR 7
#define NOSEQ 99
#define MAXC 12
#define OPEN 1
#define COMM 2
#define ABRT 3
#define B 1
#define K 2
#define L 3
#define V 4
#define D 5
#define A 6
byte rprod[MAXR]; byte rseq[MAXR]; byte rst[MAXR]; byte rlen;
byte ct[MAXC]; byte cw[MAXC]; byte cv[MAXC]; byte cs[MAXC]; byte clen;
byte coff[3]; byte dec[3]; bool rp[3]; bool cp[3];
byte crashes; byte tmos; byte ndone; bool leaderdone; byte timers; bool rlate[MAXR]; byte plow; bool stored;
hidden byte i; hidden byte j; hidden byte k; hidden byte nfound; hidden byte valid; hidden byte ok; hidden byte cut[3];

inline capp(t,w,v,s){ assert(clen<MAXC); ct[clen]=t; cw[clen]=w; cv[clen]=v; cs[clen]=s; clen++ }
inline flipr(w){ i=0; do :: i<rlen -> if :: rprod[i]==w && rst[i]==OPEN -> rst[i]=(dec[w]==1->COMM:ABRT) :: else fi; i++ :: else -> break od; rp[w]=0; i=0; if :: !cp[w] -> dec[w]=0 :: else fi }
inline flipc(w){ i=0; do :: i<clen -> if :: cw[i]==w && cs[i]==OPEN -> cs[i]=(dec[w]==1->COMM:ABRT) :: else fi; i++ :: else -> break od; cp[w]=0; i=0; if :: !rp[w] -> dec[w]=0 :: else fi }
inline decide(w,x){ dec[w]=x; if :: !rp[w] && !cp[w] -> dec[w]=0 :: else fi }
/* everything readable in the control log */
inline readall(){ i=0; do :: rd<clen && cs[rd]!=OPEN -> if
    :: cs[rd]==COMM && ct[rd]==B -> cur=1; want=1; paused=0; mustrev=0
    :: cs[rd]==COMM && ct[rd]==K && cw[rd]==w -> want=0; sawcut=1
    :: cs[rd]==COMM && ct[rd]==L -> dend=cv[rd]
    :: cs[rd]==COMM && ct[rd]>=V -> want=0; sawcut=0; paused=0; mustrev=0      /* REVOKE, DONE, ABORT: undecided no longer */
    :: else fi; rd++ :: else -> break od; i=0 }

proctype Worker(byte w){ byte pos; byte rd; bool cur; bool want; bool paused; bool mustrev; bool sawcut; bool intx; bool revd; byte hw; byte dend;
restart: skip;
  d_step{ rd=0; cur=0; want=0; paused=0; mustrev=0; sawcut=0; intx=0; revd=0; pos=coff[w]; hw=clen; dend=NOSEQ }
#ifndef MUT_NOHW
  do :: d_step{ rd<hw && rd<clen && cs[rd]!=OPEN -> readall() } :: d_step{ dec[w]!=0 && rp[w] -> flipr(w) } :: d_step{ dec[w]!=0 && cp[w] -> flipc(w) } :: rd>=hw -> break od;   /* control log up to the high watermark */
#endif
  skip; d_step{ hw=0; if :: sawcut -> mustrev=1; sawcut=0 :: else fi }
  do
  :: d_step{ rd<clen && cs[rd]!=OPEN -> readall(); sawcut=0 }
  :: w<2 && !paused && !want && pos<NSRC && (intx || dec[w]==0) ->
#ifdef MUT_REVOKE_LATE
       d_step{ assert(rlen<MAXR); rprod[rlen]=w; rseq[rlen]=pos; rst[rlen]=OPEN; rlen++; rp[w]=1; pos++; intx=1 }
       if :: d_step{ mustrev && !revd -> capp(V,w,0,OPEN); cp[w]=1; revd=1 } :: !mustrev || revd fi
#else
#ifndef MUT_NOREVOKE
       if :: d_step{ mustrev && !revd -> capp(V,w,0,OPEN); cp[w]=1; revd=1; intx=1 } :: !mustrev || revd fi;  /* acknowledged BEFORE any output */
#endif
       d_step{ assert(rlen<MAXR); rprod[rlen]=w; rseq[rlen]=pos; rst[rlen]=OPEN; rlen++; rp[w]=1; pos++; intx=1 }
#endif
#if TIMER > 0
  :: w<2 && timers<TIMER && (intx || dec[w]==0) && QUIET ->
       if :: d_step{ mustrev && !revd -> capp(V,w,0,OPEN); cp[w]=1; revd=1; intx=1 } :: !mustrev || revd fi;
       d_step{ assert(rlen<MAXR); rprod[rlen]=w; rseq[rlen]=NOSEQ; rst[rlen]=OPEN; i=0; do :: i<clen -> if :: ct[i]==K && cw[i]==w && cs[i]!=ABRT -> rlate[rlen]=1 :: else fi; i++ :: else -> break od; i=0; rlen++; rp[w]=1; timers++; intx=1 }
#endif
  :: d_step{ w==2 && !paused && (!want || (DRAIN && pos<dend)) && pos<rlen && rst[pos]!=OPEN && dec[w]==0 -> i=0; do :: pos<rlen && rst[pos]!=OPEN -> pos++ :: else -> break od; coff[w]=pos }
  :: d_step{ w<2 && intx -> coff[w]=pos; intx=0; if :: revd -> mustrev=0; revd=0 :: else fi; decide(w,1) }
  :: d_step{ want && !paused && (w<2 || !DRAIN || pos>=dend) && (intx || dec[w]==0) -> capp(K,w,pos,OPEN); cp[w]=1; coff[w]=pos; intx=0; paused=1; want=0; decide(w,1) }
  :: d_step{ paused && tmos<TMO -> tmos++; paused=0; mustrev=1 }
  :: d_step{ crashes<CRASH -> crashes++; if :: intx -> decide(w,2) :: else fi } goto restart
  :: d_step{ dec[w]!=0 && rp[w] -> flipr(w) }        /* markers land */
  :: d_step{ dec[w]!=0 && cp[w] -> flipc(w) }
  :: d_step{ w<2 && pos==NSRC && !intx && !paused && !want && dec[w]==0 && leaderdone && rd==clen -> ndone++ } break
  :: d_step{ w==2 && ndone==2 && pos==rlen && !paused && !want && dec[w]==0 -> ndone++ } break
  od }

proctype Leader(){ byte rd; bool cur; byte cuts; bool dead; byte e; byte lc; byte hw; bool lev;
lrestart: skip;
  d_step{ i=0; do :: i<clen -> if :: cw[i]==9 && cs[i]==OPEN -> cs[i]=ABRT :: else fi; i++ :: else -> break od; i=0; rd=0; cur=0; cuts=0; dead=1; e=0; lev=0; hw=clen }
  do
  :: d_step{ rd<clen && cs[rd]!=OPEN -> i=0; do :: rd<clen && cs[rd]!=OPEN -> if
       :: cs[rd]==COMM && ct[rd]==B -> cur=1; cuts=0; dead=0
       :: cs[rd]==COMM && ct[rd]==K && cur -> cuts = cuts | (1<<cw[rd])
       :: cs[rd]==COMM && ct[rd]==L && cur -> lev=1
       :: cs[rd]==COMM && ct[rd]>=V && cur -> dead=1
       :: else fi; rd++ :: else -> break od; i=0 }
  :: d_step{ rd>=hw && !cur -> capp(B,9,0,OPEN); hw=clen }
       if :: d_step{ cs[hw-1]=COMM } :: d_step{ lc<LCRASH -> lc++ } goto lrestart fi
#if DRAIN > 0
  :: rd>=hw && !dead && !lev && LEVELCUT ->
#ifdef MUT_LSO_LEVEL
       d_step{ e=0; do :: e<rlen && rst[e]!=OPEN -> e++ :: else -> break od; i=0 }
#else
       e=rlen;
#endif
       d_step{ capp(L,9,e,OPEN); e=0; hw=clen }
       if :: d_step{ cs[hw-1]=COMM; lev=1 } :: d_step{ lc<LCRASH -> lc++ } goto lrestart fi
#endif
  :: rd>=hw && !dead && cuts==7 ->
#ifdef MUT_LSO_E
       d_step{ e=0; do :: e<rlen && rst[e]!=OPEN -> e++ :: else -> break od; i=0 }
#else
       e=rlen;
#endif
       d_step{ capp(D,9,e,OPEN); e=0; hw=clen }
       if :: d_step{ cs[hw-1]=COMM } break :: d_step{ lc<LCRASH -> lc++ } goto lrestart fi
  :: d_step{ rd>=hw && !dead && (lc>0 || tmos>0 || crashes>0) -> capp(A,9,0,OPEN); hw=clen } if :: d_step{ cs[hw-1]=COMM } break :: d_step{ lc<LCRASH -> lc++ } goto lrestart fi
  :: rd>=hw && dead && cur -> break
  od; leaderdone=1 }

#if PURGE > 0
/* What the control log up to `n` says task 2 still has to copy: 99: nothing. k is scratch. */
inline needed(n,lim){ lim=99; valid=0; ok=1; i=0; do :: i<n -> if
    :: cs[i]==COMM && ct[i]==K && cw[i]==2 && lim==99 -> lim=cv[i]
    :: cs[i]==COMM && (ct[i]==V || ct[i]==A) && !valid -> ok=0
    :: cs[i]==COMM && ct[i]==D && ok -> valid=1
    :: else fi; i++ :: else -> break od; i=0; if :: !ok || stored -> lim=99 :: else fi; i=0; valid=0; ok=0 }
inline readable(n){ n=0; do :: n<clen && cs[n]!=OPEN -> n++ :: else -> break od; i=0 }

proctype Purger(){ byte c; byte h; byte r; byte lim; byte n;
  do
  :: n<PURGE ->
       n++;
#ifdef MUT_PURGE_STALE
       d_step{ readable(r); needed(r,lim) }
       c=coff[2];
#else
       c=coff[2];                         /* the committed offsets are asked first */
       h=clen;                            /* then the log end of the control partition */
again: skip;
       d_step{ readable(r); needed(r,lim) };
       if :: r>=h -> skip :: r<h -> goto again fi;
#endif
#ifdef MUT_PURGE
       lim=99;
#endif
       d_step{ if :: c<lim -> lim=c :: else fi; if :: plow<lim -> plow=lim :: else fi; c=0; h=0; r=0; lim=0 }
  :: n==PURGE -> break
  od }

/* Copies [cut of 2, E), at any time once it has read that the cut is decided. */
proctype Storer(){ byte r; byte lim;
  d_step{ readable(r); needed(r,lim); i=0; valid=0; do :: i<r -> if :: cs[i]==COMM && ct[i]==D -> valid=1 :: else fi; i++ :: else -> break od; i=0;
    if :: valid && lim!=99 -> assert(plow<=lim); stored=1 :: else fi; valid=0; r=0; lim=0 } }
#endif

active proctype Check(){
 (ndone==3);
 d_step{
  i=0; do :: i<2 -> j=0; do :: j<NSRC -> nfound=0; k=0; do :: k<rlen -> if :: rprod[k]==i && rseq[k]==j && rst[k]==COMM -> nfound++ :: else fi; k++ :: else -> break od; assert(nfound==1); j++ :: else -> break od; i++ :: else -> break od;
  valid=0; ok=1; cut[0]=99; cut[1]=99; cut[2]=99; j=0; i=0;
  do :: i<clen -> if
     :: cs[i]==COMM && ct[i]==K && cut[cw[i]]==99 -> cut[cw[i]]=cv[i]
     :: cs[i]==COMM && (ct[i]==V || ct[i]==A) -> ok=0
     :: cs[i]==COMM && ct[i]==D && ok -> valid=1; j=cv[i]; ok=0
     :: else fi; i++ :: else -> break od;
  if :: valid ->
#ifdef REACH
      assert(false);
#endif
      assert(cut[0]!=99 && cut[1]!=99 && cut[2]!=99); assert(cut[2]<=j);
#if DRAIN > 0
      k=cut[2]; do :: k<j -> assert(rst[k]!=COMM); k++ :: else -> break od;      /* empty channels */
#endif
      k=0; do :: k<rlen -> if :: rseq[k]==NOSEQ && rst[k]==COMM -> assert(rlate[k]==(k>=j)) :: k<j && rst[k]==COMM -> assert(rseq[k] < cut[rprod[k]]) :: k>=j && rst[k]==COMM -> assert(rseq[k] >= cut[rprod[k]]) :: else fi; k++ :: else -> break od
   :: else fi } }
init{ atomic{ run Worker(0); run Worker(1); run Worker(2); run Leader();
#if PURGE > 0
  run Purger(); run Storer();
#endif
} }
