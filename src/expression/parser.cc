// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/parser.h"

#include <algorithm>
#include <optional>

#include "expression/lexer.h"
#include "expression/macros.h"

namespace sidestream::expression {
namespace {

using serde::Value;

struct BinaryToken {
  TokenKind token;
  BinaryOperator op;
  int precedence;
};

constexpr BinaryToken kBinaryTokens[] = {
    {TokenKind::kLess, BinaryOperator::kLess, 1},
    {TokenKind::kLessEqual, BinaryOperator::kLessEqual, 1},
    {TokenKind::kGreater, BinaryOperator::kGreater, 1},
    {TokenKind::kGreaterEqual, BinaryOperator::kGreaterEqual, 1},
    {TokenKind::kEqual, BinaryOperator::kEqual, 1},
    {TokenKind::kNotEqual, BinaryOperator::kNotEqual, 1},
    {TokenKind::kIn, BinaryOperator::kIn, 1},
    {TokenKind::kPlus, BinaryOperator::kAdd, 2},
    {TokenKind::kMinus, BinaryOperator::kSubtract, 2},
    {TokenKind::kStar, BinaryOperator::kMultiply, 3},
    {TokenKind::kSlash, BinaryOperator::kDivide, 3},
    {TokenKind::kPercent, BinaryOperator::kModulo, 3},
};

const BinaryToken* FindBinary(TokenKind kind) {
  for (const BinaryToken& b : kBinaryTokens) {
    if (b.token == kind) return &b;
  }
  return nullptr;
}

// A parse function returns null after an error; the first error is the only one kept,
// and no function goes on after it.
class Parser {
 public:
  Parser(std::string_view text, Arena& arena, std::vector<CompileError>& errors)
      : lexer_(text), arena_(arena), errors_(errors) {
    Take();
  }

  ExprPtr ParseAll() {
    if (token_.kind == TokenKind::kEnd) return Fail("the expression is empty");
    ExprPtr expr = Expression();
    if (expr && token_.kind != TokenKind::kEnd) return Unexpected("an operator or the end");
    return failed_ ? nullptr : std::move(expr);
  }

 private:
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) { ++parser_.nesting_; }
    ~Nesting() { --parser_.nesting_; }

   private:
    Parser& parser_;
  };

  Token Take() {
    Token taken = std::move(token_);
    token_ = lexer_.Next();
    return taken;
  }
  bool Accept(TokenKind kind) {
    if (token_.kind != kind) return false;
    Take();
    return true;
  }
  bool Expect(TokenKind kind, std::string_view what) {
    if (Accept(kind)) return true;
    Unexpected(what);
    return false;
  }

  ExprPtr FailAt(SourcePosition position, std::string message) {
    if (!failed_) errors_.push_back({position, std::move(message), ""});
    failed_ = true;
    return nullptr;
  }
  ExprPtr Fail(std::string message) { return FailAt(token_.position, std::move(message)); }
  ExprPtr Unexpected(std::string_view wanted) {
    if (token_.kind == TokenKind::kError) return Fail(token_.text);
    const std::string found = token_.kind == TokenKind::kEnd
                                  ? "the end"
                                  : "'" + std::string(token_.raw.substr(0, 40)) + "'";
    return Fail("syntax error: expected " + std::string(wanted) + ", found " + found);
  }

  // `height` is that of the highest child.
  ExprPtr Make(SourcePosition position, decltype(Expr::node) node, int height = 0) {
    if (height >= kMaxHeight)
      return FailAt(position, "the expression is too long or nested too deeply");
    auto expr = std::make_unique<Expr>();
    expr->position = position;
    expr->height = height + 1;
    expr->node = std::move(node);
    return expr;
  }
  static int Height(const ExprPtr& expr) { return expr ? expr->height : 0; }
  static int Height(const std::vector<ExprPtr>& exprs) {
    int height = 0;
    for (const ExprPtr& expr : exprs) height = std::max(height, Height(expr));
    return height;
  }

  ExprPtr Expression() {
    const Nesting nesting(*this);
    if (nesting_ > kMaxNesting) return Fail("the expression is nested too deeply");
    ExprPtr condition = Chain(false);
    if (!condition || token_.kind != TokenKind::kQuestion) return condition;
    const SourcePosition position = Take().position;
    ExprPtr then = Chain(false);
    if (!then || !Expect(TokenKind::kColon, "':' of the conditional")) return nullptr;
    ExprPtr otherwise = Expression();
    if (!otherwise) return nullptr;
    const int height = std::max({Height(condition), Height(then), Height(otherwise)});
    return Make(position, Conditional{std::move(condition), std::move(then), std::move(otherwise)},
                height);
  }

