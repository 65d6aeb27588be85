// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/expression/naive_evaluator.h"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

namespace sidestream::expression {
namespace {

using Kind = Datum::Kind;
using Variables = std::map<std::string, Datum>;
__extension__ using Wide = __int128;

Datum OfLiteral(const serde::Value& value) {
  switch (value.kind()) {
    case serde::Value::Kind::kNull:
      return Datum::Null();
    case serde::Value::Kind::kBool:
      return Datum::Bool(value.bool_value());
    case serde::Value::Kind::kInt:
      return Datum::Int(value.int_value());
    case serde::Value::Kind::kUint:
      return Datum::Uint(value.uint_value());
    case serde::Value::Kind::kDouble:
      return Datum::Double(value.double_value());
    case serde::Value::Kind::kString:
      return Datum::String(std::string(value.string_value()));
    default:
      return Datum::Error();
  }
}

bool IsNumber(const Datum& a) {
  return a.kind == Kind::kInt || a.kind == Kind::kUint || a.kind == Kind::kDouble;
}

// Holds every int64, uint64 and double exactly.
long double Exact(const Datum& a) {
  if (a.kind == Kind::kInt) return static_cast<long double>(a.integer);
  if (a.kind == Kind::kUint) return static_cast<long double>(a.natural);
  return static_cast<long double>(a.real);
}
static_assert(sizeof(long double) > 8);

bool Equal(const Datum& a, const Datum& b) {
  if (IsNumber(a) && IsNumber(b)) return Exact(a) == Exact(b);
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kBool:
      return a.truth == b.truth;
    case Kind::kString:
      return a.text == b.text;
    case Kind::kList:
    case Kind::kOptional:
      if (a.items.size() != b.items.size()) return false;
      for (size_t i = 0; i < a.items.size(); ++i) {
        if (!Equal(a.items[i], b.items[i])) return false;
      }
      return true;
    case Kind::kMap:
      if (a.items.size() != b.items.size()) return false;
      for (size_t i = 0; i < a.items.size(); i += 2) {
        bool found = false;
        for (size_t j = 0; j < b.items.size(); j += 2) {
          found = found || (Equal(a.items[i], b.items[j]) && Equal(a.items[i + 1], b.items[j + 1]));
        }
        if (!found) return false;
      }
      return true;
    default:
      return true;
  }
}

// Of a map: the value under a key, or an error.
Datum Lookup(const Datum& map, const Datum& key) {
  for (size_t i = 0; i < map.items.size(); i += 2) {
    if (Equal(map.items[i], key)) return map.items[i + 1];
  }
  return Datum::Error();
}

Datum OfWide(Wide number) {
  if (number > INT64_MAX || number < INT64_MIN) return Datum::Error();
  return Datum::Int(static_cast<int64_t>(number));
}

Datum ArithmeticOf(BinaryOperator op, Wide l, Wide r, bool is_uint) {
  Wide result = 0;
  switch (op) {
    case BinaryOperator::kAdd:
      result = l + r;
      break;
    case BinaryOperator::kSubtract:
      result = l - r;
      break;
    case BinaryOperator::kMultiply:
      // Two uints may need all of 128 bits.
      if (__builtin_mul_overflow(l, r, &result)) return Datum::Error();
      break;
    default:
      if (r == 0) return Datum::Error();
      result = l / r;
      // The smallest int by -1 has no remainder where it has no quotient.
      if (!is_uint && OfWide(result).error()) return Datum::Error();
      if (op == BinaryOperator::kModulo) result = l % r;
  }
  if (!is_uint) return OfWide(result);
  if (result < 0 || result > static_cast<Wide>(UINT64_MAX)) return Datum::Error();
  return Datum::Uint(static_cast<uint64_t>(result));
}

// As CEL reads an int: a sign and digits.
Datum Whole(const std::string& text) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string digits = text.substr(negative ? 1 : 0);
  if (digits.empty() || digits.size() > 19) return Datum::Error();
  Wide number = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return Datum::Error();
    number = number * 10 + (c - '0');
  }
  return OfWide(negative ? -number : number);
}

