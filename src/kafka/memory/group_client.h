// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A member of a group, client side: joins, heartbeats, computes assignments when it leads,
// and turns what happens into rebalance events, in librdkafka's order.
//
//   kIdle ─subscribe─▶ kJoining ─answer─▶ kSyncing ─answer─▶ kAnswering (an event is out)
//                          ▲                                     │ CompleteAssign/Revoke
//                          └── rebalance, loss, second step ── kSteady ──close──▶ kLeaving ─▶
//                          kClosed
//
// Cooperative: a sync that takes partitions gives Revoking, then Assigned (perhaps empty), then
// joins again, so that what was given up reaches its new owner in a second step. Range: all is
// revoked before the join.
//
// Invariants
//  M1. At most one rebalance event is out.
//  M2. After a loss the member joins again only when the loss was answered.
//  M3. The generation is that of the last join answer: newer than the last event for a while.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kafka/cluster.h"
#include "kafka/memory/memory_broker.h"

namespace sidestream::kafka::memory {

/// The memory broker's proof of membership.
class MemoryGroupMetadata final : public GroupMetadata {
 public:
  explicit MemoryGroupMetadata(MemberProof proof) : proof_(std::move(proof)) {}
  int32_t generation() const override { return proof_.generation; }
  const std::string& member_id() const override { return proof_.member_id; }
  const MemberProof& proof() const { return proof_; }

 private:
  const MemberProof proof_;
};

class GroupClient {
 public:
  /// `broker` and `events` are borrowed.
  GroupClient(Broker& broker, Sender sender, ConsumerOptions options,
              std::deque<ConsumerEvent>& events);

  void Subscribe(std::vector<std::string> topics);
  /// Does what is due: joins, heartbeats, timeouts.
  void Drive();
  /// The application polled: resets max.poll.interval.
  void NotePoll();
  void AssignAnswered();
  void RevokeAnswered();
  void StartClose();

  /// Whether the application owes an answer to an Assigned or a Revoking event.
  bool awaits_assign() const { return state_ == State::kAnswering && answer_ == Answer::kAssign; }
  bool awaits_revoke() const { return state_ == State::kAnswering && answer_ == Answer::kRevoke; }
  bool closed() const { return state_ == State::kClosed; }
  bool lost() const { return lost_; }
  /// Consumer::HeldUntil().
  MonotonicTime held_until() const { return held_until_; }
  MemberProof proof() const;
  bool ever_joined() const { return ever_joined_; }

 private:
  enum class State { kIdle, kJoining, kSyncing, kAnswering, kSteady, kLeaving, kClosed, kFailed };
  enum class Answer { kAssign, kRevoke };
  enum class Next { kSteady, kRejoin, kAssignAdded, kLeave };

  bool cooperative() const { return options_.strategy == AssignmentStrategy::kCooperativeSticky; }
  bool in_group() const { return joined_ && !member_id_.empty(); }
  void CheckTimeouts(MonotonicTime now);
  void CheckTopics(MonotonicTime now);
  void SendJoin();
  void SendSync(Assignment assignment);
  void SendHeartbeat();
  void SendLeave();
  void OnJoin(JoinAnswer answer);
  void OnSync(SyncAnswer answer);
  void OnHeartbeat(ErrorCode error, MonotonicTime sent);
  void AnsweredWell(MonotonicTime sent);
  Assignment Compute(const std::vector<AssignorMember>& members);
  void TakeAssignment(std::vector<TopicPartition> target);
  void Rebalance();
  /// The membership is over; `forget`: the broker does not know our member id any more.
  void Lose(bool forget);
  void Fail(ErrorCode error);
  void EmitAssigned(std::vector<TopicPartition> partitions, Next next);
  void EmitRevoking(std::vector<TopicPartition> partitions, bool lost, Next next);
  void Go(Next next);
  void Join();

  Broker& broker_;
  const Sender sender_;
  const ConsumerOptions options_;
  std::deque<ConsumerEvent>& events_;

  State state_ = State::kIdle;
  Answer answer_ = Answer::kAssign;
  Next next_ = Next::kSteady;
  std::vector<std::string> topics_;
  std::set<std::string> unknown_topics_;
  std::map<std::string, int32_t> known_counts_;
  std::string member_id_;
  int32_t generation_ = -1;
  int32_t owned_generation_ = -1;
  std::set<TopicPartition> owned_;
  std::vector<TopicPartition> added_;     // of the event that is out, or follows
  std::vector<TopicPartition> revoking_;  // of the event that is out
  bool joined_ = false;                   // between a join answer and leave or loss
  bool ever_joined_ = false;
  bool lost_ = false;                     // and the loss was not answered yet
  bool rebalance_wanted_ = false;
  bool closing_ = false;
  bool failed_ = false;  // the group refuses us for good
  Exchange exchange_;    // join, sync, leave
  Exchange heartbeat_;
  MonotonicTime retry_at_;
  MonotonicTime last_poll_;
  MonotonicTime last_heartbeat_;
  MonotonicTime last_answer_;
  MonotonicTime held_until_;
  MonotonicTime next_topic_check_;
};

}  // namespace sidestream::kafka::memory
