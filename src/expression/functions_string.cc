// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Text: CEL's own functions and the strings extension. Positions count code points.

#include <algorithm>
#include <string>
#include <vector>

#include "expression/function.h"
#include "expression/text.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

bool IsString(const Value& value) { return value.kind() == Kind::kString; }
bool IsInt(const Value& value) { return value.kind() == Kind::kInt; }

Outcome Finish(Evaluation& evaluation, std::string_view text, Value& out) {
  return evaluation.MakeString(text, out) ? Outcome::kOk : Outcome::kFailed;
}

Outcome FinishList(Evaluation& evaluation, const std::vector<std::string_view>& pieces,
                   Value& out) {
  std::span<Value> items;
  if (!evaluation.NewValues(pieces.size(), items)) return Outcome::kFailed;
  for (size_t i = 0; i < pieces.size(); ++i) items[i] = Value::String(pieces[i]);
  out = Value::List(items);
  return Outcome::kOk;
}

Outcome OutOfRange(Evaluation& evaluation, int64_t index) {
  evaluation.Fail("index is out of range: " + std::to_string(index));
  return Outcome::kFailed;
}

// Byte offset of a position, or npos.
size_t Position(std::string_view text, int64_t index) {
  return index < 0 ? std::string_view::npos : ByteOffset(text, static_cast<size_t>(index));
}

Outcome Contains(Evaluation&, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1])) return Outcome::kNoOverload;
  out = Value::Bool(a[0].string_value().find(a[1].string_value()) != std::string_view::npos);
  return Outcome::kOk;
}

Outcome StartsWith(Evaluation&, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1])) return Outcome::kNoOverload;
  out = Value::Bool(a[0].string_value().starts_with(a[1].string_value()));
  return Outcome::kOk;
}

Outcome EndsWith(Evaluation&, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1])) return Outcome::kNoOverload;
  out = Value::Bool(a[0].string_value().ends_with(a[1].string_value()));
  return Outcome::kOk;
}

Outcome CharAt(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsInt(a[1])) return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  const size_t at = Position(text, a[1].int_value());
  if (at == std::string_view::npos) return OutOfRange(evaluation, a[1].int_value());
  out = Value::String(at == text.size() ? std::string_view("")
                                        : text.substr(at, CodePointLength(text[at])));
  return Outcome::kOk;
}

Outcome IndexOf(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1]) || (a.size() == 3 && !IsInt(a[2])))
    return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  const int64_t start = a.size() == 3 ? a[2].int_value() : 0;
  const size_t from = Position(text, start);
  if (from == std::string_view::npos) return OutOfRange(evaluation, start);
  const size_t found = text.find(a[1].string_value(), from);
  out = Value::Int(found == std::string_view::npos
                       ? -1
                       : static_cast<int64_t>(CodePointCount(text.substr(0, found))));
  return Outcome::kOk;
}

Outcome LastIndexOf(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1]) || (a.size() == 3 && !IsInt(a[2])))
    return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  size_t from = std::string_view::npos;
  if (a.size() == 3) {
    from = Position(text, a[2].int_value());
    if (from == std::string_view::npos) return OutOfRange(evaluation, a[2].int_value());
  }
  const size_t found = text.rfind(a[1].string_value(), from);
  out = Value::Int(found == std::string_view::npos
                       ? -1
                       : static_cast<int64_t>(CodePointCount(text.substr(0, found))));
  return Outcome::kOk;
}

Outcome Join(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kList || (a.size() == 2 && !IsString(a[1]))) return Outcome::kNoOverload;
  const std::string_view separator = a.size() == 2 ? a[1].string_value() : std::string_view("");
  size_t size = 0;
  for (const Value& item : a[0].list()) {
    if (!IsString(item)) {
      evaluation.Fail("join() needs a list of strings, found " + KindText(item));
      return Outcome::kFailed;
    }
    size += item.string_value().size() + separator.size();
  }
  if (!evaluation.Reserve(size)) return Outcome::kFailed;
  std::string joined;
  joined.reserve(size);
  for (size_t i = 0; i < a[0].list().size(); ++i) {
    if (i > 0) joined += separator;
    joined += a[0].list()[i].string_value();
  }
  return Finish(evaluation, joined, out);
}