std::string RealText(double real) {
  if (std::isnan(real)) return "NaN";
  if (std::isinf(real)) return real > 0 ? "Infinity" : "-Infinity";
  char text[64];
  return {text, std::to_chars(text, text + sizeof(text), real).ptr};
}

Datum Arithmetic(BinaryOperator op, const Datum& a, const Datum& b) {
  if (a.kind == Kind::kInt && b.kind == Kind::kInt)
    return ArithmeticOf(op, a.integer, b.integer, false);
  if (a.kind == Kind::kUint && b.kind == Kind::kUint)
    return ArithmeticOf(op, a.natural, b.natural, true);
  const bool real = IsNumber(a) && IsNumber(b) && a.kind != Kind::kUint && b.kind != Kind::kUint;
  if (real && op != BinaryOperator::kModulo) {
    const double x = a.kind == Kind::kInt ? static_cast<double>(a.integer) : a.real;
    const double y = b.kind == Kind::kInt ? static_cast<double>(b.integer) : b.real;
    if (op == BinaryOperator::kAdd) return Datum::Double(x + y);
    if (op == BinaryOperator::kSubtract) return Datum::Double(x - y);
    return Datum::Double(op == BinaryOperator::kMultiply ? x * y : x / y);
  }
  if (op != BinaryOperator::kAdd || a.kind != b.kind) return Datum::Error();
  if (a.kind == Kind::kString) return Datum::String(a.text + b.text);
  if (a.kind != Kind::kList) return Datum::Error();
  Datum joined = a;
  joined.items.insert(joined.items.end(), b.items.begin(), b.items.end());
  return joined;
}

Datum Ordered(BinaryOperator op, const Datum& a, const Datum& b) {
  bool less = false;
  bool equal = false;
  if (IsNumber(a) && IsNumber(b)) {
    // Where the range of int ends cel-spec compares an int with a double as doubles.
    const bool limit = (a.kind == Kind::kInt && b.kind == Kind::kDouble && b.real == 0x1p63) ||
                       (a.kind == Kind::kDouble && b.kind == Kind::kInt && a.real == 0x1p63);
    const long double left = limit ? static_cast<double>(Exact(a)) : Exact(a);
    const long double right = limit ? static_cast<double>(Exact(b)) : Exact(b);
    less = left < right;
    equal = left == right;
    if (std::isnan(Exact(a)) || std::isnan(Exact(b))) return Datum::Bool(false);
  } else if (a.kind != b.kind) {
    return Datum::Error();
  } else if (a.kind == Kind::kString) {
    less = a.text < b.text;
    equal = a.text == b.text;
  } else if (a.kind == Kind::kBool) {
    less = !a.truth && b.truth;
    equal = a.truth == b.truth;
  } else {
    return Datum::Error();
  }
  switch (op) {
    case BinaryOperator::kLess:
      return Datum::Bool(less);
    case BinaryOperator::kLessEqual:
      return Datum::Bool(less || equal);
    case BinaryOperator::kGreater:
      return Datum::Bool(!less && !equal);
    default:
      return Datum::Bool(!less);
  }
}

Datum Contained(const Datum& needle, const Datum& container) {
  if (container.kind == Kind::kMap) return Datum::Bool(!Lookup(container, needle).error());
  if (container.kind != Kind::kList) return Datum::Error();
  for (const Datum& item : container.items) {
    if (Equal(item, needle)) return Datum::Bool(true);
  }
  return Datum::Bool(false);
}

class Walker {
 public:
  explicit Walker(Variables variables) : variables_(std::move(variables)) {}

  Datum Walk(const Expr& expr) {
    return std::visit([&](const auto& n) { return Visit(n); }, expr.node);
  }

 private:
  Datum Visit(const Literal& n) { return OfLiteral(n.value); }
  Datum Visit(const SlotReference&) { return Datum::Error(); }
  Datum Visit(const Ident& n) {
    const auto found = variables_.find(n.name);
    return found == variables_.end() ? Datum::Error() : found->second;
  }

