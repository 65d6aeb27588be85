// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "expression/time_arithmetic.h"

namespace sidestream::expression {
namespace {

// A day of a POSIX rule: "Mm.w.d", with the second of that day (which may be negative).
struct RuleDay {
  int month = 1;
  int week = 1;      // 5 is the last
  int week_day = 0;  // 0 is Sunday
  int64_t second = 7200;
};

// What holds behind the last transition of the file: "CET-1CEST,M3.5.0,M10.5.0/3".
struct Rule {
  int64_t standard = 0;
  int64_t summer = 0;
  bool has_summer = false;
  RuleDay begin;
  RuleDay end;
};

class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : rest_(text) {}

  std::optional<Rule> Parse() {
    Rule rule;
    int64_t west = 0;
    if (!Name() || !Time(west)) return std::nullopt;
    rule.standard = -west;
    if (rest_.empty()) return rule;
    if (!Name()) return std::nullopt;
    rule.has_summer = true;
    rule.summer = rule.standard + 3600;
    if (!rest_.empty() && rest_[0] != ',') {
      if (!Time(west)) return std::nullopt;
      rule.summer = -west;
    }
    if (!Day(rule.begin) || !Day(rule.end) || !rest_.empty()) return std::nullopt;
    return rule;
  }

 private:
  bool Take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool Name() {
    if (Take('<')) {
      const size_t close = rest_.find('>');
      if (close == std::string_view::npos) return false;
      rest_.remove_prefix(close + 1);
      return true;
    }
    size_t length = 0;
    while (length < rest_.size() &&
           ((rest_[length] | 0x20) >= 'a' && (rest_[length] | 0x20) <= 'z'))
      ++length;
    rest_.remove_prefix(length);
    return length >= 3;
  }
  bool Number(int64_t& out) {
    size_t length = 0;
    out = 0;
    while (length < rest_.size() && length < 4 && rest_[length] >= '0' && rest_[length] <= '9') {
      out = out * 10 + (rest_[length++] - '0');
    }
    rest_.remove_prefix(length);
    return length > 0;
  }
  bool Time(int64_t& out) {
    const bool negative = Take('-');
    if (!negative) Take('+');
    int64_t part = 0;
    if (!Number(part)) return false;
    out = part * 3600;
    for (const int64_t unit : {60, 1}) {
      if (!Take(':')) break;
      if (!Number(part)) return false;
      out += part * unit;
    }
    if (negative) out = -out;
    return true;
  }
  // Only the form with month, week and day is in use.
  bool Day(RuleDay& out) {
    int64_t month = 0;
    int64_t week = 0;
    int64_t day = 0;
    if (!Take(',') || !Take('M') || !Number(month) || !Take('.') || !Number(week) || !Take('.') ||
        !Number(day)) {
      return false;
    }
    if (month < 1 || month > 12 || week < 1 || week > 5 || day > 6) return false;
    out = {static_cast<int>(month), static_cast<int>(week), static_cast<int>(day), 7200};
    return !Take('/') || Time(out.second);
  }

  std::string_view rest_;
};

// Seconds since the epoch, without any offset, at which the rule's day says so in `year`.
int64_t LocalSecond(const RuleDay& day, int64_t year) {
  const int64_t first = DaysFromCivil(year, day.month, 1);
  const int64_t first_week_day = ((first + 4) % 7 + 7) % 7;
  int64_t date = first + (day.week_day - first_week_day + 7) % 7 + (day.week - 1) * 7;
  const int64_t next_month =
      day.month == 12 ? DaysFromCivil(year + 1, 1, 1) : DaysFromCivil(year, day.month + 1, 1);
  if (date >= next_month) date -= 7;
  return date * 86'400 + day.second;
}

int64_t RuleOffset(const Rule& rule, int64_t at) {
  if (!rule.has_summer) return rule.standard;
  const int64_t year = CivilFromSeconds(at + rule.standard).year;
  const int64_t begin = LocalSecond(rule.begin, year) - rule.standard;
  const int64_t end = LocalSecond(rule.end, year) - rule.summer;
  // South of the equator summer goes over the new year.
  const bool summer = begin < end ? at >= begin && at < end : at >= begin || at < end;
  return summer ? rule.summer : rule.standard;
}

struct Zone {
  std::vector<int64_t> transitions;
  std::vector<int64_t> offsets;  // from each transition on
  int64_t first_offset = 0;
  std::optional<Rule> rule;

