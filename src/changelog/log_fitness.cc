// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/log_fitness.h"

#include <charconv>
#include <optional>
#include <string>

#include "base/log.h"

namespace sidestream::changelog {
namespace {

// Kafka's default of delete.retention.ms, where the broker does not tell.
constexpr int64_t kDefaultDeleteRetention = 86'400'000;

Status Unfit(const KnownStore& known, std::string_view what) {
  return Status::Stopped(fmt::format(
      "{}: nothing was changed; if this was intended, stop the application and run `sidestream "
      "reset`: changelog={} task={}",
      what, ToString(known.changelog), ToString(known.task)));
}

int64_t DeleteRetention(const std::map<std::string, std::string>& settings) {
  const auto found = settings.find("delete.retention.ms");
  int64_t value = kDefaultDeleteRetention;
  if (found == settings.end()) return value;
  const std::string& text = found->second;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool DeletesByPolicy(const std::map<std::string, std::string>& settings) {
  const auto found = settings.find("cleanup.policy");
  return found != settings.end() && found->second.find("delete") != std::string::npos;
}

}  // namespace

Milliseconds AgeMax(const std::map<std::string, std::string>& settings) {
  return Milliseconds(DeleteRetention(settings) / 2);
}

Status CheckTopic(const KnownStore& known, const kafka::TopicDescription& topic) {
  if (!topic.exists) {
    return Status::Unavailable(
        "the changelog topic does not exist (`sidestream topics --apply` "
        "creates it): topic=" +
        known.changelog.topic);
  }
  if (topic.partitions <= known.changelog.partition) {
    return Unfit(known, fmt::format("the changelog topic has too few partitions, have={}",
                                    topic.partitions));
  }
  // Without a position nothing local contradicts the new topic.
  if (known.position.changelog_position && known.position.changelog_id.known() &&
      topic.id.known() && known.position.changelog_id != topic.id) {
    return Unfit(known,
                 fmt::format("the changelog topic was deleted and created again, id={} was={}",
                             ToString(topic.id), ToString(known.position.changelog_id)));
  }
  return {};
}

Status CheckEnd(const KnownStore& known, Offset end) {
  const auto position = known.position.changelog_position;
  if (!position || *position <= end) return {};
  return Unfit(known, fmt::format("the broker lost data of the changelog, its end={} applied={}",
                                  end.value(), position->value()));
}

Result<bool> NeedsFullRestore(const KnownStore& known, Offset log_start,
                              const std::map<std::string, std::string>& settings, Timestamp now) {
  // Compaction leaves the start of a log where it is.
  const bool whole = log_start == Offset(0) || DeletesByPolicy(settings);
  const auto position = known.position.changelog_position;
  const auto in_full = [&]() -> Result<bool> {
    if (whole) return true;
    return Unfit(
        known,
        fmt::format("records of the changelog were deleted, its start={} applied={}",
                    log_start.value(), position ? std::to_string(position->value()) : "nothing"));
  };
  if (!position || *position < log_start) return in_full();
  const int64_t limit = AgeMax(settings).count();
  const int64_t age = known.position.complete_at ? now - *known.position.complete_at : limit + 1;
  if (age <= limit) return false;
  log::Warning("changelog",
               "store is older than half of delete.retention.ms, restoring it in full: store={} "
               "task={} age_ms={} limit_ms={}",
               known.store, ToString(known.task), age, limit);
  return in_full();
}

}  // namespace sidestream::changelog
