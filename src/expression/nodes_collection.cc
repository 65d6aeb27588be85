// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Nodes that make or walk lists and maps: literals and macros.

#include "expression/nodes.h"
#include "expression/operators.h"

namespace sidestream::expression {
namespace {

using serde::MapEntry;
using serde::Value;
using Kind = Value::Kind;

// An optional element or entry: its value in `value`, or `present` false.
bool Unwrap(Evaluation& evaluation, Value& value, bool& present) {
  if (value.kind() != Kind::kOptional) {
    return evaluation.Fail("an element marked '?' needs an optional, not " + KindText(value));
  }
  present = value.optional_value() != nullptr;
  if (present) value = *value.optional_value();
  return true;
}

// Entries of a map under construction; keys are checked as they come.
class MapBuilder {
 public:
  [[nodiscard]] bool Start(Evaluation& evaluation, size_t capacity) {
    return evaluation.NewEntries(capacity, entries_);
  }
  [[nodiscard]] bool Add(Evaluation& evaluation, const Value& key, const Value& value) {
    if (!IsKeyKind(key.kind())) {
      return evaluation.Fail("a key of a map is a string, int, uint or bool, not " + KindText(key));
    }
    if (!evaluation.StepOverElements(count_)) return false;
    for (size_t i = 0; i < count_; ++i) {
      if (Value::Equal(entries_[i].key, key)) {
        return evaluation.Fail("a map has the same key twice: " + serde::DebugString(key, 80));
      }
    }
    AddUnique(key, value);
    return true;
  }
  // Requires a key that came out of another map and room from Start.
  void AddUnique(const Value& key, const Value& value) { entries_[count_++] = {key, value}; }
  // Entries of several maps in one: grows as they come.
  [[nodiscard]] bool AddAll(Evaluation& evaluation, std::span<const MapEntry> more) {
    if (count_ + more.size() > entries_.size()) {
      std::span<MapEntry> larger;
      if (!evaluation.NewEntries((count_ + more.size()) * 2, larger)) return false;
      std::copy(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(count_),
                larger.begin());
      entries_ = larger;
    }
    for (const MapEntry& entry : more) {
      if (!evaluation.Step() || !Add(evaluation, entry.key, entry.value)) return false;
    }
    return true;
  }
  Value Finish() const { return Value::Map(entries_.first(count_)); }

 private:
  std::span<MapEntry> entries_;
  size_t count_ = 0;
};

class ListNode final : public Node {
 public:
  explicit ListNode(std::vector<ListElementNode> elements) : elements_(std::move(elements)) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    std::span<Value> items;
    if (!evaluation.NewValues(elements_.size(), items)) return false;
    size_t count = 0;
    for (const ListElementNode& element : elements_) {
      Value value;
      bool present = true;
      if (!element.value->Evaluate(evaluation, value)) return false;
      if (element.optional && !Unwrap(evaluation, value, present)) return false;
      if (present) items[count++] = value;
    }
    out = Value::List(items.first(count));
    return true;
  }

 private:
  std::vector<ListElementNode> elements_;
};

class MapNode final : public Node {
 public:
  explicit MapNode(std::vector<MapEntryNode> entries) : entries_(std::move(entries)) {}
  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    MapBuilder builder;
    if (!builder.Start(evaluation, entries_.size())) return false;
    for (const MapEntryNode& entry : entries_) {
      Value key;
      Value value;
      bool present = true;
      if (!entry.key->Evaluate(evaluation, key) || !entry.value->Evaluate(evaluation, value))
        return false;
      if (entry.optional && !Unwrap(evaluation, value, present)) return false;
      if (present && !builder.Add(evaluation, key, value)) return false;
    }
    out = builder.Finish();
    return true;
  }

 private:
  std::vector<MapEntryNode> entries_;
};

class ComprehensionNode final : public Node {
 public:
  explicit ComprehensionNode(ComprehensionParts parts)
      : parts_(std::move(parts)), needs_(parts_.name + "() needs a condition that is a bool") {}

  bool Evaluate(Evaluation& evaluation, Value& out) const override {
    Value range;
    if (!parts_.range->Evaluate(evaluation, range)) return false;
    switch (parts_.macro) {
      case Macro::kBind:
        evaluation.local(parts_.first_local) = range;
        return parts_.body->Evaluate(evaluation, out);
      case Macro::kOptMap:
      case Macro::kOptFlatMap:
        return Optional(evaluation, range, out);
      default:
        break;
    }
    if (range.kind() != Kind::kList && range.kind() != Kind::kMap) {
      return evaluation.Fail(parts_.name + "() needs a list or a map, not " + KindText(range));
    }
    switch (parts_.macro) {
      case Macro::kSortBy:
        return SortByBody(evaluation, range, out);
      case Macro::kAll:
      case Macro::kExists:
        return Quantify(evaluation, range, out);
      case Macro::kExistsOne:
        return Count(evaluation, range, out);
      case Macro::kTransformMap:
      case Macro::kTransformMapEntry:
        return MakeMapOf(evaluation, range, out);
      default:
        return MakeListOf(evaluation, range, out);
    }
  }

 private:
  static size_t Size(const Value& range) {
    return range.kind() == Kind::kList ? range.list().size() : range.map().size();
  }