template <char kFirst, char kLast, int kShift>
Outcome MapAscii(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0])) return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  std::span<char> mapped;
  if (!evaluation.NewText(text.size(), mapped)) return Outcome::kFailed;
  std::transform(text.begin(), text.end(), mapped.begin(), [](char c) {
    return c >= kFirst && c <= kLast ? static_cast<char>(c + kShift) : c;
  });
  out = Value::String({mapped.data(), mapped.size()});
  return Outcome::kOk;
}

Outcome Replace(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1]) || !IsString(a[2]) || (a.size() == 4 && !IsInt(a[3]))) {
    return Outcome::kNoOverload;
  }
  const std::string_view text = a[0].string_value();
  const std::string_view old = a[1].string_value();
  const std::string_view fresh = a[2].string_value();
  int64_t left = a.size() == 4 ? a[3].int_value() : -1;
  std::string replaced;
  size_t at = 0;
  // An empty text stands before every code point and at the end.
  while (left != 0) {
    const size_t found = text.find(old, at);
    if (found == std::string_view::npos) break;
    replaced.append(text.substr(at, found - at));
    replaced.append(fresh);
    if (replaced.size() > static_cast<size_t>(Evaluation::kMaxBytes)) break;
    at = found + old.size();
    --left;
    if (!old.empty()) continue;
    if (at >= text.size()) break;
    const size_t step = CodePointLength(text[at]);
    replaced.append(text.substr(at, step));
    at += step;
  }
  replaced.append(text.substr(at));
  return Finish(evaluation, replaced, out);
}

Outcome Split(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsString(a[1]) || (a.size() == 3 && !IsInt(a[2])))
    return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  const std::string_view separator = a[1].string_value();
  const int64_t limit = a.size() == 3 ? a[2].int_value() : -1;
  std::vector<std::string_view> pieces;
  if (limit == 0) return FinishList(evaluation, pieces, out);
  const auto full = [&] { return limit > 0 && static_cast<int64_t>(pieces.size()) == limit - 1; };
  size_t at = 0;
  if (separator.empty()) {
    while (at < text.size() && !full()) {
      pieces.push_back(text.substr(at, CodePointLength(text[at])));
      at += pieces.back().size();
    }
    if (at < text.size()) pieces.push_back(text.substr(at));
    return FinishList(evaluation, pieces, out);
  }
  while (!full()) {
    const size_t found = text.find(separator, at);
    if (found == std::string_view::npos) break;
    pieces.push_back(text.substr(at, found - at));
    at = found + separator.size();
  }
  pieces.push_back(text.substr(at));
  return FinishList(evaluation, pieces, out);
}

Outcome Substring(Evaluation& evaluation, Arguments a, Value& out) {
  if (!IsString(a[0]) || !IsInt(a[1]) || (a.size() == 3 && !IsInt(a[2])))
    return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  const size_t begin = Position(text, a[1].int_value());
  if (begin == std::string_view::npos) return OutOfRange(evaluation, a[1].int_value());
  size_t end = text.size();
  if (a.size() == 3) {
    end = Position(text, a[2].int_value());
    if (end == std::string_view::npos || end < begin)
      return OutOfRange(evaluation, a[2].int_value());
  }
  out = Value::String(text.substr(begin, end - begin));
  return Outcome::kOk;
}

// White space of Unicode, as the strings extension trims it.
bool IsSpace(std::string_view c) {
  static constexpr std::string_view kWide[] = {
      "\xC2\x85",     "\xC2\xA0",     "\xE1\x9A\x80", "\xE2\x80\x80", "\xE2\x80\x81",
      "\xE2\x80\x82", "\xE2\x80\x83", "\xE2\x80\x84", "\xE2\x80\x85", "\xE2\x80\x86",
      "\xE2\x80\x87", "\xE2\x80\x88", "\xE2\x80\x89", "\xE2\x80\x8A", "\xE2\x80\xA8",
      "\xE2\x80\xA9", "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"};
  if (c.size() == 1) return c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r');
  return std::find(std::begin(kWide), std::end(kWide), c) != std::end(kWide);
}

