// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/expression/random_expression.h"

#include <array>
#include <limits>

namespace sidestream::expression {

using Wanted = RandomExpression::Wanted;

namespace {

template <size_t kCount>
std::string OneOf(Random& random, const std::array<const char*, kCount>& texts) {
  return texts[static_cast<size_t>(random.Below(kCount))];
}

}  // namespace

int64_t RandomExpression::Number() {
  switch (random_.Below(12)) {
    case 0:
      return std::numeric_limits<int64_t>::max();
    case 1:
      return std::numeric_limits<int64_t>::min();
    default:
      return random_.Below(9) - 3;
  }
}

std::string RandomExpression::Make() {
  ill_typed_ = false;
  locals_.clear();
  return Part(static_cast<Wanted>(random_.Below(6)), static_cast<int>(random_.Below(5)));
}

std::string RandomExpression::Part(Wanted wanted, int depth) {
  if (OneIn(60)) {
    ill_typed_ = true;
    // A number would lose its point to a member behind it.
    return "(" + Part(static_cast<Wanted>(random_.Below(6)), depth) + ")";
  }
  if (depth <= 0) return Leaf(wanted);
  switch (wanted) {
    case Wanted::kInt:
      return Int(depth - 1);
    case Wanted::kDouble:
      return Double(depth - 1);
    case Wanted::kString:
      return String(depth - 1);
    case Wanted::kBool:
      return Bool(depth - 1);
    case Wanted::kList:
      return List(depth - 1);
    default:
      return Map(depth - 1);
  }
}

std::string RandomExpression::Leaf(Wanted wanted) {
  if (OneIn(30)) return "u";
  if (OneIn(60)) {
    ill_typed_ = true;
    return OneOf<3>(random_, {"null", "(2u)", "[u]"});
  }
  switch (wanted) {
    case Wanted::kInt:
      if (!locals_.empty() && OneIn(2))
        return locals_[static_cast<size_t>(random_.Below(static_cast<int64_t>(locals_.size())))];
      if (OneIn(2)) return std::to_string(Number());
      return OneOf<3>(random_, {"i", "o.n", "o.x"});
    case Wanted::kDouble:
      return OneOf<6>(random_, {"d", "1.5", "-0.0", "1e300", "0.0", "2.0"});
    case Wanted::kString:
      return OneOf<6>(random_, {"s", "'a'", "'ab'", "''", "o.t", "'b'"});
    case Wanted::kBool:
      return OneOf<4>(random_, {"b", "true", "false", "has(o.x)"});
    case Wanted::kList:
      return OneOf<4>(random_, {"l", "[]", "[1, 2, 3]", "[i]"});
    default:
      return OneOf<4>(random_, {"m", "{}", "{'a': 1, 'b': i}", "m"});
  }
}

std::string RandomExpression::Conditional(Wanted wanted, int depth) {
  return "(" + Part(Wanted::kBool, depth) + " ? " + Part(wanted, depth) + " : " +
         Part(wanted, depth) + ")";
}

std::string RandomExpression::Int(int depth) {
  switch (random_.Below(11)) {
    case 0:
      return Conditional(Wanted::kInt, depth);
    case 1:
      return "-(" + Part(Wanted::kInt, depth) + ")";
    case 2:
      return "size(" +
             Part(OneIn(2)   ? Wanted::kList
                  : OneIn(2) ? Wanted::kString
                             : Wanted::kMap,
                  depth) +
             ")";
    case 3:
      return Part(Wanted::kList, depth) + "[" + Part(Wanted::kInt, 0) + "]";
    case 4:
      return Part(Wanted::kMap, depth) + "['a']";
    case 5:
      return "int(" + Part(Wanted::kDouble, depth) + ")";
    case 6: {
      const std::string range = Part(Wanted::kInt, depth);
      locals_.push_back("y" + std::to_string(locals_.size()));
      const std::string variable = locals_.back();
      const std::string body = Part(Wanted::kInt, depth);
      locals_.pop_back();
      return "cel.bind(" + variable + ", " + range + ", " + body + ")";
    }
    case 7:
      return "o.?x.orValue(" + Part(Wanted::kInt, depth) + ")";
    default:
      return "(" + Part(Wanted::kInt, depth) +
             OneOf<5>(random_, {" + ", " - ", " * ", " / ", " % "}) + Part(Wanted::kInt, depth) +
             ")";
  }
}

std::string RandomExpression::Double(int depth) {
  if (OneIn(5)) return Conditional(Wanted::kDouble, depth);
  if (OneIn(4)) return "double(" + Part(Wanted::kInt, depth) + ")";
  if (OneIn(6)) return "-(" + Part(Wanted::kDouble, depth) + ")";
  const std::string op = OneOf<4>(random_, {" + ", " - ", " * ", " / "});
  // int with double computes in double.
  if (OneIn(3)) return "(" + Part(Wanted::kInt, depth) + op + Part(Wanted::kDouble, depth) + ")";
  return "(" + Part(Wanted::kDouble, depth) + op + Part(Wanted::kDouble, depth) + ")";
}

std::string RandomExpression::String(int depth) {
  if (OneIn(4)) return Conditional(Wanted::kString, depth);
  if (OneIn(3)) return "string(" + Part(OneIn(2) ? Wanted::kInt : Wanted::kBool, depth) + ")";
  return "(" + Part(Wanted::kString, depth) + " + " + Part(Wanted::kString, depth) + ")";
}

std::string RandomExpression::Bool(int depth) {
  switch (random_.Below(9)) {
    case 0:
      return "!(" + Part(Wanted::kBool, depth) + ")";
    case 1:
      return Conditional(Wanted::kBool, depth);
    case 2:
      return Condition(OneOf<3>(random_, {"all", "exists", "exists_one"}), depth);
    case 3:
      return "(" + Part(Wanted::kInt, depth) + " in " + Part(Wanted::kList, depth) + ")";
    case 4:
      return "(" + Part(Wanted::kString, depth) + " in " + Part(Wanted::kMap, depth) + ")";
    case 5:
      return Part(Wanted::kString, depth) + OneOf<2>(random_, {".contains(", ".startsWith("}) +
             Part(Wanted::kString, depth) + ")";
    case 6:
      return "(" + Part(Wanted::kBool, depth) + OneOf<2>(random_, {" && ", " || "}) +
             Part(Wanted::kBool, depth) + ")";
    default:
      break;
  }
  const auto of = static_cast<Wanted>(random_.Below(6));
  const bool ordered = of != Wanted::kList && of != Wanted::kMap;
  const std::string op = ordered ? OneOf<6>(random_, {" < ", " <= ", " > ", " >= ", " == ", " != "})
                                 : OneOf<2>(random_, {" == ", " != "});
  // Numbers compare across their kinds.
  const bool mixed = (of == Wanted::kInt || of == Wanted::kDouble) && OneIn(3);
  const Wanted other = !mixed ? of : of == Wanted::kInt ? Wanted::kDouble : Wanted::kInt;
  return "(" + Part(of, depth) + op + Part(other, depth) + ")";
}

// range.macro(x, condition)
std::string RandomExpression::Condition(const std::string& macro, int depth) {
  const std::string range = Part(Wanted::kList, depth);
  locals_.push_back("x" + std::to_string(locals_.size()));
  const std::string variable = locals_.back();
  const std::string body = Part(Wanted::kBool, depth);
  locals_.pop_back();
  return range + "." + macro + "(" + variable + ", " + body + ")";
}

std::string RandomExpression::List(int depth) {
  switch (random_.Below(6)) {
    case 0:
      return Conditional(Wanted::kList, depth);
    case 1:
      return Condition("filter", depth);
    case 2:
    case 3: {
      const std::string range = Part(Wanted::kList, depth);
      locals_.push_back("x" + std::to_string(locals_.size()));
      std::string variables = locals_.back();
      const bool two = OneIn(3);
      if (two) {
        locals_.push_back("x" + std::to_string(locals_.size()));
        variables += ", " + locals_.back();
      }
      const std::string filter = OneIn(3) ? Part(Wanted::kBool, depth) + ", " : "";
      const std::string body = Part(Wanted::kInt, depth);
      locals_.resize(locals_.size() - (two ? 2 : 1));
      return range + (two ? ".transformList(" : ".map(") + variables + ", " + filter + body + ")";
    }
    case 4:
      return "(" + Part(Wanted::kList, depth) + " + " + Part(Wanted::kList, depth) + ")";
    default:
      return "[" + Part(Wanted::kInt, depth) + ", " + Part(Wanted::kInt, depth) + "]";
  }
}

std::string RandomExpression::Map(int depth) {
  if (OneIn(4)) return Conditional(Wanted::kMap, depth);
  if (OneIn(3)) {
    const std::string range = Part(Wanted::kMap, depth);
    const std::string value = "x" + std::to_string(locals_.size());
    locals_.push_back(value);
    const std::string body = Part(Wanted::kInt, depth);
    locals_.pop_back();
    return range + ".transformMap(k, " + value + ", " + body + ")";
  }
  return "{" + Part(Wanted::kString, depth) + ": " + Part(Wanted::kInt, depth) +
         ", 'a': " + Part(Wanted::kInt, depth) + "}";
}

Datum RandomExpression::Value(Wanted wanted) {
  if (OneIn(15)) return Datum::Null();
  switch (wanted) {
    case Wanted::kInt:
      return Datum::Int(Number());
    case Wanted::kDouble:
      return OneIn(8) ? Datum::Double(std::numeric_limits<double>::quiet_NaN())
                      : Datum::Double(static_cast<double>(random_.Below(9) - 4) / 2);
    case Wanted::kString:
      return Datum::String(OneOf<4>(random_, {"", "a", "ab", "b"}));
    case Wanted::kBool:
      return Datum::Bool(OneIn(2));
    case Wanted::kList: {
      std::vector<Datum> items;
      for (int64_t left = random_.Below(4); left > 0; --left) items.push_back(Value(Wanted::kInt));
      return Datum::List(std::move(items));
    }
    default: {
      std::vector<Datum> items;
      if (OneIn(2)) items = {Datum::String("a"), Value(Wanted::kInt)};
      if (OneIn(2)) {
        items.push_back(Datum::String("b"));
        items.push_back(Value(Wanted::kInt));
      }
      return Datum::Map(std::move(items));
    }
  }
}

std::map<std::string, Datum> RandomExpression::Values() {
  std::vector<Datum> fields = {Datum::String("n"), Value(Wanted::kInt), Datum::String("t"),
                               Value(Wanted::kString)};
  if (OneIn(2)) {
    fields.push_back(Datum::String("x"));
    fields.push_back(Value(Wanted::kInt));
  }
  Datum untyped = OneIn(6) ? Datum::Uint(static_cast<uint64_t>(random_.Below(4)))
                           : Value(static_cast<Wanted>(random_.Below(6)));
  return {{"i", Value(Wanted::kInt)},
          {"d", Value(Wanted::kDouble)},
          {"s", Value(Wanted::kString)},
          {"b", Value(Wanted::kBool)},
          {"l", Value(Wanted::kList)},
          {"m", Value(Wanted::kMap)},
          {"o", OneIn(20) ? Datum::Null() : Datum::Map(std::move(fields))},
          {"u", std::move(untyped)}};
}

std::map<std::string, Type> RandomExpression::Types() {
  const Type whole = Type::Of(TypeKind::kInt);
  const Type text = Type::Of(TypeKind::kString);
  Type object = Type::Of(TypeKind::kObject);
  object.fields = {"n", "t", "x"};
  object.parameters = {whole, text, whole};
  return {{"i", whole},
          {"d", Type::Of(TypeKind::kDouble)},
          {"s", text},
          {"b", Type::Of(TypeKind::kBool)},
          {"l", Type::List(whole)},
          {"m", Type::Map(text, whole)},
          {"o", object}};
}

}  // namespace sidestream::expression
