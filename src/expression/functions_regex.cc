// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// matches and the regex extension, plus regex.split, which cuts as Java's String.split
// does: word counts then agree with Kafka's own demo.

#include <vector>

#include "expression/function.h"
#include "expression/regex.h"
#include "expression/text.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

bool IsString(const Value& value) { return value.kind() == Kind::kString; }

// Where to look for the next match: behind an empty one by a whole code point.
size_t After(std::string_view text, const Regex::Match& match) {
  if (match.end > match.begin) return match.end;
  return match.end < text.size() ? match.end + CodePointLength(text[match.end]) : text.size() + 1;
}

bool MakeList(Evaluation& evaluation, const std::vector<std::string_view>& pieces, Value& out) {
  std::span<Value> items;
  if (!evaluation.NewValues(pieces.size(), items)) return false;
  for (size_t i = 0; i < pieces.size(); ++i) items[i] = Value::String(pieces[i]);
  out = Value::List(items);
  return true;
}

Outcome Matches(Evaluation&, const Regex& regex, Arguments arguments, Value& out) {
  if (!IsString(arguments[0])) return Outcome::kNoOverload;
  out = Value::Bool(regex.Occurs(arguments[0].string_value()));
  return Outcome::kOk;
}

Outcome Split(Evaluation& evaluation, const Regex& regex, Arguments arguments, Value& out) {
  if (!IsString(arguments[0])) return Outcome::kNoOverload;
  const std::string_view text = arguments[0].string_value();
  std::vector<std::string_view> pieces;
  size_t begin = 0;
  size_t from = 0;
  bool any = false;
  while (from <= text.size()) {
    const std::optional<Regex::Match> match = regex.Find(text, from);
    if (!match) break;
    from = After(text, *match);
    // An empty match at the start or the end cuts nothing off.
    if (match->end == 0 || (match->begin == match->end && match->begin == text.size())) continue;
    any = true;
    pieces.push_back(text.substr(begin, match->begin - begin));
    begin = match->end;
  }
  pieces.push_back(text.substr(begin));
  while (any && !pieces.empty() && pieces.back().empty()) pieces.pop_back();
  return MakeList(evaluation, pieces, out) ? Outcome::kOk : Outcome::kFailed;
}

bool CheckGroups(Evaluation& evaluation, const Regex& regex) {
  if (regex.groups() <= 1) return true;
  return evaluation.Fail("regex.extract takes a pattern with one group at most");
}

Outcome Extract(Evaluation& evaluation, const Regex& regex, Arguments arguments, Value& out) {
  if (!IsString(arguments[0])) return Outcome::kNoOverload;
  if (!CheckGroups(evaluation, regex)) return Outcome::kFailed;
  const std::optional<Regex::Match> match = regex.Find(arguments[0].string_value(), 0);
  out = match && match->has_captured
            ? Value::OptionalOf(Value::String(match->captured), evaluation.arena())
            : Value::OptionalNone();
  return Outcome::kOk;
}

Outcome ExtractAll(Evaluation& evaluation, const Regex& regex, Arguments arguments, Value& out) {
  if (!IsString(arguments[0])) return Outcome::kNoOverload;
  if (!CheckGroups(evaluation, regex)) return Outcome::kFailed;
  const std::string_view text = arguments[0].string_value();
  std::vector<std::string_view> found;
  for (size_t from = 0; from <= text.size();) {
    const std::optional<Regex::Match> match = regex.Find(text, from);
    if (!match) break;
    if (match->has_captured) found.push_back(match->captured);
    from = After(text, *match);
  }
  return MakeList(evaluation, found, out) ? Outcome::kOk : Outcome::kFailed;
}

Outcome Replace(Evaluation& evaluation, const Regex& regex, Arguments arguments, Value& out) {
  if (!IsString(arguments[0]) || !IsString(arguments[2])) return Outcome::kNoOverload;
  int64_t left = -1;
  if (arguments.size() == 4) {
    if (arguments[3].kind() != Kind::kInt) return Outcome::kNoOverload;
    left = arguments[3].int_value();
  }
  const std::string_view text = arguments[0].string_value();
  const std::string_view replacement = arguments[2].string_value();
  if (std::string error = regex.CheckReplacement(replacement); !error.empty()) {
    evaluation.Fail("regex.replace: " + error);
    return Outcome::kFailed;
  }
  std::string replaced;
  size_t copied = 0;
  for (size_t from = 0; from <= text.size() && left != 0; --left) {
    const std::optional<Regex::Match> match = regex.Find(text, from);
    if (!match) break;
    replaced.append(text.substr(copied, match->begin - copied));
    regex.AppendReplacement(text, from, replacement, replaced);
    if (replaced.size() > static_cast<size_t>(Evaluation::kMaxBytes)) break;
    copied = match->end;
    from = After(text, *match);
  }
  replaced.append(text.substr(copied));
  return evaluation.MakeString(replaced, out) ? Outcome::kOk : Outcome::kFailed;
}

constexpr Function kFunctions[] = {
    {"matches", CallStyle::kEither, "string, string -> bool", nullptr, true, 1, Matches},
    {"regex.split", CallStyle::kGlobal, "string, string -> list<string>", nullptr, true, 1, Split},
    {"regex.extract", CallStyle::kGlobal, "string, string -> optional<string>", nullptr, true, 1,
     Extract},
    {"regex.extractAll", CallStyle::kGlobal, "string, string -> list<string>", nullptr, true, 1,
     ExtractAll},
    {"regex.replace", CallStyle::kGlobal,
     "string, string, string -> string | string, string, string, int -> string", nullptr, true, 1,
     Replace},
};

}  // namespace

std::span<const Function> RegexFunctions() { return kFunctions; }

}  // namespace sidestream::expression
