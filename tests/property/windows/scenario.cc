// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/property/windows/scenario.h"

#include <algorithm>
#include <set>
#include <utility>

#include "tests/property/windows/naive_functions.h"

namespace sidestream::testing {
namespace {

constexpr int64_t kKeys = 4;
constexpr int64_t kFactsMax = 70;

std::string Ms(int64_t milliseconds) { return std::to_string(milliseconds) + "ms"; }

std::string TextOf(const WindowSpec& window) {
  switch (window.kind) {
    case WindowKind::kTumbling:
      return "{ tumbling: " + Ms(window.size) + " }";
    case WindowKind::kHopping:
      return "{ hopping: " + Ms(window.size) + ", every: " + Ms(window.every) + " }";
    case WindowKind::kSliding:
      return "{ sliding: " + Ms(window.size) + " }";
    case WindowKind::kSession:
      return "{ session: " + Ms(window.size) +
             (window.max_length > 0 ? ", max_length: " + Ms(window.max_length) : "") + " }";
    case WindowKind::kCount:
      return "{ count: " + std::to_string(window.size) +
             (window.every != window.size ? ", every: " + std::to_string(window.every) : "") + " }";
    case WindowKind::kNone:
      break;
  }
  return "";
}

const char* TextOf(Emission emission) {
  switch (emission) {
    case Emission::kFinal:
      return "final";
    case Emission::kChanges:
      return "changes";
    case Emission::kEach:
      return "each";
    case Emission::kEvery:
      break;
  }
  return "{ every: 5s }";
}

class Maker {
 public:
  Maker(uint64_t seed, int64_t start, int64_t silence)
      : random_(seed), start_(start), silence_(silence) {
    scenario_.seed = seed;
  }

  Scenario Make() {
    MakeWindow();
    MakeTimes();
    MakeRun();
    MakeFunctions();
    MakeFacts();
    return std::move(scenario_);
  }

 private:
  void MakeWindow() {
    WindowSpec& window = scenario_.window;
    window.kind = static_cast<WindowKind>(random_.Below(6));
    // Small units make boundaries meet.
    const int64_t unit = random_.OneIn(2) ? 1'000 : 100;
    switch (window.kind) {
      case WindowKind::kHopping:
        window.every = (1 + random_.Below(4)) * unit;
        window.size = window.every * (1 + random_.Below(5));
        // Not a multiple.
        if (random_.OneIn(3)) window.size += unit * random_.Below(2);
        break;
      case WindowKind::kCount:
        window.size = 1 + random_.Below(6);
        window.every = random_.OneIn(2) ? window.size : 1 + random_.Below(window.size);
        break;
      case WindowKind::kNone:
        break;
      default:
        window.size = (1 + random_.Below(10)) * unit;
    }
  }

