// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The conformance environment over the in-process broker, in virtual time.

#include "kafka/memory/memory_cluster.h"
#include "tests/conformance/environment.h"

namespace sidestream::conformance {

namespace {

class MemoryEnvironment final : public Environment {
 public:
  kafka::Cluster& cluster() override { return *cluster_; }
  const Clock& clock() const override { return clock_; }

  bool PumpUntil(const std::function<bool()>& done, Milliseconds limit) override {
    constexpr Milliseconds kStep{2};
    const MonotonicTime end = clock_.Now() + limit;
    while (!done()) {
      if (clock_.Now() >= end) return false;
      clock_.Advance(kStep);
      broker_.Step();
    }
    return true;
  }

  std::string UniqueName(const std::string& prefix) override {
    return prefix + "-" + std::to_string(++names_);
  }

 private:
  ManualClock clock_;
  // What the test brokers of the real environment set.
  kafka::memory::Broker broker_{clock_,
                                {.transaction_cleanup_interval = Milliseconds(1'000),
                                 .cleaner_backoff = Milliseconds(500),
                                 .retention_check_interval = Milliseconds(500),
                                 .topic_visibility_delay = Milliseconds(30)}};
  std::unique_ptr<kafka::Cluster> cluster_ = kafka::memory::NewMemoryCluster(broker_);
  int names_ = 0;
};

}  // namespace

Environment& TheEnvironment() {
  // Never destroyed: clients of the cases' statics may outlive main.
  static auto& environment = *new MemoryEnvironment;
  return environment;
}

}  // namespace sidestream::conformance
