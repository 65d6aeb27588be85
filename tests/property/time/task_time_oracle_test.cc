// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Event time of a task against a naive model, which keeps everything that ever happened to each
// input and works the answer out from that. Owners change, transactions abort.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "time/task_time.h"

namespace sidestream::time {
namespace {

constexpr int64_t kIdle = 30'000;
constexpr int64_t kAhead = 3'600'000;
constexpr uint32_t kUpstreams = 3;

/// What happened to a source partition since the application's start.
struct NaiveSource {
  int64_t lateness = 0;
  bool follows_clock = true;
  struct Event {
    int64_t wall;
    int64_t timestamp;
  };
  std::vector<Event> records;
  int64_t heard = 0;  // wall of the last record, or of the owner's start
  bool idle = false;
  bool seen_idle = false;  // by this owner
  bool finished = false;

  std::optional<int64_t> Watermark() const {
    std::optional<int64_t> highest;
    for (const Event& event : records) {
      if (event.timestamp > event.wall + kAhead) continue;
      highest = std::max(highest.value_or(event.timestamp), event.timestamp);
    }
    if (!highest) return std::nullopt;
    return *highest - lateness - 1;
  }
};

/// Everything that was said of an upstream task.
struct NaiveHop {
  std::map<uint32_t, std::vector<UpstreamTime>> said;

  std::optional<UpstreamTime> Of(uint32_t task) const {
    const auto found = said.find(task);
    if (found == said.end()) return std::nullopt;
    uint32_t generation = 0;
    std::optional<UpstreamTime> now;
    for (const UpstreamTime& mark : found->second) {
      if (mark.generation < generation) continue;
      generation = mark.generation;
      UpstreamTime next = mark;
      if (now) next.watermark = std::max(next.watermark, now->watermark);
      now = next;
    }
    return now;
  }
};

struct NaiveInput {
  bool hop = false;
  NaiveSource source;
  NaiveHop upstreams;
};

struct Naive {
  std::vector<NaiveInput> inputs;
  std::optional<int64_t> watermark;

  void Update(int64_t wall) {
    std::optional<std::optional<int64_t>> least;  // outer: an active one is there
    std::optional<std::optional<int64_t>> highest_idle;
    const auto active = [&](std::optional<int64_t> at) {
      least = least ? std::min(*least, at) : at;  // nullopt is the least
    };
    const auto idle = [&](std::optional<int64_t> at) {
      highest_idle = highest_idle ? std::max(*highest_idle, at) : at;
    };
    for (const NaiveInput& input : inputs) {
      if (input.hop) {
        bool any_active = false;
        bool any_idle = false;
        std::optional<int64_t> low = INT64_MAX;
        std::optional<int64_t> high;
        for (uint32_t task = 0; task < kUpstreams; ++task) {
          const std::optional<UpstreamTime> entry = input.upstreams.Of(task);
          if (!entry) {
            any_active = true;
            low.reset();
          } else if (entry->progress == Progress::kActive) {
            any_active = true;
            low = std::min(low, std::optional(entry->watermark.value()));
          } else if (entry->progress == Progress::kIdle) {
            any_idle = true;
            high = std::max(high, std::optional(entry->watermark.value()));
          }
        }
        if (any_active) {
          active(low);
        } else if (any_idle) {
          idle(high);
        }
        continue;
      }
      const NaiveSource& source = input.source;
      if (source.finished) continue;
      const std::optional<int64_t> own = source.Watermark();
      if (!source.idle) {
        active(own);
      } else if (!own || !source.follows_clock || !source.seen_idle) {
        idle(own);
      } else {
        idle(std::max(*own, std::min(*own + wall - source.heard, wall)));
      }
    }
    const std::optional<int64_t> reached = least          ? *least
                                           : highest_idle ? *highest_idle
                                                          : INT64_MAX;
    watermark = std::max(watermark, reached);
  }
};

class RandomLife {
 public:
  explicit RandomLife(uint64_t seed) : random_(seed) {
    const int64_t count = 1 + random_.Below(3);
    for (int64_t i = 0; i < count; ++i) {
      NaiveInput& input = naive_.inputs.emplace_back();
      input.hop = random_.OneIn(3);
      input.source.lateness = random_.Below(3) * 4'000;
      input.source.follows_clock = !random_.OneIn(4);
      input.source.heard = Wall();
    }
    Open();
  }

