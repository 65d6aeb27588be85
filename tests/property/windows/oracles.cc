// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/property/windows/oracles.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "tests/property/windows/naive_functions.h"

namespace sidestream::testing {
namespace {

constexpr int64_t kNoWatermark = std::numeric_limits<int64_t>::min();

int64_t FloorTo(int64_t time, int64_t unit) {
  return time / unit * unit - (time % unit < 0 ? unit : 0);
}

/// By time; those of one time as they came.
Content Ordered(Content content) {
  std::stable_sort(content.begin(), content.end(),
                   [](const Fact* a, const Fact* b) { return a->time < b->time; });
  return content;
}

int64_t LargestTime(const Content& content) {
  int64_t largest = kNoWatermark;
  for (const Fact* fact : content) largest = std::max(largest, fact->time);
  return largest;
}

WindowResult Result(const Scenario& scenario, const std::string& group, int64_t start, int64_t end,
                    const Content& content) {
  const Content ordered = Ordered(content);
  WindowResult result{.group = group, .start = start, .end = end};
  for (const size_t function : scenario.functions) {
    const NaiveFunction& naive = NaiveFunctions()[function];
    result.value += (result.value.empty() ? "{\"" : ",\"") + std::string(naive.name) +
                    "\":" + naive.compute(ordered);
  }
  if (end != 0) {
    result.value +=
        ",\"window_start\":" + std::to_string(start) + ",\"window_end\":" + std::to_string(end);
  }
  result.value += "}";
  const bool session = scenario.window.kind == WindowKind::kSession;
  const bool fired = end != 0 && scenario.emission == Emission::kFinal;
  result.timestamp = !fired ? LargestTime(content) : session ? end : end - 1;
  return result;
}

std::map<std::string, Content> ByGroup(const Scenario& scenario) {
  std::map<std::string, Content> groups;
  for (const Fact& fact : scenario.facts) groups[fact.group].push_back(&fact);
  return groups;
}

using Bounds = std::pair<int64_t, int64_t>;

/// Windows of fixed bounds that a time lies in.
std::vector<Bounds> WindowsOf(const WindowSpec& window, int64_t time) {
  std::vector<Bounds> windows;
  const int64_t every = window.kind == WindowKind::kTumbling ? window.size : window.every;
  for (int64_t start = FloorTo(time, every); start > time - window.size; start -= every) {
    windows.emplace_back(start, start + window.size);
  }
  return windows;
}

/// A window for the time before every record, and one behind every record that has a follower
/// within reach.
std::vector<Bounds> SlidingWindows(const Content& content, int64_t difference) {
  std::set<Bounds> windows;
  for (const Fact* fact : content) {
    windows.insert({fact->time - difference, fact->time + 1});
    const int64_t behind = fact->time + 1;
    const bool followed = std::any_of(content.begin(), content.end(), [&](const Fact* other) {
      return other->time >= behind && other->time <= behind + difference;
    });
    if (followed) windows.insert({behind, behind + difference + 1});
  }
  return {windows.begin(), windows.end()};
}

Content Within(const Content& content, const Bounds& bounds) {
  Content inside;
  for (const Fact* fact : content) {
    if (fact->time >= bounds.first && fact->time < bounds.second) inside.push_back(fact);
  }
  return inside;
}

std::vector<WindowResult> SessionsOf(const Scenario& scenario, const std::string& group,
                                     const Content& content) {
  const int64_t gap = scenario.window.size;
  const int64_t longest = scenario.window.max_length;
  std::vector<WindowResult> results;
  Content session;
  const auto close = [&] {
    int64_t end = session.back()->time + gap;
    if (longest > 0) end = std::min(end, session.front()->time + longest);
    results.push_back(Result(scenario, group, session.front()->time, end, session));
    session.clear();
  };
  for (const Fact* fact : Ordered(content)) {
    const bool apart = !session.empty() && fact->time - session.back()->time > gap;
    const bool too_long =
        !session.empty() && longest > 0 && fact->time >= session.front()->time + longest;
    if (apart || too_long) close();
    session.push_back(fact);
  }
  if (!session.empty()) close();
  return results;
}

/// One partition's time, and what its windows make of a record.
class ArrivalOracle {
 public:
  explicit ArrivalOracle(const Scenario& scenario)
      : scenario_(scenario), watermarks_(static_cast<size_t>(scenario.partitions), kNoWatermark) {}

  ArrivalResults Run() {
    for (const Fact& fact : scenario_.facts) {
      const bool taken = scenario_.window.kind == WindowKind::kSession ? TakeIntoSession(fact)
                                                                       : TakeIntoWindows(fact);
      if (!taken) results_.late.push_back(fact.n);
      int64_t& watermark = watermarks_[static_cast<size_t>(fact.partition)];
      watermark = std::max(watermark, fact.time - scenario_.lateness - 1);
      Fire(fact.partition, watermark);
    }
    for (int32_t partition = 0; partition < scenario_.partitions; ++partition) {
      Fire(partition, std::numeric_limits<int64_t>::max());
    }
    return std::move(results_);
  }

 private:
  struct Window {
    std::string group;
    int32_t partition = 0;
    Bounds bounds;  // of a session: first and last record
    Content content;
    bool fired = false;
  };

  int64_t WatermarkFor(const Fact& fact) const {
    return watermarks_[static_cast<size_t>(fact.partition)];
  }

  bool Takes(int64_t closes_at, int64_t watermark) const {
    return watermark == kNoWatermark || watermark < closes_at + scenario_.allowed_lateness;
  }

