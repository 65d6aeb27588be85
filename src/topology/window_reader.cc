// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/window_reader.h"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <string>
#include <string_view>

#include "expression/time_zone.h"
#include "topology/scalars.h"

namespace sidestream::topology {
namespace {

using Kind = Window::Kind;

constexpr int64_t kDay = 86'400'000;
/// Parts that the operator keeps apart of one window: slices of a hopping one, steps of a count.
constexpr int64_t kSlicesMax = 10'000;
constexpr int64_t kCountSlicesMax = 1'000;

struct KindRow {
  std::string_view word;
  Kind kind;
};

constexpr auto kKinds = std::to_array<KindRow>({{"tumbling", Kind::kTumbling},
                                                {"hopping", Kind::kHopping},
                                                {"sliding", Kind::kSliding},
                                                {"session", Kind::kSession},
                                                {"count", Kind::kCount}});

std::string_view WordOf(Kind kind) { return kKinds[static_cast<size_t>(kind)].word; }

int64_t Millis(const YamlNode& node) {
  return ParseDuration(node.text).value_or(Milliseconds(0)).count();
}

class WindowReader {
 public:
  WindowReader(const YamlNode& node, Findings& findings) : node_(node), findings_(findings) {}

  std::optional<Window> Read() {
    const YamlNode* chosen = ChooseKind();
    if (chosen == nullptr) return std::nullopt;
    ReadSize(*chosen);
    ReadEvery();
    if (const YamlNode* length = Only("max_length", Kind::kSession, Kind::kSession)) {
      window_.max_length = Millis(*length);
    }
    if (const YamlNode* offset = Only("offset", Kind::kTumbling, Kind::kHopping)) {
      window_.offset = Millis(*offset);
    }
    ReadZone(*chosen);
    window_.text = Text();
    return window_;
  }

 private:
  const YamlNode* ChooseKind() {
    const YamlNode* chosen = nullptr;
    for (const KindRow& row : kKinds) {
      const YamlNode* length = node_.Find(row.word);
      if (length == nullptr) continue;
      if (chosen != nullptr) {
        findings_.Error("SS2005", length->position,
                        fmt::format("{} and {} exclude each other", row.word,
                                    WordOf(window_.kind)));
        continue;
      }
      chosen = length;
      window_.kind = row.kind;
    }
    if (chosen == nullptr && !node_.damaged) {
      findings_.Error("SS2004", node_.position, "window does not say which kind it is",
                      "one of tumbling: 1m, hopping: 5m with every: 1m, sliding: 5m, session: 30m, "
                      "count: 100");
    }
    return chosen;
  }

  /// The node of `word`, which only two kinds have; null: it is not there, or has its finding.
  const YamlNode* Only(std::string_view word, Kind kind, Kind other, std::string hint = "") {
    const YamlNode* found = node_.Find(word);
    if (found == nullptr || window_.kind == kind || window_.kind == other) return found;
    if (hint.empty()) {
      hint = kind == other
                 ? fmt::format("only {} has {}", WordOf(kind), word)
                 : fmt::format("only {} and {} have {}", WordOf(kind), WordOf(other), word);
    }
    findings_.Error("SS2005", found->position,
                    fmt::format("{} and {} exclude each other", word, WordOf(window_.kind)),
                    std::move(hint));
    return nullptr;
  }

  void ReadSize(const YamlNode& chosen) {
    if (window_.kind == Kind::kCount) {
      window_.size = ParseInteger(chosen.text).value_or(1);
    } else if (window_.kind == Kind::kTumbling) {
      const CalendarSpan span = ParseCalendarSpan(chosen.text).value_or(CalendarSpan());
      window_.size = span.duration.count();
      window_.months = span.months;
    } else {
      window_.size = Millis(chosen);
    }
  }

  void ReadEvery() {
    const std::string hint =
        window_.kind == Kind::kSliding || window_.kind == Kind::kTumbling
            ? fmt::format("Flink's sliding window is hopping: {{ hopping: {}, every: ... }}",
                          node_.Find(WordOf(window_.kind))->text)
            : "";
    const YamlNode* every = Only("every", Kind::kHopping, Kind::kCount, hint);
    if (window_.kind == Kind::kCount) {
      window_.every = window_.size;
      if (every != nullptr) ReadCountEvery(*every);
    } else if (window_.kind == Kind::kHopping) {
      if (every == nullptr) {
        if (!node_.damaged) {
          findings_.Error("SS2004", node_.position, "every is missing in window",
                          "a hopping window says how far from one to the next: every: 10s");
        }
        window_.every = window_.size;
        return;
      }
      ReadHoppingEvery(*every);
    }
  }

  void ReadCountEvery(const YamlNode& every) {
    const auto count = ParseInteger(every.text);
    if (!count || *count > window_.size) {
      findings_.Error("SS2003", every.position,
                      fmt::format("every is a number of records up to count, which is {}",
                                  window_.size));
      return;
    }
    window_.every = *count;
    if (window_.size / std::gcd(window_.size, window_.every) <= kCountSlicesMax) return;
    findings_.Error("SS2003", every.position,
                    fmt::format("count and every have {} parts to be kept apart; {} are the most",
                                window_.size / std::gcd(window_.size, window_.every),
                                kCountSlicesMax),
                    "choose an every that divides count");
  }

