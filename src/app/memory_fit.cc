// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/memory_fit.h"

#include <fmt/format.h>

#include <string>

namespace sidestream::app {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
/// A fetch of the client; below that it reads in drops.
constexpr int64_t kFetchBytesMin = 256 * 1024;

bool IsWritten(const topology::KafkaModel& model) {
  const auto is_written = [&](const char* property) {
    return model.common.contains(property) || model.consumer.contains(property);
  };
  return is_written(kFetchProperty) || is_written(kAnswerProperty) ||
         is_written("max.partition.fetch.bytes");  // another name of the answer's
}

/// In whole KiB, as the client takes it.
int64_t Scaled(int64_t bytes, double by) {
  return static_cast<int64_t>(static_cast<double>(bytes) * by) / 1024 * 1024;
}

// Scripts may hold so much each, but hardly ever do: their bound refuses nobody.
int64_t Sum(const std::vector<topology::explain::MemoryPart>& parts) {
  int64_t sum = 0;
  for (const auto& part : parts) {
    if (part.what != "scripts") sum += part.bytes;
  }
  return sum;
}

Status TooMuch(const std::vector<topology::explain::MemoryPart>& parts, int64_t usable) {
  std::string text = fmt::format(
      "the buffers of this instance do not fit into its memory: usable={} MiB needed={} MiB:",
      usable / kMiB, (Sum(parts) + kMiB - 1) / kMiB);
  for (const auto& part : parts) {
    text += fmt::format(" {} {} MiB ({});", part.what, (part.bytes + kMiB - 1) / kMiB, part.how);
  }
  return Status::InvalidConfig(text + " lower what is written there, or give the process more");
}

}  // namespace

MemoryFit FitMemory(const topology::Model& model, const topology::Plan& plan,
                    const Settings& settings, int64_t usable) {
  MemoryFit fit;
  fit.bounds = UsualBounds(model, plan, settings);
  fit.parts = EstimateMemory(model, plan, settings, fit.bounds);
  const int64_t over = Sum(fit.parts) - usable;
  if (over <= 0) return fit;
  const int64_t fetched = FetchedBytes(plan, settings, fit.bounds);
  const double left = 1 - static_cast<double>(over) / static_cast<double>(fetched);
  MemoryBounds lowered = fit.bounds;
  lowered.fetch_bytes = left > 0 ? Scaled(fit.bounds.fetch_bytes, left) : 0;
  lowered.answer_bytes = left > 0 ? Scaled(fit.bounds.answer_bytes, left) : 0;
  if (IsWritten(model.kafka) || lowered.fetch_bytes < kFetchBytesMin) {
    fit.status = TooMuch(fit.parts, usable);
    return fit;
  }
  fit.lowered = true;
  fit.bounds = lowered;
  fit.parts = EstimateMemory(model, plan, settings, fit.bounds);
  return fit;
}

void ApplyFit(const MemoryFit& fit, topology::KafkaModel& model) {
  if (!fit.lowered) return;
  model.consumer[kFetchProperty] = std::to_string(fit.bounds.fetch_bytes / 1024);
  model.consumer[kAnswerProperty] = std::to_string(fit.bounds.answer_bytes);
}

}  // namespace sidestream::app