  int64_t OffsetAt(int64_t at) const {
    const auto next = std::upper_bound(transitions.begin(), transitions.end(), at);
    if (next == transitions.end() && rule) return RuleOffset(*rule, at);
    if (next == transitions.begin()) return first_offset;
    return offsets[static_cast<size_t>(next - transitions.begin()) - 1];
  }
};

// Header of a block: counts in the order of the file (RFC 8536, 3.1).
struct Counts {
  char version = 0;
  uint32_t is_ut = 0, is_std = 0, leap = 0, time = 0, type = 0, chars = 0;
};

bool ReadCounts(ByteReader& reader, Counts& out) {
  if (reader.Raw(4) != "TZif") return false;
  out.version = static_cast<char>(reader.U8());
  reader.Raw(15);
  for (uint32_t* count : {&out.is_ut, &out.is_std, &out.leap, &out.time, &out.type, &out.chars}) {
    *count = reader.U32();
    if (*count > 100'000) return false;
  }
  return reader.ok();
}

std::shared_ptr<const Zone> ParseZone(std::string_view bytes) {
  ByteReader reader(bytes);
  Counts counts;
  if (!ReadCounts(reader, counts) || counts.version < '2') return nullptr;
  // The first block has 32-bit times; the second says the same with 64 bits.
  reader.Raw(counts.time * 5 + counts.type * 6 + counts.chars + counts.leap * 8 + counts.is_std +
             counts.is_ut);
  if (!ReadCounts(reader, counts) || counts.type == 0) return nullptr;
  auto zone = std::make_shared<Zone>();
  for (uint32_t i = 0; i < counts.time; ++i)
    zone->transitions.push_back(static_cast<int64_t>(reader.U64()));
  const std::string_view types = reader.Raw(counts.time);
  std::vector<int64_t> type_offsets;
  for (uint32_t i = 0; i < counts.type; ++i) {
    type_offsets.push_back(static_cast<int32_t>(reader.U32()));
    reader.Raw(2);
  }
  reader.Raw(counts.chars + counts.leap * 12 + counts.is_std + counts.is_ut);
  if (!reader.ok()) return nullptr;
  for (const char type : types) {
    if (static_cast<unsigned char>(type) >= type_offsets.size()) return nullptr;
    zone->offsets.push_back(type_offsets[static_cast<unsigned char>(type)]);
  }
  zone->first_offset = type_offsets[0];
  std::string_view footer = reader.rest();
  if (footer.size() >= 2 && footer.front() == '\n') {
    footer.remove_prefix(1);
    zone->rule = RuleParser(footer.substr(0, footer.find('\n'))).Parse();
  }
  return zone;
}

// A name is a path below the database and nothing else.
bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name[0] == '/' ||
      name.find("..") != std::string_view::npos)
    return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
           c == '_' || c == '-' || c == '+';
  });
}

std::shared_ptr<const Zone> LoadZone(const std::string& name) {
  const char* directory = std::getenv("TZDIR");
  std::ifstream file(
      std::string(directory == nullptr ? "/usr/share/zoneinfo" : directory) + "/" + name,
      std::ios::binary);
  if (!file) return nullptr;
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return ParseZone(bytes);
}

std::shared_ptr<const Zone> FindZone(const std::string& name) {
  static std::mutex mutex;
  static std::map<std::string, std::shared_ptr<const Zone>> zones;
  const std::lock_guard lock(mutex);
  const auto found = zones.find(name);
  if (found != zones.end()) return found->second;
  std::shared_ptr<const Zone> zone = LoadZone(name);
  // Unknown names come from data and are not kept: they have no bound.
  if (zone) zones.emplace(name, zone);
  return zone;
}

std::optional<int64_t> FixedOffset(std::string_view zone) {
  int64_t sign = 1;
  if (!zone.empty() && (zone[0] == '+' || zone[0] == '-')) {
    sign = zone[0] == '-' ? -1 : 1;
    zone.remove_prefix(1);
  }
  const auto digit = [&](size_t i) { return zone[i] >= '0' && zone[i] <= '9'; };
  if (zone.size() != 5 || zone[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4))
    return std::nullopt;
  const int64_t hours = (zone[0] - '0') * 10 + (zone[1] - '0');
  const int64_t minutes = (zone[3] - '0') * 10 + (zone[4] - '0');
  if (hours > 23 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

}  // namespace

std::optional<int64_t> ZoneOffsetSeconds(std::string_view zone, int64_t epoch_seconds) {
  if (zone == "UTC" || zone == "Z") return 0;
  if (const std::optional<int64_t> fixed = FixedOffset(zone)) return fixed;
  if (!IsZoneName(zone)) return std::nullopt;
  const std::shared_ptr<const Zone> known = FindZone(std::string(zone));
  if (!known) return std::nullopt;
  return known->OffsetAt(epoch_seconds);
}

}  // namespace sidestream::expression
