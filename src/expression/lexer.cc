// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "expression/text.h"
#include "serde/json_text.h"

namespace sidestream::expression {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsOctal(char c) { return c >= '0' && c <= '7'; }

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

struct Punctuation {
  std::string_view text;
  TokenKind kind;
};

// Longer ones first: "<=" is not "<" and "=".
constexpr Punctuation kPunctuation[] = {
    {"&&", TokenKind::kAnd},          {"||", TokenKind::kOr},        {"<=", TokenKind::kLessEqual},
    {">=", TokenKind::kGreaterEqual}, {"==", TokenKind::kEqual},     {"!=", TokenKind::kNotEqual},
    {"<", TokenKind::kLess},          {">", TokenKind::kGreater},    {"!", TokenKind::kNot},
    {"-", TokenKind::kMinus},         {"+", TokenKind::kPlus},       {"*", TokenKind::kStar},
    {"/", TokenKind::kSlash},         {"%", TokenKind::kPercent},    {".", TokenKind::kDot},
    {",", TokenKind::kComma},         {":", TokenKind::kColon},      {"?", TokenKind::kQuestion},
    {"(", TokenKind::kLeftParen},     {")", TokenKind::kRightParen}, {"[", TokenKind::kLeftBracket},
    {"]", TokenKind::kRightBracket},  {"{", TokenKind::kLeftBrace},  {"}", TokenKind::kRightBrace},
};

constexpr std::string_view kReserved[] = {
    "as",  "break", "const",   "continue",  "else",   "for", "function", "if",   "import",
    "let", "loop",  "package", "namespace", "return", "var", "void",     "while"};

}  // namespace

bool IsReservedWord(std::string_view name) {
  return std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

Lexer::Lexer(std::string_view text) : text_(text) {
  if (!serde::IsUtf8(text)) Fail({}, "the expression is not valid UTF-8");
}

Token Lexer::Fail(Token token, std::string message) {
  token.kind = TokenKind::kError;
  token.text = std::move(message);
  failed_ = true;
  failure_ = token;
  return token;
}

void Lexer::Advance(size_t bytes) {
  for (const size_t end = std::min(text_.size(), at_ + bytes); at_ < end; ++at_) {
    if (text_[at_] == '\n') {
      ++position_.line;
      position_.column = 1;
    } else if ((static_cast<unsigned char>(text_[at_]) & 0xC0) != 0x80) {
      ++position_.column;
    }
  }
}

void Lexer::SkipBlanksAndComments() {
  while (!AtEnd()) {
    const char c = Peek();
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      Advance(1);
    } else if (c == '/' && Peek(1) == '/') {
      const size_t end = text_.find('\n', at_);
      Advance((end == std::string_view::npos ? text_.size() : end) - at_);
    } else {
      return;
    }
  }
}

Token Lexer::Next() {
  if (failed_) return failure_;
  SkipBlanksAndComments();
  const size_t start = at_;
  Token token = Scan();
  token.raw = text_.substr(start, at_ - start);
  return token;
}

Token Lexer::Scan() {
  Token token;
  token.position = position_;
  if (AtEnd()) return token;
  const char c = Peek();
  if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) return Number(std::move(token));
  if (c == '"' || c == '\'') return StringLiteral(std::move(token), false, false);
  if (IsLetter(c)) return Name(std::move(token));
  if (c == '`') return QuotedName(std::move(token));
  for (const Punctuation& p : kPunctuation) {
    if (!text_.substr(at_).starts_with(p.text)) continue;
    token.kind = p.kind;
    Advance(p.text.size());
    return token;
  }
  const std::string shown(text_.substr(at_, CodePointLength(c)));
  if (c == '=') return Fail(std::move(token), "'=' compares nothing: write '=='");
  if (c == '&' || c == '|') {
    return Fail(std::move(token),
                "'" + shown + "' is not an operator: write '" + shown + shown + "'");
  }
  return Fail(std::move(token), "unexpected character '" + shown + "'");
}

Token Lexer::Number(Token token) {
  const std::string_view rest = text_.substr(at_);
  size_t length = 0;
  int base = 10;
  bool real = false;
  const auto digits = [&] {
    while (length < rest.size() && IsDigit(rest[length])) ++length;
  };
  const auto at = [&](size_t i) { return i < rest.size() ? rest[i] : '\0'; };
  if (rest.starts_with("0x") && HexDigit(at(2)) >= 0) {
    base = 16;
    length = 2;
    while (HexDigit(at(length)) >= 0) ++length;
  } else {
    digits();
    if (at(length) == '.' && IsDigit(at(length + 1))) {
      real = true;
      ++length;
      digits();
    }
    if (at(length) == 'e' || at(length) == 'E') {
      const size_t sign = at(length + 1) == '+' || at(length + 1) == '-' ? 1 : 0;
      if (IsDigit(at(length + 1 + sign))) {
        real = true;
        length += 1 + sign;
        digits();
      }
    }
  }
  const std::string number(rest.substr(base == 16 ? 2 : 0, length - (base == 16 ? 2 : 0)));
  bool fits = true;
  if (real) {
    token.kind = TokenKind::kDouble;
    // strtod, because from_chars does not say whether a range error is 0 or infinity.
    token.real = std::strtod(number.c_str(), nullptr);
    fits = std::isfinite(token.real);
  } else {
    const auto end = number.data() + number.size();
    fits = std::from_chars(number.data(), end, token.number, base).ec == std::errc();
    token.kind = TokenKind::kInt;
    if (at(length) == 'u' || at(length) == 'U') {
      token.kind = TokenKind::kUint;
      ++length;
    } else if (token.number > uint64_t{1} << 63) {
      fits = false;
    }
  }
  if (!fits) return Fail(std::move(token), "number is out of range: " + number);
  if (IsLetter(at(length)))
    return Fail(std::move(token), "a number ends in a letter: " + number + at(length));
  Advance(length);
  return token;
}

