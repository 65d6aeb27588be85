// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rdkafka_cluster.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <charconv>
#include <utility>
#include <vector>

#include "kafka/rdkafka/rdkafka_admin.h"
#include "kafka/rdkafka/rdkafka_consumer.h"
#include "kafka/rdkafka/rdkafka_log_reader.h"
#include "kafka/rdkafka/rdkafka_producer.h"
#include "kafka/rdkafka/settings.h"

namespace sidestream::kafka {
namespace {

class RdkafkaCluster final : public Cluster {
 public:
  explicit RdkafkaCluster(RdkafkaOptions options) : options_(std::move(options)) {}

  Result<std::unique_ptr<Consumer>> NewConsumer(const ConsumerOptions& options) override {
    if (options.group.empty()) return Status::InvalidConfig("a group member needs a group");
    return rdkafka::RdkafkaConsumer::Make(rdkafka::ConsumerProperties(options_, options),
                                          options.session_timeout);
  }
  Result<std::unique_ptr<Producer>> NewProducer(const ProducerOptions& options) override {
    return rdkafka::RdkafkaProducer::Make(rdkafka::ProducerProperties(options_, options),
                                          options.may_send);
  }
  Result<std::unique_ptr<LogReader>> NewLogReader(const std::string& client_id) override {
    return rdkafka::RdkafkaLogReader::Make(rdkafka::LogReaderProperties(options_, client_id));
  }
  Result<std::unique_ptr<Admin>> NewAdmin(const std::string& client_id) override {
    return rdkafka::RdkafkaAdmin::Make(rdkafka::AdminProperties(options_, client_id));
  }

 private:
  const RdkafkaOptions options_;
};

// The user's value of a consumer property, or null.
const std::string* ConsumerProperty(const RdkafkaOptions& options, const std::string& name) {
  for (const auto* section : {&options.consumer, &options.common}) {
    if (const auto found = section->find(name); found != section->end()) return &found->second;
  }
  return nullptr;
}

void TakeDuration(const RdkafkaOptions& options, const std::string& name, Milliseconds& duration) {
  const std::string* text = ConsumerProperty(options, name);
  if (text == nullptr) return;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc()) duration = Milliseconds(value);
}

}  // namespace

Result<std::unique_ptr<Cluster>> NewRdkafkaCluster(RdkafkaOptions options) {
  RETURN_IF_ERROR(rdkafka::CheckLibraryVersion(rd_kafka_version()));
  const std::vector<rdkafka::PropertyFinding> findings = rdkafka::CheckProperties(options);
  if (!findings.empty()) {
    std::string text = "Kafka properties cannot be used:";
    for (const rdkafka::PropertyFinding& finding : findings) {
      text += fmt::format("\n  kafka.{}{}{}: {}", finding.section,
                          finding.section.empty() ? "" : ".", finding.name, finding.reason);
    }
    return Status::InvalidConfig(std::move(text));
  }
  return std::unique_ptr<Cluster>(std::make_unique<RdkafkaCluster>(std::move(options)));
}

ConsumerOptions ConsumerOptionsFrom(const RdkafkaOptions& options) {
  ConsumerOptions consumer;
  if (const std::string* strategy = ConsumerProperty(options, "partition.assignment.strategy")) {
    consumer.strategy = *strategy == "range" ? AssignmentStrategy::kRange
                                             : AssignmentStrategy::kCooperativeSticky;
  }
  TakeDuration(options, "session.timeout.ms", consumer.session_timeout);
  TakeDuration(options, "heartbeat.interval.ms", consumer.heartbeat_interval);
  TakeDuration(options, "max.poll.interval.ms", consumer.max_poll_interval);
  return consumer;
}

std::string RdkafkaVersion() { return rd_kafka_version_str(); }

}  // namespace sidestream::kafka
