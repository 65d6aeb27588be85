// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/window_row.h"

#include "base/bytes.h"

namespace sidestream::operators {
namespace {

// In 1 the accumulators stand in the order of the calls.
constexpr uint8_t kVersionByPlace = 1;
constexpr uint8_t kVersion = 2;

constexpr uint8_t kEnded = 1;
constexpr uint8_t kOwed = 2;
constexpr uint8_t kHeld = 4;
constexpr uint8_t kSent = 8;
constexpr uint8_t kSentAt = 16;

}  // namespace

void WindowState::Clear() {
  accumulators.Clear();
  timestamp = kNoTimestamp;
  ended = owed = held = was_sent = false;
  sent_at = kNoTimestamp;
  sent.clear();
}

void EncodeWindowRow(const WindowState& state, std::string& scratch, std::string& out) {
  const bool has_time = state.sent_at != kNoTimestamp;
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.U8(static_cast<uint8_t>((state.ended ? kEnded : 0) | (state.owed ? kOwed : 0) |
                                 (state.held ? kHeld : 0) | (state.was_sent ? kSent : 0) |
                                 (has_time ? kSentAt : 0)));
  writer.SignedVarint(state.timestamp.value());
  scratch.clear();
  state.accumulators.Encode(scratch);
  writer.String(scratch);
  if (state.was_sent) writer.String(state.sent);
  if (has_time) writer.SignedVarint(state.sent_at.value());
}

Status DecodeWindowRow(std::string_view bytes, WindowState& state) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a row of a window was written by a newer release: version=" +
                                 std::to_string(version));
  }
  const uint8_t flags = reader.U8();
  state.ended = (flags & kEnded) != 0;
  state.owed = (flags & kOwed) != 0;
  state.held = (flags & kHeld) != 0;
  state.was_sent = (flags & kSent) != 0;
  state.timestamp = Timestamp(reader.SignedVarint());
  const std::string_view accumulators = reader.String();
  state.sent.assign(state.was_sent ? reader.String() : std::string_view());
  state.sent_at = (flags & kSentAt) != 0 ? Timestamp(reader.SignedVarint()) : kNoTimestamp;
  if (!reader.ok() || version < kVersionByPlace) {
    return Status::TaskCorrupted("a row of a window is not what this release writes: bytes=" +
                                 std::to_string(bytes.size()));
  }
  return state.accumulators.Decode(accumulators, version == kVersionByPlace
                                                     ? Accumulators::Form::kByPlace
                                                     : Accumulators::Form::kById);
}

}  // namespace sidestream::operators
