// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "scenarios.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sidestream::simulation {
namespace {

using std::chrono::seconds;

/// Partitions whose counts the instance keeps.
std::vector<Partition> Counts(SimulatedCluster& cluster, size_t instance) {
  std::vector<Partition> partitions;
  cluster.instance(instance)->worker(0).ForEachTask([&](tasks::StreamTask& task) {
    if (task.state() != nullptr) partitions.push_back(task.id().partition);
  });
  return partitions;
}

/// The instance has counted what it has not committed.
bool OwesCounts(SimulatedCluster& cluster, size_t instance) {
  bool owes = false;
  for (size_t i = 0; i < cluster.instance(instance)->worker_count(); ++i) {
    cluster.instance(instance)->worker(i).ForEachTask([&](tasks::StreamTask& task) {
      owes |= task.state() != nullptr && task.state()->HasChanges();
    });
  }
  return owes;
}

/// Partitions of "orders" that the instance does not read.
std::vector<Partition> OrdersOfOthers(SimulatedCluster& cluster, size_t instance) {
  std::set<Partition> others;
  for (Partition p = 0; p < cluster.broker().PartitionCount("orders"); ++p) others.insert(p);
  for (const TaskId& id : cluster.instance(instance)->member().HeldTasks()) {
    if (id.anchor_topic == "orders") others.erase(id.partition);
  }
  return {others.begin(), others.end()};
}

/// Runs the application for so many records and stops it.
bool RunOnce(SimulatedCluster& cluster, int records) {
  cluster.StartInstance(0);
  for (int i = 0; i < records; ++i) cluster.Feed("orders");
  const bool settled = cluster.RunUntilCaughtUp(seconds(60));
  cluster.StopInstance(0);
  while (cluster.instance(0) != nullptr && !cluster.failure()) cluster.Tick();
  return settled;
}

/// What an administrator does to the offsets of a group without members.
Status CommitFromOutside(SimulatedCluster& cluster,
                         const std::vector<kafka::CommittedOffset>& offsets) {
  const auto tools = kafka::memory::NewMemoryCluster(cluster.broker());
  const auto admin = tools->NewAdmin("tools").value();
  const auto committed = admin->CommitOffsets("sim", offsets);
  std::optional<Result<kafka::Done>> answer;
  while (!(answer = committed->Poll())) cluster.Tick();
  return answer->status();
}

/// What is wrong once all is read, or why the instance stopped.
Violations Finish(SimulatedCluster& cluster, Milliseconds limit) {
  const bool settled = cluster.RunUntilCaughtUp(limit);
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  Violations violations = AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
  if (!settled) violations.push_back("not caught up\n" + cluster.Lag());
  return violations;
}

/// The instance that the group gave the control topic.
size_t LeaderOf(SimulatedCluster& cluster) {
  for (const kafka::GroupMember& member : cluster.broker().Group("sim").members) {
    const bool leads = std::ranges::any_of(member.assignment, [](const TopicPartition& partition) {
      return partition.topic == "sim-control";
    });
    // sim-i0-2: a dynamic name.
    if (leads) return member.client_id.starts_with("sim-i0") ? 0 : 1;
  }
  return 0;
}

/// O1 for the tasks of one instance: what it has read is written.
Violations ReadAndNotWritten(SimulatedCluster& cluster, size_t instance) {
  std::set<std::string> copied;
  for (const auto& [key, value] : cluster.Read("copied")) copied.insert(value);
  Violations violations;
  cluster.instance(instance)->worker(0).ForEachTask([&](tasks::StreamTask& task) {
    if (task.id().anchor_topic != "orders") return;
    for (const auto& record : cluster.broker().ReadCommitted(task.input(0))) {
      if (record.offset >= task.position(0) || copied.contains(*record.value)) continue;
      violations.push_back("O1: id " + *record.value + " is 0 times in copied");
    }
  });
  return violations;
}

/// A group without members: those of dynamic names leave it when they stop.
ClusterOptions OneThatLeaves(ClusterOptions options) {
  options.stable_names = false;
  options.instances = options.workers = 1;
  return options;
}

}  // namespace

