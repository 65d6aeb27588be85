// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// InputReader: one input of a sub-topology: from a record to a row and the entry slots of the
// input's segment, in one pass over the bytes. Internal to this folder.
//
// A task asks for the event time of a head record before it processes it. Where that needs
// the slots, they are kept: the record is read once. A record is known by partition, offset
// and the place of its bytes, which stay where they are between the two calls; its own
// timestamp is kept too, because a task may put the event time in its place.
//
// A frame that names a schema (serde/wire_frame.h) may come in a header. It is put in front of the
// bytes and its header is taken off, so that the row has its schema with it wherever it goes.
//
// The timestamp expression must give the same result each time: now() is the record's own
// timestamp in it, and uuid() comes from partition and offset.
//
// Threading: confined to the task's worker.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/header.h"
#include "base/status.h"
#include "operators/processor_context.h"
#include "operators/row.h"
#include "operators/segment_entry.h"
#include "serde/json_text.h"
#include "serde/reader.h"
#include "topology/plan.h"

namespace sidestream::operators {

class InputReader {
 public:
  /// `input` and `segment` are borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<InputReader>> Create(const topology::Input& input,
                                                     const topology::Segment& segment);

  /// Whether Ready() ever says kUnavailable.
  bool may_wait() const { return may_wait_; }
  /// kUnavailable: a schema of the record is on its way. What cannot be had is found by Read().
  Status Ready(const InputRecord& record);

  /// Fails with kBadRecord: the record has no event time, or cannot be read on the way to it.
  Result<Timestamp> EventTime(const InputRecord& record);
  /// TaskProgram::StatedWatermark().
  std::optional<Timestamp> StatedWatermark(const InputRecord& record);

  /// Fills slots() and row(), good until Forget(). Fails with kBadRecord (deserialization
  /// error) and with kStopped when an internal record is not what we write.
  Status Read(const InputRecord& record);

  /// Lets go of the record that is held. The arena is free again.
  void Forget();

  Row& row() { return row_; }
  std::span<serde::Value> slots() { return slots_; }
  Arena& arena() { return arena_; }

 private:
  struct Held {
    Partition partition = 0;
    Offset offset;
    const char* key = nullptr;
    const char* value = nullptr;
    Timestamp own_timestamp;
  };

  explicit InputReader(const topology::Input& input) : input_(input) {}
  void Hold(const InputRecord& record);
  Status ReadSource(const InputRecord& record, Timestamp own_timestamp);
  /// A source of row changes: the row is computed from what was read.
  Status ReadChange(const InputRecord& record, Timestamp own_timestamp);
  /// The event time, and the slots that show it.
  Status ReadTimestamp(const InputRecord& record, Timestamp own_timestamp, int64_t default_millis);
  /// Puts the frames that came in headers where they belong; false: there were none.
  bool JoinFrames(InputRecord& record);
  Status ReadHop(const InputRecord& record);
  Result<Timestamp> EvaluateTimestamp(const InputRecord& record, Timestamp own_timestamp);
  Status EvaluateWatermark(const InputRecord& record, Timestamp own_timestamp);

  const topology::Input& input_;
  std::unique_ptr<SegmentEntry> entry_;
  std::unique_ptr<serde::Reader> key_reader_;    // null when the key is computed
  std::unique_ptr<serde::Reader> value_reader_;  // null when the value is computed
  serde::JsonParser parser_;
  Arena arena_;
  std::vector<serde::Value> slots_;

  std::optional<Held> held_;
  Status read_;  // of the held record
  Row row_;      // of the held record, when read_ is ok
  std::optional<Timestamp> stated_;  // alike
  bool timed_ = true;                // alike: row_ has an event time of its own
  bool joined_ = false;
  bool may_wait_ = false;
};

}  // namespace sidestream::operators
