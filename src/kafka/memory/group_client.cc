// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/group_client.h"

#include <algorithm>
#include <utility>

namespace sidestream::kafka::memory {

GroupClient::GroupClient(Broker& broker, Sender sender, ConsumerOptions options,
                         std::deque<ConsumerEvent>& events)
    : broker_(broker),
      sender_(std::move(sender)),
      options_(std::move(options)),
      events_(events),
      last_poll_(broker.clock().Now()) {}

MemberProof GroupClient::proof() const {
  return {options_.group, generation_, member_id_, options_.instance_id};
}

void GroupClient::Subscribe(std::vector<std::string> topics) {
  topics_ = std::move(topics);
  std::sort(topics_.begin(), topics_.end());
  next_topic_check_ = MonotonicTime();
  if (state_ == State::kIdle) {
    if (!topics_.empty()) Join();
  } else {
    rebalance_wanted_ = true;
  }
}

void GroupClient::NotePoll() {
  const MonotonicTime now = broker_.clock().Now();
  if (in_group() && now - last_poll_ > options_.max_poll_interval) {
    // The library left the group by itself when the interval was over.
    if (options_.instance_id.empty()) SendLeave();
    Lose(/*forget=*/true);
  }
  last_poll_ = now;
}

void GroupClient::Drive() {
  const MonotonicTime now = broker_.clock().Now();
  if (state_ == State::kIdle || state_ == State::kClosed || state_ == State::kFailed) return;
  CheckTimeouts(now);
  if (closing_ &&
      (state_ == State::kSteady || state_ == State::kJoining || state_ == State::kSyncing)) {
    exchange_.Cancel();
    if (!owned_.empty()) {
      EmitRevoking({owned_.begin(), owned_.end()}, lost_, Next::kLeave);
    } else {
      Go(Next::kLeave);
    }
    return;
  }
  CheckTopics(now);
  if (state_ == State::kJoining && !exchange_.waiting() && now >= retry_at_) SendJoin();
  if (in_group() && (state_ == State::kSteady || state_ == State::kAnswering) &&
      !heartbeat_.waiting() && now - last_heartbeat_ >= options_.heartbeat_interval) {
    SendHeartbeat();
  }
  if (state_ == State::kSteady && rebalance_wanted_) Rebalance();
}

void GroupClient::CheckTimeouts(MonotonicTime now) {
  if (exchange_.Overdue(now)) {
    exchange_.Cancel();
    if (state_ == State::kLeaving) {
      state_ = State::kClosed;
    } else if (state_ == State::kSyncing) {
      Join();
    }
  }
  if (heartbeat_.Overdue(now)) heartbeat_.Cancel();
  // Nobody answered for a session: the library does not wait to be told.
  const bool beats = state_ == State::kSteady || state_ == State::kAnswering;
  if (in_group() && beats && !lost_ && now - last_answer_ > options_.session_timeout) {
    Lose(/*forget=*/true);
  }
}

void GroupClient::CheckTopics(MonotonicTime now) {
  if (now < next_topic_check_) return;
  next_topic_check_ = now + broker_.options().metadata_refresh;
  std::map<std::string, int32_t> counts;
  for (const std::string& topic : topics_) {
    if (const Topic* found = broker_.topics().Find(topic)) {
      counts[topic] = static_cast<int32_t>(found->partitions.size());
      unknown_topics_.erase(topic);
    } else if (unknown_topics_.insert(topic).second) {
      events_.push_back(ConsumerError{
          Status::Unavailable("subscribed topic is not known to the broker: topic=" + topic)});
    }
  }
  if (joined_ && counts != known_counts_) rebalance_wanted_ = true;
  known_counts_ = std::move(counts);
}

void GroupClient::Join() {
  state_ = State::kJoining;
  exchange_.Cancel();
}

void GroupClient::SendJoin() {
  rebalance_wanted_ = false;
  JoinRequest request{.group = options_.group,
                      .member_id = member_id_,
                      .instance_id = options_.instance_id,
                      .client_id = options_.client_id,
                      .session_timeout = options_.session_timeout,
                      .rebalance_timeout = options_.max_poll_interval,
                      .protocol = cooperative() ? "cooperative-sticky" : "range",
                      .subscription = {.topics = topics_}};
  if (cooperative()) {
    request.subscription.owned.assign(owned_.begin(), owned_.end());
    request.subscription.generation = owned_generation_;
  }
  // The join waits at the broker until the round is over.
  const Milliseconds timeout = options_.max_poll_interval + broker_.options().request_timeout;
  exchange_.Send<JoinAnswer>(
      broker_.network(), ApiKey::kJoinGroup, sender_, timeout,
      [&broker = broker_, request](Reply<JoinAnswer> reply) {
        broker.groups().Join(request, std::move(reply));
      },
      [this](JoinAnswer answer) { OnJoin(std::move(answer)); });
}

void GroupClient::OnJoin(JoinAnswer answer) {
  const MonotonicTime now = broker_.clock().Now();
  switch (answer.error) {
    case ErrorCode::kNone:
      break;
    case ErrorCode::kUnknownMemberId:
      member_id_.clear();
      joined_ = false;
      if (!owned_.empty()) {
        Lose(/*forget=*/true);
      } else {
        retry_at_ = now + broker_.options().retry_backoff;
      }
      return;
    case ErrorCode::kFencedInstanceId:
    case ErrorCode::kInconsistentGroupProtocol:
      return Fail(answer.error);
    default:
      retry_at_ = now + broker_.options().retry_backoff;
      return;
  }
  member_id_ = answer.member_id;
  generation_ = answer.generation;
  ever_joined_ = true;
  joined_ = true;
  last_answer_ = last_heartbeat_ = now;
  state_ = State::kSyncing;
  SendSync(answer.leader ? Compute(answer.members) : Assignment());
}

Assignment GroupClient::Compute(const std::vector<AssignorMember>& members) {
  std::map<std::string, int32_t> partitions;
  for (const AssignorMember& member : members) {
    for (const std::string& topic : member.subscription.topics) {
      if (const Topic* found = broker_.topics().Find(topic)) {
        partitions[topic] = static_cast<int32_t>(found->partitions.size());
      }
    }
  }
  return cooperative() ? AssignCooperativeSticky(members, partitions)
                       : AssignRange(members, partitions);
}

void GroupClient::SendSync(Assignment assignment) {
  exchange_.Send<SyncAnswer>(
      broker_.network(), ApiKey::kSyncGroup, sender_, broker_.options().request_timeout,
      [&broker = broker_, proof = proof(), assignment = std::move(assignment)](
          Reply<SyncAnswer> reply) { broker.groups().Sync(proof, assignment, std::move(reply)); },
      [this, sent = broker_.clock().Now()](SyncAnswer answer) {
        if (answer.error == ErrorCode::kNone) AnsweredWell(sent);
        OnSync(std::move(answer));
      });
}

void GroupClient::OnSync(SyncAnswer answer) {
  switch (answer.error) {
    case ErrorCode::kNone:
      return TakeAssignment(std::move(answer.assignment));
    case ErrorCode::kUnknownMemberId:
      return Lose(/*forget=*/true);
    case ErrorCode::kFencedInstanceId:
      return Fail(answer.error);
    default:
      // The next round has begun, or we missed this one.
      retry_at_ = broker_.clock().Now() + broker_.options().retry_backoff;
      return Join();
  }
}

void GroupClient::TakeAssignment(std::vector<TopicPartition> target) {
  std::sort(target.begin(), target.end());
  if (!cooperative()) {
    owned_.clear();
    return EmitAssigned(std::move(target), Next::kSteady);
  }
  std::vector<TopicPartition> added;
  std::vector<TopicPartition> revoked;
  std::set_difference(target.begin(), target.end(), owned_.begin(), owned_.end(),
                      std::back_inserter(added));
  std::set_difference(owned_.begin(), owned_.end(), target.begin(), target.end(),
                      std::back_inserter(revoked));
  owned_generation_ = generation_;
  if (revoked.empty()) return EmitAssigned(std::move(added), Next::kSteady);
  added_ = std::move(added);
  EmitRevoking(std::move(revoked), /*lost=*/false, Next::kAssignAdded);
}

void GroupClient::EmitAssigned(std::vector<TopicPartition> partitions, Next next) {
  added_ = partitions;
  next_ = next;
  answer_ = Answer::kAssign;
  state_ = State::kAnswering;
  events_.push_back(Assigned{std::move(partitions)});
}

void GroupClient::EmitRevoking(std::vector<TopicPartition> partitions, bool lost, Next next) {
  revoking_ = partitions;
  next_ = next;
  answer_ = Answer::kRevoke;
  state_ = State::kAnswering;
  exchange_.Cancel();
  events_.push_back(Revoking{std::move(partitions), lost});
}

void GroupClient::AssignAnswered() {
  owned_.insert(added_.begin(), added_.end());
  owned_generation_ = generation_;
  added_.clear();
  Go(next_);
}

void GroupClient::RevokeAnswered() {
  for (const TopicPartition& p : revoking_) owned_.erase(p);
  revoking_.clear();
  Go(next_);
}

void GroupClient::Go(Next next) {
  if (failed_) {
    lost_ = !owned_.empty();
    state_ = State::kFailed;
    if (closing_) StartClose();
    return;
  }
  if (lost_) {
    // Lost while an event was out: what is still held goes now (M2).
    added_.clear();
    if (!owned_.empty()) {
      return EmitRevoking({owned_.begin(), owned_.end()}, /*lost=*/true,
                          closing_ ? Next::kLeave : Next::kRejoin);
    }
    lost_ = false;
    if (next != Next::kLeave) next = Next::kRejoin;
  }
  switch (next) {
    case Next::kSteady:
      state_ = State::kSteady;
      break;
    case Next::kRejoin:
      Join();
      break;
    case Next::kAssignAdded:
      EmitAssigned(std::exchange(added_, {}), Next::kRejoin);
      break;
    case Next::kLeave:
      // A static member keeps its place in the group.
      if (in_group() && options_.instance_id.empty()) {
        state_ = State::kLeaving;
        SendLeave();
      } else {
        state_ = State::kClosed;
      }
      joined_ = false;
      break;
  }
}

void GroupClient::Rebalance() {
  rebalance_wanted_ = false;
  if (!cooperative() && !owned_.empty()) {
    return EmitRevoking({owned_.begin(), owned_.end()}, /*lost=*/false, Next::kRejoin);
  }
  Join();
}

void GroupClient::Lose(bool forget) {
  joined_ = false;
  held_until_ = MonotonicTime();
  if (forget) {
    member_id_.clear();
    generation_ = -1;
  }
  heartbeat_.Cancel();
  lost_ = true;
  if (state_ == State::kAnswering || state_ == State::kLeaving) return;
  exchange_.Cancel();
  Go(closing_ ? Next::kLeave : Next::kRejoin);
}

void GroupClient::Fail(ErrorCode error) {
  joined_ = false;
  failed_ = true;
  lost_ = !owned_.empty();
  if (state_ != State::kAnswering) state_ = State::kFailed;
  exchange_.Cancel();
  heartbeat_.Cancel();
  const std::string message =
      "the group refuses this member: error=" + std::string(ErrorName(error)) +
      " group=" + options_.group + " instance=" + options_.instance_id;
  events_.push_back(ConsumerError{error == ErrorCode::kFencedInstanceId
                                      ? Status::Fenced(message)
                                      : Status::InvalidConfig(message)});
}

void GroupClient::SendHeartbeat() {
  last_heartbeat_ = broker_.clock().Now();
  heartbeat_.Send<ErrorCode>(
      broker_.network(), ApiKey::kHeartbeat, sender_, options_.heartbeat_interval,
      [&broker = broker_, proof = proof()](Reply<ErrorCode> reply) {
        reply(broker.groups().Heartbeat(proof));
      },
      [this, sent = last_heartbeat_](ErrorCode error) { OnHeartbeat(error, sent); });
}

void GroupClient::AnsweredWell(MonotonicTime sent) {
  last_answer_ = broker_.clock().Now();
  held_until_ = std::max(held_until_, sent + options_.session_timeout);
}

void GroupClient::OnHeartbeat(ErrorCode error, MonotonicTime sent) {
  switch (error) {
    case ErrorCode::kNone:
      AnsweredWell(sent);
      return;
    case ErrorCode::kRebalanceInProgress:
      AnsweredWell(sent);
      rebalance_wanted_ = true;
      return;
    case ErrorCode::kFencedInstanceId:
      return Fail(error);
    default:
      // Under a join that is out the generation moves by itself.
      if (state_ == State::kSteady || state_ == State::kAnswering) {
        Lose(/*forget=*/error == ErrorCode::kUnknownMemberId);
      }
  }
}

void GroupClient::SendLeave() {
  exchange_.Send<ErrorCode>(
      broker_.network(), ApiKey::kLeaveGroup, sender_, broker_.options().request_timeout,
      [&broker = broker_, proof = proof()](Reply<ErrorCode> reply) {
        reply(broker.groups().Leave(proof));
      },
      [this](ErrorCode) {
        if (state_ == State::kLeaving) state_ = State::kClosed;
      });
}

void GroupClient::StartClose() {
  closing_ = true;
  if (state_ == State::kIdle) state_ = State::kClosed;
  if (state_ == State::kFailed) {
    if (owned_.empty()) {
      state_ = State::kClosed;
    } else {
      EmitRevoking({owned_.begin(), owned_.end()}, /*lost=*/true, Next::kLeave);
    }
  }
}

}  // namespace sidestream::kafka::memory
