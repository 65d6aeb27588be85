// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The node that makes a message.

#include "expression/nodes.h"
#include "serde/message_builder.h"

namespace sidestream::expression {
namespace {

using serde::Value;

class MessageNode final : public Node {
 public:
  MessageNode(const serde::MessageTypes& types, const serde::MessageType& type,
              std::vector<MessageFieldNode> fields)
      : types_(types), type_(type), fields_(std::move(fields)) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    // What a field converts to is not much larger than what is given; an Any grows as it is read.
    if (!evaluation.Reserve(fields_.size() * sizeof(serde::MessageEntry))) return false;
    const auto entries = evaluation.arena().NewArray<serde::MessageEntry>(fields_.size());
    size_t count = 0;
    for (const MessageFieldNode& field : fields_) {
      Value value;
      if (!field.value->Evaluate(evaluation, value)) return false;
      if (field.optional) {
        if (value.kind() != Value::Kind::kOptional) {
          return evaluation.Fail("a field marked '?' needs an optional, not " + KindText(value));
        }
        if (value.optional_value() == nullptr) continue;
        value = *value.optional_value();
      }
      if (value.kind() == Value::Kind::kBytes &&
          !evaluation.Reserve(value.string_value().size() * sizeof(Value))) {
        return false;
      }
      entries[count++] = {field.field, value};
    }
    const Result<Value> made =
        serde::NewMessage(types_, type_, entries.first(count), evaluation.arena());
    if (!made.ok()) return evaluation.Fail(made.status().message());
    out = *made;
    return true;
  }

 private:
  const serde::MessageTypes& types_;
  const serde::MessageType& type_;
  std::vector<MessageFieldNode> fields_;
};

}  // namespace

NodePtr MakeMessage(const serde::MessageTypes& types, const serde::MessageType& type,
                    std::vector<MessageFieldNode> fields) {
  return std::make_unique<MessageNode>(types, type, std::move(fields));
}

}  // namespace sidestream::expression
