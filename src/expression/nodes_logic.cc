// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Nodes that compute or choose: operators, && and ||, conditional, or and orValue, calls.

#include <array>

#include "expression/nodes.h"
#include "expression/operators.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

class UnaryNode final : public Node {
 public:
  UnaryNode(UnaryOperator op, NodePtr operand) : op_(op), operand_(std::move(operand)) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value operand;
    return operand_->Evaluate(evaluation, operand) && ApplyUnary(op_, operand, evaluation, out);
  }

 private:
  UnaryOperator op_;
  NodePtr operand_;
};

class BinaryNode final : public Node {
 public:
  BinaryNode(BinaryOperator op, NodePtr left, NodePtr right)
      : op_(op), left_(std::move(left)), right_(std::move(right)) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value left;
    Value right;
    return left_->Evaluate(evaluation, left) && right_->Evaluate(evaluation, right) &&
           ApplyBinary(op_, left, right, evaluation, out);
  }

 private:
  BinaryOperator op_;
  NodePtr left_;
  NodePtr right_;
};

class LogicNode final : public Node {
 public:
  LogicNode(bool conjunction, std::vector<NodePtr> operands)
      : conjunction_(conjunction), operands_(std::move(operands)) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    bool result = false;
    if (!Holds(evaluation, result)) return false;
    out = Value::Bool(result);
    return true;
  }
  bool Test(Evaluation& evaluation, std::string_view, bool& result) const override {
    return Holds(evaluation, result);
  }

 private:
  // One operand that decides wins over errors on either side of it.
  bool Holds(Evaluation& evaluation, bool& result) const {
    const std::string_view needs = conjunction_ ? "'&&' needs bools" : "'||' needs bools";
    for (const NodePtr& operand : operands_) {
      if (!operand->Test(evaluation, needs, result))
        return BehindError(evaluation, needs, operand, result);
      if (result != conjunction_) return true;
    }
    result = conjunction_;
    return true;
  }

  // After `failed`: whether one behind it decides, else its error.
  bool BehindError(Evaluation& evaluation, std::string_view needs, const NodePtr& failed,
                   bool& result) const {
    std::string first_error = evaluation.TakeError();
    for (const NodePtr* at = &failed + 1; at != operands_.data() + operands_.size(); ++at) {
      if ((*at)->Test(evaluation, needs, result) && result != conjunction_) return true;
    }
    return evaluation.Fail(std::move(first_error));
  }

  bool conjunction_;
  std::vector<NodePtr> operands_;
};

class ConditionalNode final : public Node {
 public:
  ConditionalNode(NodePtr condition, NodePtr then, NodePtr otherwise)
      : condition_(std::move(condition)),
        then_(std::move(then)),
        otherwise_(std::move(otherwise)) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    bool holds = false;
    if (!condition_->Test(evaluation, "'? :' needs a bool before '?'", holds)) return false;
    return (holds ? then_ : otherwise_)->Evaluate(evaluation, out);
  }

 private:
  NodePtr condition_;
  NodePtr then_;
  NodePtr otherwise_;
};

class OptionalOrNode final : public Node {
 public:
  OptionalOrNode(NodePtr receiver, NodePtr argument, bool unwrap)
      : receiver_(std::move(receiver)), argument_(std::move(argument)), unwrap_(unwrap) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    if (!receiver_->Evaluate(evaluation, out)) return false;
    if (out.kind() != Kind::kOptional) {
      return evaluation.Fail(std::string(unwrap_ ? "orValue" : "or") +
                             "() needs an optional, not " + KindText(out) +
                             ": select with .? to get one");
    }
    if (out.optional_value() != nullptr) {
      if (unwrap_) out = *out.optional_value();
      return true;
    }
    if (!argument_->Evaluate(evaluation, out)) return false;
    if (unwrap_ || out.kind() == Kind::kOptional) return true;
    return evaluation.Fail("or() takes an optional, not " + KindText(out) + ": use orValue()");
  }

 private:
  NodePtr receiver_;
  NodePtr argument_;
  bool unwrap_;
};

