// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A scope for tests: variables with values, slots filled from them as a reader would,
// and an environment that counts instead of asking the world.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "expression/program.h"
#include "serde/message_types.h"
#include "serde/value.h"

namespace sidestream::expression {

class TestScope final : public Scope {
 public:
  using Path = std::vector<std::string>;

  void Set(const std::string& name, serde::Value value) { variables_[name] = value; }
  /// Names are looked up from here outwards, as CEL does in a container.
  void set_container(std::string container) { container_ = std::move(container); }

  /// Borrowed; null: no messages.
  void set_message_types(const serde::MessageTypes* types) { message_types_ = types; }

  /// What the checker may know of a variable, which may have no value.
  void Declare(const std::string& name, Type type) { types_[name] = std::move(type); }

  bool HasVariable(std::string_view name) const override {
    return Find(name) != nullptr || types_.contains(std::string(name));
  }
  Type VariableType(std::string_view name) const override {
    const auto found = types_.find(std::string(name));
    return found == types_.end() ? Type() : found->second;
  }
  std::string_view container() const override { return container_; }
  const serde::MessageTypes* message_types() const override { return message_types_; }
  std::vector<std::string> VariableNames() const override {
    std::vector<std::string> names;
    for (const auto& [name, value] : variables_) names.push_back(name);
    for (const auto& [name, type] : types_) {
      if (!variables_.contains(name)) names.push_back(name);
    }
    return names;
  }
  int32_t Slot(std::string_view variable, std::span<const std::string> path) override {
    const std::pair<std::string, Path> question(variable, Path(path.begin(), path.end()));
    for (size_t i = 0; i < slots_.size(); ++i) {
      if (slots_[i] == question) return static_cast<int32_t>(i);
    }
    slots_.push_back(question);
    return static_cast<int32_t>(slots_.size() - 1);
  }

  const std::vector<std::pair<std::string, Path>>& slots() const { return slots_; }

  /// A field that is not there, or lies below what is no map, is missing.
  std::vector<serde::Value> Row() const {
    std::vector<serde::Value> row;
    for (const auto& [variable, path] : slots_) {
      const serde::Value* found = Find(variable);
      serde::Value value = found == nullptr ? serde::Value() : *found;
      for (const std::string& field : path) {
        value = FieldOf(value, field);
      }
      row.push_back(value);
    }
    return row;
  }

 private:
  static serde::Value FieldOf(const serde::Value& value, const std::string& name) {
    if (value.kind() == serde::Value::Kind::kMap) return value.Field(name);
    if (value.kind() != serde::Value::Kind::kMessage) return {};
    const serde::MessageField* field = value.message().type->Find(name);
    return field == nullptr ? serde::Value() : value.message().Get(*field);
  }

  const serde::Value* Find(std::string_view name) const {
    const auto found = variables_.find(std::string(name));
    return found == variables_.end() ? nullptr : &found->second;
  }

  std::map<std::string, serde::Value> variables_;
  std::map<std::string, Type> types_;
  std::vector<std::pair<std::string, Path>> slots_;
  std::string container_;
  const serde::MessageTypes* message_types_ = nullptr;
};

class TestEnvironment final : public Environment {
 public:
  serde::Nanos Now() override { return {1'767'225'600, 0}; }
  uint64_t RandomBits() override { return ++bits_ * 0x9E3779B97F4A7C15u; }

 private:
  uint64_t bits_ = 0;
};

}  // namespace sidestream::expression
