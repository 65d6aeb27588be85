// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: a Kafka cluster as the place where clients come from. Two implementations:
// rdkafka/ (a real cluster) and memory/ (in this process); one conformance suite.
//
// Threading: New…() may be called from any thread. The Cluster outlives its clients.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "kafka/admin.h"
#include "kafka/consumer.h"
#include "kafka/producer.h"

namespace sidestream::kafka {

enum class AssignmentStrategy { kCooperativeSticky, kRange };

struct ConsumerOptions {
  std::string group;
  std::string client_id;
  /// Empty: a dynamic member.
  std::string instance_id;
  AssignmentStrategy strategy = AssignmentStrategy::kCooperativeSticky;
  Milliseconds session_timeout{45'000};
  Milliseconds heartbeat_interval{3'000};
  Milliseconds max_poll_interval{300'000};
};

struct ProducerOptions {
  std::string client_id;
  /// Empty: idempotent only.
  std::string transactional_id;
  Milliseconds transaction_timeout{10'000};
  /// The smallest max.message.bytes of the topics written to: the broker weighs whole batches.
  /// 0: the client's default.
  int64_t batch_bytes_max = 0;
  /// Of one that is idempotent only: how long a record may be on its way to the broker; then it
  /// has failed and does not leave any more. 0: the client's default.
  Milliseconds delivery_timeout{0};
  /// Asked before records are handed to the client; while it says no, they wait. Null: never.
  std::function<bool()> may_send;
};

class Cluster {
 public:
  virtual ~Cluster() = default;
  /// Each fails with kInvalidConfig when the client refuses its settings; that the cluster
  /// cannot be reached is found out by using the client.
  virtual Result<std::unique_ptr<Consumer>> NewConsumer(const ConsumerOptions& options) = 0;
  virtual Result<std::unique_ptr<Producer>> NewProducer(const ProducerOptions& options) = 0;
  virtual Result<std::unique_ptr<LogReader>> NewLogReader(const std::string& client_id) = 0;
  virtual Result<std::unique_ptr<Admin>> NewAdmin(const std::string& client_id) = 0;
};

}  // namespace sidestream::kafka
