// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Counters survive their writers, gauges do not, and equal labels fold into one series.

#include "metrics/registry.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "metrics/scopes.h"

namespace sidestream::metrics {
namespace {

TEST(RegistryTest, CounterKeepsWhatAGoneWriterCounted) {
  Registry registry;
  {
    Counter first(registry, Family::kRecordsProduced, {"out"});
    first.Add(3);
  }
  Counter second(registry, Family::kRecordsProduced, {"out"});
  second.Add(4);
  EXPECT_EQ(registry.Value(Family::kRecordsProduced, {"out"}), 7);
}

TEST(RegistryTest, EqualLabelsOfTwoWritersAreOneSeries) {
  Registry registry;
  Counter one(registry, Family::kRecordsProduced, {"out"});
  Counter two(registry, Family::kRecordsProduced, {"out"});
  one.Add();
  two.Add();
  const auto families = registry.Collect();
  ASSERT_EQ(families.size(), 1u);
  ASSERT_EQ(families[0].samples.size(), 1u);
  EXPECT_EQ(families[0].samples[0].value, 2);
}

TEST(RegistryTest, GaugeIsShownOnlyWhileItIsSetAndHasAWriter) {
  Registry registry;
  {
    Gauge lag(registry, Family::kRecordsLag, {"in", "0"});
    EXPECT_EQ(registry.Value(Family::kRecordsLag, {"in", "0"}), std::nullopt);
    lag.Set(12);
    EXPECT_EQ(registry.Value(Family::kRecordsLag, {"in", "0"}), 12);
    lag.Unset();
    EXPECT_EQ(registry.Value(Family::kRecordsLag, {"in", "0"}), std::nullopt);
    lag.Set(5);
  }
  EXPECT_EQ(registry.Value(Family::kRecordsLag, {"in", "0"}), std::nullopt);
  EXPECT_TRUE(registry.Collect().empty());
}

TEST(RegistryTest, LagOfAPartitionIsTheHighestOfItsWriters) {
  Registry registry;
  InputMetrics behind(registry, {"in", 0});
  InputMetrics close(registry, {"in", 0});
  const InputMetrics unknown(registry, {"in", 0});
  behind.LagIs(9);
  close.LagIs(4);
  EXPECT_EQ(registry.Value(Family::kRecordsLag, {"in", "0"}), 9);
}

TEST(RegistryTest, TotalsOfAnInstanceAreCountedOnce) {
  Registry registry;
  InstanceTotals totals{.tasks_lost = 2,
                        .tasks_reopened = 3,
                        .partitions_reassigned = 4,
                        .input_pauses = 5,
                        .state_moved_aside = 6,
                        .repartition_purges = 7};
  {
    InstanceMetrics instance(registry);
    instance.TotalsAre(totals);
    totals.tasks_lost = 10;
    instance.TotalsAre(totals);
    instance.TotalsAre(totals);
  }
  EXPECT_EQ(registry.Value(Family::kTasksLost), 10);
  EXPECT_EQ(registry.Value(Family::kTasksReopened), 3);
  EXPECT_EQ(registry.Value(Family::kPartitionsReassigned), 4);
  EXPECT_EQ(registry.Value(Family::kInputPauses), 5);
  EXPECT_EQ(registry.Value(Family::kStateMovedAside), 6);
  EXPECT_EQ(registry.Value(Family::kRepartitionPurges), 7);
}

TEST(RegistryTest, HistogramPutsAnObservationIntoTheFirstBucketThatHoldsIt) {
  Registry registry;
  std::optional<Histogram> commits(std::in_place, registry, Family::kCommitDuration);
  commits->Observe(0.001);  // on the bound: belongs to it
  commits->Observe(0.0011);
  commits->Observe(1'000);
  const auto check = [&] {
    const auto families = registry.Collect();
    ASSERT_EQ(families.size(), 1u);
    const Sample& sample = families[0].samples[0];
    EXPECT_EQ(sample.buckets[0], 1u);
    EXPECT_EQ(sample.buckets[1], 2u);
    EXPECT_EQ(sample.buckets[kBucketBounds.size() - 1], 2u);
    EXPECT_EQ(sample.buckets[kBucketBounds.size()], 3u);
    EXPECT_NEAR(sample.value, 1'000.0021, 1e-9);
  };
  check();
  commits.reset();
  check();
}

TEST(RegistryTest, ScrapesWhileAWriterCountsAndNeverGoesBack) {
  Registry registry;
  constexpr int kRecords = 200'000;
  std::thread writer([&] {
    OutputMetrics output(registry, "out");
    StepMetrics step(registry, "p", "s");
    for (int i = 0; i < kRecords; ++i) {
      output.RecordsProduced(1);
      if (i % 1'000 == 0) step.RecordDropped("filtered");
    }
  });
  double last = 0;
  while (last < kRecords) {
    const double now = registry.Value(Family::kRecordsProduced, {"out"}).value_or(0);
    ASSERT_GE(now, last);
    last = now;
  }
  writer.join();
  EXPECT_EQ(registry.Value(Family::kRecordsProduced, {"out"}), kRecords);
  EXPECT_EQ(registry.Value(Family::kStepRecordsDropped, {"p", "s", "filtered"}), kRecords / 1'000);
}

}  // namespace
}  // namespace sidestream::metrics
