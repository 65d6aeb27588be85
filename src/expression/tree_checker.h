// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One walk over a tree that finds its type; CheckTree (checker.h) is the way in. Internal to
// this folder: names and operators are in tree_checker.cc, calls and macros in
// tree_checker_calls.cc, messages in tree_checker_messages.cc.
//
// Invariant: an error is reported once; what holds the part that has it sees a dyn.
//
// Threading: confined to one thread and one tree.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "expression/ast.h"
#include "expression/function_table.h"
#include "expression/program.h"
#include "expression/type.h"
#include "expression/type_inference.h"

namespace sidestream::expression {

class TreeChecker {
 public:
  /// All are borrowed for the walk.
  TreeChecker(const Scope& scope, const FunctionTable& functions, std::vector<CompileError>& errors)
      : scope_(scope), functions_(functions), errors_(errors) {}

  Type Check(const Expr& expr);
  /// Every expression that was checked, with its type as it was known then.
  const std::vector<std::pair<const Expr*, Type>>& types() const { return checked_; }
  /// Of a type that Check gave.
  Type Final(const Type& type) const { return types_.Final(type); }

 private:
  Type Visit(const Literal& n, const Expr&) { return TypeOfKind(n.value.kind()); }
  static Type Visit(const SlotReference& n, const Expr&) { return n.type; }
  std::string Text(const Type& type) const { return TypeText(types_.Final(type)); }
  Type Error(SourcePosition position, std::string message, std::string suggestion = "");
  const Type* FindLocal(const Expr& expr) const;
  Type Visit(const Ident&, const Expr& expr);
  Type Visit(const Select& n, const Expr& expr);
  Type Chain(const Expr& expr);
  Type UnknownName(const std::string& name, const Expr& expr);
  Type SelectFrom(const Type& operand, const std::string& field, bool optional,
                  SourcePosition position);
  static bool HasNoType(const Type& type);
  Type Visit(const Has& n, const Expr& expr);
  Type Visit(const Index& n, const Expr& expr);
  Type IndexInto(const Type& from, const Type& index, const Index& n, const Expr& expr);
  Type Visit(const Unary& n, const Expr& expr);
  Type Visit(const Binary& n, const Expr& expr);
  void CheckCondition(const Expr& expr, const std::string& what);
  Type Visit(const Logic& n, const Expr&);
  Type Visit(const Conditional& n, const Expr&);
  Type Unwrapped(const Expr& expr);
  Type Visit(const ListLiteral& n, const Expr&);
  Type Visit(const MapLiteral& n, const Expr&);
  Type CheckKey(const Expr& expr);
  Type Visit(const MessageLiteral& n, const Expr& expr);
  Type UnknownMessage(const std::string& name, SourcePosition position);
  /// Null when values of `type` are no messages.
  const serde::MessageType* MessageOf(const Type& type) const;
  Type MessageField(const serde::MessageType& message, const std::string& field,
                    SourcePosition position);
  Type Visit(const Comprehension& n, const Expr& expr);
  static std::string MacroRange(Macro macro);
  bool EnterMacro(const Comprehension& n, const Type& range);
  Type MacroResult(const Comprehension& n, const Type& body, const Type& key);
  Type Visit(const Call& n, const Expr& expr);
  Type UnknownFunction(const std::string& name, bool member, SourcePosition position);
  Type NoOverload(const std::vector<const FunctionTable::Entry*>& found, bool member,
                  const std::vector<const Expr*>& exprs, const std::vector<Type>& arguments,
                  SourcePosition position);
  std::vector<size_t> WrongArguments(const Overload& overload, const std::vector<Type>& arguments);

  const Scope& scope_;
  const FunctionTable& functions_;
  std::vector<CompileError>& errors_;
  TypeInference types_;
  std::vector<std::pair<const Expr*, Type>> checked_;
  std::vector<std::pair<std::string, Type>> locals_;  // of the macros around, innermost last
};

}  // namespace sidestream::expression
