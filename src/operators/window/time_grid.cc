// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/time_grid.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/check.h"
#include "expression/time_zone.h"

namespace sidestream::operators {
namespace {

namespace chr = std::chrono;

constexpr int64_t kDay = 86'400'000;
// 1970-01-05.
constexpr int64_t kFirstMonday = 4;

int64_t FloorDivide(int64_t number, int64_t by) {
  const int64_t quotient = number / by;
  return number % by < 0 ? quotient - 1 : quotient;
}

/// Milliseconds east of UTC.
int64_t ZoneOffset(const std::string& zone, int64_t millis) {
  const auto seconds = expression::ZoneOffsetSeconds(zone, FloorDivide(millis, 1000));
  CHECK(seconds.has_value()) << "the plan took a zone that is not there: " << zone;
  return *seconds * 1000;
}

/// The first instant at which clocks of `zone` show `local` or more.
int64_t InstantOf(const std::string& zone, int64_t local) {
  const int64_t before = local - ZoneOffset(zone, local - kDay);
  const int64_t behind = local - ZoneOffset(zone, local + kDay);
  const auto shows = [&](int64_t instant) { return instant + ZoneOffset(zone, instant) == local; };
  const int64_t first = std::min(before, behind);
  const int64_t second = std::max(before, behind);
  if (shows(first)) return first;
  if (shows(second)) return second;
  // Clocks are put forward over it, between the two.
  int64_t low = first;
  int64_t high = second;
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (middle + ZoneOffset(zone, middle) >= local ? high : low) = middle;
  }
  return high;
}

}  // namespace

int64_t SliceLength(const topology::Window& window) { return std::gcd(window.size, window.every); }

TimeGrid::TimeGrid(const topology::Window& window)
    : length_(window.size),
      step_(window.every > 0 ? window.every : window.size),
      offset_(window.offset),
      zone_(window.zone) {
  if (zone_.empty()) return;
  unit_ = window.months > 0 ? Unit::kMonths : Unit::kDays;
  length_ = step_ = window.months > 0 ? window.months : window.size / kDay;
}

int64_t TimeGrid::NumberAt(Timestamp time) const {
  const int64_t local = time.value() + ZoneOffset(zone_, time.value()) - offset_;
  const int64_t day = FloorDivide(local, kDay);
  if (unit_ == Unit::kDays) return FloorDivide(day - kFirstMonday, length_);
  const chr::year_month_day date{chr::sys_days{chr::days{day}}};
  const int64_t month =
      int64_t{static_cast<int>(date.year())} * 12 + static_cast<unsigned>(date.month()) - 1;
  return FloorDivide(month, length_);
}

int64_t TimeGrid::LocalStart(int64_t number) const {
  if (unit_ == Unit::kDays) return (number * length_ + kFirstMonday) * kDay + offset_;
  const int64_t month = number * length_;
  const int64_t year = FloorDivide(month, 12);
  const chr::year_month_day first{chr::year{static_cast<int>(year)},
                                  chr::month{static_cast<unsigned>(month - year * 12) + 1},
                                  chr::day{1}};
  return chr::sys_days{first}.time_since_epoch().count() * kDay + offset_;
}

WindowBounds TimeGrid::Numbered(int64_t number) const {
  return {Timestamp(InstantOf(zone_, LocalStart(number))),
          Timestamp(InstantOf(zone_, LocalStart(number + 1)))};
}

WindowBounds TimeGrid::LastWindowWith(Timestamp time) const {
  if (time >= last_.start && time < (calendar() ? last_.end : last_.start + step_)) return last_;
  if (!calendar()) {
    const Timestamp start(FloorDivide(time.value() - offset_, step_) * step_ + offset_);
    last_ = {start, start + length_};
    return last_;
  }
  int64_t number = NumberAt(time);
  WindowBounds window = Numbered(number);
  // Where a local time comes twice, the second time belongs to what began the first time.
  while (time >= window.end) window = Numbered(++number);
  while (time < window.start) window = Numbered(--number);
  last_ = window;
  return window;
}

WindowBounds TimeGrid::WindowAt(Timestamp start) const {
  return calendar() ? LastWindowWith(start) : WindowBounds{start, start + length_};
}

WindowBounds TimeGrid::Before(const WindowBounds& window) const {
  return calendar() ? LastWindowWith(window.start - 1) : WindowAt(window.start - step_);
}

WindowBounds TimeGrid::Behind(const WindowBounds& window) const {
  return calendar() ? LastWindowWith(window.end) : WindowAt(window.start + step_);
}

}  // namespace sidestream::operators