  void MakeTimes() {
    const WindowKind kind = scenario_.window.kind;
    const bool timed = kind != WindowKind::kCount && kind != WindowKind::kNone;
    scenario_.disorder = static_cast<Disorder>(random_.Below(3));
    // Which late record a sliding window takes is Kafka Streams' affair (tests/kafka_streams).
    if (kind == WindowKind::kSliding && scenario_.disorder == Disorder::kLate) {
      scenario_.disorder = Disorder::kWithinLateness;
    }
    scenario_.lateness = random_.OneIn(4) ? 0 : random_.Below(4'000);
    if (timed && random_.OneIn(2)) scenario_.allowed_lateness = random_.Below(5'000);
    scenario_.emission = static_cast<Emission>(random_.Below(4));
    // That needs inputs that are declared to end.
    if (kind == WindowKind::kNone && scenario_.emission == Emission::kFinal) {
      scenario_.emission = Emission::kChanges;
    }
    // How a session was cut depends on what had come by then.
    if (kind == WindowKind::kSession && scenario_.disorder == Disorder::kNone && random_.OneIn(2)) {
      scenario_.window.max_length = scenario_.window.size * (1 + random_.Below(3));
    }
  }

  void MakeRun() {
    // Arrival is what a count window counts by, and where lateness decides.
    const bool by_arrival = scenario_.window.kind == WindowKind::kCount ||
                            scenario_.window.max_length > 0 ||
                            scenario_.disorder == Disorder::kLate;
    scenario_.hop = (!by_arrival || scenario_.MayOnlyBeCounted()) && random_.OneIn(2);
    scenario_.partitions = static_cast<int32_t>(1 + random_.Below(4));
    scenario_.instances = random_.OneIn(2) ? 1 : static_cast<int32_t>(2 + random_.Below(2));
    scenario_.crash = random_.OneIn(4);
    scenario_.commit_each = random_.OneIn(3);
    scenario_.ends = random_.OneIn(3);
  }

  void MakeFunctions() {
    scenario_.functions = {0};
    for (size_t i = 1; i < NaiveFunctions().size(); ++i) {
      const bool wanted = scenario_.OnlyCounted() && NaiveFunctions()[i].name == kAllOfThem;
      if (wanted || random_.OneIn(4)) scenario_.functions.push_back(i);
    }
  }

  void MakeFacts() {
    const int64_t count = 1 + random_.Below(kFactsMax);
    const int64_t step = 1 + random_.Below(random_.OneIn(2) ? 200 : 3'000);
    const bool on_boundaries = random_.OneIn(3);
    int64_t cursor = start_;
    std::set<std::pair<std::string, int64_t>> taken;
    for (int64_t i = 0; i < count; ++i) {
      if (i > 0 && random_.OneIn(12)) {
        scenario_.facts.push_back(scenario_.facts[static_cast<size_t>(random_.Below(i))]);
        Fact& duplicate = scenario_.facts.back();
        const int64_t back = scenario_.disorder == Disorder::kNone ? 0 : scenario_.lateness;
        if (scenario_.disorder == Disorder::kLate || duplicate.time >= cursor - back) {
          Finish(duplicate, cursor);
          continue;
        }
        scenario_.facts.pop_back();
      }
      cursor += random_.Below(step + 1);
      Fact fact;
      const int64_t key = random_.Below(kKeys);
      fact.key = "k" + std::to_string(key);
      fact.group = scenario_.hop ? "g" + std::to_string(random_.Below(kKeys)) : fact.key;
      fact.partition = static_cast<int32_t>(scenario_.hop ? random_.Below(scenario_.partitions)
                                                          : key % scenario_.partitions);
      fact.n = random_.Below(50);
      fact.time = cursor - Back();
      if (on_boundaries && scenario_.disorder == Disorder::kNone) {
        cursor = fact.time = (cursor + 99) / 100 * 100;
      }
      // Over a hop the order of arrival is chance, so it must not decide among equal times.
      while (scenario_.hop && taken.contains({fact.group, fact.time})) ++fact.time;
      taken.insert({fact.group, fact.time});
      cursor = std::max(cursor, fact.time);
      scenario_.facts.push_back(fact);
      Finish(scenario_.facts.back(), cursor);
    }
    scenario_.facts.back().commit = true;
    scenario_.facts.back().silence = false;
  }

  int64_t Back() {
    if (scenario_.disorder == Disorder::kNone) return 0;
    if (scenario_.disorder == Disorder::kWithinLateness || !random_.OneIn(4)) {
      return random_.Below(scenario_.lateness + 1);
    }
    return random_.Below(scenario_.lateness + 2 * scenario_.window.size +
                         scenario_.allowed_lateness + 2'000);
  }

  void Finish(Fact& fact, int64_t& cursor) {
    fact.commit = scenario_.commit_each || random_.OneIn(10);
    // Behind a hop the first of several tasks that come back may make what the others have late.
    const bool may_be_silent = !scenario_.hop || scenario_.partitions == 1;
    fact.silence = scenario_.disorder != Disorder::kLate && may_be_silent && random_.OneIn(40);
    if (fact.silence) cursor += silence_;
  }

  Random random_;
  const int64_t start_;
  const int64_t silence_;
  Scenario scenario_;
};

}  // namespace

bool Scenario::MayOnlyBeCounted() const {
  return disorder == Disorder::kLate && window.kind == WindowKind::kTumbling &&
         emission == Emission::kFinal && allowed_lateness == 0;
}

std::string Scenario::Yaml() const {
  std::string yaml =
      "version: 1\n"
      "application: { id: windows }\n"
      "streams:\n"
      "  in: { topic: in, key: string, value: json, timestamp: value.t, watermark: { lateness: " +
      Ms(lateness) +
      " } }\n"
      "  out: { topic: out, key: string, value: json }\n"
      "  late: { topic: late, key: string, value: json }\n"
      "pipelines:\n"
      "  windows:\n"
      "    from: in\n"
      "    steps:\n"
      "      - name: results\n"
      "        aggregate:\n"
      "          group_by: " +
      std::string(hop ? "value.k" : "key") + "\n";
  if (window.kind != WindowKind::kNone) yaml += "          window: " + TextOf(window) + "\n";
  const bool timed = window.kind != WindowKind::kNone && window.kind != WindowKind::kCount;
  if (allowed_lateness > 0) yaml += "          allowed_lateness: " + Ms(allowed_lateness) + "\n";
  yaml += std::string("          emit: ") + TextOf(emission) + "\n";
  yaml += "          fields:\n";
  for (const size_t function : functions) {
    const NaiveFunction& naive = NaiveFunctions()[function];
    yaml += std::string("            ") + naive.name + ": '" + naive.call + "'\n";
  }
  yaml += "    to: out\n";
  if (timed) yaml += "  late_ones: { from: windows.results.late, to: late }\n";
  return yaml;
}

std::string Scenario::Describe() const {
  std::string text = Yaml() + "partitions " + std::to_string(partitions) + ", instances " +
                     std::to_string(instances) + (crash ? ", crashing" : "") +
                     (ends ? ", ends" : "") + "\n";
  for (const Fact& fact : facts) {
    text += std::to_string(fact.partition) + " " + fact.key + " " + fact.group + " n " +
            std::to_string(fact.n) + " t " + std::to_string(fact.time) +
            (fact.commit ? " commit" : "") + (fact.silence ? " silence" : "") + "\n";
  }
  return text;
}

Scenario RandomScenario(uint64_t seed, int64_t start, int64_t silence) {
  return Maker(seed, start, silence).Make();
}

}  // namespace sidestream::testing
