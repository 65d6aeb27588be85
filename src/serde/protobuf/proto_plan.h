// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a reader's wanted paths are compiled to: for each message that is looked into, a table of
// the fields that are read. Internal to proto_reader.
//
// A message is read into cells, one per field of its table, because Protobuf lets everything come
// in pieces: fields in any order, elements of a list between other fields, a message twice (the
// two are merged), members of a oneof one after the other (the last one stays).
//
// Threading: immutable once compiled.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/status.h"
#include "serde/field_tree.h"
#include "serde/protobuf/proto_schema.h"
#include "serde/slot_picks.h"

namespace sidestream::serde::protobuf {

struct MessagePlan;

struct FieldPlan {
  const Field* field = nullptr;
  WireType wire = WireType::kVarint;
  /// Elements may come packed.
  bool packable = false;
  /// Not read: it only takes the place of another member of its oneof.
  bool only_clears = false;
  const MessagePlan* message = nullptr;
  /// Cells of the other members of the oneof.
  std::vector<uint32_t> rivals;
};

struct MessagePlan {
  const Message* message = nullptr;
  /// In the order of the schema; field i goes to cell i.
  std::vector<FieldPlan> fields;
  /// fields[table[number] - 1]; 0: not read.
  std::vector<uint16_t> table;
  /// The same for numbers beyond the table, sorted.
  std::vector<std::pair<int32_t, uint32_t>> far;

  const FieldPlan* Find(uint32_t number) const {
    if (number < table.size()) [[likely]]
      return table[number] == 0 ? nullptr : &fields[table[number] - 1U];
    return FindFar(number);
  }
  const FieldPlan* FindFar(uint32_t number) const;
};

/// How the cells of a message become slots.
struct SlotPlan {
  struct Step {
    uint32_t cell = 0;
    /// Null: the field is read whole, and the picks are taken from it.
    const SlotPlan* below = nullptr;
    std::vector<SlotPick> picks;
  };
  const MessagePlan* message = nullptr;
  std::vector<Step> steps;
};

/// All tables of one reader.
class ProtoPlan {
 public:
  /// `wanted` as of Reader. Paths that lead to no field are missing for ever.
  static Result<std::unique_ptr<const ProtoPlan>> Compile(ProtoSchemaPtr schema,
                                                          const Message& message,
                                                          const std::vector<WantedPath>& wanted);

  const MessagePlan& root() const { return *root_; }
  /// The message as a whole, when that is wanted, or when it stands for a value of its own.
  const std::vector<SlotPick>& whole() const { return whole_; }
  bool reads_whole() const { return reads_whole_; }
  const SlotPlan& slots() const { return *slots_; }
  const std::vector<size_t>& all_slots() const { return all_slots_; }

 private:
  explicit ProtoPlan(ProtoSchemaPtr schema) : schema_(std::move(schema)) {}
  const MessagePlan* WholePlan(const Message& message);
  const SlotPlan* SlotsOf(const Message& message, const FieldNode& wanted);
  FieldPlan PlanOf(const Field& field, bool only_clears);
  static void Index(MessagePlan& plan);

  const ProtoSchemaPtr schema_;
  std::deque<MessagePlan> plans_;
  std::deque<SlotPlan> slot_plans_;
  std::map<const Message*, const MessagePlan*> whole_plans_;
  // Whole plans without fields yet: types may contain themselves.
  std::vector<MessagePlan*> open_;
  const MessagePlan* root_ = nullptr;
  const SlotPlan* slots_ = nullptr;
  bool reads_whole_ = false;
  std::vector<SlotPick> whole_;
  std::vector<size_t> all_slots_;
};

}  // namespace sidestream::serde::protobuf
