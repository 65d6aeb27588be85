// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Windows against a batch computation over the whole input: random windows, keys, disorder within
// the lateness, commits and crashes. The seed is in the failure message.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/unit/operators/window_case.h"

namespace sidestream::testing {
namespace {

constexpr int64_t kBase = 1'000'000;

struct Event {
  std::string key;
  int64_t at = 0;
  int64_t value = 0;
  /// Before which it was taken.
  int64_t watermark = 0;
};

/// By key, start and end: number and sum.
using Windows = std::map<std::tuple<std::string, int64_t, int64_t>, std::pair<int64_t, int64_t>>;

struct Spec {
  std::string text;
  int64_t size = 0;
  int64_t every = 0;
  int64_t most = 0;  // of a session; 0: as long as there are records
};

int64_t FloorTo(int64_t number, int64_t step) {
  return number - ((number % step) + step) % step;
}

Windows Aligned(const std::vector<Event>& events, const Spec& spec, int64_t lateness) {
  Windows windows;
  for (const Event& event : events) {
    for (int64_t start = FloorTo(event.at, spec.every); start + spec.size > event.at;
         start -= spec.every) {
      const int64_t end = start + spec.size;
      if (event.watermark >= end - 1 + lateness) continue;
      auto& [count, sum] = windows[{event.key, start, end}];
      ++count;
      sum += event.value;
    }
  }
  return windows;
}

std::map<std::string, std::vector<Event>> ByKey(const std::vector<Event>& events) {
  std::map<std::string, std::vector<Event>> keys;
  for (const Event& event : events) keys[event.key].push_back(event);
  for (auto& [key, list] : keys) std::ranges::stable_sort(list, {}, &Event::at);
  return keys;
}

Windows Sessions(const std::vector<Event>& events, const Spec& spec) {
  Windows windows;
  for (const auto& [key, list] : ByKey(events)) {
    for (size_t first = 0; first < list.size();) {
      size_t end = first;
      std::pair<int64_t, int64_t> total;
      const int64_t cut = spec.most == 0 ? INT64_MAX : list[first].at + spec.most;
      for (; end < list.size() && list[end].at < cut &&
             (end == first || list[end].at <= list[end - 1].at + spec.size);
           ++end) {
        ++total.first;
        total.second += list[end].value;
      }
      windows[{key, list[first].at, std::min(list[end - 1].at + spec.size, cut)}] = total;
      first = end;
    }
  }
  return windows;
}

Windows Sliding(const std::vector<Event>& events, const Spec& spec) {
  Windows windows;
  for (const auto& [key, list] : ByKey(events)) {
    std::set<int64_t> starts;
    for (const Event& event : list) starts.insert({event.at - spec.size, event.at + 1});
    for (const int64_t start : starts) {
      std::pair<int64_t, int64_t> total;
      for (const Event& event : list) {
        if (event.at < start || event.at > start + spec.size) continue;
        ++total.first;
        total.second += event.value;
      }
      if (total.first > 0) windows[{key, start, start + spec.size + 1}] = total;
    }
  }
  return windows;
}

/// With late records: what the last result of each window holds.
Windows SlidingWithLate(const std::vector<Event>& events, const Spec& spec, int64_t lateness) {
  Windows windows;
  for (const auto& [key, list] : ByKey(events)) {
    std::set<int64_t> lasts;
    for (const Event& event : list) {
      if (event.watermark < event.at + lateness) lasts.insert(event.at);
      if (event.watermark < event.at + spec.size + lateness) lasts.insert(event.at + 1 + spec.size);
    }
    for (const int64_t last : lasts) {
      std::pair<int64_t, int64_t> total;
      for (const Event& event : list) {
        if (event.at < last - spec.size || event.at > last) continue;
        if (event.watermark >= last + lateness) continue;
        ++total.first;
        total.second += event.value;
      }
      if (total.first > 0) windows[{key, last - spec.size, last + 1}] = total;
    }
  }
  return windows;
}

int64_t Field(const std::string& json, const std::string& name) {
  const size_t at = json.find("\"" + name + "\":");
  EXPECT_NE(at, std::string::npos) << json;
  return at == std::string::npos ? 0 : std::stoll(json.substr(at + name.size() + 3));
}

class WindowOracleTest : public WindowCase {
 protected:
  /// Takes what was sent into `results`. A window that is sent twice is one too many where there
  /// are no late records.
  void Take(const Lines& lines, bool corrected, Windows& results) {
    for (const std::string& line : lines) {
      if (line.starts_with("late ")) {
        ++late_;
        continue;
      }
      const std::string key = line.substr(0, line.find(' '));
      const auto [result, fresh] = results.insert_or_assign(
          std::tuple(key, Field(line, "window_start"), Field(line, "window_end")),
          std::pair(Field(line, "n"), Field(line, "s")));
      EXPECT_TRUE(fresh || corrected) << "two finals: " << line;
    }
  }