  void Go() {
    for (int step = 0; step < 300; ++step) {
      SCOPED_TRACE(step);
      Act();
      const bool moved = real_->Update(Read(clock_));
      const std::optional<int64_t> before = naive_.watermark;
      naive_.Update(Wall());
      ASSERT_EQ(real_->watermark().value(), naive_.watermark.value_or(kNoWatermark.value()));
      ASSERT_EQ(moved, before != naive_.watermark);
    }
  }

 private:
  int64_t Wall() const { return clock_.WallTime().value(); }

  void Act() {
    const auto index =
        static_cast<size_t>(random_.Below(static_cast<int64_t>(naive_.inputs.size())));
    switch (random_.Below(12)) {
      case 0:
        return clock_.Advance(Milliseconds(random_.Below(40'000)));
      case 1:
        // Another owner, from what was committed: everything, here.
        return Open();
      case 2: {
        const TaskTime copy = *real_;
        const Naive before = naive_;
        MoveInput(index);
        real_ = copy;
        naive_ = before;
        return;
      }
      default:
        return MoveInput(index);
    }
  }

  void MoveInput(size_t index) {
    NaiveInput& input = naive_.inputs[index];
    if (input.hop) {
      const UpstreamTime said{static_cast<uint32_t>(random_.Below(kUpstreams)),
                              static_cast<uint32_t>(1 + random_.Below(3)),
                              static_cast<Progress>(1 + random_.Below(3)),
                              Timestamp(Wall() + random_.Below(20'000) - 15'000)};
      input.upstreams.said[said.upstream_task].push_back(said);
      real_->hop(index)->Take({kUpstreams, {said}}, Read(clock_));
      return;
    }
    NaiveSource& source = input.source;
    const int64_t what = random_.Below(40);
    if (what == 0) {
      source.finished = true;
      real_->source(index)->Finish(Read(clock_));
    } else if (source.finished) {
      return;
    } else if (what < 15) {
      const bool tail = random_.OneIn(3);
      real_->source(index)->Wait(!tail, Read(clock_));
      source.seen_idle = source.seen_idle || !tail;
      source.idle = !tail && (source.idle || Wall() - source.heard >= kIdle);
    } else {
      const int64_t far = random_.OneIn(20) ? 10 * kAhead : 0;
      const int64_t old = random_.OneIn(20) ? Wall() : random_.Below(20'000);
      const NaiveSource::Event record{Wall(), Wall() + far - old};
      source.records.push_back(record);
      source.heard = Wall();
      source.idle = false;
      const bool usable = real_->source(index)->Take(Timestamp(record.timestamp), Read(clock_));
      EXPECT_EQ(usable, record.timestamp <= record.wall + kAhead);
    }
  }

  void Open() {
    std::vector<TaskTime::Input> inputs;
    for (size_t i = 0; i < naive_.inputs.size(); ++i) {
      NaiveInput& input = naive_.inputs[i];
      if (input.hop) {
        inputs.emplace_back(
            UpstreamVector(kUpstreams, real_ ? real_->hop(i)->Heard() : std::vector<UpstreamTime>(),
                           Read(clock_)));
        continue;
      }
      const WatermarkPolicy policy{.lateness = Milliseconds(input.source.lateness),
                                   .idle = Milliseconds(kIdle),
                                   .follows_clock = input.source.follows_clock,
                                   .max_ahead = Milliseconds(kAhead),
                                   .max_drift = {}};
      inputs.emplace_back(
          SourceTime(policy, real_ ? real_->source(i)->kept() : SourceTime::Kept(), Read(clock_)));
      if (!real_) input.source.heard = Wall();
      input.source.seen_idle = false;
    }
    real_.emplace(std::move(inputs), real_ ? real_->watermark() : kNoWatermark);
  }

  Random random_;
  ManualClock clock_;
  Naive naive_;
  std::optional<TaskTime> real_;
};

TEST(TaskTimeOracleTest, AgreesWithTheNaiveModel) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RandomLife(seed).Go();
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace sidestream::time
