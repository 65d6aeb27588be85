// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "oracles.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/internal_record.h"
#include "programs.h"

namespace sidestream::simulation {

namespace {

/// The last row of every key of a partition of a changelog.
std::map<std::string, std::string> RowsOf(SimulatedCluster& cluster,
                                          const TopicPartition& changelog) {
  std::map<std::string, std::string> rows;
  for (const auto& record : cluster.broker().ReadCommitted(changelog)) {
    if (!record.key) continue;
    if (record.value) {
      rows[*record.key] = std::string(DecodeChangelogValue(*record.value).value().row);
    } else {
      rows.erase(*record.key);
    }
  }
  return rows;
}

std::map<std::string, int64_t> FedPerKey(SimulatedCluster& cluster,
                                         const std::vector<std::string>& topics) {
  std::map<std::string, int64_t> fed;
  for (const std::string& topic : topics) {
    for (const int64_t id : cluster.fed(topic)) ++fed[KeyOfId(id)];
  }
  return fed;
}

Violations Compare(const std::map<std::string, int64_t>& expected,
                   const std::map<std::string, int64_t>& counted, const std::string& what,
                   bool exactly) {
  Violations violations;
  for (const auto& [key, count] : expected) {
    const auto found = counted.find(key);
    const int64_t have = found == counted.end() ? 0 : found->second;
    if (have == count || (have > count && !exactly)) continue;
    violations.push_back("O2: " + what + " of " + key + " is " + std::to_string(have) + ", not " +
                         std::to_string(count));
  }
  return violations;
}

}  // namespace

Violations EachIdOnce(SimulatedCluster& cluster, const std::vector<std::string>& inputs,
                      const std::string& output, bool exactly) {
  std::map<int64_t, int> seen;
  for (const auto& [key, value] : cluster.Read(output)) ++seen[std::stoll(value)];
  Violations violations;
  for (const std::string& input : inputs) {
    for (const int64_t id : cluster.fed(input)) {
      const auto found = seen.extract(id);
      const int times = found.empty() ? 0 : found.mapped();
      if (times == 1 || (times > 1 && !exactly)) continue;
      violations.push_back("O1: id " + std::to_string(id) + " of " + input + " is " +
                           std::to_string(times) + " times in " + output);
    }
  }
  const std::set<std::string> read = cluster.version().Topics();
  for (const auto& [id, times] : seen) {
    const bool dropped = cluster.FedToOtherThan(read, id);
    if (dropped && (times == 1 || !exactly)) continue;
    violations.push_back("O1: id " + std::to_string(id) + (dropped ? " came again in " : " was invented in ") +
                         output);
  }
  return violations;
}

Violations CountsAreRight(SimulatedCluster& cluster, bool exactly) {
  std::map<std::string, int64_t> counted;
  // One key lies in one partition, so the last in log order is the last.
  for (const auto& [key, value] : cluster.Read("counts")) counted[key] = std::stoll(value);
  return Compare(FedPerKey(cluster, cluster.version().counted), counted, "count", exactly);
}

Violations StoredCountsAreRight(SimulatedCluster& cluster, bool exactly) {
  const std::string changelog = cluster.application().id + "-counts-changelog";
  std::map<std::string, int64_t> counted;
  Violations violations;
  for (Partition p = 0; p < cluster.broker().PartitionCount(changelog); ++p) {
    for (const auto& [key, row] : RowsOf(cluster, {changelog, p})) {
      if (counted.emplace(key, std::stoll(row)).second) continue;
      violations.push_back("O2: " + key + " is counted in two tasks");
    }
  }
  for (std::string& text :
       Compare(FedPerKey(cluster, cluster.version().counted), counted, "count", exactly)) {
    violations.push_back(std::move(text));
  }
  return violations;
}

Violations TotalsAreRight(SimulatedCluster& cluster, bool exactly) {
  const std::string changelog = cluster.application().id + "-totals-changelog";
  std::map<std::string, int64_t> counted;
  for (Partition p = 0; p < cluster.broker().PartitionCount(changelog); ++p) {
    for (const auto& [key, row] : RowsOf(cluster, {changelog, p})) counted[key] += std::stoll(row);
  }
  return Compare(FedPerKey(cluster, cluster.version().merged.front()), counted, "total", exactly);
}

Violations StoresEqualChangelogs(SimulatedCluster& cluster) {
  Violations violations;
  for (size_t i = 0; i < cluster.size(); ++i) {
    tasks::Instance* instance = cluster.instance(i);
    if (instance == nullptr) continue;
    for (size_t w = 0; w < instance->worker_count(); ++w) {
      instance->worker(w).ForEachTask([&](tasks::StreamTask& task) {
        if (task.state() == nullptr) return;
        for (size_t number = 0; number < task.state()->store_count(); ++number) {
          const std::string& changelog = task.state()->spec(number).changelog_topic;
          const auto log = RowsOf(cluster, {changelog, task.id().partition});
          std::map<std::string, std::string> store;
          const Status scanned =
              task.state()->Scan(number, [&](std::string_view key, std::string_view row) {
                store[std::string(key)] = std::string(row);
              });
          if (scanned.ok() && store == log) continue;
          std::string text = "O3: instance " + std::to_string(i) + ": the store of task " +
                             ToString(task.id()) + " differs from " + changelog + ":";
          for (const auto& [key, row] : log) {
            if (store[key] != row) text += " " + key + "=" + store[key] + " not " + row;
          }
          violations.push_back(text);
        }
      });
    }
  }
  return violations;
}

Violations NoOpenTransaction(SimulatedCluster& cluster) {
  Violations violations;
  for (const auto& open : cluster.broker().OpenTransactions()) {
    violations.push_back("O4: an open transaction of " + open.transactional_id);
  }
  return violations;
}

Violations OneOwnerPerTask(SimulatedCluster& cluster) {
  std::map<TaskId, std::vector<size_t>> owners;
  for (size_t i = 0; i < cluster.size(); ++i) {
    tasks::Instance* instance = cluster.instance(i);
    if (instance == nullptr) continue;
    for (size_t w = 0; w < instance->worker_count(); ++w) {
      instance->worker(w).ForEachTask(
          [&](tasks::StreamTask& task) { owners[task.id()].push_back(i); });
    }
  }
  Violations violations;
  for (const tasks::SubTopologySpec& spec : cluster.application().sub_topologies) {
    for (Partition p = 0; p < spec.task_count(); ++p) {
      const std::vector<size_t>& held = owners[{spec.anchor_topic(), p}];
      if (held.size() == 1) continue;
      std::string text = "O5: task " + spec.anchor_topic() + "_" + std::to_string(p) + " is held by";
      for (const size_t i : held) text += " i" + std::to_string(i);
      violations.push_back(text);
    }
  }
  if (violations.empty()) return violations;
  violations.push_back(cluster.Lag());
  for (const kafka::GroupMember& member : cluster.broker().Group(cluster.application().id).members) {
    std::string text = "O5: the group gave " + member.client_id + " (" + member.member_id + ")";
    for (const TopicPartition& partition : member.assignment) text += " " + ToString(partition);
    violations.push_back(text);
  }
  return violations;
}

namespace {

/// What the counts of a checkpoint are to be, by the records below its positions.
std::map<std::string, int64_t> ExpectedOf(SimulatedCluster& cluster,
                                          const testing::KeptCheckpoint& kept) {
  std::map<std::string, int64_t> expected;
  const std::vector<std::string>& counted = cluster.version().counted;
  const auto add = [&](const checkpoint::CutInput& input) {
    if (std::ranges::find(counted, input.partition.topic) == counted.end()) return;
    for (const auto& record : cluster.broker().ReadCommitted(input.partition)) {
      if (record.offset >= input.position || !record.value) continue;
      ++expected[KeyOfId(std::stoll(*record.value))];
    }
  };
  for (const checkpoint::CutRecord& cut : kept.cut.cuts) std::ranges::for_each(cut.inputs, add);
  // What a version with more inputs had read is counted as well.
  std::ranges::for_each(kept.cut.done.unread, add);
  return expected;
}

/// L6: tasks of one sub-topology are of one version.
bool OfOneVersion(const testing::KeptCheckpoint& kept) {
  std::map<std::string, std::set<std::string>> stores;
  for (const checkpoint::CutRecord& cut : kept.cut.cuts) {
    std::set<std::string> names;
    for (const checkpoint::CutStore& store : cut.stores) names.insert(store.name);
    if (stores.try_emplace(cut.task.anchor_topic, names).first->second != names) return false;
  }
  return true;
}

}  // namespace

Violations CheckpointsAreCuts(SimulatedCluster& cluster, bool exactly) {
  Violations violations;
  for (const auto& [number, kept] : cluster.location().completed) {
    const std::string name = "O9: checkpoint " + std::to_string(number.value());
    if (!OfOneVersion(kept)) violations.push_back(name + " is of two versions");
    std::map<std::string, int64_t> have;
    for (const auto& [task, part] : kept.parts) {
      const auto counts = part.stores.find("counts");
      if (counts != part.stores.end()) {
        for (const auto& [key, count] : counts->second) have[key] += std::stoll(count);
      }
      for (const auto& [partition, records] : part.in_flight) {
        for (const auto& [key, value] : records) ++have[key];
        if (records.empty() || !kept.cut.begin.drain || !exactly) continue;
        violations.push_back(name + " is drained, and " + std::to_string(records.size()) +
                             " records are on " + ToString(partition));
      }
    }
    std::map<std::string, int64_t> expected = ExpectedOf(cluster, kept);
    for (const auto& [key, count] : expected) have.try_emplace(key, 0);
    for (const auto& [key, count] : have) {
      if (count == expected[key] || (count > expected[key] && !exactly)) continue;
      violations.push_back(name + " has " + std::to_string(count) + " of " + key + ", its input " +
                           std::to_string(expected[key]));
    }
  }
  return violations;
}

Violations AllOracles(SimulatedCluster& cluster, bool exactly, bool counts) {
  Violations all;
  const auto add = [&](const Violations& some) { all.insert(all.end(), some.begin(), some.end()); };
  const Version& version = cluster.version();
  add(EachIdOnce(cluster, version.counted, "copied", exactly));
  add(EachIdOnce(cluster, version.AllMerged(), "merged", exactly));
  if (counts) add(CountsAreRight(cluster, exactly));
  if (exactly) add(StoresEqualChangelogs(cluster));
  add(NoOpenTransaction(cluster));
  add(OneOwnerPerTask(cluster));
  return all;
}

}  // namespace sidestream::simulation
