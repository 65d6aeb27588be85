// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The type of an expression, as far as it is known before a record is there.
//
// Gradual: where nothing is known the type is dyn, which fits everything and is looked at per
// record. Null fits every type (topology-language L6), so "int" means "int or null".
//
// Place in the flow: a Scope gives the types of variables, the function tables those of
// functions, the checker all others; Program::type() is the result.
//
// Threading: values.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serde/value.h"

namespace sidestream::expression {

enum class TypeKind : uint8_t {
  kDyn,
  kNull,
  kBool,
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTimestamp,
  kDuration,
  kDecimal,
  kType,      // of type(x)
  kList,      // parameters: element
  kMap,       // parameters: key, value
  kOptional,  // parameters: value
  kObject,    // an object of which some fields have types; the others are dyn, or do not exist
  kNamed,     // any other, by name: net.IP
  kNumber,    // int, uint or double: in signatures only
  kVariable,  // stands for one type: in signatures, and while types are inferred
};

struct Type {
  TypeKind kind = TypeKind::kDyn;
  std::string name;  // kNamed
  int variable = 0;  // kVariable
  std::vector<Type> parameters;
  std::vector<std::string> fields;  // kObject: the name of each parameter
  bool closed = false;              // kObject: it has no other fields

  static Type Of(TypeKind kind) { return {kind, "", 0, {}, {}}; }
  static Type Named(std::string name) { return {TypeKind::kNamed, std::move(name), 0, {}, {}}; }
  static Type List(Type element);
  static Type Map(Type key, Type value);
  static Type Optional(Type value);

  bool dyn() const { return kind == TypeKind::kDyn; }
  bool Is(TypeKind other) const { return kind == other; }
  /// Of a kObject: the type of `field`, null where nothing is known of it.
  const Type* Field(std::string_view field) const;

  friend bool operator==(const Type&, const Type&) = default;
};

/// The type of the values of a kind; lists and maps of dyn.
Type TypeOfKind(serde::Value::Kind kind);

/// The kind of all values of `type` but null, where they have one.
std::optional<serde::Value::Kind> KindOfType(const Type& type);

/// "map<string, int>": as signatures are written.
std::string TypeText(const Type& type);

/// "string.indexOf(string)" as a member, else "math.abs(int)".
std::string CallText(std::string_view function, bool member, const std::vector<Type>& arguments);

/// What a function takes and gives. Type variables are numbered from 0 in each overload.
struct Overload {
  std::vector<Type> parameters;
  bool repeats = false;  // the last parameter stands once or more often
  Type result;

  bool Takes(size_t arguments) const {
    return repeats ? arguments >= parameters.size() : arguments == parameters.size();
  }
};

/// "string, int -> string | list<A>, int... -> A": one capital letter is a type variable.
/// Requires a text that is well formed (it is a part of this program).
std::vector<Overload> ParseSignature(std::string_view text);

}  // namespace sidestream::expression
