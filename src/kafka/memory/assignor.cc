// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/assignor.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace sidestream::kafka::memory {

namespace {

bool Subscribes(const AssignorMember& member, const std::string& topic) {
  const auto& topics = member.subscription.topics;
  return std::find(topics.begin(), topics.end(), topic) != topics.end();
}

std::vector<const AssignorMember*> InOrder(const std::vector<AssignorMember>& members) {
  std::vector<const AssignorMember*> ordered;
  for (const AssignorMember& member : members) ordered.push_back(&member);
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) {
    // Static members first, so that their order survives new member ids.
    return std::tuple(a->instance_id.empty(), a->instance_id, a->member_id) <
           std::tuple(b->instance_id.empty(), b->instance_id, b->member_id);
  });
  return ordered;
}

/// Who holds what. Two members that claim a partition with the same generation both lose it.
std::map<TopicPartition, const AssignorMember*> Holders(
    const std::vector<const AssignorMember*>& members,
    const std::map<std::string, int32_t>& partitions) {
  std::map<TopicPartition, const AssignorMember*> holders;
  std::map<TopicPartition, int32_t> generations;
  for (const AssignorMember* member : members) {
    for (const TopicPartition& p : member->subscription.owned) {
      const auto topic = partitions.find(p.topic);
      if (topic == partitions.end() || p.partition >= topic->second) continue;
      const int32_t generation = member->subscription.generation;
      const auto [known, first] = generations.try_emplace(p, generation);
      if (first || generation > known->second) {
        known->second = generation;
        holders[p] = member;
      } else if (generation == known->second) {
        holders[p] = nullptr;
      }
    }
  }
  return holders;
}

using Shares = std::map<const AssignorMember*, std::set<TopicPartition>>;

/// Gives free partitions to the least loaded subscriber; the first in order wins a tie.
void GiveOut(const std::vector<TopicPartition>& free,
             const std::vector<const AssignorMember*>& members, Shares& shares) {
  for (const TopicPartition& p : free) {
    const AssignorMember* least = nullptr;
    for (const AssignorMember* member : members) {
      if (!Subscribes(*member, p.topic)) continue;
      if (least == nullptr || shares[member].size() < shares[least].size()) least = member;
    }
    if (least != nullptr) shares[least].insert(p);
  }
}

/// Moves partitions while one member has two more than another that could take one. Each move
/// lowers the sum of squares, so it ends.
void Balance(const std::vector<const AssignorMember*>& members, Shares& shares) {
  const auto move_one = [&] {
    auto by_load = members;
    std::stable_sort(by_load.begin(), by_load.end(), [&](const auto* a, const auto* b) {
      return shares[a].size() < shares[b].size();
    });
    for (auto from = by_load.rbegin(); from != by_load.rend(); ++from) {
      for (const AssignorMember* to : by_load) {
        if (shares[*from].size() < shares[to].size() + 2) break;
        auto& given = shares[*from];
        const auto movable = std::find_if(given.rbegin(), given.rend(),
                                          [&](const auto& p) { return Subscribes(*to, p.topic); });
        if (movable == given.rend()) continue;
        const TopicPartition p = *movable;
        given.erase(p);
        shares[to].insert(p);
        return true;
      }
    }
    return false;
  };
  while (move_one()) {
  }
}

}  // namespace

Assignment AssignRange(const std::vector<AssignorMember>& members,
                       const std::map<std::string, int32_t>& partitions) {
  Assignment result;
  for (const AssignorMember& member : members) result[member.member_id];
  const auto ordered = InOrder(members);
  for (const auto& [topic, count] : partitions) {
    std::vector<const AssignorMember*> takers;
    for (const AssignorMember* member : ordered) {
      if (Subscribes(*member, topic)) takers.push_back(member);
    }
    if (takers.empty()) continue;
    const auto n = static_cast<int32_t>(takers.size());
    Partition next = 0;
    for (int32_t i = 0; i < n; ++i) {
      const int32_t share = count / n + (i < count % n ? 1 : 0);
      for (int32_t k = 0; k < share; ++k) {
        result[takers[static_cast<size_t>(i)]->member_id].push_back({topic, next++});
      }
    }
  }
  return result;
}

Assignment AssignCooperativeSticky(const std::vector<AssignorMember>& members,
                                   const std::map<std::string, int32_t>& partitions) {
  const auto ordered = InOrder(members);
  const auto holders = Holders(ordered, partitions);
  Shares shares;
  std::vector<TopicPartition> free;
  for (const auto& [topic, count] : partitions) {
    for (Partition i = 0; i < count; ++i) {
      const TopicPartition p{topic, i};
      const auto holder = holders.find(p);
      if (holder != holders.end() && holder->second != nullptr &&
          Subscribes(*holder->second, topic)) {
        shares[holder->second].insert(p);
      } else {
        free.push_back(p);
      }
    }
  }
  GiveOut(free, ordered, shares);
  Balance(ordered, shares);

  Assignment result;
  for (const AssignorMember* member : ordered) {
    auto& given = result[member->member_id];
    for (const TopicPartition& p : shares[member]) {
      const auto holder = holders.find(p);
      const bool held_elsewhere =
          holder != holders.end() && holder->second != nullptr && holder->second != member;
      if (!held_elsewhere) given.push_back(p);
    }
  }
  return result;
}

}  // namespace sidestream::kafka::memory
