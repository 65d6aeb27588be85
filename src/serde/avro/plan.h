// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a resolution is compiled to: for each pair of writer's and reader's type that meet, what
// to read and what to make of it. Internal to resolution and decoder.
//
// Threading: immutable once compiled.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "serde/avro/schema.h"
#include "serde/slot_picks.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

/// What the bytes are: the writer's type, with those that read alike in one.
enum class Op : uint8_t {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kBytes,  // also string
  kFixed,
  kEnum,
  kRecord,
  kArray,
  kMap,
  kUnion,
  kError,  // the two types do not meet: an error when data comes here
};

/// What is made of a number or of bytes: the reader's type.
enum class Make : uint8_t {
  kInt,
  kFloat,  // rounded to a float
  kDouble,
  kTime,
  kBytes,
  kString,
  kDecimal,
  kUuid,
  kDuration,
};

struct Plan;

struct FieldPlan {
  const Node* writer = nullptr;
  /// Null: the reader does not have this field, it is skipped.
  const Plan* plan = nullptr;
  uint32_t reader_index = 0;
};

struct Plan {
  Op op = Op::kNull;
  Make make = Make::kInt;
  LogicalType logical = LogicalType::kNone;  // kTime
  int precision = 0;                         // kDecimal
  int scale = 0;                             // kDecimal
  const Node* writer = nullptr;
  /// Record: in the writer's order.
  std::vector<FieldPlan> fields;
  /// Record: the reader's fields in its order; the values are defaults, or missing where
  /// the writer has the field.
  std::vector<MapEntry> prototype;
  /// Enum: for each of the writer's symbols what it becomes; missing: nothing.
  std::vector<Value> symbols;
  const Plan* element = nullptr;
  /// Union: for each of the writer's branches.
  std::vector<const Plan*> branches;
  std::string error;
};

/// The same for a reader that fills slots: only what leads to one is looked at.
struct SlotPlan {
  enum class Op : uint8_t { kWhole, kRecord, kMap, kUnion };

  struct Step {
    const Node* writer = nullptr;
    /// Null: skipped.
    const SlotPlan* plan = nullptr;
  };
  struct Constant {
    size_t slot = 0;
    Value value;
  };
  struct Entry {
    std::string name;
    const SlotPlan* plan = nullptr;
    /// All slots that lie in this entry: of equal keys the last wins.
    std::vector<size_t> slots;
  };
  Op op = Op::kWhole;
  const Plan* whole = nullptr;      // kWhole
  std::vector<SlotPick> picks;      // kWhole
  std::vector<Step> steps;          // kRecord: fields; kUnion: branches
  std::vector<Constant> constants;  // kRecord: defaults
  std::vector<Entry> entries;       // kMap
  const Node* writer = nullptr;     // not kWhole
};

}  // namespace sidestream::serde::avro
