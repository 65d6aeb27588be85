// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/input_queue.h"

namespace sidestream::tasks {

void InputQueue::Add(std::unique_ptr<kafka::RecordChunk> chunk) {
  bytes_ += chunk->bytes();
  chunks_.push_back(std::move(chunk));
}

const kafka::Record* InputQueue::FindHead() {
  while (cursor_chunk_ < chunks_.size()) {
    const kafka::RecordChunk& chunk = *chunks_[cursor_chunk_];
    records_ = chunk.records();
    for (; cursor_record_ < records_.size(); ++cursor_record_) {
      at_end_ = false;
      if (records_[cursor_record_].offset >= position_) return &records_[cursor_record_];
    }
    if (const std::optional<Offset> end = chunk.end_position()) {
      if (*end >= position_) {
        position_ = *end;
        at_end_ = true;
      }
    }
    processed_bytes_ += chunk.bytes();
    ++cursor_chunk_;
    cursor_record_ = 0;
    records_ = {};
  }
  return nullptr;
}

std::span<const Header> InputQueue::HeadHeaders() const {
  return chunks_[cursor_chunk_]->Headers(cursor_record_);
}

void InputQueue::AdvanceTo(Offset position) {
  if (position > position_) position_ = position;
}

void InputQueue::Commit() {
  while (cursor_chunk_ > 0) {
    bytes_ -= chunks_.front()->bytes();
    chunks_.pop_front();
    --cursor_chunk_;
  }
  processed_bytes_ = 0;
  committed_record_ = cursor_record_;
  committed_position_ = position_;
  committed_at_end_ = at_end_;
}

void InputQueue::Rollback() {
  cursor_chunk_ = 0;
  records_ = {};
  processed_bytes_ = 0;
  cursor_record_ = committed_record_;
  position_ = committed_position_;
  at_end_ = committed_at_end_;
}

}  // namespace sidestream::tasks
