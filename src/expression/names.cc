// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/names.h"

#include <algorithm>

namespace sidestream::expression {
namespace {

constexpr std::string_view kTypeNames[] = {"bool",
                                           "int",
                                           "uint",
                                           "double",
                                           "decimal",
                                           "string",
                                           "bytes",
                                           "list",
                                           "map",
                                           "null_type",
                                           "type",
                                           "optional_type",
                                           "google.protobuf.Timestamp",
                                           "google.protobuf.Duration",
                                           "net.IP",
                                           "net.CIDR"};

// Of the types and constants that the scope brings along.
NameMeaning FromMessages(const Scope& scope, const std::string& name, size_t length) {
  const serde::MessageTypes* types = scope.message_types();
  if (types == nullptr) return {};
  if (types->Find(name) != nullptr) return {NameMeaning::Kind::kType, name, length, {}};
  const std::optional<serde::Value> constant = types->EnumConstant(name);
  if (!constant) return {};
  return {NameMeaning::Kind::kConstant, name, length, *constant};
}

void Outwards(std::string& container) {
  const size_t dot = container.rfind('.');
  container.resize(dot == std::string::npos ? 0 : dot);
}

}  // namespace

NameMeaning ResolveName(const Scope& scope, std::span<const std::string> names, bool absolute) {
  std::string container(absolute ? "" : scope.container());
  while (true) {
    const std::string prefix = container.empty() ? "" : container + ".";
    for (size_t length = names.size(); length > 0; --length) {
      const std::string name = prefix + JoinNames(names.first(length));
      if (scope.HasVariable(name)) return {NameMeaning::Kind::kVariable, name, length, {}};
    }
    const std::string whole = prefix + JoinNames(names);
    if (std::find(std::begin(kTypeNames), std::end(kTypeNames), whole) != std::end(kTypeNames))
      return {NameMeaning::Kind::kType, whole, names.size(), {}};
    NameMeaning meaning = FromMessages(scope, whole, names.size());
    if (meaning.kind != NameMeaning::Kind::kUnknown || container.empty()) return meaning;
    Outwards(container);
  }
}

const serde::MessageType* ResolveMessage(const Scope& scope, std::string_view name, bool absolute) {
  const serde::MessageTypes* types = scope.message_types();
  if (types == nullptr) return nullptr;
  std::string container(absolute ? "" : scope.container());
  while (true) {
    const std::string prefix = container.empty() ? "" : container + ".";
    const serde::MessageType* found = types->Find(prefix + std::string(name));
    if (found != nullptr || container.empty()) return found;
    Outwards(container);
  }
}

CallMeaning ResolveCall(const Call& call, const Scope& scope, const FunctionTable& functions,
                        bool hidden) {
  if (!call.receiver) return {call.function, nullptr};
  const std::vector<std::string> chain = PlainChain(*call.receiver);
  if (!chain.empty() && !hidden) {
    const std::string space = JoinNames(chain) + ".";
    const bool variable = ResolveName(scope, chain, false).kind == NameMeaning::Kind::kVariable;
    if (!functions.Find(space + call.function, false).empty() ||
        (!variable && functions.HasNamespace(space))) {
      return {space + call.function, nullptr};
    }
  }
  return {call.function, call.receiver.get()};
}

std::string JoinNames(std::span<const std::string> names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ".") + name;
  return joined;
}

const Expr& FirstOf(const Expr& chain) {
  const Expr* at = &chain;
  while (const auto* select = std::get_if<Select>(&at->node)) at = select->operand.get();
  return *at;
}

const Ident* LocalCandidate(const Expr& expr) {
  const auto* ident = std::get_if<Ident>(&FirstOf(expr).node);
  return ident != nullptr && !ident->absolute ? ident : nullptr;
}

}  // namespace sidestream::expression