  /// Records of a random walk whose disorder is within `disorder`, and sometimes far behind.
  void RunEvents(Random& random, const std::string& aggregate, int64_t disorder, bool late_ones,
                 bool corrected, std::vector<Event>& events, Windows& results) {
    Open(aggregate + ", fields: { n: count(), s: sum(value) }");
    late_ = 0;
    int64_t now = kBase;
    int64_t highest = 0;
    int64_t watermark = 0;
    // What was committed, to be taken up again after a crash.
    size_t taken = 0;
    Windows committed;
    int64_t highest_committed = 0;
    for (int step = 0; step < 300; ++step) {
      now += random.OneIn(20) ? random.Below(200) : random.Below(7);
      int64_t at = now - random.Below(disorder + 1);
      if (late_ones && random.OneIn(10)) at = now - random.Below(100);
      Event event{std::string(1, static_cast<char>('a' + random.Below(4))), at, random.Below(9),
                  watermark};
      Put(event.key, event.at, std::to_string(event.value));
      events.push_back(event);
      highest = std::max(highest, at);
      watermark = std::max(watermark, highest - disorder - 1);
      Advance(watermark);
      if (random.OneIn(5)) {
        Take(Commit(), corrected, committed);
        results = committed;
        taken = events.size();
        highest_committed = highest;
      } else if (random.OneIn(15)) {
        Crash();
        results = committed;
        events.resize(taken);
        highest = highest_committed;
        watermark = std::max<int64_t>(0, highest - disorder - 1);
        now = std::max(highest, kBase);
      }
    }
    Advance(kEndOfTime.value());
    Take(Commit(), corrected, committed);
    results = committed;
  }

  int64_t late_ = 0;
};

Spec RandomAligned(Random& random) {
  Spec spec;
  spec.every = 1 + random.Below(20);
  spec.size = spec.every;
  spec.text = "window: { tumbling: " + std::to_string(spec.size) + "ms }";
  if (random.OneIn(3)) return spec;
  spec.size += random.Below(60);
  spec.text = "window: { hopping: " + std::to_string(spec.size) +
              "ms, every: " + std::to_string(spec.every) + "ms }";
  return spec;
}

TEST_F(WindowOracleTest, AlignedWindowsHaveOneFinalResultEach) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Spec spec = RandomAligned(random);
    std::vector<Event> events;
    Windows results;
    RunEvents(random, spec.text, random.Below(30), false, false, events, results);
    ASSERT_EQ(results, Aligned(events, spec, 0)) << spec.text;
    ASSERT_EQ(late_, 0);
  }
}

TEST_F(WindowOracleTest, TheLastResultOfAWindowHasTheLateRecordsThatItTakes) {
  constexpr const char* kEmits[] = {"final", "changes", "each", "{ every: 1ms }"};
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Spec spec = RandomAligned(random);
    const int64_t lateness = random.OneIn(3) ? 0 : random.Below(80);
    const std::string emit = kEmits[random.Below(4)];
    std::vector<Event> events;
    Windows results;
    RunEvents(random,
              spec.text + ", emit: " + emit + ", allowed_lateness: " + std::to_string(lateness) +
                  "ms",
              random.Below(20), true, true, events, results);
    ASSERT_EQ(results, Aligned(events, spec, lateness)) << spec.text << " " << emit;
  }
}

TEST_F(WindowOracleTest, SessionsHaveOneFinalResultEach) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Spec spec{.text = "", .size = 1 + random.Below(40)};
    std::vector<Event> events;
    Windows results;
    RunEvents(random, "window: { session: " + std::to_string(spec.size) + "ms }", random.Below(40),
              false, false, events, results);
    ASSERT_EQ(results, Sessions(events, spec));
    ASSERT_EQ(late_, 0);
  }
}

TEST_F(WindowOracleTest, WhereSessionsAreCutDoesNotDependOnTheOrderOfArrival) {
  constexpr const char* kEmits[] = {"final", "changes", "each", "{ every: 1ms }"};
  for (uint64_t seed = 1; seed <= 120; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Spec spec{.text = "", .size = 1 + random.Below(40), .most = 1 + random.Below(80)};
    const std::string emit = kEmits[random.Below(4)];
    std::vector<Event> events;
    Windows results;
    RunEvents(random,
              "window: { session: " + std::to_string(spec.size) +
                  "ms, max_length: " + std::to_string(spec.most) + "ms }, emit: " + emit,
              random.Below(40), false, emit != "final", events, results);
    for (const auto& [window, total] : Sessions(events, spec)) {
      ASSERT_TRUE(results.contains(window)) << emit << " " << std::get<1>(window);
      ASSERT_EQ(results[window], total) << emit << " " << std::get<1>(window);
    }
    if (emit == "final") {
      ASSERT_EQ(results.size(), Sessions(events, spec).size());
    }
    ASSERT_EQ(late_, 0);
    // Nothing comes, but what waited for the clock goes.
    AdvanceWall(1);
    ASSERT_EQ(Commit(), Lines{});
    ASSERT_EQ(Rows(), 0U);
  }
}

