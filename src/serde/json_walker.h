// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One walk over the tokens of a JSON text: values are made or skipped as the caller says,
// and the grammar is checked in both cases.
//
// Functions that return bool return false after the first error, which is then in
// error(); the walk is over.
//
// Threading: confined to one thread; buffers are kept between texts.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/field_tree.h"
#include "serde/json_index.h"
#include "serde/value.h"

namespace sidestream::serde {

class JsonWalker {
 public:
  /// Stands before the first token of `text`. Both are borrowed until Finish; what the walk
  /// makes points into them.
  bool Start(std::string_view text, Arena& arena);
  /// Fails when something follows the value.
  bool Finish();

  /// First byte of the token ahead; 0 at the end.
  char Head() const { return token_ == end_ ? '\0' : text_[*token_]; }

  /// Makes the value ahead. `types` may be null: no types are given here and below.
  bool ParseValue(const FieldNode* types, Value& value);
  /// Steps over the value ahead.
  bool SkipValue() {
    const char head = Head();
    if (head != '"') return SkipOther(head);
    std::string_view text;
    return ParseString(text);
  }
  /// The same, and gives its text; Null for null.
  bool TakeText(Value& value) {
    const char* const begin = text_.data() + *token_;
    if (Head() == 'n') return ParseScalar(value);
    if (!SkipValue()) return false;
    value = Value::Json(Trimmed({begin, static_cast<size_t>(text_.data() + *token_ - begin)}));
    return true;
  }

  /// Steps into the map ahead. `more` is false when it is empty; then it is over.
  bool EnterMap(bool& more) { return Enter('}', more); }
  /// The key ahead and its colon.
  bool ParseKey(std::string_view& key) {
    if (Head() != '"') [[unlikely]]
      return Fail("a key in quotes expected");
    if (!ParseString(key)) [[unlikely]]
      return false;
    if (Head() != ':') [[unlikely]]
      return Fail("':' expected");
    ++token_;
    return true;
  }
  /// Behind an entry: the comma, or the end of the map.
  bool NextEntry(bool& more) { return Next('}', "',' or '}' expected", more); }

  const Status& error() const { return error_; }

 private:
  bool Fail(std::string_view reason) { return FailAt(reason, *token_); }
  bool FailAt(std::string_view reason, size_t position);

  bool Enter(char close, bool& more) {
    if (++depth_ > kMaxDepth) [[unlikely]]
      return Fail("nested too deep (limit 500)");
    ++token_;
    more = Head() != close;
    if (!more) {
      ++token_;
      --depth_;
    }
    return true;
  }

  bool Next(char close, std::string_view expected, bool& more) {
    const char head = Head();
    more = head == ',';
    if (!more) {
      if (head != close) [[unlikely]]
        return Fail(expected);
      --depth_;
    }
    ++token_;
    return true;
  }

  // The token ahead without the white space behind it.
  std::string_view Token() const {
    return Trimmed({text_.data() + token_[0], token_[1] - token_[0]});
  }

  static std::string_view Trimmed(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
    // Mostly there are none.
    while (!text.empty() && text.back() <= ' ' && is_space(text.back())) text.remove_suffix(1);
    return text;
  }

  bool ParseString(std::string_view& text) {
    const std::string_view token = Token();
    if (token.size() < 2 || token.back() != '"') [[unlikely]] {
      return Fail("a string with text behind it");
    }
    text = {token.data() + 1, token.size() - 2};
    if (has_escapes_ && !Unescape(text)) return false;
    ++token_;
    return true;
  }

  bool Unescape(std::string_view& text);
  bool ParseScalar(Value& value);
  bool ParseDecimal(Value& value);
  bool ParseMap(const FieldNode* types, Value& value);
  bool ParseList(const FieldNode* types, Value& value);
  // What is no string.
  bool SkipOther(char head);
  bool SkipMap();
  bool SkipList();

  JsonIndex index_;
  std::string_view text_;
  Arena* arena_ = nullptr;
  const uint32_t* token_ = nullptr;
  const uint32_t* end_ = nullptr;
  int depth_ = 0;
  // A backslash stands somewhere in the text. Most texts have none.
  bool has_escapes_ = false;
  Status error_;
  // Entries and elements of the containers that are open, innermost last.
  std::vector<MapEntry> entries_;
  std::vector<Value> elements_;
  std::vector<uint32_t> order_;
};

}  // namespace sidestream::serde