Outcome Trim(Evaluation&, Arguments a, Value& out) {
  if (!IsString(a[0])) return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  size_t begin = text.size();
  size_t end = text.size();
  for (size_t at = 0; at < text.size();) {
    const std::string_view c = text.substr(at, CodePointLength(text[at]));
    if (!IsSpace(c)) {
      if (begin == text.size()) begin = at;
      end = at + c.size();
    }
    at += c.size();
  }
  out = Value::String(text.substr(begin, end - begin));
  return Outcome::kOk;
}

// Of a text or, in the lists extension, of a list.
Outcome Reverse(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() == Kind::kList) {
    std::span<Value> items;
    if (!evaluation.NewValues(a[0].list().size(), items)) return Outcome::kFailed;
    std::reverse_copy(a[0].list().begin(), a[0].list().end(), items.begin());
    out = Value::List(items);
    return Outcome::kOk;
  }
  if (!IsString(a[0])) return Outcome::kNoOverload;
  const std::string_view text = a[0].string_value();
  std::string reversed(text.size(), '\0');
  size_t to = text.size();
  for (size_t at = 0; at < text.size();) {
    const std::string_view c = text.substr(at, CodePointLength(text[at]));
    to -= c.size();
    std::copy(c.begin(), c.end(), reversed.begin() + static_cast<ptrdiff_t>(to));
    at += c.size();
  }
  return Finish(evaluation, reversed, out);
}

Outcome Quote(Evaluation& evaluation, Arguments a, Value& out) {
  static constexpr std::string_view kSpecial = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kLetters = "abfnrtv\\\"";
  if (!IsString(a[0])) return Outcome::kNoOverload;
  std::string quoted = "\"";
  for (const char c : a[0].string_value()) {
    const size_t special = kSpecial.find(c);
    if (special == std::string_view::npos) {
      quoted += c;
    } else {
      quoted += '\\';
      quoted += kLetters[special];
    }
  }
  return Finish(evaluation, quoted + '"', out);
}

constexpr Function kFunctions[] = {
    {"contains", CallStyle::kMember, "string, string -> bool", Contains},
    Counted({"startsWith", CallStyle::kMember, "string, string -> bool", StartsWith}),
    Counted({"endsWith", CallStyle::kMember, "string, string -> bool", EndsWith}),
    {"charAt", CallStyle::kMember, "string, int -> string", CharAt},
    {"indexOf", CallStyle::kMember, "string, string -> int | string, string, int -> int", IndexOf},
    {"lastIndexOf", CallStyle::kMember, "string, string -> int | string, string, int -> int",
     LastIndexOf},
    {"join", CallStyle::kMember, "list<string> -> string | list<string>, string -> string", Join},
    {"lowerAscii", CallStyle::kMember, "string -> string", MapAscii<'A', 'Z', 32>},
    {"upperAscii", CallStyle::kMember, "string -> string", MapAscii<'a', 'z', -32>},
    {"replace", CallStyle::kMember,
     "string, string, string -> string | string, string, string, int -> string", Replace},
    {"split", CallStyle::kMember,
     "string, string -> list<string> | string, string, int -> list<string>", Split},
    {"substring", CallStyle::kMember, "string, int -> string | string, int, int -> string",
     Substring},
    {"trim", CallStyle::kMember, "string -> string", Trim},
    {"reverse", CallStyle::kMember, "string -> string | list<A> -> list<A>", Reverse},
    {"strings.quote", CallStyle::kGlobal, "string -> string", Quote},
};

}  // namespace

std::span<const Function> StringFunctions() { return kFunctions; }

}  // namespace sidestream::expression
