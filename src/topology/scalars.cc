// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Scalars: the core schema of YAML 1.2, decimal only.

#include "topology/scalars.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <sstream>
#include <utility>

namespace sidestream::topology {
namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<int64_t> TakeDigits(std::string_view& text) {
  size_t end = 0;
  while (end < text.size() && IsDigit(text[end])) ++end;
  if (end == 0) return std::nullopt;
  int64_t number = 0;
  const auto [_, error] = std::from_chars(text.data(), text.data() + end, number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(end);
  return number;
}

/// A JSON-like float: digits with a fraction or an exponent.
std::optional<double> ParseFloat(std::string_view text) {
  std::string_view rest = text;
  if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
  if (rest.empty() || !(IsDigit(rest.front()) || rest.front() == '.')) return std::nullopt;
  if (rest.find_first_of(".eE") == std::string_view::npos) return std::nullopt;
  if (rest.find_first_not_of("0123456789.eE+-") != std::string_view::npos) return std::nullopt;
  if (text.front() == '+') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

constexpr size_t kFileBytes = 16U << 20U;

Result<std::string> ReadAll(std::istream& stream, const std::string& path) {
  std::string text;
  std::array<char, 65536> buffer;
  while (stream.read(buffer.data(), buffer.size()), stream.gcount() > 0) {
    text.append(buffer.data(), static_cast<size_t>(stream.gcount()));
    if (text.size() > kFileBytes) {
      return Status::InvalidConfig(fmt::format("{} has more than {} bytes", path, kFileBytes));
    }
  }
  if (stream.bad()) return Status::InvalidConfig(fmt::format("cannot read {}", path));
  return text;
}

Result<std::string> ResolveEnvironment(std::string_view body, const Surroundings& surroundings) {
  const size_t colon = body.find(':');
  const std::string name(body.substr(0, colon));
  if (name.empty()) return Status::InvalidConfig("${env:} names no variable");
  const std::optional<std::string> value = surroundings.Variable(name);
  const std::string_view rest =
      colon == std::string_view::npos ? std::string_view() : body.substr(colon + 1);
  if (colon == std::string_view::npos) {
    if (value) return *value;
    return Status::InvalidConfig(fmt::format("the environment variable {} is not set", name));
  }
  // As in a shell: with the colon an empty variable counts as unset.
  const bool there = value.has_value() && !value->empty();
  if (rest.starts_with('-')) return there ? *value : std::string(rest.substr(1));
  if (rest.starts_with('?')) {
    if (there) return *value;
    return Status::InvalidConfig(
        fmt::format("the environment variable {} is not set: {}", name, rest.substr(1)));
  }
  return Status::InvalidConfig(
      fmt::format("${{env:{}}}: behind the name stands :-default or :?message", body));
}

Result<std::string> ResolveOne(std::string_view body, const Surroundings& surroundings) {
  if (body.starts_with("env:")) return ResolveEnvironment(body.substr(4), surroundings);
  if (body.starts_with("file:")) {
    ASSIGN_OR_RETURN(std::string text, surroundings.ReadFile(std::string(body.substr(5))));
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
  }
  return Status::InvalidConfig(fmt::format(
      "${{{}}} is not ${{env:NAME}} or ${{file:/path}}; write $$ for a dollar sign", body));
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Milliseconds> ParseDuration(std::string_view text) {
  static constexpr std::array<Unit, 5> kUnits = {
      {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
  int64_t total = 0;
  size_t next_unit = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const std::optional<int64_t> number = TakeDigits(text);
    if (!number) return std::nullopt;
    size_t length = 0;
    while (length < text.size() && !IsDigit(text[length])) ++length;
    const std::string_view name = text.substr(0, length);
    text.remove_prefix(length);
    while (next_unit < kUnits.size() && kUnits[next_unit].name != name) ++next_unit;
    if (next_unit == kUnits.size()) return std::nullopt;
    int64_t part = 0;
    if (__builtin_mul_overflow(*number, kUnits[next_unit].factor, &part) ||
        __builtin_add_overflow(total, part, &total)) {
      return std::nullopt;
    }
    ++next_unit;
  }
  return Milliseconds(total);
}

std::optional<CalendarSpan> ParseCalendarSpan(std::string_view text) {
  if (const auto duration = ParseDuration(text)) return CalendarSpan{*duration, 0};
  const auto count = TakeDigits(text);
  if (!count || *count < 1 || *count > 1200) return std::nullopt;
  if (text == "mo") return CalendarSpan{Milliseconds(0), static_cast<int32_t>(*count)};
  if (text == "y" && *count <= 100) {
    return CalendarSpan{Milliseconds(0), static_cast<int32_t>(*count) * 12};
  }
  return std::nullopt;
}

std::string DurationText(Milliseconds duration) {
  constexpr std::pair<std::string_view, int64_t> kUnits[] = {
      {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
  std::string text;
  int64_t rest = duration.count();
  for (const auto& [unit, millis] : kUnits) {
    if (rest >= millis) text += fmt::format("{}{}", rest / millis, unit);
    rest %= millis;
  }
  return text.empty() ? "0s" : text;
}

std::optional<int64_t> ParseSize(std::string_view text) {
  static constexpr std::array<Unit, 10> kUnits = {{{"", 1},
                                                   {"B", 1},
                                                   {"KiB", int64_t{1} << 10},
                                                   {"MiB", int64_t{1} << 20},
                                                   {"GiB", int64_t{1} << 30},
                                                   {"TiB", int64_t{1} << 40},
                                                   {"KB", 1'000},
                                                   {"MB", 1'000'000},
                                                   {"GB", 1'000'000'000},
                                                   {"TB", 1'000'000'000'000}}};
  const std::optional<int64_t> number = TakeDigits(text);
  if (!number) return std::nullopt;
  for (const Unit& unit : kUnits) {
    int64_t size = 0;
    if (unit.name == text) {
      if (__builtin_mul_overflow(*number, unit.factor, &size)) return std::nullopt;
      return size;
    }
  }
  return std::nullopt;
}

std::optional<std::string> ProcessSurroundings::Variable(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

Result<std::string> ProcessSurroundings::ReadFile(const std::string& path) const {
  if (path == "-") return ReadAll(std::cin, "standard input");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Status::InvalidConfig(fmt::format("cannot open {}", path));
  return ReadAll(stream, path);
}

Result<ResolvedText> ResolveReferences(std::string_view text, const Surroundings& surroundings) {
  ResolvedText resolved;
  const std::string_view whole = text;
  size_t parts = 0;
  bool only_reference = false;
  while (!text.empty()) {
    ++parts;
    const size_t dollar = text.find('$');
    if (dollar != 0) {
      resolved.text += text.substr(0, dollar);
      text.remove_prefix(std::min(dollar, text.size()));
    } else if (text.starts_with("$$")) {
      resolved.text += '$';
      text.remove_prefix(2);
    } else if (text.starts_with("${")) {
      const size_t end = text.find('}');
      if (end == std::string_view::npos) {
        return Status::InvalidConfig(fmt::format("'{}': ${{ without }}", whole));
      }
      ASSIGN_OR_RETURN(const std::string value, ResolveOne(text.substr(2, end - 2), surroundings));
      resolved.text += value;
      resolved.from_file = resolved.from_file || text.starts_with("${file:");
      only_reference = true;
      text.remove_prefix(end + 1);
    } else {
      resolved.text += '$';
      text.remove_prefix(1);
    }
  }
  resolved.reference = parts == 1 && only_reference;
  return resolved;
}

serde::Value ToValue(const YamlNode& node, Arena& arena) {
  using serde::Value;
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return Value::Null();
    case YamlNode::Kind::kList: {
      const std::span<Value> items = arena.NewArray<Value>(node.items.size());
      for (size_t i = 0; i < items.size(); ++i) items[i] = ToValue(node.items[i], arena);
      return Value::List(items);
    }
    case YamlNode::Kind::kMap: {
      const auto entries = arena.NewArray<serde::MapEntry>(node.entries.size());
      for (size_t i = 0; i < entries.size(); ++i) {
        entries[i].key = Value::String(arena.Copy(node.entries[i].key));
        entries[i].value = ToValue(node.entries[i].value, arena);
      }
      return Value::Map(entries);
    }
    case YamlNode::Kind::kScalar:
      break;
  }
  if (!node.quoted || node.reference) {
    if (node.text == "true" || node.text == "false") return Value::Bool(node.text == "true");
    if (node.text == "null" || node.text == "~") return Value::Null();
    const std::string_view digits =
        std::string_view(node.text).substr(node.text.starts_with('-') ? 1 : 0);
    // 0123 stays a text: most often it is a code, and octal elsewhere.
    const bool leading_zero = digits.size() > 1 && digits[0] == '0' && IsDigit(digits[1]);
    if (!leading_zero) {
      if (const auto integer = ParseInteger(node.text)) return Value::Int(*integer);
      if (const auto number = ParseFloat(node.text)) return Value::Double(*number);
    }
  }
  return Value::String(arena.Copy(node.text));
}

}  // namespace sidestream::topology
