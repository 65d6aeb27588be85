// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Cuts a CEL text into tokens; literals are decoded here.
//
// Place in the flow: the parser asks for one token after the other. A text that is no
// token gives kError with the message in `text`; asking on gives the same again.
//
// Threading: confined to one thread; borrows the text.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "expression/program.h"

namespace sidestream::expression {

enum class TokenKind : uint8_t {
  kEnd,
  kError,
  kIdent,        // also reserved words: the parser knows where they may stand
  kQuotedIdent,  // `a-b`, as a field only
  kInt,          // `number`: the magnitude, at most 2^63
  kUint,
  kDouble,
  kString,
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kDot,
  kComma,
  kColon,
  kQuestion,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kNot,
  kMinus,
  kPlus,
  kStar,
  kSlash,
  kPercent,
  kAnd,
  kOr,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  SourcePosition position;
  std::string_view raw;  // as written
  std::string text;      // name, decoded string or bytes, message of kError
  uint64_t number = 0;   // kInt, kUint
  double real = 0;       // kDouble
};

class Lexer {
 public:
  /// `text` is borrowed and must outlive the lexer and its tokens.
  explicit Lexer(std::string_view text);
  Token Next();

 private:
  char Peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool AtEnd() const { return at_ >= text_.size(); }
  void Advance(size_t bytes);
  void SkipBlanksAndComments();
  Token Scan();
  Token Number(Token token);
  Token Name(Token token);
  Token QuotedName(Token token);
  Token StringLiteral(Token token, bool raw, bool bytes);
  bool Escape(bool bytes, std::string& out, std::string& error);
  Token Fail(Token token, std::string message);

  std::string_view text_;
  size_t at_ = 0;
  SourcePosition position_;
  bool failed_ = false;
  Token failure_;
};

/// Words that CEL keeps for host languages: no variable may have such a name.
bool IsReservedWord(std::string_view name);

}  // namespace sidestream::expression
