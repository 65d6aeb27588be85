// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CEL as its specification reads, as plainly as possible: walks the tree, copies every value, and
// knows no slots, no arena and no types. What the compiled programs are compared with. It shares
// nothing with them but the tree, and takes the part of the language that RandomExpression writes.
//
// Threading: values.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "expression/ast.h"

namespace sidestream::expression {

/// A value, or an error.
struct Datum {
  enum class Kind : uint8_t {
    kError,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kList,
    kMap,       // items: key, value, key, value …
    kOptional,  // items: the value, if there is one
  };

  Kind kind = Kind::kError;
  bool truth = false;
  int64_t integer = 0;
  uint64_t natural = 0;
  double real = 0;
  std::string text;
  std::vector<Datum> items;

  static Datum Error() { return {}; }
  static Datum Null();
  static Datum Bool(bool value);
  static Datum Int(int64_t value);
  static Datum Uint(uint64_t value);
  static Datum Double(double value);
  static Datum String(std::string value);
  static Datum List(std::vector<Datum> items);
  static Datum Map(std::vector<Datum> items);

  bool error() const { return kind == Kind::kError; }
};

/// A missing variable is an error where it is read.
Datum NaiveEvaluate(const Expr& expr, std::map<std::string, Datum> variables);

/// The same value, to the kind and the bit of a double; any error is like any other.
bool SameDatum(const Datum& a, const Datum& b);

/// For messages.
std::string DatumText(const Datum& datum);

}  // namespace sidestream::expression
