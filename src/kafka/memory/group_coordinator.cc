// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/group_coordinator.h"

#include <algorithm>
#include <utility>

namespace sidestream::kafka::memory {

namespace {

bool SameSubscription(const JoinRequest& a, const JoinRequest& b) {
  return a.protocol == b.protocol && a.subscription.topics == b.subscription.topics &&
         a.subscription.owned == b.subscription.owned;
}

}  // namespace

std::string_view GroupCoordinator::StateName(State state) {
  switch (state) {
    case State::kEmpty:
      return "Empty";
    case State::kPreparingRebalance:
      return "PreparingRebalance";
    case State::kCompletingRebalance:
      return "CompletingRebalance";
    case State::kStable:
      return "Stable";
  }
  return "?";
}

std::string GroupCoordinator::NewMemberId(const JoinRequest& request) {
  const std::string& name = request.instance_id.empty() ? request.client_id : request.instance_id;
  return name + "-" + std::to_string(++members_made_);
}

void GroupCoordinator::Join(const JoinRequest& request, Reply<JoinAnswer> reply) {
  Group& group = groups_[request.group];
  for (const auto& [id, member] : group.members) {
    if (member.joined.protocol != request.protocol) {
      return reply({.error = ErrorCode::kInconsistentGroupProtocol});
    }
  }
  if (!request.instance_id.empty()) return JoinStatic(group, request, std::move(reply));
  if (request.member_id.empty()) return AddMember(group, request, std::move(reply));
  const auto known = group.members.find(request.member_id);
  if (known == group.members.end()) return reply({.error = ErrorCode::kUnknownMemberId});
  JoinKnown(group, known->second, request, std::move(reply));
}

void GroupCoordinator::JoinStatic(Group& group, const JoinRequest& request,
                                  Reply<JoinAnswer> reply) {
  const auto known = group.static_members.find(request.instance_id);
  if (known == group.static_members.end()) {
    if (!request.member_id.empty()) return reply({.error = ErrorCode::kUnknownMemberId});
    return AddMember(group, request, std::move(reply));
  }
  if (!request.member_id.empty()) {
    if (request.member_id != known->second) return reply({.error = ErrorCode::kFencedInstanceId});
    return JoinKnown(group, group.members.at(known->second), request, std::move(reply));
  }
  // The instance came back: it takes the place of its predecessor, which is fenced from here on.
  const std::string old_id = known->second;
  const std::string new_id = NewMemberId(request);
  auto node = group.members.extract(old_id);
  node.key() = new_id;
  Member& member = group.members.insert(std::move(node)).position->second;
  known->second = new_id;
  if (member.join) std::exchange(member.join, {})({.error = ErrorCode::kFencedInstanceId});
  if (member.sync) std::exchange(member.sync, {})({.error = ErrorCode::kFencedInstanceId});
  const bool led = group.leader == old_id;
  if (led) group.leader = new_id;
  member.joined = request;
  member.joined.member_id = new_id;
  member.last_heard = clock_.Now();
  if (group.state == State::kStable) {
    // Only the protocol's name is compared (KAFKA-12759): a changed subscription waits for the
    // next rebalance. The old leader comes back as a follower, so that it does not compute.
    JoinAnswer answer = AnswerOf(group, new_id);
    answer.leader = false;
    answer.members.clear();
    return reply(std::move(answer));
  }
  member.join = std::move(reply);
  if (group.state != State::kPreparingRebalance) PrepareRebalance(group);
  MaybeEndRound(group);
}

void GroupCoordinator::JoinKnown(Group& group, Member& member, const JoinRequest& request,
                                 Reply<JoinAnswer> reply) {
  const bool same = SameSubscription(member.joined, request);
  const bool leads = group.leader == request.member_id;
  member.last_heard = clock_.Now();
  // Who joins again with nothing new gets the round that it may have missed the answer of.
  if ((group.state == State::kCompletingRebalance && same) ||
      (group.state == State::kStable && same && !leads)) {
    return reply(AnswerOf(group, request.member_id));
  }
  member.joined = request;
  member.join = std::move(reply);
  if (group.state != State::kPreparingRebalance) PrepareRebalance(group);
  MaybeEndRound(group);
}

void GroupCoordinator::AddMember(Group& group, const JoinRequest& request,
                                 Reply<JoinAnswer> reply) {
  const std::string id = NewMemberId(request);
  Member& member = group.members[id];
  member.joined = request;
  member.joined.member_id = id;
  member.last_heard = clock_.Now();
  member.join = std::move(reply);
  if (!request.instance_id.empty()) group.static_members[request.instance_id] = id;
  if (group.state != State::kPreparingRebalance) PrepareRebalance(group);
  MaybeEndRound(group);
}

void GroupCoordinator::PrepareRebalance(Group& group) {
  const bool was_empty = group.state == State::kEmpty;
  for (auto& [id, member] : group.members) {
    if (member.sync) std::exchange(member.sync, {})({.error = ErrorCode::kRebalanceInProgress});
  }
  group.state = State::kPreparingRebalance;
  group.round_start =
      clock_.Now() + (was_empty ? limits_.initial_rebalance_delay : Milliseconds(0));
  group.round_deadline = clock_.Now() + LongestRebalanceTimeout(group);
}

Milliseconds GroupCoordinator::LongestRebalanceTimeout(const Group& group) {
  Milliseconds longest{0};
  for (const auto& [id, member] : group.members) {
    longest = std::max(longest, member.joined.rebalance_timeout);
  }
  return longest;
}

JoinAnswer GroupCoordinator::AnswerOf(const Group& group, const std::string& member_id) const {
  JoinAnswer answer{
      .member_id = member_id, .generation = group.generation, .leader = group.leader == member_id};
  if (answer.leader) {
    for (const auto& [id, member] : group.members) {
      answer.members.push_back({id, member.joined.instance_id, member.joined.subscription});
    }
  }
  return answer;
}

void GroupCoordinator::MaybeEndRound(Group& group) {
  if (group.state != State::kPreparingRebalance || clock_.Now() < group.round_start) return;
  const bool all_joined = std::all_of(group.members.begin(), group.members.end(),
                                      [](const auto& m) { return m.second.join != nullptr; });
  if (!all_joined && clock_.Now() < group.round_deadline) return;
  // Who did not come is out; a static member keeps its place until its session ends.
  std::erase_if(group.members, [](const auto& m) {
    return m.second.join == nullptr && m.second.joined.instance_id.empty();
  });
  const auto joined = std::find_if(group.members.begin(), group.members.end(),
                                   [](const auto& m) { return m.second.join != nullptr; });
  // Only absent static members are left: wait for one, or for their sessions to end.
  if (joined == group.members.end() && !group.members.empty()) return;
  ++group.generation;
  if (group.members.empty()) {
    group.state = State::kEmpty;
    return;
  }
  const auto leader = group.members.find(group.leader);
  if (leader == group.members.end() || leader->second.join == nullptr) {
    group.leader = joined->first;
  }
  group.state = State::kCompletingRebalance;
  group.round_deadline = clock_.Now() + LongestRebalanceTimeout(group);
  std::vector<std::pair<Reply<JoinAnswer>, JoinAnswer>> replies;
  for (auto& [id, member] : group.members) {
    member.last_heard = clock_.Now();
    if (member.join) replies.emplace_back(std::exchange(member.join, {}), AnswerOf(group, id));
  }
  for (auto& [reply, answer] : replies) reply(std::move(answer));
}

void GroupCoordinator::Sync(const MemberProof& proof, const Assignment& assignment,
                            Reply<SyncAnswer> reply) {
  const auto found = groups_.find(proof.group);
  if (found == groups_.end()) return reply({.error = ErrorCode::kUnknownMemberId});
  Group& group = found->second;
  if (const ErrorCode error = CheckMember(group, proof); error != ErrorCode::kNone) {
    return reply({.error = error});
  }
  Member& member = group.members.at(proof.member_id);
  member.last_heard = clock_.Now();
  if (group.state == State::kStable) return reply({.assignment = member.assignment});
  if (group.state != State::kCompletingRebalance) {
    return reply({.error = ErrorCode::kRebalanceInProgress});
  }
  member.sync = std::move(reply);
  if (group.leader != proof.member_id) return;
  for (auto& [id, m] : group.members) {
    const auto given = assignment.find(id);
    m.assignment = given == assignment.end() ? std::vector<TopicPartition>() : given->second;
  }
  group.state = State::kStable;
  for (auto& [id, m] : group.members) {
    m.last_heard = clock_.Now();
    if (m.sync) std::exchange(m.sync, {})({.assignment = m.assignment});
  }
}

ErrorCode GroupCoordinator::CheckMember(const Group& group, const MemberProof& proof) const {
  if (!proof.instance_id.empty()) {
    const auto known = group.static_members.find(proof.instance_id);
    if (known == group.static_members.end()) return ErrorCode::kUnknownMemberId;
    if (known->second != proof.member_id) return ErrorCode::kFencedInstanceId;
  }
  if (!group.members.contains(proof.member_id)) return ErrorCode::kUnknownMemberId;
  if (proof.generation != group.generation) return ErrorCode::kIllegalGeneration;
  return ErrorCode::kNone;
}

ErrorCode GroupCoordinator::Heartbeat(const MemberProof& proof) {
  const auto found = groups_.find(proof.group);
  if (found == groups_.end()) return ErrorCode::kUnknownMemberId;
  Group& group = found->second;
  if (const ErrorCode error = CheckMember(group, proof); error != ErrorCode::kNone) return error;
  group.members.at(proof.member_id).last_heard = clock_.Now();
  return group.state == State::kPreparingRebalance ? ErrorCode::kRebalanceInProgress
                                                   : ErrorCode::kNone;
}

ErrorCode GroupCoordinator::Leave(const MemberProof& proof) {
  const auto found = groups_.find(proof.group);
  if (found == groups_.end() || !found->second.members.contains(proof.member_id)) {
    return ErrorCode::kUnknownMemberId;
  }
  RemoveMember(found->second, proof.member_id, ErrorCode::kUnknownMemberId);
  return ErrorCode::kNone;
}

void GroupCoordinator::RemoveMember(Group& group, const std::string& member_id, ErrorCode why) {
  auto node = group.members.extract(member_id);
  Member& gone = node.mapped();
  if (!gone.joined.instance_id.empty()) group.static_members.erase(gone.joined.instance_id);
  if (gone.join) std::exchange(gone.join, {})({.error = why});
  if (gone.sync) std::exchange(gone.sync, {})({.error = why});
  if (group.state != State::kPreparingRebalance) PrepareRebalance(group);
  MaybeEndRound(group);
}

void GroupCoordinator::Step() {
  const MonotonicTime now = clock_.Now();
  for (auto& [name, group] : groups_) {
    std::vector<std::string> expired;
    for (const auto& [id, member] : group.members) {
      // Who waits for a round to end is heard from by that.
      const bool waits = member.join != nullptr || member.sync != nullptr;
      // Who beats and does not sync is out as well (Kafka's pending sync, since 2.8).
      const bool unsynced = group.state == State::kCompletingRebalance &&
                            now >= group.round_deadline && member.sync == nullptr;
      const bool silent = !waits && now - member.last_heard > member.joined.session_timeout;
      if (silent || unsynced) expired.push_back(id);
    }
    for (const std::string& id : expired) {
      if (group.members.contains(id)) RemoveMember(group, id, ErrorCode::kUnknownMemberId);
    }
    MaybeEndRound(group);
  }
}

void GroupCoordinator::ExpireSession(const std::string& group_name, const std::string& client_id) {
  const auto found = groups_.find(group_name);
  if (found == groups_.end()) return;
  std::vector<std::string> expired;
  for (const auto& [id, member] : found->second.members) {
    if (member.joined.client_id == client_id) expired.push_back(id);
  }
  for (const std::string& id : expired) {
    RemoveMember(found->second, id, ErrorCode::kUnknownMemberId);
  }
}

}  // namespace sidestream::kafka::memory
