// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The half of the group coordinator that deals with offsets, descriptions and deletion.

#include "kafka/memory/group_coordinator.h"

namespace sidestream::kafka::memory {

ErrorCode GroupCoordinator::CheckSize(const std::vector<CommittedOffset>& offsets) const {
  size_t total = 0;
  for (const CommittedOffset& o : offsets) {
    if (o.metadata.size() > limits_.metadata_bytes_max) return ErrorCode::kOffsetMetadataTooLarge;
    constexpr size_t kRecordOverhead = 60;
    total += o.metadata.size() + o.partition.topic.size() + kRecordOverhead;
  }
  return total > limits_.commit_bytes_max ? ErrorCode::kUnknownServerError : ErrorCode::kNone;
}

ErrorCode GroupCoordinator::Commit(const MemberProof& proof,
                                   const std::vector<CommittedOffset>& offsets) {
  const auto found = groups_.find(proof.group);
  const bool absent = found == groups_.end();
  const bool names_member =
      proof.generation >= 0 || !proof.member_id.empty() || !proof.instance_id.empty();
  if (absent && proof.generation >= 0) return ErrorCode::kIllegalGeneration;
  if (!absent && !(proof.generation < 0 && found->second.state == State::kEmpty)) {
    Group& group = found->second;
    if (!names_member) return ErrorCode::kUnknownMemberId;
    if (const ErrorCode error = CheckMember(group, proof); error != ErrorCode::kNone) return error;
    if (group.state == State::kCompletingRebalance) return ErrorCode::kRebalanceInProgress;
    group.members.at(proof.member_id).last_heard = clock_.Now();
  }
  if (const ErrorCode error = CheckSize(offsets); error != ErrorCode::kNone) return error;
  groups_[proof.group].offsets.Commit(offsets);
  return ErrorCode::kNone;
}

ErrorCode GroupCoordinator::TransactionalCommit(const MemberProof& proof, int64_t producer_id,
                                                const std::vector<CommittedOffset>& offsets) {
  const auto found = groups_.find(proof.group);
  if (found == groups_.end()) {
    if (proof.generation >= 0) return ErrorCode::kIllegalGeneration;
  } else if (!(proof.generation < 0 && found->second.state == State::kEmpty)) {
    // Without generation, member and instance nothing is checked: clients older than KIP-447.
    const bool names_member =
        proof.generation >= 0 || !proof.member_id.empty() || !proof.instance_id.empty();
    if (names_member) {
      if (const ErrorCode error = CheckMember(found->second, proof); error != ErrorCode::kNone) {
        return error;
      }
    }
  }
  if (const ErrorCode error = CheckSize(offsets); error != ErrorCode::kNone) return error;
  groups_[proof.group].offsets.AddPending(producer_id, offsets);
  return ErrorCode::kNone;
}

void GroupCoordinator::EndTransaction(const std::string& group, int64_t producer_id, bool commit) {
  const auto found = groups_.find(group);
  if (found != groups_.end()) found->second.offsets.EndTransaction(producer_id, commit);
}

ErrorCode GroupCoordinator::Read(const std::string& group,
                                 const std::vector<TopicPartition>& partitions, bool require_stable,
                                 std::vector<CommittedOffset>* offsets) const {
  offsets->clear();
  const auto found = groups_.find(group);
  for (const TopicPartition& p : partitions) {
    if (found == groups_.end()) {
      offsets->push_back({.partition = p});
      continue;
    }
    if (require_stable && found->second.offsets.HasPending(p)) {
      return ErrorCode::kUnstableOffsetCommit;
    }
    offsets->push_back(found->second.offsets.Read(p));
  }
  return ErrorCode::kNone;
}

GroupDescription GroupCoordinator::Describe(const std::string& name) const {
  GroupDescription description{.group = name, .state = "Dead"};
  const auto found = groups_.find(name);
  if (found == groups_.end()) return description;
  description.state = StateName(found->second.state);
  for (const auto& [id, member] : found->second.members) {
    description.members.push_back(
        {id, member.joined.instance_id, member.joined.client_id, member.assignment});
  }
  return description;
}

ErrorCode GroupCoordinator::Delete(const std::string& name) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return ErrorCode::kNone;
  if (!found->second.members.empty()) return ErrorCode::kNonEmptyGroup;
  groups_.erase(found);
  return ErrorCode::kNone;
}

std::vector<CommittedOffset> GroupCoordinator::AllOffsets(const std::string& name) const {
  const auto found = groups_.find(name);
  return found == groups_.end() ? std::vector<CommittedOffset>() : found->second.offsets.All();
}

bool GroupCoordinator::HasPending(const std::string& name) const {
  const auto found = groups_.find(name);
  return found != groups_.end() && found->second.offsets.has_pending();
}

void GroupCoordinator::ForgetTopic(const std::string& topic) {
  for (auto& [name, group] : groups_) group.offsets.ForgetTopic(topic);
}

}  // namespace sidestream::kafka::memory
