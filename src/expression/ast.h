// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The syntax tree of a CEL expression, macros already expanded.
//
// Place in the flow: text → lexer → parser (makes this) → compiler (resolves names,
// makes evaluation nodes). Call extraction rewrites a tree in between. Names are as
// written; nothing here knows a scope or a type.
//
// Threading: values, confined to whoever compiles. Memory of literals belongs to the
// arena that was given to the parser.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "expression/program.h"
#include "serde/value.h"

namespace sidestream::expression {

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Literal {
  serde::Value value;
};

struct Ident {
  std::string name;
  bool absolute = false;  // `.name`: no variable of a macro hides it
};

/// `operand.field`, or `operand.?field` when optional.
struct Select {
  ExprPtr operand;
  std::string field;
  bool optional = false;
};

/// The macro `has(operand.field)`.
struct Has {
  ExprPtr operand;
  std::string field;
};

/// `operand[index]`, or `operand[?index]` when optional.
struct Index {
  ExprPtr operand;
  ExprPtr index;
  bool optional = false;
};

/// `function(arguments)` without receiver, else `receiver.function(arguments)`. A
/// namespaced function ("math.abs") is a receiver call until names are resolved.
struct Call {
  ExprPtr receiver;
  std::string function;
  std::vector<ExprPtr> arguments;
};

enum class UnaryOperator : uint8_t { kNot, kNegate };

struct Unary {
  UnaryOperator op;
  ExprPtr operand;
};

enum class BinaryOperator : uint8_t {
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kEqual,
  kNotEqual,
  kIn,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
};

struct Binary {
  BinaryOperator op;
  ExprPtr left;
  ExprPtr right;
};

/// A chain of && (conjunction) or of ||; two operands at least.
struct Logic {
  bool conjunction;
  std::vector<ExprPtr> operands;
};

struct Conditional {
  ExprPtr condition;
  ExprPtr then;
  ExprPtr otherwise;
};

struct ListLiteral {
  struct Element {
    ExprPtr value;
    bool optional = false;  // [?x]: left out when x is none
  };
  std::vector<Element> elements;
};

struct MapLiteral {
  struct Entry {
    ExprPtr key;
    ExprPtr value;
    bool optional = false;  // {?k: v}: left out when v is none
  };
  std::vector<Entry> entries;
};

/// `com.example.Order{id: 1, ?note: x}`
struct MessageLiteral {
  struct Field {
    std::string name;
    SourcePosition position;
    ExprPtr value;
    bool optional = false;  // {?f: v}: left out when v is none
  };
  std::string type;       // as written
  bool absolute = false;  // `.com.example.Order{}`
  std::vector<Field> fields;
};

/// What a macro with variables of its own does with its range.
enum class Macro : uint8_t {
  kAll,
  kExists,
  kExistsOne,
  kMap,                // list of body
  kFilter,             // list of elements
  kSortBy,             // list of elements, by the order of their bodies
  kTransformList,      // two variables
  kTransformMap,       // two variables; keys stay
  kTransformMapEntry,  // two variables; body is a map of new entries
  kBind,               // cel.bind(variable, range, body)
  kOptMap,
  kOptFlatMap,
};

struct Comprehension {
  Macro macro;
  std::string name;  // as written, for messages
  ExprPtr range;
  std::vector<std::string> variables;  // one, or two: index or key, then value
  ExprPtr filter;                      // may be null
  ExprPtr body;
};

/// A place that call extraction put in: slot of the result scope.
struct SlotReference {
  int32_t slot;
  std::string text;  // what stood there, for messages
  Type type;         // of its values
};

struct Expr {
  SourcePosition position;
  int height = 1;  // 1 + the highest child: bounds every recursion over the tree
  std::variant<Literal, Ident, Select, Has, Index, Call, Unary, Binary, Logic, Conditional,
               ListLiteral, MapLiteral, MessageLiteral, Comprehension, SlotReference>
      node;
};

/// "+", "==", "in" …
std::string_view OperatorText(BinaryOperator op);

/// One canonical text per tree: every operation in parentheses, literals in one spelling.
/// Equal texts mean equal trees (positions aside).
std::string ToText(const Expr& expr);

/// Where the text of `expr` begins: a chain or an operation carries the place of its last name
/// or of its operator.
SourcePosition StartOf(const Expr& expr);

/// "a.b.c" when `expr` is a chain of plain selects that starts at a name, else empty.
std::vector<std::string> PlainChain(const Expr& expr);

}  // namespace sidestream::expression
