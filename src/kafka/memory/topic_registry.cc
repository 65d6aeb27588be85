// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/topic_registry.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>

namespace sidestream::kafka::memory {

namespace {

/// Topic settings of Kafka 4.1 with their defaults.
const std::map<std::string, std::string>& DefaultSettings() {
  static const std::map<std::string, std::string> defaults = {
      {"cleanup.policy", "delete"},
      {"compression.type", "producer"},
      {"delete.retention.ms", "86400000"},
      {"file.delete.delay.ms", "60000"},
      {"flush.messages", "9223372036854775807"},
      {"flush.ms", "9223372036854775807"},
      {"index.interval.bytes", "4096"},
      {"max.compaction.lag.ms", "9223372036854775807"},
      {"max.message.bytes", "1048588"},
      {"message.timestamp.after.max.ms", "3600000"},
      {"message.timestamp.before.max.ms", "9223372036854775807"},
      {"message.timestamp.type", "CreateTime"},
      {"min.cleanable.dirty.ratio", "0.5"},
      {"min.compaction.lag.ms", "0"},
      {"min.insync.replicas", "1"},
      {"preallocate", "false"},
      {"retention.bytes", "-1"},
      {"retention.ms", "604800000"},
      {"segment.bytes", "1073741824"},
      {"segment.index.bytes", "10485760"},
      {"segment.jitter.ms", "0"},
      {"segment.ms", "604800000"},
      {"unclean.leader.election.enable", "false"},
  };
  return defaults;
}

std::optional<int64_t> ToInteger(const std::string& text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ToRatio(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if (!(value >= 0 && value <= 1)) return std::nullopt;
  return value;
}

Status CheckSetting(const std::string& key, const std::string& value) {
  const auto known = DefaultSettings().find(key);
  if (known == DefaultSettings().end()) {
    return Status::InvalidConfig("unknown topic setting: " + key);
  }
  if (key == "cleanup.policy" && value != "delete" && value != "compact" &&
      value != "compact,delete" && value != "delete,compact") {
    return Status::InvalidConfig("invalid value for cleanup.policy: " + value);
  }
  if (key == "min.cleanable.dirty.ratio" && !ToRatio(value)) {
    return Status::InvalidConfig("not a number from 0 to 1: " + key + "=" + value);
  }
  if (key == "message.timestamp.type" && value != "CreateTime" && value != "LogAppendTime") {
    return Status::InvalidConfig("invalid value for message.timestamp.type: " + value);
  }
  if (ToInteger(known->second) && !ToInteger(value)) {
    return Status::InvalidConfig("not a number: " + key + "=" + value);
  }
  return Status::Ok();
}

bool ValidName(const std::string& name) {
  return !name.empty() && name.size() <= 249 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
         });
}

}  // namespace

Status TopicRegistry::Validate(const NewTopic& topic) const {
  if (!ValidName(topic.name)) return Status::InvalidConfig("invalid topic name: " + topic.name);
  if (topics_.contains(topic.name)) return Status::Ok();
  if (topic.partitions < 1) {
    return Status::InvalidConfig("a topic has at least one partition: " + topic.name);
  }
  for (const auto& [key, value] : topic.settings) RETURN_IF_ERROR(CheckSetting(key, value));
  return Status::Ok();
}

Status TopicRegistry::Create(const NewTopic& topic) {
  RETURN_IF_ERROR(Validate(topic));
  if (topics_.contains(topic.name)) return Status::Ok();
  auto created = std::make_unique<Topic>();
  created->name = topic.name;
  created->settings = DefaultSettings();
  for (const auto& [key, value] : topic.settings) created->settings[key] = value;
  const auto number = [&](const char* key) { return *ToInteger(created->settings[key]); };
  created->limits = {
      .message_bytes_max = number("max.message.bytes"),
      .timestamp_before_ms_max = number("message.timestamp.before.max.ms"),
      .timestamp_after_ms_max = number("message.timestamp.after.max.ms"),
      .log_append_time = created->settings["message.timestamp.type"] == "LogAppendTime"};
  ++created_;
  for (size_t i = 0; i < 8; ++i) {
    created->id.bytes[i] = static_cast<uint8_t>((seed_ + 1) >> (8 * (7 - i)));
    created->id.bytes[8 + i] = static_cast<uint8_t>(created_ >> (8 * (7 - i)));
  }
  const std::string& policy = created->settings["cleanup.policy"];
  created->partitions.assign(
      static_cast<size_t>(topic.partitions),
      PartitionLog({.compacts = policy.find("compact") != std::string::npos,
                    .deletes = policy.find("delete") != std::string::npos,
                    .segment_bytes = number("segment.bytes"),
                    .segment_ms = number("segment.ms"),
                    .retention_ms = number("retention.ms"),
                    .retention_bytes = number("retention.bytes"),
                    .delete_retention_ms = number("delete.retention.ms"),
                    .compaction_lag_ms_min = number("min.compaction.lag.ms"),
                    .dirty_ratio_min = *ToRatio(created->settings["min.cleanable.dirty.ratio"])}));
  created->visible_at = clock_.Now() + visibility_delay_;
  topics_.emplace(topic.name, std::move(created));
  return Status::Ok();
}

bool TopicRegistry::Delete(const std::string& name) {
  ++changes_;
  return topics_.erase(name) > 0;
}

Topic* TopicRegistry::Find(const std::string& name) {
  const auto found = topics_.find(name);
  if (found == topics_.end() || clock_.Now() < found->second->visible_at) return nullptr;
  return found->second.get();
}

const PartitionLog* TopicRegistry::FindLog(const TopicPartition& partition) {
  return Find(partition.topic) == nullptr ? nullptr : FindHiddenLog(partition);
}

PartitionLog* TopicRegistry::LogOf(const TopicPartition& partition) {
  const auto found = topics_.find(partition.topic);
  if (found == topics_.end() || partition.partition < 0) return nullptr;
  auto& logs = found->second->partitions;
  const auto index = static_cast<size_t>(partition.partition);
  return index < logs.size() ? &logs[index] : nullptr;
}

PartitionLog* TopicRegistry::ChangeLog(const TopicPartition& partition) {
  ++changes_;
  return LogOf(partition);
}

void TopicRegistry::ForEachLog(const std::function<void(PartitionLog&)>& visit) {
  ++changes_;
  for (auto& [name, topic] : topics_) {
    for (PartitionLog& log : topic->partitions) visit(log);
  }
}

std::vector<std::string> TopicRegistry::names() const {
  std::vector<std::string> names;
  for (const auto& [name, topic] : topics_) names.push_back(name);
  return names;
}

}  // namespace sidestream::kafka::memory
