// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "oracles.h"

#include <map>

#include "base/internal_record.h"
#include "programs.h"

namespace sidestream::simulation {

Violations EachIdOnce(SimulatedCluster& cluster, const std::string& input,
                      const std::string& output, bool exactly) {
  std::map<int64_t, int> seen;
  for (const auto& [key, value] : cluster.Read(output)) ++seen[std::stoll(value)];
  Violations violations;
  for (const int64_t id : cluster.fed(input)) {
    const int times = seen.contains(id) ? seen[id] : 0;
    if (times == 1 || (times > 1 && !exactly)) continue;
    violations.push_back("O1: id " + std::to_string(id) + " is " + std::to_string(times) +
                         " times in " + output);
  }
  for (const auto& [id, times] : seen) {
    if (!cluster.fed(input).contains(id)) {
      violations.push_back("O1: id " + std::to_string(id) + " was invented in " + output);
    }
  }
  return violations;
}

Violations CountsAreRight(SimulatedCluster& cluster, bool exactly) {
  std::map<std::string, int64_t> expected;
  for (const int64_t id : cluster.fed("orders")) ++expected[KeyOfId(id)];
  std::map<std::string, int64_t> counted;
  // One key lies in one partition, so the last in log order is the last.
  for (const auto& [key, value] : cluster.Read("counts")) counted[key] = std::stoll(value);
  Violations violations;
  for (const auto& [key, count] : expected) {
    const int64_t have = counted.contains(key) ? counted[key] : 0;
    if (have == count || (have > count && !exactly)) continue;
    violations.push_back("O2: count of " + key + " is " + std::to_string(have) + ", not " +
                         std::to_string(count));
  }
  return violations;
}

Violations StoresEqualChangelogs(SimulatedCluster& cluster) {
  Violations violations;
  for (size_t i = 0; i < cluster.size(); ++i) {
    tasks::Instance* instance = cluster.instance(i);
    if (instance == nullptr) continue;
    for (size_t w = 0; w < instance->worker_count(); ++w) {
      instance->worker(w).ForEachTask([&](tasks::StreamTask& task) {
        if (task.state() == nullptr) return;
        std::map<std::string, std::string> log;
        const TopicPartition changelog{"sim-counts-changelog", task.id().partition};
        for (const auto& record : cluster.broker().ReadCommitted(changelog)) {
          if (!record.key) continue;
          if (record.value) {
            log[*record.key] = std::string(DecodeChangelogValue(*record.value).value().row);
          } else {
            log.erase(*record.key);
          }
        }
        std::map<std::string, std::string> store;
        const Status scanned = task.state()->Scan(0, [&](std::string_view key, std::string_view row) {
          store[std::string(key)] = std::string(row);
        });
        if (!scanned.ok() || store != log) {
          std::string text = "O3: instance " + std::to_string(i) + ": the store of task " +
                             ToString(task.id()) + " differs from its changelog:";
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
  for (const kafka::GroupMember& member : cluster.broker().Group("sim").members) {
    std::string text = "O5: the group gave " + member.client_id + " (" + member.member_id + ")";
    for (const TopicPartition& partition : member.assignment) text += " " + ToString(partition);
    violations.push_back(text);
  }
  return violations;
}

Violations CheckpointsAreCuts(SimulatedCluster& cluster, bool exactly) {
  Violations violations;
  for (const auto& [number, kept] : cluster.location().completed) {
    std::map<std::string, int64_t> expected;
    std::map<std::string, int64_t> have;
    for (const checkpoint::CutRecord& cut : kept.cut.cuts) {
      if (cut.task.anchor_topic != "orders") continue;
      const checkpoint::CutInput& input = cut.inputs.front();
      for (const auto& record : cluster.broker().ReadCommitted(input.partition)) {
        if (record.offset >= input.position || !record.value) continue;
        ++expected[KeyOfId(std::stoll(*record.value))];
      }
    }
    for (const auto& [task, part] : kept.parts) {
      for (const auto& [store, rows] : part.stores) {
        for (const auto& [key, count] : rows) have[key] += std::stoll(count);
      }
      for (const auto& [partition, records] : part.in_flight) {
        for (const auto& [key, value] : records) ++have[key];
        if (records.empty() || !kept.cut.begin.drain || !exactly) continue;
        violations.push_back("O9: checkpoint " + std::to_string(number.value()) +
                             " is drained, and " + std::to_string(records.size()) +
                             " records are on " + ToString(partition));
      }
    }
    for (const auto& [key, count] : expected) have.try_emplace(key, 0);
    for (const auto& [key, count] : have) {
      if (count == expected[key] || (count > expected[key] && !exactly)) continue;
      violations.push_back("O9: checkpoint " + std::to_string(number.value()) + " has " +
                           std::to_string(count) + " of " + key + ", its input " +
                           std::to_string(expected[key]));
    }
  }
  return violations;
}

Violations AllOracles(SimulatedCluster& cluster, bool exactly, bool counts) {
  Violations all;
  const auto add = [&](const Violations& some) { all.insert(all.end(), some.begin(), some.end()); };
  add(EachIdOnce(cluster, "orders", "copied", exactly));
  Violations merged = EachIdOnce(cluster, "left", "merged", exactly);
  for (const std::string& text : merged) {
    // The other input's ids are in the same output.
    if (text.find("invented") == std::string::npos) all.push_back(text);
  }
  merged = EachIdOnce(cluster, "right", "merged", exactly);
  for (const std::string& text : merged) {
    if (text.find("invented") == std::string::npos) all.push_back(text);
  }
  if (counts) add(CountsAreRight(cluster, exactly));
  if (exactly) add(StoresEqualChangelogs(cluster));
  add(NoOpenTransaction(cluster));
  add(OneOwnerPerTask(cluster));
  return all;
}

}  // namespace sidestream::simulation
