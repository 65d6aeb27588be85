// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/commit_stamp.h"

#include <xxhash.h>

#include <algorithm>

#include "base/bytes.h"

namespace sidestream::time {
namespace {

constexpr uint8_t kVersion = 1;

void EncodeTime(ByteWriter& out, Progress progress, Timestamp at) {
  out.U8(static_cast<uint8_t>(progress));
  if (progress != Progress::kUnknown) out.SignedVarint(at.value());
}

bool DecodeTime(ByteReader& in, Progress& progress, Timestamp& at) {
  const uint8_t code = in.U8();
  if (code > static_cast<uint8_t>(Progress::kFinished)) return false;
  progress = static_cast<Progress>(code);
  if (progress != Progress::kUnknown) at = Timestamp(in.SignedVarint());
  return in.ok();
}

// Not there in stamps from before there were marks; the last field came later still.
bool DecodeTail(ByteReader& in, CommitStamp& stamp) {
  if (in.empty()) return true;
  const uint64_t generation = in.Varint();
  stamp.generation = static_cast<uint32_t>(generation);
  if (!DecodeWatermark(in, stamp.task_watermark) || !DecodeWatermark(in, stamp.watermark) ||
      generation > UINT32_MAX) {
    return false;
  }
  return in.empty() || DecodeWatermark(in, stamp.heard);
}

Status NotAStamp(std::string_view metadata) {
  return Status::InvalidConfig(
      "the group's committed offset carries metadata that is no commit stamp of Sidestream; "
      "another application uses this group id: metadata=" +
      std::string(metadata.substr(0, 60)));
}

}  // namespace

uint64_t AnchorHash(std::string_view anchor_topic) {
  return XXH64(anchor_topic.data(), anchor_topic.size(), 0);
}

std::string EncodeCommitStamp(const CommitStamp& stamp) {
  std::string body;
  ByteWriter out(body);
  out.Varint(static_cast<uint64_t>(stamp.sequence.value()));
  out.U64(stamp.anchor_hash);
  out.Raw({reinterpret_cast<const char*>(stamp.topic_id.bytes.data()), stamp.topic_id.bytes.size()});
  EncodeTime(out, stamp.progress, stamp.highest_timestamp);
  EncodeUpstreams(out, stamp.upstreams);
  const bool heard = stamp.heard != kNoTimestamp;
  if (stamp.generation != 0 || stamp.task_watermark != kNoWatermark ||
      stamp.watermark != kNoWatermark || heard) {
    out.Varint(stamp.generation);
    EncodeWatermark(out, stamp.task_watermark);
    EncodeWatermark(out, stamp.watermark);
    if (heard) EncodeWatermark(out, stamp.heard);
  }
  std::string bytes;
  ByteWriter framed(bytes);
  framed.U8(kVersion);
  framed.String(body);
  return Base64Encode(bytes);
}

Result<std::optional<CommitStamp>> DecodeCommitStamp(std::string_view metadata) {
  if (metadata.empty()) return std::optional<CommitStamp>();
  const std::optional<std::string> bytes = Base64Decode(metadata);
  if (!bytes || bytes->empty()) return NotAStamp(metadata);
  ByteReader framed(*bytes);
  const uint8_t version = framed.U8();
  if (version == 0) return NotAStamp(metadata);
  if (version > kVersion) {
    return Status::InvalidConfig(
        "the group's offsets were committed by a newer release of Sidestream; run that release "
        "or a newer one: stamp version=" +
        std::to_string(version) + " known=" + std::to_string(kVersion));
  }
  // What stands behind the fields of this version, inside the frame or behind it, is skipped.
  ByteReader in(framed.String());
  if (!framed.ok()) return NotAStamp(metadata);
  CommitStamp stamp;
  stamp.sequence = CommitSequence(static_cast<int64_t>(in.Varint()));
  stamp.anchor_hash = in.U64();
  const std::string_view id = in.Raw(stamp.topic_id.bytes.size());
  std::copy(id.begin(), id.end(), stamp.topic_id.bytes.begin());
  if (!DecodeTime(in, stamp.progress, stamp.highest_timestamp) ||
      !DecodeUpstreams(in, stamp.upstreams) || !DecodeTail(in, stamp)) {
    return NotAStamp(metadata);
  }
  return std::optional<CommitStamp>(std::move(stamp));
}

}  // namespace sidestream::time
