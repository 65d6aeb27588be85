// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The environment on a real cluster: SIDESTREAM_TEST_BOOTSTRAP names it (scripts/broker.sh env).
// It must allow a session time-out of one second (group.min.session.timeout.ms).

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "kafka/rdkafka/rdkafka_cluster.h"
#include "tests/conformance/environment.h"

namespace sidestream::conformance {
namespace {

constexpr auto kPumpStep = std::chrono::milliseconds(2);

class RealKafkaEnvironment final : public Environment {
 public:
  explicit RealKafkaEnvironment(const std::string& bootstrap) {
    auto cluster = kafka::NewRdkafkaCluster({.common = {{"bootstrap.servers", bootstrap}}});
    CHECK(cluster.ok()) << cluster.status();
    cluster_ = std::move(cluster).value();
  }

  kafka::Cluster& cluster() override { return *cluster_; }
  const Clock& clock() const override { return clock_; }

  bool PumpUntil(const std::function<bool()>& done, Milliseconds limit) override {
    const MonotonicTime deadline = clock_.Now() + limit;
    while (!done()) {
      if (clock_.Now() >= deadline) return false;
      // The one place where a case waits: a cluster has no virtual clock.
      std::this_thread::sleep_for(kPumpStep);
    }
    return true;
  }

  std::string UniqueName(const std::string& prefix) override {
    return prefix + "-" + std::to_string(clock_.WallTime().value()) + "-" +
           std::to_string(getpid()) + "-" + std::to_string(++names_);
  }

 private:
  SystemClock clock_;
  std::unique_ptr<kafka::Cluster> cluster_;
  int64_t names_ = 0;
};

}  // namespace

Environment& TheEnvironment() {
  static RealKafkaEnvironment* environment = [] {
    const char* bootstrap = std::getenv("SIDESTREAM_TEST_BOOTSTRAP");
    if (bootstrap == nullptr || *bootstrap == '\0') {
      std::fprintf(stderr,
                   "SIDESTREAM_TEST_BOOTSTRAP is not set: start a broker with "
                   "scripts/broker.sh start DIR and use scripts/broker.sh env DIR\n");
      std::exit(2);
    }
    return new RealKafkaEnvironment(bootstrap);
  }();
  return *environment;
}

}  // namespace sidestream::conformance
