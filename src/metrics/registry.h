// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Where all numbers of the process meet: the scope objects of scopes.h take cells from a
// Registry, write them without a lock, and a scrape adds up cells with equal labels.
//
// Place in the flow: app makes one Registry, hands it to all folders; http scrapes it
// through metrics/collectable.h.
//
// Threading: the Registry may be used from any thread. A cell has one writer at a time
// (relaxed load and store, no read-modify-write instruction) and is read by the scraping thread.
//
// Invariants
//  M1. A counter series never goes back: what a cell has counted is kept when the cell goes.
//  M2. A gauge series goes with its last cell, and a gauge that was never set is not shown.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metrics/families.h"

namespace sidestream::metrics {

class Registry;

/// Upper bounds of all histograms, in seconds; the last bucket has none.
inline constexpr std::array<double, 14> kBucketBounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                      0.25,  0.5,    1,     2.5,  5,     10,   60};

namespace internal {

/// One writer's share of a series. A cache line of its own: writers do not disturb each other.
struct alignas(64) Cell {
  std::atomic<double> value{0};
  std::atomic<bool> set{false};
};

struct HistogramCell {
  std::array<std::atomic<uint64_t>, kBucketBounds.size() + 1> buckets{};
  std::atomic<double> sum{0};
};

struct Series {
  std::vector<std::string> labels;
  std::vector<std::unique_ptr<Cell>> cells;
  std::vector<std::unique_ptr<HistogramCell>> histograms;
  double retired = 0;
  std::array<uint64_t, kBucketBounds.size() + 1> retired_buckets{};
};

/// Gives a cell back to its series. Move-only.
template <typename T>
class Handle {
 public:
  Handle(Registry& registry, Family family, Series& series, T& cell)
      : registry_(&registry), family_(family), series_(&series), cell_(&cell) {}
  Handle(Handle&& other) noexcept
      : registry_(other.registry_),
        family_(other.family_),
        series_(other.series_),
        cell_(std::exchange(other.cell_, nullptr)) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle();
  T* operator->() const { return cell_; }

 private:
  Registry* registry_;
  Family family_;
  Series* series_;
  T* cell_;
};

}  // namespace internal

class Counter {
 public:
  /// `labels` in the order of Info(family).labels. `registry` is borrowed and outlives this.
  Counter(Registry& registry, Family family, std::vector<std::string> labels = {});
  void Add(double by = 1) {
    cell_->value.store(cell_->value.load(std::memory_order_relaxed) + by,
                       std::memory_order_relaxed);
  }

 private:
  internal::Handle<internal::Cell> cell_;
};

class Gauge {
 public:
  Gauge(Registry& registry, Family family, std::vector<std::string> labels = {});
  void Set(double value) {
    cell_->value.store(value, std::memory_order_relaxed);
    cell_->set.store(true, std::memory_order_release);
  }
  /// Takes the gauge out of the scrape until the next Set().
  void Unset() { cell_->set.store(false, std::memory_order_release); }

 private:
  internal::Handle<internal::Cell> cell_;
};

class Histogram {
 public:
  Histogram(Registry& registry, Family family, std::vector<std::string> labels = {});
  void Observe(double seconds);

 private:
  internal::Handle<internal::HistogramCell> cell_;
};

/// One series as a scrape sees it.
struct Sample {
  std::vector<std::string> labels;
  double value = 0;
  /// Histograms only: cumulative counts, one more than kBucketBounds; `value` is the sum.
  std::vector<uint64_t> buckets;
};

struct FamilySamples {
  const FamilyInfo* info = nullptr;
  std::vector<Sample> samples;
};

class Registry {
 public:
  Registry() = default;
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;
  /// Every counter, gauge and histogram must be gone by then.
  ~Registry();

  /// All families that have a series, in the order of the table; series in label order.
  std::vector<FamilySamples> Collect() const;
  /// The folded value of one series; empty when there is none. For tests and status lines.
  std::optional<double> Value(Family family, const std::vector<std::string>& labels = {}) const;

 private:
  friend class Counter;
  friend class Gauge;
  friend class Histogram;
  friend class internal::Handle<internal::Cell>;
  friend class internal::Handle<internal::HistogramCell>;

  internal::Handle<internal::Cell> NewCell(Family family, std::vector<std::string> labels);
  internal::Handle<internal::HistogramCell> NewHistogram(Family family,
                                                         std::vector<std::string> labels);
  internal::Series& SeriesOf(Family family, std::vector<std::string> labels);
  void Release(Family family, internal::Series& series, internal::Cell* cell);
  void Release(Family family, internal::Series& series, internal::HistogramCell* cell);

  mutable std::mutex mutex_;
  // Guarded by mutex_. Series are never taken out, so references to them stay good.
  std::array<std::map<std::vector<std::string>, internal::Series>, kFamilyCount> series_;
};

namespace internal {
template <typename T>
Handle<T>::~Handle() {
  if (cell_ != nullptr) registry_->Release(family_, *series_, cell_);
}
}  // namespace internal

}  // namespace sidestream::metrics
