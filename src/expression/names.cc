// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/names.h"

#include <algorithm>

namespace sidestream::expression {
namespace {

constexpr std::string_view kTypeNames[] = {"bool",
                                           "int",
                                           "uint",
                                           "double",
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

}  // namespace

NameMeaning ResolveName(const Scope& scope, std::span<const std::string> names, bool absolute) {
  std::string container(absolute ? "" : scope.container());
  while (true) {
    const std::string prefix = container.empty() ? "" : container + ".";
    for (size_t length = names.size(); length > 0; --length) {
      const std::string name = prefix + JoinNames(names.first(length));
      if (scope.HasVariable(name)) return {NameMeaning::Kind::kVariable, name, length};
    }
    const std::string whole = prefix + JoinNames(names);
    if (std::find(std::begin(kTypeNames), std::end(kTypeNames), whole) != std::end(kTypeNames))
      return {NameMeaning::Kind::kType, whole, names.size()};
    if (container.empty()) return {};
    const size_t dot = container.rfind('.');
    container.resize(dot == std::string::npos ? 0 : dot);
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