Token Lexer::Name(Token token) {
  size_t length = 0;
  while (IsLetter(Peek(length)) || IsDigit(Peek(length))) ++length;
  const std::string_view name = text_.substr(at_, length);
  if (const char quote = Peek(length); (quote == '"' || quote == '\'') && length <= 2) {
    const char first = static_cast<char>(name[0] | 0x20);
    const bool bytes = first == 'b';
    const bool raw = length == 2 ? (name[1] | 0x20) == 'r' : first == 'r';
    if ((length == 1 && (bytes || raw)) || (length == 2 && bytes && raw)) {
      Advance(length);
      return StringLiteral(std::move(token), raw, bytes);
    }
  }
  Advance(length);
  token.text = std::string(name);
  token.kind = name == "true"    ? TokenKind::kTrue
               : name == "false" ? TokenKind::kFalse
               : name == "null"  ? TokenKind::kNull
               : name == "in"    ? TokenKind::kIn
                                 : TokenKind::kIdent;
  return token;
}

Token Lexer::QuotedName(Token token) {
  size_t length = 1;
  const auto allowed = [](char c) {
    return IsLetter(c) || IsDigit(c) || c == '.' || c == '-' || c == '/' || c == ' ';
  };
  while (allowed(Peek(length))) ++length;
  if (Peek(length) != '`' || length == 1) {
    return Fail(std::move(token),
                "a name in backquotes holds letters, digits, '_', '.', '-', '/' and blanks");
  }
  token.text = std::string(text_.substr(at_ + 1, length - 1));
  token.kind = TokenKind::kQuotedIdent;
  Advance(length + 1);
  return token;
}

Token Lexer::StringLiteral(Token token, bool raw, bool bytes) {
  const char quote = Peek();
  const bool triple = Peek(1) == quote && Peek(2) == quote;
  const std::string close(triple ? 3 : 1, quote);
  Advance(close.size());
  while (true) {
    if (AtEnd()) return Fail(std::move(token), "a string is not closed: missing " + close);
    if (text_.substr(at_).starts_with(close)) break;
    const char c = Peek();
    if (!triple && (c == '\n' || c == '\r')) {
      return Fail(std::move(token), "a string is not closed on its line: missing " + close);
    }
    if (c == '\\' && !raw) {
      std::string error;
      const SourcePosition position = position_;
      if (!Escape(bytes, token.text, error)) {
        token.position = position;
        return Fail(std::move(token), std::move(error));
      }
      continue;
    }
    token.text += c;
    Advance(1);
  }
  Advance(close.size());
  token.kind = bytes ? TokenKind::kBytes : TokenKind::kString;
  return token;
}

bool Lexer::Escape(bool bytes, std::string& out, std::string& error) {
  static constexpr std::string_view kLetters = "abfnrtv\\?\"'`";
  static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?\"'`";
  const char c = Peek(1);
  if (const size_t simple = kLetters.find(c);
      simple != std::string_view::npos && at_ + 1 < text_.size()) {
    out += kMeanings[simple];
    Advance(2);
    return true;
  }
  const size_t digits = c == 'x' || c == 'X' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
  uint32_t code = 0;
  size_t length = 0;
  if (digits > 0 && !(bytes && digits > 2)) {
    for (size_t i = 0; i < digits; ++i) {
      const int digit = HexDigit(Peek(2 + i));
      if (digit < 0) {
        error = std::string("escape \\") + c + " needs " + std::to_string(digits) +
                " hexadecimal digits";
        return false;
      }
      code = code << 4 | static_cast<uint32_t>(digit);
    }
    length = 2 + digits;
  } else if (c >= '0' && c <= '3' && IsOctal(Peek(2)) && IsOctal(Peek(3))) {
    code = static_cast<uint32_t>((c - '0') * 64 + (Peek(2) - '0') * 8 + (Peek(3) - '0'));
    length = 4;
  } else {
    error = "unknown escape in a string: a backslash is written \\\\, or the string r'…'";
    return false;
  }
  if (bytes) {
    out += static_cast<char>(code);
  } else if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
    error = "escape is not a Unicode character";
    return false;
  } else {
    AppendUtf8(code, out);
  }
  Advance(length);
  return true;
}

}  // namespace sidestream::expression
