// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Decoder: from Avro's binary encoding to slots, as a Resolution says.
//
// What comes out: null, bool, int (int, long), double (float, double), string (string, enum), bytes
// (bytes, fixed), list, map (map, record in the order of the reader's fields); a union is the value
// of its branch. Logical types: date, timestamp-* and local-timestamp-* are timestamps, time-*
// durations, a decimal is a decimal, a uuid a string,
// a duration the map {months, days, millis}.
//
// What it promises:
// - Every length and count is held against the bytes that are left; values that take no bytes (an
//   array of nulls) are bounded by kZeroSizeValues and the size of the record; nesting by
//   kMaxDepth.
// - What is not wanted is stepped over: its structure must be right (or the rest could not be
//   found), but the text of its strings is not looked at. So another
//   expression does not change where a record ends.
// - Bytes behind the value are an error.
// - No allocation per record in the steady state but from the arena, no copy of strings.
//
// Ownership: what it puts into slots points into the bytes, the arena or the Resolution.
//
// Threading: confined to one thread; buffers are kept between records.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/avro/binary.h"
#include "serde/avro/plan.h"
#include "serde/avro/resolution.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

/// Values without bytes that any record may have; one of n bytes may have 16 n more.
inline constexpr uint64_t kZeroSizeValues = 65'536;

class Decoder {
 public:
  /// Fills the slots of `resolution`; others are left alone. A field that is not there becomes
  /// kMissing. Fails with kBadRecord (place in the schema, byte and reason); the slots are
  /// then not to be used.
  Status Decode(const Resolution& resolution, std::string_view bytes, std::span<Value> slots,
                Arena& arena);

 private:
  friend class ResolutionCompiler;

  /// For defaults: one value of `plan`, all of `bytes`.
  Status DecodeWhole(const Plan& plan, std::string_view bytes, Value& value, Arena& arena);
  void Start(std::string_view bytes, Arena& arena);
  Status Finish(bool complete);

  // False after the first error, which is then in reason_; the names on the way back to
  // the root are in path_.
  bool ReadSlots(const SlotPlan& plan, int depth);
  bool ReadMapSlots(const SlotPlan& plan, int depth);
  void AssignPicks(const SlotPlan& plan, const Value& value);
  bool Read(const Plan& plan, int depth, Value& value);
  bool ReadNumber(const Plan& plan, Value& value);
  bool ReadBytes(const Plan& plan, Value& value);
  bool MakeValue(const Plan& plan, std::string_view bytes, Value& value);
  bool ReadEnum(const Plan& plan, Value& value);
  bool ReadRecord(const Plan& plan, int depth, Value& value);
  bool ReadArray(const Plan& plan, int depth, Value& value);
  bool ReadMap(const Plan& plan, int depth, Value& value);
  Value MapOf(size_t first);
  bool ReadKey(std::string_view& key);
  bool ReadBranch(size_t branches, size_t& index);
  bool Skip(const Node& writer, int depth);
  bool SkipItems(const Node& writer, int depth);

  /// A block of an array or a map.
  struct Block {
    uint64_t count = 0;
    /// Where it must end; 0 when the bytes do not say.
    size_t end = 0;
  };
  /// The next block; count 0 is the end. `item_size` is the least that an item takes.
  bool NextBlock(uint64_t item_size, Block& block);
  bool EndBlock(const Block& block);

  bool Charge(uint64_t values);
  bool Fail(std::string_view reason);
  bool FailIn(std::string_view name);

  Cursor in_{std::string_view()};
  Arena* arena_ = nullptr;
  std::span<Value> slots_;
  uint64_t zero_size_left_ = 0;
  std::string reason_;
  size_t failed_at_ = 0;
  std::vector<std::string> path_;  // innermost first
  // Items and entries of the containers that are open, innermost last.
  std::vector<Value> items_;
  std::vector<MapEntry> entries_;
  std::vector<uint32_t> order_;
};

}  // namespace sidestream::serde::avro
