// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "metrics/collectable.h"

#include <limits>
#include <string>
#include <utility>

#include "metrics/process.h"

namespace sidestream::metrics {
namespace {

prometheus::MetricType TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kCounter:
      return prometheus::MetricType::Counter;
    case Kind::kGauge:
      return prometheus::MetricType::Gauge;
    case Kind::kHistogram:
      return prometheus::MetricType::Histogram;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram HistogramOf(const Sample& sample) {
  prometheus::ClientMetric::Histogram histogram;
  histogram.sample_count = sample.buckets.back();
  histogram.sample_sum = sample.value;
  for (size_t i = 0; i < sample.buckets.size(); ++i) {
    histogram.bucket.push_back({.cumulative_count = sample.buckets[i],
                                .upper_bound = i < kBucketBounds.size()
                                                   ? kBucketBounds[i]
                                                   : std::numeric_limits<double>::infinity()});
  }
  return histogram;
}

prometheus::ClientMetric MetricOf(const FamilyInfo& info, const Sample& sample) {
  prometheus::ClientMetric metric;
  for (size_t i = 0; i < info.labels.size(); ++i) {
    metric.label.push_back({.name = std::string(info.labels[i]), .value = sample.labels[i]});
  }
  switch (info.kind) {
    case Kind::kCounter:
      metric.counter.value = sample.value;
      break;
    case Kind::kGauge:
      metric.gauge.value = sample.value;
      break;
    case Kind::kHistogram:
      metric.histogram = HistogramOf(sample);
      break;
  }
  return metric;
}

prometheus::MetricFamily ProcessFamily(std::string name, std::string help, Kind kind,
                                       double value) {
  prometheus::ClientMetric metric;
  (kind == Kind::kCounter ? metric.counter.value : metric.gauge.value) = value;
  return {.name = std::move(name),
          .help = std::move(help),
          .type = TypeOf(kind),
          .metric = {std::move(metric)}};
}

}  // namespace

std::vector<prometheus::MetricFamily> RegistryCollectable::Collect() const {
  std::vector<prometheus::MetricFamily> families;
  for (const FamilySamples& family : registry_.Collect()) {
    prometheus::MetricFamily shown{.name = std::string(family.info->name),
                                   .help = std::string(family.info->help),
                                   .type = TypeOf(family.info->kind),
                                   .metric = {}};
    for (const Sample& sample : family.samples) {
      shown.metric.push_back(MetricOf(*family.info, sample));
    }
    families.push_back(std::move(shown));
  }
  if (const auto process = ReadProcess()) {
    const auto add = [&](const char* name, const char* help, Kind kind, double value) {
      families.push_back(ProcessFamily(name, help, kind, value));
    };
    add("process_cpu_seconds_total", "Processor time of all threads", Kind::kCounter,
        process->cpu_seconds);
    add("process_resident_memory_bytes", "Memory that is in use", Kind::kGauge,
        process->resident_bytes);
    add("process_virtual_memory_bytes", "Memory that is mapped", Kind::kGauge,
        process->virtual_bytes);
    add("process_start_time_seconds", "Start of the process since the epoch", Kind::kGauge,
        process->start_time_seconds);
    add("process_open_fds", "Open file descriptors", Kind::kGauge, process->open_fds);
    add("process_threads", "Threads of the process", Kind::kGauge, process->threads);
  }
  return families;
}

}  // namespace sidestream::metrics
