// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ProtoReader: from Protobuf's wire format to slots, by the tables of a ProtoPlan.
//
// What an expression sees:
// | Protobuf | value |
// |---|---|
// | int32 int64 sint* sfixed* | int |
// | uint32 uint64 fixed* | uint |
// | float double, bool, string, bytes | double, bool, string, bytes |
// | enum | int, as in CEL; NullValue is null |
// | message | map of its fields as they are named in the schema, in its order |
// | repeated, map | list, map (keys bool, int, uint, string) |
// | Timestamp, Duration | timestamp, duration |
// | DoubleValue … BytesValue | the value in it |
// | Struct, ListValue, Value | map, list, null bool double string list map |
// | Any | map {type_url, value} |
//
// A field that is not set: with implicit presence (proto3) its default; a list or a map is empty;
// a wrapper or a Value is null; a proto2 field with a declared default has that; every other
// one, and every other member of a oneof, is not there (has() is false, `.?` gives none).
//
// Rules of the wire format: of a field that comes twice the last one stays, messages are merged, of
// a oneof the last member stays; packed and unpacked lists are both read; what is not in the
// schema, has another wire type, or is no symbol of a proto2 enum is skipped, and so are groups,
// also those of the schema. `required` is not asked for: another expression must not change which
// records are bad.
//
// What it promises:
// - Every length is held against the bytes that are left; nesting by kMaxMessageDepth; cells and
//   values by kValuesPerRecord and the size of the record.
// - What is not wanted is skipped: only its outer structure is looked at.
// - A string that is not UTF-8 is an error (in proto2 too), and a Timestamp or Duration out of
//   the range of its type.
// - No allocation per record in the steady state but from the arena, no copy of strings.
//
// Ownership: what it puts into slots points into the bytes, the arena or the schema.
//
// Threading: confined to one thread; buffers are kept between records.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/protobuf/proto_plan.h"
#include "serde/protobuf/wire.h"
#include "serde/reader.h"
#include "serde/value.h"

namespace sidestream::serde::protobuf {

/// Cells and values that any record may have; one of n bytes may have 16 n more.
inline constexpr uint64_t kValuesPerRecord = 262'144;

class ProtoReader final : public Reader {
 public:
  explicit ProtoReader(std::unique_ptr<const ProtoPlan> plan) : plan_(std::move(plan)) {}

  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots, Arena& arena) override;

 private:
  /// What was read of a field so far.
  struct Cell {
    Value value;              // one scalar
    Cell* message = nullptr;  // one message
    Value* items = nullptr;   // a list; a map: key, value, key, value
    uint32_t size = 0;
    uint32_t capacity = 0;
  };

  // False after the first error, which is then in reason_; the names on the way back to the
  // root are in path_.
  bool ReadMessage(const MessagePlan& plan, std::string_view bytes, std::span<Cell> cells,
                   int depth);
  /// `known` becomes false for what counts as an unknown field.
  bool ReadField(const FieldPlan& plan, WireCursor& in, Cell& cell, int depth, bool& known);
  bool ReadNumber(const Field& field, WireCursor& in, Value& value, bool& known);
  bool ReadPacked(const FieldPlan& plan, WireCursor& in, Cell& cell);
  bool ReadSubmessage(const FieldPlan& plan, std::string_view bytes, Cell& cell, int depth);
  bool ReadEntry(const FieldPlan& plan, std::string_view bytes, Cell& cell, int depth);
  bool Skip(WireType type, uint32_t number, WireCursor& in);
  bool SkipGroup(uint32_t number, WireCursor& in);
  bool NewCells(const MessagePlan& plan, std::span<Cell>& cells);
  bool Append(Cell& cell, const Value& value);

  // In proto_values.cc: from cells to values.
  bool Finish(const MessagePlan& plan, std::span<const Cell> cells, Value& value);
  bool FinishField(const FieldPlan& plan, const Cell& cell, Value& value);
  bool FinishTime(Shape shape, std::span<const Cell> cells, Value& value);
  bool FinishValue(const MessagePlan& plan, std::span<const Cell> cells, Value& value);
  Value FinishMap(const Cell& cell);
  bool FinishSlots(const SlotPlan& plan, std::span<const Cell> cells);

  bool Charge(uint64_t values);
  bool Fail(std::string_view reason);
  bool FailIn(const Field& field);
  Status Error() const;

  const std::unique_ptr<const ProtoPlan> plan_;
  Arena* arena_ = nullptr;
  std::span<Value> slots_;
  const char* begin_ = nullptr;
  const char* failed_at_ = nullptr;  // null: not at a place, what was read does not fit
  uint64_t values_left_ = 0;
  bool unknown_symbol_ = false;
  std::string reason_;
  std::vector<std::string> path_;  // innermost first
  std::vector<uint32_t> groups_;   // that are open, of the one that is skipped
  std::vector<uint32_t> order_;
};

}  // namespace sidestream::serde::protobuf