  // Element `i` into the macro's variables.
  [[nodiscard]] bool Enter(Evaluation& evaluation, const Value& range, size_t i) const {
    Value& first = evaluation.local(parts_.first_local);
    if (range.kind() == Kind::kList) {
      first = parts_.two_variables ? Value::Int(static_cast<int64_t>(i)) : range.list()[i];
      if (parts_.two_variables) evaluation.local(parts_.first_local + 1) = range.list()[i];
    } else {
      first = range.map()[i].key;
      if (parts_.two_variables) evaluation.local(parts_.first_local + 1) = range.map()[i].value;
    }
    return evaluation.Step();
  }

  [[nodiscard]] bool Holds(Evaluation& evaluation, const Node& predicate, bool& result) const {
    return predicate.Test(evaluation, needs_, result);
  }

  // all is a chain of &&, exists one of ||: an element that decides absorbs errors.
  bool Quantify(Evaluation& evaluation, const Value& range, Value& out) const {
    const bool all = parts_.macro == Macro::kAll;
    bool failed = false;
    std::string first_error;
    for (size_t i = 0; i < Size(range); ++i) {
      if (!Enter(evaluation, range, i)) return false;
      bool result = false;
      if (!Holds(evaluation, *parts_.body, result)) {
        std::string error = evaluation.TakeError();
        if (!failed) first_error = std::move(error);
        failed = true;
      } else if (result != all) {
        out = Value::Bool(!all);
        return true;
      }
    }
    if (failed) return evaluation.Fail(std::move(first_error));
    out = Value::Bool(all);
    return true;
  }

  bool Count(Evaluation& evaluation, const Value& range, Value& out) const {
    int64_t count = 0;
    for (size_t i = 0; i < Size(range); ++i) {
      bool result = false;
      if (!Enter(evaluation, range, i) || !Holds(evaluation, *parts_.body, result)) return false;
      if (result) ++count;
    }
    out = Value::Bool(count == 1);
    return true;
  }

  bool MakeListOf(Evaluation& evaluation, const Value& range, Value& out) const {
    std::span<Value> items;
    if (!evaluation.NewValues(Size(range), items)) return false;
    size_t count = 0;
    for (size_t i = 0; i < Size(range); ++i) {
      if (!Enter(evaluation, range, i)) return false;
      bool keep = true;
      if (parts_.macro == Macro::kFilter) {
        if (!Holds(evaluation, *parts_.body, keep)) return false;
        if (keep) items[count++] = evaluation.local(parts_.first_local);
        continue;
      }
      if (parts_.filter && !Holds(evaluation, *parts_.filter, keep)) return false;
      if (!keep) continue;
      if (!parts_.body->Evaluate(evaluation, items[count])) return false;
      ++count;
    }
    out = Value::List(items.first(count));
    return true;
  }

  bool SortByBody(Evaluation& evaluation, const Value& range, Value& out) const {
    if (range.kind() != Kind::kList) {
      return evaluation.Fail(parts_.name + "() needs a list, not " + KindText(range));
    }
    std::span<Value> keys;
    if (!evaluation.NewValues(range.list().size(), keys)) return false;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!Enter(evaluation, range, i) || !parts_.body->Evaluate(evaluation, keys[i])) return false;
    }
    return SortBy(evaluation, parts_.name, range.list(), keys, out);
  }

  bool MakeMapOf(Evaluation& evaluation, const Value& range, Value& out) const {
    MapBuilder builder;
    if (!builder.Start(evaluation, Size(range))) return false;
    for (size_t i = 0; i < Size(range); ++i) {
      if (!Enter(evaluation, range, i)) return false;
      bool keep = true;
      if (parts_.filter && !Holds(evaluation, *parts_.filter, keep)) return false;
      if (!keep) continue;
      const Value key = evaluation.local(parts_.first_local);
      Value made;
      if (!parts_.body->Evaluate(evaluation, made)) return false;
      if (parts_.macro == Macro::kTransformMap) {
        builder.AddUnique(key, made);
        continue;
      }
      if (made.kind() != Kind::kMap) {
        return evaluation.Fail(parts_.name + "() needs a map per entry, not " + KindText(made));
      }
      if (!builder.AddAll(evaluation, made.map())) return false;
    }
    out = builder.Finish();
    return true;
  }

  bool Optional(Evaluation& evaluation, const Value& target, Value& out) const {
    if (target.kind() != Kind::kOptional) {
      return evaluation.Fail(parts_.name + "() needs an optional, not " + KindText(target));
    }
    if (target.optional_value() == nullptr) {
      out = target;
      return true;
    }
    evaluation.local(parts_.first_local) = *target.optional_value();
    if (!parts_.body->Evaluate(evaluation, out)) return false;
    if (parts_.macro == Macro::kOptMap) {
      out = Value::OptionalOf(out, evaluation.arena());
    } else if (out.kind() != Kind::kOptional) {
      return evaluation.Fail("optFlatMap() needs a body that is an optional, not " + KindText(out));
    }
    return true;
  }

  ComprehensionParts parts_;
  std::string needs_;
};

}  // namespace

NodePtr MakeList(std::vector<ListElementNode> elements) {
  return std::make_unique<ListNode>(std::move(elements));
}
NodePtr MakeMap(std::vector<MapEntryNode> entries) {
  return std::make_unique<MapNode>(std::move(entries));
}
NodePtr MakeComprehension(ComprehensionParts parts) {
  return std::make_unique<ComprehensionNode>(std::move(parts));
}

}  // namespace sidestream::expression