  Datum Visit(const Select& n) {
    const Datum from = Walk(*n.operand);
    if (!n.optional)
      return from.kind == Kind::kMap ? Lookup(from, Datum::String(n.field)) : Datum::Error();
    Datum optional;
    optional.kind = Kind::kOptional;
    if (from.kind == Kind::kNull) return optional;
    if (from.kind != Kind::kMap) return Datum::Error();
    const Datum found = Lookup(from, Datum::String(n.field));
    if (!found.error()) optional.items.push_back(found);
    return optional;
  }

  Datum Visit(const Has& n) {
    const Datum from = Walk(*n.operand);
    if (from.kind == Kind::kNull) return Datum::Bool(false);
    if (from.kind != Kind::kMap) return Datum::Error();
    return Datum::Bool(!Lookup(from, Datum::String(n.field)).error());
  }

  Datum Visit(const Index& n) {
    const Datum from = Walk(*n.operand);
    const Datum index = Walk(*n.index);
    if (from.error() || index.error()) return Datum::Error();
    if (from.kind == Kind::kMap) {
      const bool key = IsNumber(index) || index.kind == Kind::kString || index.kind == Kind::kBool;
      return key ? Lookup(from, index) : Datum::Error();
    }
    if (from.kind != Kind::kList || !IsNumber(index)) return Datum::Error();
    for (size_t i = 0; i < from.items.size(); ++i) {
      if (Exact(index) == static_cast<long double>(i)) return from.items[i];
    }
    return Datum::Error();
  }

  Datum Visit(const Unary& n) {
    const Datum operand = Walk(*n.operand);
    if (n.op == UnaryOperator::kNot)
      return operand.kind == Kind::kBool ? Datum::Bool(!operand.truth) : Datum::Error();
    if (operand.kind == Kind::kDouble) return Datum::Double(-operand.real);
    return operand.kind == Kind::kInt ? OfWide(-static_cast<Wide>(operand.integer))
                                      : Datum::Error();
  }

  Datum Visit(const Binary& n) {
    const Datum left = Walk(*n.left);
    const Datum right = Walk(*n.right);
    if (left.error() || right.error()) return Datum::Error();
    switch (n.op) {
      case BinaryOperator::kEqual:
        return Datum::Bool(Equal(left, right));
      case BinaryOperator::kNotEqual:
        return Datum::Bool(!Equal(left, right));
      case BinaryOperator::kIn:
        return Contained(left, right);
      case BinaryOperator::kLess:
      case BinaryOperator::kLessEqual:
      case BinaryOperator::kGreater:
      case BinaryOperator::kGreaterEqual:
        return Ordered(n.op, left, right);
      default:
        return Arithmetic(n.op, left, right);
    }
  }

  Datum Visit(const Logic& n) {
    bool failed = false;
    for (const ExprPtr& operand : n.operands) {
      const Datum value = Walk(*operand);
      if (value.kind != Kind::kBool) {
        failed = true;
      } else if (value.truth != n.conjunction) {
        return Datum::Bool(!n.conjunction);
      }
    }
    return failed ? Datum::Error() : Datum::Bool(n.conjunction);
  }

  Datum Visit(const Conditional& n) {
    const Datum condition = Walk(*n.condition);
    if (condition.kind != Kind::kBool) return Datum::Error();
    return Walk(condition.truth ? *n.then : *n.otherwise);
  }

  Datum Visit(const ListLiteral& n) {
    Datum list = Datum::List({});
    for (const ListLiteral::Element& element : n.elements) {
      list.items.push_back(Walk(*element.value));
      if (list.items.back().error()) return Datum::Error();
    }
    return list;
  }

  Datum Visit(const MapLiteral& n) {
    Datum map = Datum::Map({});
    for (const MapLiteral::Entry& entry : n.entries) {
      const Datum key = Walk(*entry.key);
      const Datum value = Walk(*entry.value);
      const bool is_key = key.kind == Kind::kString || key.kind == Kind::kInt ||
                          key.kind == Kind::kUint || key.kind == Kind::kBool;
      if (!is_key || value.error() || !Lookup(map, key).error()) return Datum::Error();
      map.items.push_back(key);
      map.items.push_back(value);
    }
    return map;
  }

  // Not of the part of the language that this takes.
  Datum Visit(const MessageLiteral&) { return Datum::Error(); }