Chaos LateMarkers() {
  Chaos chaos;
  chaos.marker_delay_max = seconds(4);
  chaos.kill_one_in = 150;
  return chaos;
}

Chaos ManyEvictions() {
  Chaos chaos;
  chaos.ids = 400;
  chaos.kill_one_in = chaos.stop_one_in = Chaos::kNever;
  chaos.expire_one_in = 150;
  return chaos;
}

ClusterOptions ClientThatRefusesNoMembership() {
  ClusterOptions options;
  options.stable_names = false;
  options.lag_ticks_max = 600;
  options.refuse_unusable_membership = false;
  return options;
}

ClusterOptions ClientWithoutFetchNumbers() {
  ClusterOptions options;
  options.lag_ticks_max = 400;
  options.drop_outdated_records = false;
  return options;
}

Violations WakeAfterSixHours(ClusterOptions options) {
  options.instances = 2;
  options.workers = 1;
  options.row_at_each_commit = true;
  options.max_poll_interval = std::chrono::hours(24);
  options.marks = false;
  SimulatedCluster cluster(options);
  cluster.StartInstance(0);
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  if (!cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up\n" + cluster.Lag()};
  const size_t parts = cluster.instance(0)->part_count();
  for (size_t part = 0; part < parts; ++part) cluster.Lag(0, part, Chaos::kNever);
  cluster.StartInstance(1);
  constexpr Milliseconds kJump{3'000};
  for (Milliseconds slept{0}; slept < std::chrono::hours(6); slept += kJump) {
    cluster.clock().Advance(kJump);
    cluster.Tick();
  }
  for (size_t part = 0; part < parts; ++part) cluster.Lag(0, part, 0);
  cluster.Lag(0, parts - 1, 200);
  for (int i = 0; i < 2'000; ++i) cluster.Tick();
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  return AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
}

Violations WakesUpBehindItsSuccessor(ClusterOptions options) {
  options.exactly_once = false;
  options.instances = 2;
  SimulatedCluster cluster(options);
  for (size_t i = 0; i < 2; ++i) cluster.StartInstance(i);
  Random& random = cluster.random();
  for (int round = 0; round < 4; ++round) {
    cluster.SetPace(SimulatedCluster::kTick);
    for (int i = 0; i < 400; ++i) {
      if (random.OneIn(8)) cluster.Feed("orders");
      cluster.Tick();
    }
    const auto sleeper = static_cast<size_t>(random.Below(2));
    // What the sleeper read it would pass on once more, and the row that it spoils would be written
    // again.
    const std::vector<Partition> others = OrdersOfOthers(cluster, sleeper);
    const auto feed_others = [&] {
      if (others.empty() || !random.OneIn(8)) return;
      cluster.FeedAt("orders",
                     others[static_cast<size_t>(random.Below(static_cast<int64_t>(others.size())))],
                     cluster.clock().WallTime());
    };
    for (int i = 0; i < 1'000 && (i < 100 || !OwesCounts(cluster, sleeper)); ++i) {
      feed_others();
      cluster.Tick();
    }
    const size_t parts = cluster.instance(sleeper)->part_count();
    for (size_t part = 0; part < parts; ++part) cluster.Lag(sleeper, part, Chaos::kNever);
    // Its session, and what the other one needs to take over and to count on.
    for (const MonotonicTime until = cluster.clock().Now() + seconds(12);
         cluster.clock().Now() < until;) {
      feed_others();
      cluster.Tick();
    }
    for (size_t part = 0; part < parts; ++part) cluster.Lag(sleeper, part, 0);
    cluster.Lag(sleeper, parts - 1, 20 + random.Below(40));
    if (!SettleDown(cluster, seconds(120))) return {"not caught up\n" + cluster.Lag()};
  }
  // Counts go on from the rows that were restored.
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  if (!SettleDown(cluster, seconds(120))) return {"not caught up at last\n" + cluster.Lag()};
  return AllOracles(cluster, /*exactly=*/false, /*counts=*/true);
}

Violations RestoreBeforeTheMarkers(ClusterOptions options) {
  using kafka::memory::ApiKey;
  options.instances = 2;
  options.workers = 1;
  SimulatedCluster cluster(options);
  for (size_t i = 0; i < 2; ++i) cluster.StartInstance(i);
  const auto feed_and_settle = [&] {
    for (int i = 0; i < 60; ++i) cluster.Feed("orders");
    return cluster.RunUntilCaughtUp(seconds(120));
  };
  if (!feed_and_settle()) return {"not caught up at first\n" + cluster.Lag()};
  const size_t victim = Counts(cluster, 0).empty() ? 1 : 0;
  kafka::memory::Fault late;
  late.request_delay = seconds(20);
  for (const Partition partition : Counts(cluster, victim)) {
    cluster.broker().faults().Script(ApiKey::kWriteTxnMarkers, late, 0,
                                     ToString(TopicPartition{"sim-counts-changelog", partition}));
  }
  for (int i = 0; i < 60; ++i) cluster.Feed("orders");
  for (int i = 0; i < 1'000 && cluster.broker().faults().scripted_left() > 0; ++i) cluster.Tick();
  if (cluster.broker().faults().scripted_left() > 0) return {"no commit met the fault"};
  cluster.KillInstanceLosingUnflushed(victim);
  cluster.ExpireSession(victim);
  if (!cluster.RunUntilCaughtUp(seconds(120)) || !feed_and_settle()) {
    return {"not caught up\n" + cluster.Lag()};
  }
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  return AllOracles(cluster, /*exactly=*/true, /*counts=*/true);
}

Violations RestartsWhileRecordsFlow(ClusterOptions options) {
  options.instances = 1;
  options.workers = 1;
  SimulatedCluster cluster(options);
  constexpr size_t kWorkerPart = 1;
  const char* topics[] = {"orders", "left", "right"};
  for (int life = 0; life < 3; ++life) {
    cluster.KillInstance(0);
    cluster.StartInstance(0);
    for (int tick = 0; tick < 300; ++tick) {
      if (cluster.random().OneIn(2)) cluster.Feed(topics[cluster.random().Below(3)]);
      if (cluster.random().OneIn(40)) cluster.Lag(0, kWorkerPart, 40);
      cluster.Tick();
    }
  }
  return Finish(cluster, seconds(60));
}

Violations CommitWhoseAnswersAreLost(ClusterOptions options) {
  using kafka::memory::ApiKey;
  options.instances = 1;
  options.workers = 1;
  SimulatedCluster cluster(options);
  cluster.StartInstance(0);
  for (int i = 0; i < 20; ++i) cluster.Feed("orders");
  if (!cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up at first\n" + cluster.Lag()};
  kafka::memory::FaultRates lost;
  lost.drop_answer_one_in = 1;
  cluster.broker().faults().SetRates(ApiKey::kEndTxn, lost);
  for (int i = 0; i < 20; ++i) cluster.Feed("orders");
  for (int i = 0; i < 1'500; ++i) cluster.Tick();
  cluster.broker().faults().Clear();
  return Finish(cluster, seconds(60));
}

Violations OffsetsPutBackFromOutside(ClusterOptions options) {
  SimulatedCluster cluster(OneThatLeaves(options));
  if (!RunOnce(cluster, 30)) return {"not caught up at first\n" + cluster.Lag()};
  const std::vector<kafka::CommittedOffset> old = cluster.broker().CommittedOffsets("sim");
  if (!RunOnce(cluster, 30)) return {"not caught up again\n" + cluster.Lag()};
  if (const Status put_back = CommitFromOutside(cluster, old); !put_back.ok()) {
    return {"the offsets were not put back: " + put_back.ToString()};
  }
  cluster.StartInstance(0);
  return Finish(cluster, seconds(60));
}

Violations TopicCreatedAgain(ClusterOptions options) {
  options.stable_names = false;
  options.instances = 2;
  options.workers = 1;
  SimulatedCluster cluster(options);
  if (!RunOnce(cluster, 30)) return {"not caught up at first\n" + cluster.Lag()};
  const std::vector<kafka::CommittedOffset> old = cluster.broker().CommittedOffsets("sim");
  const int32_t partitions = cluster.broker().PartitionCount("orders");
  cluster.broker().DeleteTopic("orders");
  const Status created =
      cluster.broker().CreateTopic({.name = "orders", .partitions = partitions, .settings = {}});
  if (!created.ok()) return {"the topic was not created: " + created.ToString()};
  // Kafka forgets the offsets of a topic that is gone.
  if (const Status put_back = CommitFromOutside(cluster, old); !put_back.ok()) {
    return {"the offsets were not put back: " + put_back.ToString()};
  }
  for (int i = 0; i < 200; ++i) cluster.Feed("orders");
  for (int i = 0; i < 20; ++i) cluster.Tick();
  // The leader is a second fence: it compares the ids as well. So its instance stands still, and only
  // tasks of the other one can notice.
  for (size_t i = 0; i < 2; ++i) {
    cluster.StartInstance(i);
    for (const size_t part : {0, 1}) cluster.Lag(i, part, Chaos::kNever);
  }
  for (int i = 0; i < 1'000; ++i) cluster.Tick();
  const size_t other = LeaderOf(cluster) == 0 ? 1 : 0;
  for (const size_t part : {0, 1}) cluster.Lag(other, part, 0);
  for (int i = 0; i < 1'000; ++i) cluster.Tick();
  if (cluster.failure()) return {"failed: " + *cluster.failure()};
  return ReadAndNotWritten(cluster, other);
}

Violations TasksMoveWhileAWorkerLags(ClusterOptions options) {
  constexpr size_t kWorkerPart = 1;
  options.instances = 2;
  options.workers = 1;
  SimulatedCluster cluster(options);
  cluster.StartInstance(0);
  for (int i = 0; i < 20; ++i) cluster.Feed("orders");
  if (!cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up at first\n" + cluster.Lag()};
  for (int i = 0; i < 40; ++i) cluster.Feed("orders");
  // Read, and not committed yet.
  for (int i = 0; i < 3; ++i) cluster.Tick();
  cluster.Lag(0, kWorkerPart, 600);
  cluster.StartInstance(1);
  for (int i = 0; i < 900; ++i) cluster.Tick();
  return Finish(cluster, seconds(60));
}

Violations TwoVersionsStartAtOnce(ClusterOptions options) {
  const auto merging = [](std::vector<std::vector<std::string>> topics) {
    return Version{.counted = {}, .merged = std::move(topics)};
  };
  const Version apart = merging({{"orders"}, {"clicks"}});
  const Version orders_first = merging({{"orders", "clicks"}});
  const Version clicks_first = merging({{"clicks", "orders"}});
  options.instances = 2;
  options.stable_names = false;
  options.versions_end = true;
  options.version = apart;
  SimulatedCluster cluster(options);
  // What is recorded names both, so each of the next ones may choose.
  Status started = cluster.StartVersion(0, apart);
  if (!started.ok() || !cluster.RunUntilCaughtUp(seconds(60))) return {"not caught up at first"};
  cluster.StopInstance(0);
  while (cluster.instance(0) != nullptr && !cluster.failure()) cluster.Tick();

  cluster.AimAt(orders_first);
  for (const Status& status :
       {cluster.StartVersion(0, orders_first), cluster.StartVersion(1, clicks_first)}) {
    if (!status.ok()) return {"refused: " + status.ToString()};
  }
  for (int i = 0; i < 2'000; ++i) {
    if (i % 10 == 0) cluster.Feed(cluster.random().OneIn(2) ? "orders" : "clicks");
    cluster.Tick();
  }
  // Whoever was ended comes back alone.
  cluster.KillInstance(1);
  for (int i = 0; i < 2'000 && cluster.instance(0) == nullptr; ++i) {
    started = cluster.StartVersion(0, orders_first);
    cluster.Tick();
  }
  return Finish(cluster, seconds(60));
}

}  // namespace sidestream::simulation