  bool TakeIntoWindows(const Fact& fact) {
    const int64_t watermark = WatermarkFor(fact);
    bool taken = false;
    for (const Bounds& bounds : WindowsOf(scenario_.window, fact.time)) {
      if (!Takes(bounds.second - 1, watermark)) continue;
      taken = true;
      auto found = std::find_if(windows_.begin(), windows_.end(), [&](const Window& window) {
        return window.group == fact.group && window.bounds == bounds;
      });
      if (found == windows_.end()) {
        windows_.push_back({fact.group, fact.partition, bounds, {}, false});
        found = windows_.end() - 1;
      }
      found->content.push_back(&fact);
      // Its time has come already: this is a correction, or opens a window behind its end.
      found->fired = bounds.second - 1 <= watermark;
      if (found->fired || scenario_.emission != Emission::kFinal) Emit(*found);
    }
    return taken;
  }

  bool TakeIntoSession(const Fact& fact) {
    const int64_t watermark = WatermarkFor(fact);
    const int64_t gap = scenario_.window.size;
    Window joined{fact.group, fact.partition, {fact.time, fact.time}, {}, false};
    std::vector<Window> others;
    for (const Window& window : windows_) {
      const bool near = window.group == fact.group && fact.time >= window.bounds.first - gap &&
                        fact.time <= window.bounds.second + gap;
      if (!near) {
        others.push_back(window);
        continue;
      }
      joined.bounds.first = std::min(joined.bounds.first, window.bounds.first);
      joined.bounds.second = std::max(joined.bounds.second, window.bounds.second);
      joined.content.insert(joined.content.end(), window.content.begin(), window.content.end());
    }
    const int64_t end = joined.bounds.second + gap;
    if (!Takes(end, watermark)) return false;
    // As they came, whichever session they were in.
    joined.content.push_back(&fact);
    std::sort(joined.content.begin(), joined.content.end());
    joined.fired = end <= watermark;
    windows_ = std::move(others);
    windows_.push_back(std::move(joined));
    if (windows_.back().fired || scenario_.emission != Emission::kFinal) Emit(windows_.back());
    return true;
  }

  int64_t EndOf(const Window& window) const {
    const bool session = scenario_.window.kind == WindowKind::kSession;
    return session ? window.bounds.second + scenario_.window.size : window.bounds.second;
  }

  void Emit(const Window& window) {
    results_.all.push_back(Result(scenario_, window.group, window.bounds.first, EndOf(window),
                                  Ordered(window.content)));
  }

  /// Results of what the watermark has reached; what is past its lateness is gone.
  void Fire(int32_t partition, int64_t watermark) {
    const bool session = scenario_.window.kind == WindowKind::kSession;
    std::vector<Window> left;
    for (Window& window : windows_) {
      if (window.partition != partition) {
        left.push_back(window);
        continue;
      }
      const int64_t fires_at = EndOf(window) - (session ? 0 : 1);
      if (!window.fired && fires_at <= watermark) {
        window.fired = true;
        if (scenario_.emission == Emission::kFinal) Emit(window);
      }
      if (watermark >= fires_at + scenario_.allowed_lateness) {
        results_.last.push_back(Result(scenario_, window.group, window.bounds.first, EndOf(window),
                                       Ordered(window.content)));
      } else {
        left.push_back(window);
      }
    }
    windows_ = std::move(left);
  }

  const Scenario& scenario_;
  std::vector<int64_t> watermarks_;  // by partition
  std::vector<Window> windows_;
  ArrivalResults results_;
};

}  // namespace

std::vector<WindowResult> BatchResults(const Scenario& scenario) {
  std::vector<WindowResult> results;
  for (const auto& [group, content] : ByGroup(scenario)) {
    std::set<Bounds> windows;
    switch (scenario.window.kind) {
      case WindowKind::kTumbling:
      case WindowKind::kHopping:
        for (const Fact* fact : content) {
          for (const Bounds& bounds : WindowsOf(scenario.window, fact->time)) {
            windows.insert(bounds);
          }
        }
        break;
      case WindowKind::kSliding:
        for (const Bounds& bounds : SlidingWindows(content, scenario.window.size)) {
          windows.insert(bounds);
        }
        break;
      case WindowKind::kSession:
        for (WindowResult& result : SessionsOf(scenario, group, content)) {
          results.push_back(std::move(result));
        }
        break;
      case WindowKind::kNone:
        results.push_back(Result(scenario, group, 0, 0, content));
        break;
      case WindowKind::kCount:
        break;
    }
    for (const Bounds& bounds : windows) {
      results.push_back(
          Result(scenario, group, bounds.first, bounds.second, Within(content, bounds)));
    }
  }
  return results;
}

ArrivalResults ResultsByArrival(const Scenario& scenario) { return ArrivalOracle(scenario).Run(); }

std::vector<WindowResult> CountResults(const Scenario& scenario) {
  std::vector<WindowResult> results;
  std::map<std::string, Content> seen;
  for (const Fact& fact : scenario.facts) {
    Content& content = seen[fact.group];
    content.push_back(&fact);
    const auto count = static_cast<int64_t>(content.size());
    const int64_t size = scenario.window.size;
    if (count < size || (count - size) % scenario.window.every != 0) continue;
    results.push_back(
        Result(scenario, fact.group, 0, 0, Content(content.end() - size, content.end())));
  }
  return results;
}

}  // namespace sidestream::testing