  // The body, or filter, with the macro's variables set to entry `i` of the range.
  Datum In(const Comprehension& n, const Expr& part, const Datum& range, size_t i) {
    const bool map = range.kind == Kind::kMap;
    const Datum first = map                       ? range.items[2 * i]
                        : n.variables.size() == 2 ? Datum::Int(static_cast<int64_t>(i))
                                                  : range.items[i];
    const Datum second = map ? range.items[2 * i + 1] : range.items[i];
    return With(n.variables, {first, second}, part);
  }

  Datum With(const std::vector<std::string>& names, const std::vector<Datum>& values,
             const Expr& part) {
    const Variables outer = variables_;
    for (size_t i = 0; i < names.size(); ++i) variables_[names[i]] = values[i];
    Datum result = Walk(part);
    variables_ = outer;
    return result;
  }

  Datum Visit(const Comprehension& n) {
    const Datum range = Walk(*n.range);
    if (range.error()) return range;
    if (n.macro == Macro::kBind) return With(n.variables, {range}, *n.body);
    if (range.kind != Kind::kList && range.kind != Kind::kMap) return Datum::Error();
    const size_t size = range.kind == Kind::kMap ? range.items.size() / 2 : range.items.size();
    if (n.macro == Macro::kAll || n.macro == Macro::kExists) return Quantify(n, range, size);
    Datum made = n.macro == Macro::kTransformMap ? Datum::Map({}) : Datum::List({});
    int64_t holds = 0;
    for (size_t i = 0; i < size; ++i) {
      if (n.filter) {
        const Datum keep = In(n, *n.filter, range, i);
        if (keep.kind != Kind::kBool) return Datum::Error();
        if (!keep.truth) continue;
      }
      const Datum result = In(n, *n.body, range, i);
      const bool condition = n.macro == Macro::kExistsOne || n.macro == Macro::kFilter;
      if (result.error() || (condition && result.kind != Kind::kBool)) return Datum::Error();
      if (condition && !result.truth) continue;
      ++holds;
      const Datum element = range.kind == Kind::kMap ? range.items[2 * i] : range.items[i];
      if (n.macro == Macro::kTransformMap) {
        made.items.push_back(range.kind == Kind::kMap ? element
                                                      : Datum::Int(static_cast<int64_t>(i)));
      }
      made.items.push_back(n.macro == Macro::kFilter ? element : result);
    }
    return n.macro == Macro::kExistsOne ? Datum::Bool(holds == 1) : made;
  }

  Datum Quantify(const Comprehension& n, const Datum& range, size_t size) {
    const bool all = n.macro == Macro::kAll;
    bool failed = false;
    for (size_t i = 0; i < size; ++i) {
      const Datum holds = In(n, *n.body, range, i);
      if (holds.kind != Kind::kBool) {
        failed = true;
      } else if (holds.truth != all) {
        return Datum::Bool(!all);
      }
    }
    return failed ? Datum::Error() : Datum::Bool(all);
  }

  Datum Visit(const Call& n) {
    if (n.function == "orValue") {
      const Datum optional = Walk(*n.receiver);
      if (optional.kind != Kind::kOptional) return Datum::Error();
      return optional.items.empty() ? Walk(*n.arguments[0]) : optional.items[0];
    }
    std::vector<Datum> a;
    if (n.receiver) a.push_back(Walk(*n.receiver));
    for (const ExprPtr& argument : n.arguments) a.push_back(Walk(*argument));
    for (const Datum& argument : a) {
      if (argument.error()) return argument;
    }
    if (a.size() == 1) return OfOne(n.function, a[0]);
    if (a[0].kind != Kind::kString || a[1].kind != Kind::kString) return Datum::Error();
    if (n.function == "contains") return Datum::Bool(a[0].text.find(a[1].text) != a[0].text.npos);
    if (n.function == "startsWith") return Datum::Bool(a[0].text.rfind(a[1].text, 0) == 0);
    return Datum::Error();
  }

