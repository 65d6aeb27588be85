// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Nodes that fetch: constants, slots, locals, fields, elements.

#include <cmath>

#include "expression/nodes.h"
#include "expression/operators.h"
#include "serde/message.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

class ConstantNode final : public Node {
 public:
  explicit ConstantNode(Value value) : value_(value) {}
  bool Evaluate(Evaluation&, Value& out) const override {
    out = value_;
    return true;
  }
  const Value* constant() const override { return &value_; }

 private:
  Value value_;
};

class FailureNode final : public Node {
 public:
  explicit FailureNode(std::string message) : message_(std::move(message)) {}
  bool Evaluate(Evaluation& evaluation, Value&) const override { return evaluation.Fail(message_); }

 private:
  std::string message_;
};

class SlotNode final : public Node {
 public:
  SlotNode(int32_t slot, std::string text) : slot_(slot), text_(std::move(text)) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    out = evaluation.slot(slot_);
    if (!out.missing()) return true;
    return evaluation.Fail("field is missing: " + text_ + std::string(kMissingHint));
  }
  int32_t passed_slot() const override { return slot_; }

 private:
  int32_t slot_;
  std::string text_;
};

class LocalNode final : public Node {
 public:
  explicit LocalNode(int index) : index_(index) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    out = evaluation.local(index_);
    return true;
  }

 private:
  int index_;
};

bool NoField(Evaluation& evaluation, const serde::Message& message, std::string_view field) {
  return evaluation.Fail("message " + message.type->name + " has no field " + std::string(field));
}

// Selecting from an optional gives an optional (CEL calls it viral).
class SelectNode final : public Node {
 public:
  SelectNode(NodePtr operand, std::string_view field, bool optional, std::string text)
      : operand_(std::move(operand)), field_(field), text_(std::move(text)), optional_(optional) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value operand;
    if (!operand_->Evaluate(evaluation, operand)) return false;
    bool viral = optional_;
    if (operand.kind() == Kind::kOptional) {
      viral = true;
      if (operand.optional_value() == nullptr) {
        out = operand;
        return true;
      }
      operand = *operand.optional_value();
    }
    if (operand.kind() == Kind::kMessage)
      return FromMessage(evaluation, operand.message(), viral, out);
    if (operand.kind() != Kind::kMap) return FromOther(evaluation, operand, out);
    if (!evaluation.StepOverElements(operand.map().size())) return false;
    const Value found = operand.Field(field_);
    if (viral) {
      out = found.missing() ? Value::OptionalNone() : Value::OptionalOf(found, evaluation.arena());
      return true;
    }
    if (found.missing()) {
      return evaluation.Fail("field is missing: " + text_ + std::string(kMissingHint));
    }
    out = found;
    return true;
  }

 private:
  // A field that is not set reads as its default, but for an optional.
  bool FromMessage(Evaluation& evaluation, const serde::Message& message, bool viral,
                   Value& out) const {
    const serde::MessageField* field = message.type->Find(field_);
    if (field == nullptr) return NoField(evaluation, message, field_);
    if (!viral) {
      out = message.Get(*field);
      return true;
    }
    const Value* found = message.Find(*field);
    out = found == nullptr ? Value::OptionalNone() : Value::OptionalOf(*found, evaluation.arena());
    return true;
  }

  bool FromOther(Evaluation& evaluation, const Value& operand, Value& out) const {
    if (operand.null() && optional_) {
      out = Value::OptionalNone();
      return true;
    }
    std::string message = "cannot select " + text_ + " from " + KindText(operand);
    if (operand.null()) message += kMissingHint;
    return evaluation.Fail(std::move(message));
  }

  NodePtr operand_;
  std::string_view field_;
  std::string text_;
  bool optional_;
};

