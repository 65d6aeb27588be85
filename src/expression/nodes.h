// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Makes the nodes that a compiled expression consists of.
//
// Threading: nodes are immutable after they are made.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expression/ast.h"
#include "expression/evaluation.h"
#include "expression/function.h"
#include "expression/regex.h"
#include "serde/message_types.h"

namespace sidestream::expression {

/// Appended where a field is missing or selected from null (topology-language L6).
inline constexpr std::string_view kMissingHint =
    " (test it with has(), read it with .? and orValue(), or set the step's on_error)";

/// `value` must outlive the node.
NodePtr MakeConstant(serde::Value value);
/// Fails with `message` in every run.
NodePtr MakeFailure(std::string message);
/// `text` is the chain that the slot stands for.
NodePtr MakeSlot(int32_t slot, std::string text);
/// Variable `index` of the macros around.
NodePtr MakeLocal(int index);

/// `text` is the whole select or index, for messages. `field` is borrowed.
NodePtr MakeSelect(NodePtr operand, std::string_view field, bool optional, std::string text);
NodePtr MakeHas(NodePtr operand, std::string_view field);
NodePtr MakeIndex(NodePtr operand, NodePtr index, bool optional, std::string text);

NodePtr MakeUnary(UnaryOperator op, NodePtr operand);
NodePtr MakeBinary(BinaryOperator op, NodePtr left, NodePtr right);
/// For operands that are expected to be of `kind`: the same meaning, faster where they are.
NodePtr MakeTypedBinary(BinaryOperator op, serde::Value::Kind kind, NodePtr left, NodePtr right);
NodePtr MakeLogic(bool conjunction, std::vector<NodePtr> operands);
NodePtr MakeConditional(NodePtr condition, NodePtr then, NodePtr otherwise);

struct ListElementNode {
  NodePtr value;
  bool optional = false;
};
NodePtr MakeList(std::vector<ListElementNode> elements);

struct MapEntryNode {
  NodePtr key;
  NodePtr value;
  bool optional = false;
};
NodePtr MakeMap(std::vector<MapEntryNode> entries);

struct MessageFieldNode {
  const serde::MessageField* field = nullptr;
  NodePtr value;
  bool optional = false;
};
/// `types` and `type` must outlive the node.
NodePtr MakeMessage(const serde::MessageTypes& types, const serde::MessageType& type,
                    std::vector<MessageFieldNode> fields);

struct ComprehensionParts {
  Macro macro = Macro::kAll;
  std::string name;
  int first_local = 0;
  bool two_variables = false;
  NodePtr range;
  NodePtr filter;  // may be null
  NodePtr body;
};
NodePtr MakeComprehension(ComprehensionParts parts);

/// `regex` is the compiled pattern when that argument is constant, else null.
NodePtr MakeCall(const Function& function, std::vector<NodePtr> arguments,
                 std::unique_ptr<const Regex> regex);

/// receiver.or(argument), or receiver.orValue(argument) when `unwrap`: the argument is
/// evaluated only when the receiver is none.
NodePtr MakeOptionalOr(NodePtr receiver, NodePtr argument, bool unwrap);

}  // namespace sidestream::expression
