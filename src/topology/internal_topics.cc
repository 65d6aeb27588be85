// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Names, settings, fingerprints.

#include "topology/internal_topics.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/fnv.h"

namespace sidestream::topology {
namespace {

constexpr std::string_view kSevenDays = "604800000";

std::string_view KindName(Store::Kind kind) {
  switch (kind) {
    case Store::Kind::kAggregate:
      return "aggregate";
    case Store::Kind::kWindows:
      return "windows";
    case Store::Kind::kHeldKeys:
      return "held keys";
    case Store::Kind::kDedup:
      return "dedup";
    case Store::Kind::kProcess:
      return "process";
  }
  return "";
}

}  // namespace

std::string RepartitionTopicName(std::string_view application, std::string_view step) {
  return fmt::format("{}-{}-repartition", application, step);
}

std::string ChangelogTopicName(std::string_view application, std::string_view store) {
  return fmt::format("{}-{}-changelog", application, store);
}

std::string ControlTopicName(std::string_view application) {
  return fmt::format("{}-control", application);
}

std::string PresenceTopicName(std::string_view application) {
  return fmt::format("{}-presence", application);
}

std::string DeadLetterTopicName(std::string_view application) {
  return fmt::format("{}-dlq", application);
}

std::string HeldStoreName(std::string_view stream) { return fmt::format("{}-held", stream); }

bool IsStepTopicOf(std::string_view application, std::string_view topic) {
  if (!topic.starts_with(application)) return false;
  topic.remove_prefix(application.size());
  for (const std::string_view suffix : {"-repartition", "-changelog"}) {
    if (!topic.ends_with(suffix)) continue;
    const std::string_view step = topic.substr(0, topic.size() - suffix.size());
    return step.size() > 1 && step.front() == '-' && step.find('-', 1) == std::string_view::npos;
  }
  return false;
}

InternalTopic MakeInternalTopic(InternalTopic::Kind kind, std::string name, int32_t partitions) {
  InternalTopic topic{kind, std::move(name), partitions, {}};
  topic.settings["message.timestamp.type"] = "CreateTime";
  if (kind == InternalTopic::Kind::kDeadLetters) {
    // Records without a key and of any age come here, and stay until somebody looks at them.
    topic.settings["cleanup.policy"] = "delete";
    topic.settings_at_creation["retention.ms"] = "-1";
    topic.settings_at_creation["retention.bytes"] = "-1";
    return topic;
  }
  if (kind == InternalTopic::Kind::kPresence) {
    // Said again every few seconds; nobody looks at what is old.
    topic.settings["cleanup.policy"] = "delete";
    topic.settings_at_creation["retention.ms"] = "3600000";
    topic.settings_at_creation["segment.ms"] = "600000";
    return topic;
  }
  if (kind == InternalTopic::Kind::kRepartition) {
    // Purged by offset, never by age or size: a default retention of the broker would lose
    // records that nobody has read yet.
    topic.settings["cleanup.policy"] = "delete";
    topic.settings["retention.ms"] = "-1";
    topic.settings["retention.bytes"] = "-1";
    topic.settings["segment.bytes"] = "52428800";
  } else {
    topic.settings["cleanup.policy"] = "compact";
    topic.settings["delete.retention.ms"] = kSevenDays;
  }
  return topic;
}

void CompleteLayout(Store& store) {
  const std::string_view key_format =
      store.key.computed ? "computed" : serde::FormatName(store.key.format.kind);
  const std::string_view kind = KindName(store.kind);
  store.layout.fingerprint =
      Fnv1a(fmt::format("{}\n{}\n{}\n{}\n{}\n{}", store.name, kind, key_format,
                        store.key_meaning, store.value_layout, store.partitions));
  const std::vector<StoreLayout::Part> general = {
      {"kind", std::string(kind)},
      {"format of the key", std::string(key_format)},
      {"key", store.key_meaning},
      {"partitions", std::to_string(store.partitions)},
  };
  store.layout.parts.insert(store.layout.parts.begin(), general.begin(), general.end());
}

}  // namespace sidestream::topology
