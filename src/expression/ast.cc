// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Canonical text of a syntax tree: tests compare it, call extraction finds equal calls
// by it. Strings are printed by length and bytes, so that no escape rule is needed
// twice.

#include "expression/ast.h"

#include <algorithm>
#include <charconv>

namespace sidestream::expression {
namespace {

using serde::Value;

class Printer {
 public:
  std::string Print(const Expr& expr) {
    std::visit(*this, expr.node);
    return std::move(out_);
  }

  void operator()(const Literal& n) {
    const Value& v = n.value;
    switch (v.kind()) {
      case Value::Kind::kString:
        return Quoted("", v.string_value());
      case Value::Kind::kBytes:
        return Quoted("b", v.string_value());
      case Value::Kind::kUint:
        out_ += std::to_string(v.uint_value()) + "u";
        return;
      case Value::Kind::kInt:
        out_ += std::to_string(v.int_value());
        return;
      case Value::Kind::kDouble:
        return Double(v.double_value());
      case Value::Kind::kBool:
        out_ += v.bool_value() ? "true" : "false";
        return;
      default:
        out_ += "null";
    }
  }
  void operator()(const Ident& n) {
    if (n.absolute) out_ += ".";
    out_ += n.name;
  }
  void operator()(const Select& n) {
    Child(n.operand);
    out_ += n.optional ? ".?" : ".";
    Field(n.field);
  }
  void operator()(const Has& n) {
    out_ += "has(";
    Child(n.operand);
    out_ += ".";
    Field(n.field);
    out_ += ")";
  }
  void operator()(const Index& n) {
    Child(n.operand);
    out_ += n.optional ? "[?" : "[";
    Child(n.index);
    out_ += "]";
  }
  void operator()(const Call& n) {
    if (n.receiver) {
      Child(n.receiver);
      out_ += ".";
    }
    out_ += n.function + "(";
    Separated(n.arguments, ", ");
    out_ += ")";
  }
  void operator()(const Unary& n) {
    out_ += n.op == UnaryOperator::kNot ? "!(" : "-(";
    Child(n.operand);
    out_ += ")";
  }
  void operator()(const Binary& n) {
    out_ += "(";
    Child(n.left);
    out_ += " ";
    out_ += OperatorText(n.op);
    out_ += " ";
    Child(n.right);
    out_ += ")";
  }
  void operator()(const Logic& n) {
    out_ += "(";
    Separated(n.operands, n.conjunction ? " && " : " || ");
    out_ += ")";
  }
  void operator()(const Conditional& n) {
    out_ += "(";
    Child(n.condition);
    out_ += " ? ";
    Child(n.then);
    out_ += " : ";
    Child(n.otherwise);
    out_ += ")";
  }
  void operator()(const ListLiteral& n) {
    out_ += "[";
    for (size_t i = 0; i < n.elements.size(); ++i) {
      if (i > 0) out_ += ", ";
      if (n.elements[i].optional) out_ += "?";
      Child(n.elements[i].value);
    }
    out_ += "]";
  }
  void operator()(const MapLiteral& n) {
    out_ += "{";
    for (size_t i = 0; i < n.entries.size(); ++i) {
      if (i > 0) out_ += ", ";
      if (n.entries[i].optional) out_ += "?";
      Child(n.entries[i].key);
      out_ += ": ";
      Child(n.entries[i].value);
    }
    out_ += "}";
  }
  void operator()(const MessageLiteral& n) {
    out_ += (n.absolute ? "." : "") + n.type + "{";
    for (size_t i = 0; i < n.fields.size(); ++i) {
      if (i > 0) out_ += ", ";
      if (n.fields[i].optional) out_ += "?";
      Field(n.fields[i].name);
      out_ += ": ";
      Child(n.fields[i].value);
    }
    out_ += "}";
  }
  void operator()(const Comprehension& n) {
    out_ += n.name + "(";
    Child(n.range);
    for (const std::string& variable : n.variables) out_ += ", " + variable;
    if (n.filter) {
      out_ += ", ";
      Child(n.filter);
    }
    out_ += ", ";
    Child(n.body);
    out_ += ")";
  }
  void operator()(const SlotReference& n) { out_ += "$" + std::to_string(n.slot); }

 private:
  void Child(const ExprPtr& child) { std::visit(*this, child->node); }
  // x.`a.b` is one field, x.a.b are two.
  void Field(const std::string& name) {
    const bool quoted = name.find('.') != std::string::npos;
    out_ += quoted ? "`" + name + "`" : name;
  }
  void Separated(const std::vector<ExprPtr>& children, std::string_view separator) {
    for (size_t i = 0; i < children.size(); ++i) {
      if (i > 0) out_ += separator;
      Child(children[i]);
    }
  }
  void Quoted(std::string_view prefix, std::string_view text) {
    static constexpr char kHex[] = "0123456789abcdef";
    out_ += prefix;
    out_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte < 0x20 || c == '"' || c == '\\' || (!prefix.empty() && byte >= 0x80)) {
        out_ += "\\x";
        out_ += kHex[byte >> 4];
        out_ += kHex[byte & 15];
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }
  void Double(double value) {
    char buffer[64];
    const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
    std::string text(buffer, end);
    // A double stays one when it is read again.
    if (text.find_first_of(".en") == std::string::npos) text += ".0";
    out_ += text;
  }

  std::string out_;
};

}  // namespace

std::string_view OperatorText(BinaryOperator op) {
  switch (op) {
    case BinaryOperator::kLess:
      return "<";
    case BinaryOperator::kLessEqual:
      return "<=";
    case BinaryOperator::kGreater:
      return ">";
    case BinaryOperator::kGreaterEqual:
      return ">=";
    case BinaryOperator::kEqual:
      return "==";
    case BinaryOperator::kNotEqual:
      return "!=";
    case BinaryOperator::kIn:
      return "in";
    case BinaryOperator::kAdd:
      return "+";
    case BinaryOperator::kSubtract:
      return "-";
    case BinaryOperator::kMultiply:
      return "*";
    case BinaryOperator::kDivide:
      return "/";
    case BinaryOperator::kModulo:
      return "%";
  }
  return "?";
}

std::string ToText(const Expr& expr) { return Printer().Print(expr); }

SourcePosition StartOf(const Expr& expr) {
  const Expr* at = &expr;
  while (true) {
    if (const auto* select = std::get_if<Select>(&at->node)) {
      at = select->operand.get();
    } else if (const auto* index = std::get_if<Index>(&at->node)) {
      at = index->operand.get();
    } else if (const auto* binary = std::get_if<Binary>(&at->node)) {
      at = binary->left.get();
    } else if (const auto* logic = std::get_if<Logic>(&at->node)) {
      at = logic->operands.front().get();
    } else if (const auto* conditional = std::get_if<Conditional>(&at->node)) {
      at = conditional->condition.get();
    } else if (const auto* call = std::get_if<Call>(&at->node); call && call->receiver) {
      at = call->receiver.get();
    } else {
      return at->position;
    }
  }
}

std::vector<std::string> PlainChain(const Expr& expr) {
  std::vector<std::string> names;
  const Expr* at = &expr;
  while (const auto* select = std::get_if<Select>(&at->node)) {
    if (select->optional) return {};
    names.push_back(select->field);
    at = select->operand.get();
  }
  const auto* ident = std::get_if<Ident>(&at->node);
  if (ident == nullptr) return {};
  names.push_back(ident->name);
  std::reverse(names.begin(), names.end());
  return names;
}

}  // namespace sidestream::expression
