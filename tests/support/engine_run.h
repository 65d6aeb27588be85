// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// EngineRun: a topology from its text on whole instances with an in-process broker, fed and read by
// a test: straight, with crashes, on several instances.
//
// Errors: the first one is a test failure, and everything after it does nothing.
//
// Threading: confined to the test's thread.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "harness/embedded_application.h"
#include "topology/build_plan.h"
#include "topology/loader.h"

namespace sidestream::testing {

/// How a topology runs; what comes out does not depend on it.
struct Way {
  const char* name = "straight";
  /// Kill and restart all instances at every commit that the test asks for.
  bool crash = false;
  int32_t instances = 1;
};

struct EngineRunOptions {
  Way way;
  int32_t partitions = 3;
  Timestamp start = ManualClock::kStart;
  /// Empty: the topology's own.
  std::optional<Milliseconds> commit_interval;
  uint64_t seed = 1;
};

class EngineRun {
 public:
  EngineRun(const std::string& yaml, const EngineRunOptions& options);
  ~EngineRun();

  bool ok() const { return application_ != nullptr; }
  Timestamp now() const { return application_->now(); }

  /// Into the topic of stream `alias`.
  void Feed(const std::string& alias, harness::FedRecord record);
  /// Everything that was fed is processed and committed, and what came out is taken. Then the
  /// crash.
  void Commit();
  /// Moves the clock, and commits what that brings.
  void Advance(Milliseconds by);
  /// Moves the clock, and nothing else happens.
  void AdvanceTo(Timestamp time) {
    if (ok()) application_->AdvanceTo(time);
  }
  /// Lets the application work for so long, whether it comes to rest or not, and takes what came out.
  void Work(Milliseconds time);
  /// Ends all inputs where they stand, and commits what that brings. Nothing is fed after it, and
  /// nothing crashes: an application that has come to its end has no tasks left.
  void End();

  /// Stops, and goes on with another version of the topology (EmbeddedApplication).
  void ChangeTo(const std::string& yaml);

  // A rebalance (EmbeddedApplication).
  void Join();
  void Leave(size_t instance);
  void Kill(size_t instance);

  /// What came to the topic of stream `alias` so far, in the order of the commits.
  const std::vector<harness::CollectedRecord>& Output(const std::string& alias);
  const std::vector<harness::CollectedRecord>& DeadLetters();

 private:
  void Fail(const Status& status);
  topology::PlanResult Plan(const std::string& yaml);
  void Settle();
  void Take();
  const std::string& TopicOf(const std::string& alias) const;

  topology::LoadedTopology loaded_;
  const EngineRunOptions options_;
  const Way way_;
  std::unique_ptr<harness::EmbeddedApplication> application_;
  std::map<std::string, std::vector<harness::CollectedRecord>> output_;  // by topic
};

/// The number, or the list of numbers, behind `"name":` in an object without blanks; the first of
/// that name. Nothing there is a test failure.
int64_t NumberIn(const std::string& json, const std::string& name);
std::vector<int64_t> NumbersIn(const std::string& json, const std::string& name);

}  // namespace sidestream::testing
