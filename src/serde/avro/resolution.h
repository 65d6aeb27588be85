// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Resolution: how data of a writer's schema is read as a reader's schema, worked out once.
//
// Place in the flow: made when data of a schema is met for the first time; then a Decoder
// runs it over every record. Fields that lead to no wanted slot are stepped over.
//
// Rules (Avro 1.12, "Schema Resolution"), and what is decided where it leaves room:
// - A field of the reader is the writer's field of its name, else of one of its aliases, else its
//   default. Fields that only the writer has are skipped.
// - A union of the reader takes the first branch that is the same type (named types: the
//   same full name, then the same last name or an alias), else the first one that the writer's type
//   can be promoted to. This is Java's order.
// - Records resolve by their fields, whatever they are called, except in a union. An enum
//   and a fixed must have the same last name, or an alias.
// - Of two logical types that count from the same place (timestamp-millis, timestamp-micros) the
//   writer's unit is used, and of two decimals the writer's scale, so the value is the one that was
//   written. (The specification leaves the raw number, which is then wrong by a thousand.)
// - Types that do not meet are an error of Compile where every record would run into it, else an
//   error of the records that do.
//
// Ownership: holds both schemas. Threading: immutable; shared by decoders of any thread.

#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/avro/plan.h"
#include "serde/avro/schema.h"
#include "serde/reader.h"

namespace sidestream::serde::avro {

class Resolution {
 public:
  /// `wanted` as of Reader (reader.h): paths are field names of the reader's schema and keys
  /// of maps. Fails with kInvalidConfig: the place and the two types that do not meet.
  static Result<std::shared_ptr<const Resolution>> Compile(SchemaPtr writer, SchemaPtr reader,
                                                           const std::vector<WantedPath>& wanted);

  /// Null when nothing is wanted: the bytes are only checked.
  const SlotPlan* slot_plan() const { return slot_plan_; }
  const Node& writer() const { return writer_->root(); }
  const std::vector<size_t>& slots() const { return slots_; }

 private:
  friend class ResolutionCompiler;
  Resolution(SchemaPtr writer, SchemaPtr reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  const SchemaPtr writer_;
  const SchemaPtr reader_;
  std::vector<size_t> slots_;
  std::deque<Plan> plans_;
  std::deque<SlotPlan> slot_plans_;
  const SlotPlan* slot_plan_ = nullptr;
  Arena arena_;  // of the defaults
};

using ResolutionPtr = std::shared_ptr<const Resolution>;

}  // namespace sidestream::serde::avro
