// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a conformance case may know of the cluster it runs on: the ports and how to let
// time pass. Each test binary (memory broker; real Kafka) links all cases and defines
// TheEnvironment().

#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "kafka/cluster.h"

namespace sidestream::conformance {

class Environment {
 public:
  virtual ~Environment() = default;
  virtual kafka::Cluster& cluster() = 0;
  virtual const Clock& clock() const = 0;
  /// Lets time pass in small steps until `done` or until `limit` is over; says whether it was
  /// done. `done` polls the clients that take part. Real time on a real cluster, virtual otherwise.
  virtual bool PumpUntil(const std::function<bool()>& done, Milliseconds limit) = 0;
  /// A name that no other case and no earlier run has used.
  virtual std::string UniqueName(const std::string& prefix) = 0;
};

/// The environment of this binary.
Environment& TheEnvironment();

}  // namespace sidestream::conformance