TEST_F(WindowOracleTest, SlidingWindowsHaveOneFinalResultEach) {
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Spec spec{.text = "", .size = 1 + random.Below(40)};
    std::vector<Event> events;
    Windows results;
    RunEvents(random, "window: { sliding: " + std::to_string(spec.size) + "ms }", random.Below(40),
              false, false, events, results);
    ASSERT_EQ(results, Sliding(events, spec));
    ASSERT_EQ(late_, 0);
  }
}

TEST_F(WindowOracleTest, TheLastResultOfASlidingWindowHasTheLateRecordsThatItTakes) {
  constexpr const char* kEmits[] = {"final", "changes", "each", "{ every: 1ms }"};
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const Spec spec{.text = "", .size = 1 + random.Below(40)};
    const int64_t lateness = random.OneIn(3) ? 0 : random.Below(80);
    const std::string emit = kEmits[random.Below(4)];
    std::vector<Event> events;
    Windows results;
    RunEvents(random,
              "window: { sliding: " + std::to_string(spec.size) + "ms }, emit: " + emit +
                  ", allowed_lateness: " + std::to_string(lateness) + "ms",
              random.Below(20), true, true, events, results);
    ASSERT_EQ(results, SlidingWithLate(events, spec, lateness)) << emit << " " << lateness;
    ASSERT_EQ(Rows(), 0U);
  }
}

TEST_F(WindowOracleTest, CountWindowsAreThoseOfTheArrivals) {
  constexpr const char* kEmits[] = {"final", "each", "changes", "{ every: 1s }"};
  for (uint64_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Random random(seed);
    const int64_t every = 1 + random.Below(6);
    const int64_t count = every + random.Below(8);
    const int64_t mode = random.Below(4);
    Open("window: { count: " + std::to_string(count) + ", every: " + std::to_string(every) +
         " }, emit: " + kEmits[mode] + ", value: sum(value)");
    std::map<std::string, std::vector<int64_t>> committed;
    std::map<std::string, std::vector<int64_t>> open;
    std::map<std::string, std::string> sent;  // last result, by key
    std::map<std::string, Timestamp> sent_at;
    // Of the windows that the records behind `from` complete.
    const auto complete = [&](const std::string& key, size_t from) {
      Lines lines;
      const std::vector<int64_t>& values = open[key];
      for (auto end = static_cast<size_t>(count); end <= values.size();
           end += static_cast<size_t>(every)) {
        if (end <= from) continue;
        int64_t sum = 0;
        for (size_t i = end - static_cast<size_t>(count); i < end; ++i) sum += values[i];
        lines.push_back(key + " " + std::to_string(sum) + " @7");
      }
      return lines;
    };
    const auto by_key = [](const Lines& lines) {
      std::map<std::string, Lines> keys;
      for (const std::string& line : lines) keys[line.substr(0, 1)].push_back(line);
      return keys;
    };
    for (int step = 0; step < 200; ++step) {
      const std::string key(1, static_cast<char>('a' + random.Below(3)));
      open[key].push_back(random.Below(9));
      Put(key, 7, std::to_string(open[key].back()));
      if (random.OneIn(15)) {
        Crash();
        open = committed;
      } else if (random.OneIn(8)) {
        if (mode == 3) AdvanceWall(random.Below(800));
        std::map<std::string, Lines> lines = by_key(Commit());
        for (auto& [name, values] : open) {
          Lines expected = complete(name, committed[name].size());
          if (mode == 2) {
            if (!expected.empty()) expected = {expected.back()};
            if (!expected.empty() && sent[name] == expected.back()) expected.clear();
          }
          if (mode < 3) {
            ASSERT_EQ(lines[name], expected) << kEmits[mode];
          }
          if (lines[name].empty()) continue;
          if (mode == 3) {
            ASSERT_EQ(lines[name].size(), 1U);
            ASSERT_TRUE(!sent_at.contains(name) || context_.wall_time - sent_at[name] >= 1000);
            sent_at[name] = context_.wall_time;
          }
          sent[name] = lines[name].back();
        }
        committed = open;
      }
    }
    if (mode < 2) continue;
    for (const std::string& line : Commit()) sent[line.substr(0, 1)] = line;
    AdvanceWall(1000);
    for (const std::string& line : Commit()) sent[line.substr(0, 1)] = line;
    if (mode == 2) continue;
    for (auto& [name, values] : open) {
      const Lines all = complete(name, 0);
      if (all.empty()) continue;
      ASSERT_EQ(sent[name], all.back());
    }
  }
}

}  // namespace
}  // namespace sidestream::testing