  void ReadHoppingEvery(const YamlNode& every) {
    window_.every = window_.size;
    const auto step = ParseDuration(every.text);
    if (!step || step->count() > window_.size) {
      findings_.Error("SS2003", every.position,
                      fmt::format("every is a duration up to the window's length, which is {}",
                                  DurationText(Milliseconds(window_.size))),
                      step ? "a longer one would leave records out" : "add the unit: 10s");
      return;
    }
    window_.every = step->count();
    const int64_t slices = window_.size / std::gcd(window_.size, window_.every);
    if (slices <= kSlicesMax) return;
    findings_.Error("SS2003", every.position,
                    fmt::format("hopping and every have {} parts to be kept apart; {} are the most",
                                slices, kSlicesMax),
                    "choose an every that divides hopping");
  }

  void ReadZone(const YamlNode& chosen) {
    const YamlNode* zone = Only("zone", Kind::kTumbling, Kind::kTumbling);
    if (zone == nullptr) {
      if (window_.months > 0 && !node_.damaged && node_.Find("zone") == nullptr) {
        findings_.Error("SS2004", chosen.position, "months are those of a calendar: zone is missing",
                        "add zone: UTC, or another one");
      }
      return;
    }
    if (!expression::ZoneOffsetSeconds(zone->text, 0)) {
      findings_.Error("SS2003", zone->position, fmt::format("there is no time zone {}", zone->text),
                      "a name such as Europe/Berlin, UTC, or +02:00");
      return;
    }
    if (window_.months == 0 && window_.size % kDay != 0) {
      findings_.Error("SS2003", chosen.position,
                      "with a zone a window has whole days, months or years",
                      "without zone, offset moves the beginning of shorter ones");
      return;
    }
    window_.zone = zone->text;
  }

  std::string Text() const {
    const auto duration = [](int64_t millis) { return DurationText(Milliseconds(millis)); };
    std::string text(WordOf(window_.kind));
    if (window_.kind == Kind::kCount) {
      text += fmt::format(" {}", window_.size);
    } else {
      text += " " + (window_.months > 0 ? fmt::format("{}mo", window_.months)
                                        : duration(window_.size));
    }
    if (window_.kind == Kind::kCount && window_.every != window_.size) {
      text += fmt::format(" every {}", window_.every);
    }
    if (window_.kind == Kind::kHopping) text += " every " + duration(window_.every);
    if (window_.max_length > 0) text += " up to " + duration(window_.max_length);
    if (!window_.zone.empty()) text += " in " + window_.zone;
    if (window_.offset > 0) text += " from " + duration(window_.offset);
    return text;
  }

  const YamlNode& node_;
  Findings& findings_;
  Window window_;
};

void ReadEmit(const YamlNode& node, AggregateModel& aggregate) {
  aggregate.emit = aggregate.window ? Emit::kFinal : Emit::kChanges;
  const YamlNode* emit = node.Find("emit");
  if (emit == nullptr) return;
  if (emit->map()) {
    const YamlNode* every = emit->Find("every");
    // It has its finding.
    if (every == nullptr) return;
    aggregate.emit = Emit::kEvery;
    aggregate.emit_every = Milliseconds(Millis(*every));
  } else {
    aggregate.emit = emit->text == "each"    ? Emit::kEach
                     : emit->text == "final" ? Emit::kFinal
                                             : Emit::kChanges;
  }
}

void ReadLateness(const YamlNode& node, AggregateModel& aggregate, Findings& findings) {
  const YamlNode* lateness = node.Find("allowed_lateness");
  if (lateness == nullptr) return;
  aggregate.allowed_lateness = Milliseconds(Millis(*lateness));
  if (aggregate.window && HasBounds(*aggregate.window)) return;
  if (!aggregate.window && node.Find("window") != nullptr) return;
  findings.Error("SS2005", lateness->position,
                 aggregate.window ? "a count window does not look at times: nothing is late for it"
                                  : "without a window nothing is late",
                 "remove allowed_lateness");
}

void ReadOutputKey(const YamlNode& node, AggregateModel& aggregate, Findings& findings) {
  const YamlNode* key = node.Find("output_key");
  if (key == nullptr || key->text == "plain") return;
  aggregate.output_key =
      key->text == "windowed_json" ? OutputKey::kWindowedJson : OutputKey::kWindowedBinary;
  if (aggregate.window && HasBounds(*aggregate.window)) return;
  aggregate.output_key = OutputKey::kPlain;
  if (!aggregate.window && node.Find("window") != nullptr) return;
  findings.Error("SS2005", key->position,
                 aggregate.window ? "a count window has no bounds to put into a key"
                                  : "without a window there is none to put into a key",
                 "remove output_key");
}

}  // namespace

void ReadWindow(const YamlNode& node, AggregateModel& aggregate, Findings& findings) {
  if (const YamlNode* window = node.Find("window")) {
    aggregate.window = WindowReader(*window, findings).Read();
  }
  ReadEmit(node, aggregate);
  ReadLateness(node, aggregate, findings);
  ReadOutputKey(node, aggregate, findings);
}

}  // namespace sidestream::topology