class CallNode final : public Node {
  static constexpr size_t kRegexSteps = 1'000;

 public:
  CallNode(const Function& function, std::vector<NodePtr> arguments,
           std::unique_ptr<const Regex> regex)
      : function_(function), arguments_(std::move(arguments)), regex_(std::move(regex)) {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    std::array<Value, 4> few;
    std::span<Value> values(few);
    if (arguments_.size() > few.size()) {
      if (!evaluation.NewValues(arguments_.size(), values)) return false;
    } else {
      values = values.first(arguments_.size());
    }
    for (size_t i = 0; i < arguments_.size(); ++i) {
      if (!arguments_[i]->Evaluate(evaluation, values[i])) return false;
    }
    if (!function_.counted && !StepOver(evaluation, values)) return false;
    switch (Run(evaluation, values, out)) {
      case Outcome::kOk:
        return true;
      case Outcome::kFailed:
        return false;
      case Outcome::kNoOverload:
        break;
    }
    std::string message = "no such function: " + std::string(function_.name) + "(";
    for (size_t i = 0; i < values.size(); ++i) message += (i > 0 ? ", " : "") + KindText(values[i]);
    return evaluation.Fail(message + ")");
  }

 private:
  static bool StepOver(Evaluation& evaluation, std::span<const Value> values) {
    for (const Value& value : values) {
      const bool text = value.kind() == Kind::kString || value.kind() == Kind::kBytes;
      if (text && !evaluation.StepOverText(value.string_value().size())) return false;
      if (value.kind() == Kind::kList && !evaluation.StepOverElements(value.list().size()))
        return false;
    }
    return true;
  }

  Outcome Run(Evaluation& evaluation, std::span<const Value> values, Value& out) const {
    if (function_.pattern < 0) return function_.run(evaluation, values, out);
    if (regex_) return function_.run_regex(evaluation, *regex_, values, out);
    const Value& pattern = values[static_cast<size_t>(function_.pattern)];
    if (pattern.kind() != Kind::kString) return Outcome::kNoOverload;
    // A pattern that comes with the record is compiled for it.
    if (!evaluation.Step(kRegexSteps)) return Outcome::kFailed;
    std::string error;
    const auto regex = Regex::Compile(pattern.string_value(), error);
    if (regex) return function_.run_regex(evaluation, *regex, values, out);
    evaluation.Fail(std::move(error));
    return Outcome::kFailed;
  }

  const Function& function_;
  std::vector<NodePtr> arguments_;
  std::unique_ptr<const Regex> regex_;
};

}  // namespace

NodePtr MakeUnary(UnaryOperator op, NodePtr operand) {
  return std::make_unique<UnaryNode>(op, std::move(operand));
}
NodePtr MakeBinary(BinaryOperator op, NodePtr left, NodePtr right) {
  return std::make_unique<BinaryNode>(op, std::move(left), std::move(right));
}
NodePtr MakeLogic(bool conjunction, std::vector<NodePtr> operands) {
  return std::make_unique<LogicNode>(conjunction, std::move(operands));
}
NodePtr MakeConditional(NodePtr condition, NodePtr then, NodePtr otherwise) {
  return std::make_unique<ConditionalNode>(std::move(condition), std::move(then),
                                           std::move(otherwise));
}
NodePtr MakeOptionalOr(NodePtr receiver, NodePtr argument, bool unwrap) {
  return std::make_unique<OptionalOrNode>(std::move(receiver), std::move(argument), unwrap);
}
NodePtr MakeCall(const Function& function, std::vector<NodePtr> arguments,
                 std::unique_ptr<const Regex> regex) {
  return std::make_unique<CallNode>(function, std::move(arguments), std::move(regex));
}

bool NeedsOther(Evaluation& evaluation, std::string_view needs, const Value& value) {
  return evaluation.Fail(std::string(needs) + ", not " +
                         std::string(serde::KindName(value.kind())));
}

}  // namespace sidestream::expression