class HasNode final : public Node {
 public:
  HasNode(NodePtr operand, std::string_view field) : operand_(std::move(operand)), field_(field) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value operand;
    if (!operand_->Evaluate(evaluation, operand)) return false;
    if (operand.kind() == Kind::kOptional) {
      operand = operand.optional_value() == nullptr ? Value::Null() : *operand.optional_value();
    }
    // Null has no fields: has(a.b) says of it what a.?b does.
    if (operand.null()) {
      out = Value::Bool(false);
      return true;
    }
    if (operand.kind() == Kind::kMessage) {
      const serde::Message& message = operand.message();
      const serde::MessageField* field = message.type->Find(field_);
      if (field == nullptr) return NoField(evaluation, message, field_);
      out = Value::Bool(message.Find(*field) != nullptr);
      return true;
    }
    if (operand.kind() != Kind::kMap) {
      return evaluation.Fail("has() cannot look for a field in " + KindText(operand));
    }
    if (!evaluation.StepOverElements(operand.map().size())) return false;
    out = Value::Bool(!operand.Field(field_).missing());
    return true;
  }

 private:
  NodePtr operand_;
  std::string_view field_;
};

class IndexNode final : public Node {
 public:
  IndexNode(NodePtr operand, NodePtr index, bool optional, std::string text)
      : operand_(std::move(operand)),
        index_(std::move(index)),
        text_(std::move(text)),
        optional_(optional) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value operand;
    Value index;
    if (!operand_->Evaluate(evaluation, operand)) return false;
    bool viral = optional_;
    if (operand.kind() == Kind::kOptional) {
      viral = true;
      if (operand.optional_value() == nullptr) {
        out = operand;
        return true;
      }
      operand = *operand.optional_value();
    }
    if (!index_->Evaluate(evaluation, index)) return false;
    if (operand.null() && optional_) {
      out = Value::OptionalNone();
      return true;
    }
    Value found;
    if (operand.kind() == Kind::kMap) {
      if (!IsKeyKind(index.kind()) && index.kind() != Kind::kDouble) {
        return evaluation.Fail("a map has no keys of kind " + KindText(index) + ": " + text_);
      }
      if (!FindKey(operand, index, evaluation, found)) return false;
    } else if (operand.kind() == Kind::kList) {
      if (!FromList(evaluation, operand.list(), index, found)) return false;
    } else {
      return evaluation.Fail("cannot index " + KindText(operand) + ": " + text_);
    }
    if (viral) {
      out = found.missing() ? Value::OptionalNone() : Value::OptionalOf(found, evaluation.arena());
      return true;
    }
    if (found.missing()) {
      return evaluation.Fail(
          (operand.kind() == Kind::kMap ? "no such key: " : "index is out of range: ") + text_ +
          " with " + serde::DebugString(index, 80));
    }
    out = found;
    return true;
  }

 private:
  bool FromList(Evaluation& evaluation, std::span<const Value> items, const Value& index,
                Value& found) const {
    size_t at = items.size();
    if (index.kind() == Kind::kInt) {
      if (index.int_value() >= 0) at = static_cast<size_t>(index.int_value());
    } else if (index.kind() == Kind::kUint) {
      at = index.uint_value();
    } else if (index.kind() == Kind::kDouble &&
               std::trunc(index.double_value()) == index.double_value()) {
      const double real = index.double_value();
      if (real >= 0 && real < static_cast<double>(items.size())) at = static_cast<size_t>(real);
    } else {
      return evaluation.Fail("a list is indexed by an int, not by " +
                             serde::DebugString(index, 80) + " of kind " + KindText(index) + ": " +
                             text_);
    }
    if (at < items.size()) found = items[at];
    return true;
  }

  NodePtr operand_;
  NodePtr index_;
  std::string text_;
  bool optional_;
};

}  // namespace

NodePtr MakeConstant(Value value) { return std::make_unique<ConstantNode>(value); }
NodePtr MakeFailure(std::string message) {
  return std::make_unique<FailureNode>(std::move(message));
}
NodePtr MakeSlot(int32_t slot, std::string text) {
  return std::make_unique<SlotNode>(slot, std::move(text));
}
NodePtr MakeLocal(int index) { return std::make_unique<LocalNode>(index); }
NodePtr MakeSelect(NodePtr operand, std::string_view field, bool optional, std::string text) {
  return std::make_unique<SelectNode>(std::move(operand), field, optional, std::move(text));
}
NodePtr MakeHas(NodePtr operand, std::string_view field) {
  return std::make_unique<HasNode>(std::move(operand), field);
}
NodePtr MakeIndex(NodePtr operand, NodePtr index, bool optional, std::string text) {
  return std::make_unique<IndexNode>(std::move(operand), std::move(index), optional,
                                     std::move(text));
}

}  // namespace sidestream::expression
