// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/memory_fit.h"

#include <fmt/format.h>

#include <string>

namespace sidestream::app {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;
/// A fetch of the client; below that it reads in drops.
constexpr int64_t kFetchBytesMin = 256 * 1024;
constexpr const char* kFetch = "queued.max.messages.kbytes";

bool IsWritten(const topology::KafkaModel& model) {
  return model.common.contains(kFetch) || model.consumer.contains(kFetch);
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
  const int64_t queues = FetchQueues(plan, settings, fit.bounds);
  // In whole KiB, as the client takes it.
  const int64_t lowered = (fit.bounds.fetch_bytes - (over + queues - 1) / queues) / 1024 * 1024;
  if (IsWritten(model.kafka) || lowered < kFetchBytesMin) {
    fit.status = TooMuch(fit.parts, usable);
    return fit;
  }
  fit.lowered = true;
  fit.bounds.fetch_bytes = lowered;
  fit.parts = EstimateMemory(model, plan, settings, fit.bounds);
  return fit;
}

void ApplyFit(const MemoryFit& fit, topology::KafkaModel& model) {
  if (fit.lowered) model.consumer[kFetch] = std::to_string(fit.bounds.fetch_bytes / 1024);
}

}  // namespace sidestream::app