  // && binds tighter than ||.
  ExprPtr Chain(bool conjunction) {
    const auto operand = [&] { return conjunction ? BinaryChain(1) : Chain(true); };
    ExprPtr first = operand();
    const TokenKind kind = conjunction ? TokenKind::kAnd : TokenKind::kOr;
    if (!first || token_.kind != kind) return first;
    const SourcePosition position = token_.position;
    Logic logic{conjunction, {}};
    logic.operands.push_back(std::move(first));
    while (Accept(kind)) {
      ExprPtr next = operand();
      if (!next) return nullptr;
      logic.operands.push_back(std::move(next));
    }
    const int height = Height(logic.operands);
    return Make(position, std::move(logic), height);
  }

  // All these operators associate to the left.
  ExprPtr BinaryChain(int precedence) {
    if (precedence > 3) return UnaryChain();
    ExprPtr left = BinaryChain(precedence + 1);
    while (left) {
      const BinaryToken* binary = FindBinary(token_.kind);
      if (binary == nullptr || binary->precedence != precedence) break;
      const SourcePosition position = Take().position;
      ExprPtr right = BinaryChain(precedence + 1);
      if (!right) return nullptr;
      const int height = std::max(Height(left), Height(right));
      left = Make(position, Binary{binary->op, std::move(left), std::move(right)}, height);
    }
    return left;
  }

  ExprPtr UnaryChain() {
    if (token_.kind != TokenKind::kNot && token_.kind != TokenKind::kMinus) return Member();
    const Nesting nesting(*this);
    if (nesting_ > kMaxNesting) return Fail("the expression is nested too deeply");
    const Token op = Take();
    // A minus belongs to the literal behind it: the smallest int has no positive twin.
    if (op.kind == TokenKind::kMinus &&
        (token_.kind == TokenKind::kInt || token_.kind == TokenKind::kDouble)) {
      return Suffixes(Number(Take(), true, op.position));
    }
    ExprPtr operand = UnaryChain();
    if (!operand) return nullptr;
    const int height = Height(operand);
    return Make(op.position,
                Unary{op.kind == TokenKind::kNot ? UnaryOperator::kNot : UnaryOperator::kNegate,
                      std::move(operand)},
                height);
  }

  ExprPtr Member() { return Suffixes(Primary()); }

  ExprPtr Suffixes(ExprPtr expr) {
    while (expr) {
      if (token_.kind == TokenKind::kDot) {
        expr = Dot(std::move(expr));
      } else if (token_.kind == TokenKind::kLeftBracket) {
        expr = Bracket(std::move(expr));
      } else if (token_.kind == TokenKind::kLeftBrace && !PlainChain(*expr).empty()) {
        expr = Message(*expr);
      } else {
        break;
      }
    }
    return expr;
  }

  ExprPtr Dot(ExprPtr operand) {
    Take();
    const bool optional = Accept(TokenKind::kQuestion);
    if (token_.kind != TokenKind::kIdent && token_.kind != TokenKind::kQuotedIdent) {
      return Unexpected("a field or function name");
    }
    const Token name = Take();
    if (!optional && name.kind == TokenKind::kIdent && token_.kind == TokenKind::kLeftParen) {
      return FinishCall(name, std::move(operand));
    }
    const int height = Height(operand);
    return Make(name.position, Select{std::move(operand), name.text, optional}, height);
  }

  ExprPtr Bracket(ExprPtr operand) {
    const SourcePosition position = Take().position;
    const bool optional = Accept(TokenKind::kQuestion);
    ExprPtr index = Expression();
    if (!index || !Expect(TokenKind::kRightBracket, "']'")) return nullptr;
    const int height = std::max(Height(operand), Height(index));
    return Make(position, Index{std::move(operand), std::move(index), optional}, height);
  }

  ExprPtr FinishCall(const Token& name, ExprPtr receiver) {
    Take();  // the parenthesis
    Call call{std::move(receiver), name.text, {}};
    while (token_.kind != TokenKind::kRightParen) {
      ExprPtr argument = Expression();
      if (!argument) return nullptr;
      call.arguments.push_back(std::move(argument));
      if (!Accept(TokenKind::kComma)) break;
      if (token_.kind == TokenKind::kRightParen) return Unexpected("an argument");
    }
    if (!Expect(TokenKind::kRightParen, "')' or ','")) return nullptr;
    int height = std::max(Height(call.receiver), Height(call.arguments));
    decltype(Expr::node) expansion;
    std::string error;
    switch (ExpandMacro(call, expansion, error, height)) {
      case MacroOutcome::kExpanded:
        return Make(name.position, std::move(expansion), height);
      case MacroOutcome::kMisused:
        return FailAt(name.position, name.text + ": " + error);
      case MacroOutcome::kNotAMacro:
        break;
    }
    return Make(name.position, std::move(call), height);
  }

