// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/memory_cluster.h"

#include "kafka/memory/memory_admin.h"
#include "kafka/memory/memory_consumer.h"
#include "kafka/memory/memory_log_reader.h"
#include "kafka/memory/memory_producer.h"

namespace sidestream::kafka::memory {

namespace {

class MemoryCluster final : public Cluster {
 public:
  explicit MemoryCluster(Broker& broker) : broker_(broker) {}

  Result<std::unique_ptr<Consumer>> NewConsumer(const ConsumerOptions& options) override {
    if (options.group.empty()) return Status::InvalidConfig("a member needs a group");
    return std::unique_ptr<Consumer>(std::make_unique<MemoryConsumer>(broker_, options));
  }
  Result<std::unique_ptr<Producer>> NewProducer(const ProducerOptions& options) override {
    return std::unique_ptr<Producer>(std::make_unique<MemoryProducer>(broker_, options));
  }
  Result<std::unique_ptr<LogReader>> NewLogReader(const std::string& client_id) override {
    return std::unique_ptr<LogReader>(std::make_unique<MemoryLogReader>(broker_, client_id));
  }
  Result<std::unique_ptr<Admin>> NewAdmin(const std::string& client_id) override {
    return std::unique_ptr<Admin>(std::make_unique<MemoryAdmin>(broker_, client_id));
  }

 private:
  Broker& broker_;
};

}  // namespace

std::unique_ptr<Cluster> NewMemoryCluster(Broker& broker) {
  return std::make_unique<MemoryCluster>(broker);
}

}  // namespace sidestream::kafka::memory
