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

  /// What came to the topic of stream `alias` so far, in the order of the commits.
  const std::vector<harness::CollectedRecord>& Output(const std::string& alias);

 private:
  void Fail(const Status& status);
  const std::string& TopicOf(const std::string& alias) const;

  topology::LoadedTopology loaded_;
  const Way way_;
  std::unique_ptr<harness::EmbeddedApplication> application_;
  std::map<std::string, std::vector<harness::CollectedRecord>> output_;  // by topic
};

}  // namespace sidestream::testing
