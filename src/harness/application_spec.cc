// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/application_spec.h"

#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "operators/outputs.h"
#include "operators/plan_program.h"

namespace sidestream::harness {
namespace {

std::optional<int64_t> NumberOf(const std::map<std::string, std::string>& settings,
                                const std::string& name) {
  const auto found = settings.find(name);
  if (found == settings.end()) return std::nullopt;
  int64_t number = 0;
  const char* end = found->second.data() + found->second.size();
  const auto parsed = std::from_chars(found->second.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

time::WatermarkPolicy PolicyOf(const topology::Input& input) {
  using Kind = time::WatermarkPolicy::Kind;
  const topology::Watermark& watermark = input.watermark;
  if (input.dated == topology::Dated::kProcessing)
    return {.kind = Kind::kClock, .idle = {}, .max_drift = {}};
  return {.kind = watermark.value != nullptr ? Kind::kStated : Kind::kLateness,
          .lateness = watermark.lateness,
          .idle = watermark.idle,
          .follows_clock = !watermark.holds_when_all_idle,
          .max_ahead = watermark.max_ahead,
          .max_drift = watermark.max_drift};
}

tasks::InputSpec InputOf(const topology::Plan& plan, const topology::Input& input) {
  const bool repartition = input.kind == topology::Input::Kind::kRepartition;
  const auto upstream = static_cast<size_t>(input.upstream);
  return {.topic = input.topic,
          .partitions = input.partitions,
          .repartition = repartition,
          .upstream_tasks = repartition ? plan.sub_topologies[upstream].partitions : 0,
          .dated = input.dated == topology::Dated::kByRecord ? tasks::Dated::kByRecord
                                                             : tasks::Dated::kAtEntry,
          .watermark = PolicyOf(input),
          .start_from = input.start_from == topology::StartFrom::kLatest
                            ? tasks::StartFrom::kLatest
                            : tasks::StartFrom::kEarliest,
          .bounded = input.bounded};
}

tasks::SubTopologySpec SubTopologyOf(const std::shared_ptr<const topology::Plan>& plan,
                                     size_t index, const TopicLimits& limits) {
  const topology::SubTopology& part = plan->sub_topologies[index];
  tasks::SubTopologySpec spec;
  spec.name = part.anchor_topic;
  for (const topology::Input& input : part.inputs) {
    if (input.topic == part.anchor_topic) spec.anchor = spec.inputs.size();
    spec.inputs.push_back(InputOf(*plan, input));
  }
  for (const operators::Output& output : operators::OutputsOf(part)) {
    const auto found = limits.find(output.topic);
    spec.outputs.push_back(
        {.topic = output.topic,
         .partitions = output.partitions,
         .repartition = output.repartition,
         .limits = found == limits.end() ? tasks::OutputLimits{} : found->second});
  }
  for (const topology::Store& store : part.stores) {
    spec.stores.push_back({.name = store.name,
                           .changelog_topic = store.changelog_topic,
                           .fingerprint = PartsFingerprint(store.name, store.layout),
                           .layout = store.layout});
  }
  spec.programs = std::make_shared<operators::PlanProgramFactory>(plan, index);
  return spec;
}

}  // namespace

tasks::OutputLimits OutputLimitsOf(const std::map<std::string, std::string>& settings) {
  tasks::OutputLimits limits;
  if (const auto bytes = NumberOf(settings, "max.message.bytes")) limits.message_bytes_max = *bytes;
  const auto cleanup = settings.find("cleanup.policy");
  limits.key_required =
      cleanup != settings.end() && cleanup->second.find("compact") != std::string::npos;
  const auto type = settings.find("message.timestamp.type");
  if (type != settings.end() && type->second == "LogAppendTime") {
    // The broker puts its own time there, so it refuses none.
    limits.timestamp_after_max = Milliseconds(std::numeric_limits<int64_t>::max());
    return limits;
  }
  if (const auto before = NumberOf(settings, "message.timestamp.before.max.ms")) {
    limits.timestamp_before_max = Milliseconds(*before);
  }
  if (const auto after = NumberOf(settings, "message.timestamp.after.max.ms")) {
    limits.timestamp_after_max = Milliseconds(*after);
  }
  return limits;
}

tasks::ApplicationSpec MakeApplicationSpec(const std::shared_ptr<const topology::Plan>& plan,
                                           const topology::ApplicationModel& model,
                                           const TopicLimits& limits) {
  tasks::ApplicationSpec spec;
  spec.id = plan->application_id;
  spec.exactly_once = model.guarantee == topology::ProcessingGuarantee::kExactlyOnce;
  spec.commit_interval = model.commit_interval;
  spec.control_topic = plan->control_topic;
  spec.standby_replicas = model.standby_replicas;
  spec.presence_topic = plan->presence_topic;
  for (size_t i = 0; i < plan->sub_topologies.size(); ++i) {
    spec.sub_topologies.push_back(SubTopologyOf(plan, i, limits));
  }
  return spec;
}

}  // namespace sidestream::harness