  ExprPtr Primary() {
    const SourcePosition position = token_.position;
    switch (token_.kind) {
      case TokenKind::kDot:
        Take();
        return Name(true);
      case TokenKind::kIdent:
        return Name(false);
      case TokenKind::kLeftParen: {
        Take();
        ExprPtr inner = Expression();
        if (!inner || !Expect(TokenKind::kRightParen, "')'")) return nullptr;
        return inner;
      }
      case TokenKind::kLeftBracket:
        return List();
      case TokenKind::kLeftBrace:
        return Map();
      case TokenKind::kInt:
      case TokenKind::kUint:
      case TokenKind::kDouble:
        return Number(Take(), false, position);
      case TokenKind::kString:
        return Make(position, Literal{Value::String(arena_.Copy(Take().text))});
      case TokenKind::kBytes:
        return Make(position, Literal{Value::Bytes(arena_.Copy(Take().text))});
      case TokenKind::kTrue:
      case TokenKind::kFalse:
        return Make(position, Literal{Value::Bool(Take().kind == TokenKind::kTrue)});
      case TokenKind::kNull:
        Take();
        return Make(position, Literal{Value::Null()});
      default:
        return Unexpected("a value");
    }
  }

  ExprPtr Name(bool absolute) {
    if (token_.kind != TokenKind::kIdent) return Unexpected("a name");
    if (IsReservedWord(token_.text)) {
      return Fail("'" + token_.text + "' is a reserved word of CEL and cannot be a name");
    }
    const Token name = Take();
    if (token_.kind == TokenKind::kLeftParen) return FinishCall(name, nullptr);
    return Make(name.position, Ident{name.text, absolute});
  }

  ExprPtr Number(const Token& token, bool negative, SourcePosition position) {
    if (token.kind == TokenKind::kDouble) {
      return Make(position, Literal{Value::Double(negative ? -token.real : token.real)});
    }
    if (token.kind == TokenKind::kUint) return Make(position, Literal{Value::Uint(token.number)});
    if (!negative && token.number > uint64_t{INT64_MAX}) {
      return FailAt(position, "number is out of range: " + std::to_string(token.number));
    }
    const uint64_t bits = negative ? uint64_t{0} - token.number : token.number;
    return Make(position, Literal{Value::Int(static_cast<int64_t>(bits))});
  }

  ExprPtr List() {
    const SourcePosition position = Take().position;
    ListLiteral list;
    int height = 0;
    while (token_.kind != TokenKind::kRightBracket) {
      const bool optional = Accept(TokenKind::kQuestion);
      ExprPtr element = Expression();
      if (!element) return nullptr;
      height = std::max(height, Height(element));
      list.elements.push_back({std::move(element), optional});
      if (!Accept(TokenKind::kComma)) break;
    }
    if (!Expect(TokenKind::kRightBracket, "']' or ','")) return nullptr;
    return Make(position, std::move(list), height);
  }

  ExprPtr Map() {
    const SourcePosition position = Take().position;
    MapLiteral map;
    int height = 0;
    while (token_.kind != TokenKind::kRightBrace) {
      const bool optional = Accept(TokenKind::kQuestion);
      ExprPtr key = Expression();
      if (!key || !Expect(TokenKind::kColon, "':' of the entry")) return nullptr;
      ExprPtr value = Expression();
      if (!value) return nullptr;
      height = std::max({height, Height(key), Height(value)});
      map.entries.push_back({std::move(key), std::move(value), optional});
      if (!Accept(TokenKind::kComma)) break;
    }
    if (!Expect(TokenKind::kRightBrace, "'}' or ','")) return nullptr;
    return Make(position, std::move(map), height);
  }

  ExprPtr Message(const Expr& type) {
    const SourcePosition position = StartOf(type);
    MessageLiteral message{ToText(type), false, {}};
    message.absolute = message.type.starts_with('.');
    if (message.absolute) message.type.erase(0, 1);
    Take();
    int height = 0;
    while (token_.kind != TokenKind::kRightBrace) {
      const bool optional = Accept(TokenKind::kQuestion);
      if (token_.kind != TokenKind::kIdent && token_.kind != TokenKind::kQuotedIdent) {
        return Unexpected("a field name of the message");
      }
      const Token name = Take();
      if (!Expect(TokenKind::kColon, "':' of the field")) return nullptr;
      ExprPtr value = Expression();
      if (!value) return nullptr;
      height = std::max(height, Height(value));
      message.fields.push_back({name.text, name.position, std::move(value), optional});
      if (!Accept(TokenKind::kComma)) break;
    }
    if (!Expect(TokenKind::kRightBrace, "'}' or ','")) return nullptr;
    return Make(position, std::move(message), height);
  }

  Lexer lexer_;
  Arena& arena_;
  std::vector<CompileError>& errors_;
  Token token_;
  int nesting_ = 0;
  bool failed_ = false;
};

}  // namespace

ExprPtr Parse(std::string_view text, Arena& arena, std::vector<CompileError>& errors) {
  return Parser(text, arena, errors).ParseAll();
}

}  // namespace sidestream::expression