  static Datum OfOne(const std::string& function, const Datum& a) {
    if (function == "dyn") return a;
    if (function == "size") {
      if (a.kind == Kind::kString) return Datum::Int(static_cast<int64_t>(a.text.size()));  // ASCII
      if (a.kind == Kind::kList) return Datum::Int(static_cast<int64_t>(a.items.size()));
      if (a.kind == Kind::kMap) return Datum::Int(static_cast<int64_t>(a.items.size() / 2));
    } else if (function == "double") {
      if (IsNumber(a)) return Datum::Double(static_cast<double>(Exact(a)));
      char* end = nullptr;
      const double real = std::strtod(a.text.c_str(), &end);
      if (!a.text.empty() && *end == '\0') return Datum::Double(real);
    } else if (function == "string") {
      if (a.kind == Kind::kString) return a;
      if (a.kind == Kind::kInt) return Datum::String(std::to_string(a.integer));
      if (a.kind == Kind::kBool) return Datum::String(a.truth ? "true" : "false");
      if (a.kind == Kind::kUint) return Datum::String(std::to_string(a.natural));
      if (a.kind == Kind::kDouble) return Datum::String(RealText(a.real));
    } else if (function == "int") {
      if (a.kind == Kind::kInt) return a;
      if (a.kind == Kind::kUint) return OfWide(a.natural);
      if (a.kind == Kind::kDouble && a.real > -0x1p63 && a.real < 0x1p63)
        return Datum::Int(static_cast<int64_t>(std::trunc(a.real)));
      if (a.kind == Kind::kString) return Whole(a.text);
    }
    return Datum::Error();
  }

  Variables variables_;
};

Datum Of(Kind kind) {
  Datum datum;
  datum.kind = kind;
  return datum;
}

}  // namespace

Datum Datum::Null() { return Of(Kind::kNull); }
Datum Datum::Bool(bool value) {
  Datum datum = Of(Kind::kBool);
  datum.truth = value;
  return datum;
}
Datum Datum::Int(int64_t value) {
  Datum datum = Of(Kind::kInt);
  datum.integer = value;
  return datum;
}
Datum Datum::Uint(uint64_t value) {
  Datum datum = Of(Kind::kUint);
  datum.natural = value;
  return datum;
}
Datum Datum::Double(double value) {
  Datum datum = Of(Kind::kDouble);
  datum.real = value;
  return datum;
}
Datum Datum::String(std::string value) {
  Datum datum = Of(Kind::kString);
  datum.text = std::move(value);
  return datum;
}
Datum Datum::List(std::vector<Datum> items) {
  Datum datum = Of(Kind::kList);
  datum.items = std::move(items);
  return datum;
}
Datum Datum::Map(std::vector<Datum> items) {
  Datum datum = Of(Kind::kMap);
  datum.items = std::move(items);
  return datum;
}

Datum NaiveEvaluate(const Expr& expr, std::map<std::string, Datum> variables) {
  return Walker(std::move(variables)).Walk(expr);
}

bool SameDatum(const Datum& a, const Datum& b) {
  if (a.kind != b.kind || a.items.size() != b.items.size()) return false;
  for (size_t i = 0; i < a.items.size(); ++i) {
    if (!SameDatum(a.items[i], b.items[i])) return false;
  }
  const bool real = std::bit_cast<uint64_t>(a.real) == std::bit_cast<uint64_t>(b.real) ||
                    (std::isnan(a.real) && std::isnan(b.real));
  return real && a.truth == b.truth && a.integer == b.integer && a.natural == b.natural &&
         a.text == b.text;
}

std::string DatumText(const Datum& datum) {
  switch (datum.kind) {
    case Kind::kError:
      return "error";
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return datum.truth ? "true" : "false";
    case Kind::kInt:
      return std::to_string(datum.integer);
    case Kind::kUint:
      return std::to_string(datum.natural) + "u";
    case Kind::kDouble:
      return "double " + std::to_string(datum.real);
    case Kind::kString:
      return "'" + datum.text + "'";
    default:
      break;
  }
  std::string text = datum.kind == Kind::kList ? "[" : datum.kind == Kind::kMap ? "{" : "optional(";
  for (const Datum& item : datum.items) text += DatumText(item) + " ";
  return text + ")";
}

}  // namespace sidestream::expression
