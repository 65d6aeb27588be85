// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "metrics/registry.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sidestream::metrics {
namespace {

using internal::Cell;
using internal::Handle;
using internal::HistogramCell;
using internal::Series;

std::optional<double> FoldCells(const FamilyInfo& info, const Series& series) {
  if (info.kind == Kind::kCounter) {
    double sum = series.retired;
    for (const auto& cell : series.cells) sum += cell->value.load(std::memory_order_relaxed);
    return sum;
  }
  std::optional<double> folded;
  for (const auto& cell : series.cells) {
    if (!cell->set.load(std::memory_order_acquire)) continue;
    const double value = cell->value.load(std::memory_order_relaxed);
    if (!folded) {
      folded = value;
    } else if (info.fold == Fold::kSum) {
      *folded += value;
    } else {
      folded = info.fold == Fold::kMax ? std::max(*folded, value) : std::min(*folded, value);
    }
  }
  return folded;
}

Sample FoldHistograms(const Series& series) {
  Sample sample{.labels = series.labels, .value = series.retired, .buckets = {}};
  auto counts = series.retired_buckets;
  for (const auto& cell : series.histograms) {
    for (size_t i = 0; i < counts.size(); ++i) {
      counts[i] += cell->buckets[i].load(std::memory_order_relaxed);
    }
    sample.value += cell->sum.load(std::memory_order_relaxed);
  }
  uint64_t cumulative = 0;
  for (const uint64_t count : counts) sample.buckets.push_back(cumulative += count);
  return sample;
}

template <typename T>
void Remove(std::vector<std::unique_ptr<T>>& cells, T* cell) {
  const auto found = std::find_if(cells.begin(), cells.end(),
                                  [&](const std::unique_ptr<T>& c) { return c.get() == cell; });
  CHECK(found != cells.end()) << "a metric cell was released twice";
  cells.erase(found);
}

}  // namespace

Counter::Counter(Registry& registry, Family family, std::vector<std::string> labels)
    : cell_(registry.NewCell(family, std::move(labels))) {
  CHECK(Info(family).kind == Kind::kCounter) << Info(family).name;
}

Gauge::Gauge(Registry& registry, Family family, std::vector<std::string> labels)
    : cell_(registry.NewCell(family, std::move(labels))) {
  CHECK(Info(family).kind == Kind::kGauge) << Info(family).name;
}

Histogram::Histogram(Registry& registry, Family family, std::vector<std::string> labels)
    : cell_(registry.NewHistogram(family, std::move(labels))) {
  CHECK(Info(family).kind == Kind::kHistogram) << Info(family).name;
}

void Histogram::Observe(double seconds) {
  const auto bound = std::lower_bound(kBucketBounds.begin(), kBucketBounds.end(), seconds);
  auto& bucket = cell_->buckets[static_cast<size_t>(bound - kBucketBounds.begin())];
  bucket.store(bucket.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  cell_->sum.store(cell_->sum.load(std::memory_order_relaxed) + seconds, std::memory_order_relaxed);
}

Registry::~Registry() {
  for (const auto& family : series_) {
    for (const auto& [labels, series] : family) {
      CHECK(series.cells.empty() && series.histograms.empty()) << "a metric outlives its registry";
    }
  }
}

Series& Registry::SeriesOf(Family family, std::vector<std::string> labels) {
  CHECK(labels.size() == Info(family).labels.size()) << Info(family).name;
  Series& series = series_[static_cast<size_t>(family)][labels];
  series.labels = std::move(labels);
  return series;
}

Handle<Cell> Registry::NewCell(Family family, std::vector<std::string> labels) {
  const std::lock_guard lock(mutex_);
  Series& series = SeriesOf(family, std::move(labels));
  return {*this, family, series, *series.cells.emplace_back(std::make_unique<Cell>())};
}

Handle<HistogramCell> Registry::NewHistogram(Family family, std::vector<std::string> labels) {
  const std::lock_guard lock(mutex_);
  Series& series = SeriesOf(family, std::move(labels));
  return {*this, family, series,
          *series.histograms.emplace_back(std::make_unique<HistogramCell>())};
}

void Registry::Release(Family family, Series& series, Cell* cell) {
  const std::lock_guard lock(mutex_);
  if (Info(family).kind == Kind::kCounter) {
    series.retired += cell->value.load(std::memory_order_relaxed);
  }
  Remove(series.cells, cell);
}

void Registry::Release(Family, Series& series, HistogramCell* cell) {
  const std::lock_guard lock(mutex_);
  for (size_t i = 0; i < series.retired_buckets.size(); ++i) {
    series.retired_buckets[i] += cell->buckets[i].load(std::memory_order_relaxed);
  }
  series.retired += cell->sum.load(std::memory_order_relaxed);
  Remove(series.histograms, cell);
}

std::vector<FamilySamples> Registry::Collect() const {
  std::vector<FamilySamples> all;
  const std::lock_guard lock(mutex_);
  for (const FamilyInfo& info : Families()) {
    FamilySamples family{.info = &info, .samples = {}};
    for (const auto& [labels, series] : series_[static_cast<size_t>(info.family)]) {
      if (info.kind == Kind::kHistogram) {
        family.samples.push_back(FoldHistograms(series));
      } else if (const auto value = FoldCells(info, series)) {
        family.samples.push_back({.labels = labels, .value = *value, .buckets = {}});
      }
    }
    if (!family.samples.empty()) all.push_back(std::move(family));
  }
  return all;
}

std::optional<double> Registry::Value(Family family, const std::vector<std::string>& labels) const {
  const std::lock_guard lock(mutex_);
  const auto& of_family = series_[static_cast<size_t>(family)];
  const auto found = of_family.find(labels);
  if (found == of_family.end()) return std::nullopt;
  if (Info(family).kind == Kind::kHistogram) {
    return static_cast<double>(FoldHistograms(found->second).buckets.back());
  }
  return FoldCells(Info(family), found->second);
}

}  // namespace sidestream::metrics
