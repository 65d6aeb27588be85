// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// InputQueue: the fetched, not yet committed chunks of one input partition, with a cursor.
// After an abort the cursor goes back and the same chunks are replayed, without a seek.
//
//   chunks:   [ processed, uncommitted ............ | not yet processed ....... ]
//             ^ committed cursor                    ^ cursor
//
// Threading: confined to the task's worker.

#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "base/ids.h"
#include "kafka/record.h"

namespace sidestream::tasks {

class InputQueue {
 public:
  /// `position`: the next offset to process; records below it are skipped.
  explicit InputQueue(Offset position) : position_(position), committed_position_(position) {}

  InputQueue(InputQueue&&) noexcept = default;
  InputQueue& operator=(InputQueue&&) noexcept = default;

  void Add(std::unique_ptr<kafka::RecordChunk> chunk);

  /// The next record to process, or null. Steps over the ends of chunks, which moves position()
  /// across transaction markers.
  const kafka::Record* Head() {
    if (cursor_record_ < records_.size() && records_[cursor_record_].offset >= position_) {
      at_end_ = false;
      return &records_[cursor_record_];
    }
    return FindHead();
  }
  /// Headers of Head(); requires Head().
  std::span<const Header> HeadHeaders() const;
  /// Marks Head() as processed.
  void Pop() {
    position_ = records_[cursor_record_].offset + 1;
    ++cursor_record_;
  }

  /// Moves position() forward to `position` without processing what lies before.
  void AdvanceTo(Offset position);

  /// The next offset: what a commit says.
  Offset position() const { return position_; }
  /// Position moved since the last commit.
  bool advanced() const { return position_ != committed_position_; }
  /// Everything up to the last stable offset has been heard: nothing to wait for.
  bool at_end() const { return at_end_; }
  bool empty() const { return cursor_chunk_ == chunks_.size(); }
  /// Of all chunks that are held.
  size_t bytes() const { return bytes_; }
  /// Of those among them that a commit lets go of.
  size_t processed_bytes() const { return processed_bytes_; }

  /// The processed chunks are let go of.
  void Commit();
  /// Back to the last commit.
  void Rollback();

 private:
  const kafka::Record* FindHead();

  std::deque<std::unique_ptr<kafka::RecordChunk>> chunks_;
  std::span<const kafka::Record> records_;  // of the chunk at the cursor, once it was looked at
  size_t cursor_chunk_ = 0;
  size_t cursor_record_ = 0;
  size_t committed_record_ = 0;  // in chunks_[0]
  Offset position_;
  Offset committed_position_;
  bool at_end_ = false;
  bool committed_at_end_ = false;
  size_t bytes_ = 0;
  size_t processed_bytes_ = 0;
};

}  // namespace sidestream::tasks
