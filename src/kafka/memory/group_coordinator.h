// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Consumer groups of the classic protocol, broker side: join rounds, sessions, offsets and
// who may commit them.
//
//            join            all members joined, or time is up       leader synced
//   Empty ─────────▶ PreparingRebalance ─────────▶ CompletingRebalance ─────────▶ Stable
//     ▲  no member left   ▲     join, leave, expiry of a member          │           │
//     └───────────────────┴──────────────────────────────────────────────┴───────────┘
//
// As measured on Kafka 4.1 (reference engine-kafka4 A, B; design-review 2):
//  - the generation moves when the join round ends, before any member hears of it in an event;
//  - a static member that rejoins within its session gets its old assignment, without a
//    rebalance, even when its subscription changed;
//  - who does not sync within the rebalance time-out is out (pending sync, Kafka 2.8);
//  - a transactional commit is checked for generation, member and instance id, and for nothing
//    when all three are absent; ownership is never checked.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "kafka/admin.h"
#include "kafka/memory/assignor.h"
#include "kafka/memory/error_code.h"
#include "kafka/memory/network.h"
#include "kafka/memory/offset_store.h"

namespace sidestream::kafka::memory {

struct JoinRequest {
  std::string group;
  std::string member_id;  // empty: new
  std::string instance_id;
  std::string client_id;
  Milliseconds session_timeout{45'000};
  Milliseconds rebalance_timeout{300'000};
  std::string protocol;  // name of the assignor
  Subscription subscription;
};

struct JoinAnswer {
  ErrorCode error = ErrorCode::kNone;
  std::string member_id;
  int32_t generation = -1;
  /// The leader computes the assignment of `members`; for others it is empty.
  bool leader = false;
  std::vector<AssignorMember> members;
};

struct SyncAnswer {
  ErrorCode error = ErrorCode::kNone;
  std::vector<TopicPartition> assignment;
};

/// Proof of membership as it travels.
struct MemberProof {
  std::string group;
  int32_t generation = -1;
  std::string member_id;
  std::string instance_id;
};

struct GroupLimits {
  Milliseconds initial_rebalance_delay{0};
  size_t metadata_bytes_max = 4096;
  /// One request's offsets must fit one batch of the offsets topic.
  size_t commit_bytes_max = 1'048'588;
};

class GroupCoordinator {
 public:
  GroupCoordinator(const Clock& clock, GroupLimits limits) : clock_(clock), limits_(limits) {}

  void Join(const JoinRequest& request, Reply<JoinAnswer> reply);
  void Sync(const MemberProof& proof, const Assignment& assignment, Reply<SyncAnswer> reply);
  ErrorCode Heartbeat(const MemberProof& proof);
  ErrorCode Leave(const MemberProof& proof);

  /// A commit outside a transaction: members only, unless the group is empty.
  ErrorCode Commit(const MemberProof& proof, const std::vector<CommittedOffset>& offsets);
  /// A commit in a transaction: pending until its marker.
  ErrorCode TransactionalCommit(const MemberProof& proof, int64_t producer_id,
                                const std::vector<CommittedOffset>& offsets);
  void EndTransaction(const std::string& group, int64_t producer_id, bool commit);

  /// `error` is kUnstableOffsetCommit when `require_stable` and one of them is pending.
  ErrorCode Read(const std::string& group, const std::vector<TopicPartition>& partitions,
                 bool require_stable, std::vector<CommittedOffset>* offsets) const;
  GroupDescription Describe(const std::string& group) const;
  ErrorCode Delete(const std::string& group);
  std::vector<CommittedOffset> AllOffsets(const std::string& group) const;
  bool HasPending(const std::string& group) const;
  void ForgetTopic(const std::string& topic);

  /// Ends overdue join rounds and sessions.
  void Step();
  /// Fault: the session of the client's members ends now.
  void ExpireSession(const std::string& group, const std::string& client_id);

 private:
  enum class State { kEmpty, kPreparingRebalance, kCompletingRebalance, kStable };
  struct Member {
    JoinRequest joined;
    MonotonicTime last_heard;
    std::vector<TopicPartition> assignment;
    Reply<JoinAnswer> join;  // waits for the round to end
    Reply<SyncAnswer> sync;  // waits for the leader
  };
  struct Group {
    State state = State::kEmpty;
    int32_t generation = 0;
    std::string leader;
    std::string protocol;
    std::map<std::string, Member> members;
    std::map<std::string, std::string> static_members;  // instance id -> member id
    MonotonicTime round_start;
    MonotonicTime round_deadline;
    OffsetStore offsets;
  };
  static std::string_view StateName(State state);

  void JoinStatic(Group& group, const JoinRequest& request, Reply<JoinAnswer> reply);
  void JoinKnown(Group& group, Member& member, const JoinRequest& request, Reply<JoinAnswer> reply);
  void AddMember(Group& group, const JoinRequest& request, Reply<JoinAnswer> reply);
  void PrepareRebalance(Group& group);
  static Milliseconds LongestRebalanceTimeout(const Group& group);
  void MaybeEndRound(Group& group);
  void RemoveMember(Group& group, const std::string& member_id, ErrorCode why);
  JoinAnswer AnswerOf(const Group& group, const std::string& member_id) const;
  ErrorCode CheckMember(const Group& group, const MemberProof& proof) const;
  ErrorCode CheckSize(const std::vector<CommittedOffset>& offsets) const;
  std::string NewMemberId(const JoinRequest& request);

  const Clock& clock_;
  const GroupLimits limits_;
  std::map<std::string, Group> groups_;
  uint64_t members_made_ = 0;
};

}  // namespace sidestream::kafka::memory
