// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/commit_stamp.h"

#include <xxhash.h>

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

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

bool DecodeUpstreams(ByteReader& in, CommitStamp& stamp) {
  const uint64_t count = in.Varint();
  if (!in.ok() || count > kUpstreamTasksMax) return false;
  uint64_t task = 0;
  int64_t base = 0;
  for (uint64_t i = 0; i < count; ++i) {
    UpstreamTime entry;
    task += in.Varint();
    entry.upstream_task = static_cast<uint32_t>(task);
    // Generation and progress share a varint, so that the worst case of an entry is 13 bytes.
    const uint64_t packed = in.Varint();
    entry.generation = static_cast<uint32_t>(packed >> 2);
    entry.progress = static_cast<Progress>(packed & 3);
    if (task > UINT32_MAX || packed >> 2 > UINT32_MAX) return false;
    if (entry.progress != Progress::kUnknown) {
      base += in.SignedVarint();
      entry.watermark = Timestamp(base);
    }
    stamp.upstreams.push_back(entry);
  }
  return in.ok();
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
  CHECK(stamp.upstreams.size() <= kUpstreamTasksMax) << stamp.upstreams.size();
  std::string body;
  ByteWriter out(body);
  out.Varint(static_cast<uint64_t>(stamp.sequence.value()));
  out.U64(stamp.anchor_hash);
  out.Raw({reinterpret_cast<const char*>(stamp.topic_id.bytes.data()), stamp.topic_id.bytes.size()});
  EncodeTime(out, stamp.progress, stamp.highest_timestamp);
  out.Varint(stamp.upstreams.size());
  uint32_t task = 0;
  int64_t base = 0;
  for (const UpstreamTime& entry : stamp.upstreams) {
    CHECK(entry.upstream_task >= task);
    out.Varint(entry.upstream_task - task);
    out.Varint(uint64_t{entry.generation} << 2 | static_cast<uint64_t>(entry.progress));
    task = entry.upstream_task;
    if (entry.progress == Progress::kUnknown) continue;
    out.SignedVarint(entry.watermark.value() - base);
    base = entry.watermark.value();
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
  if (!DecodeTime(in, stamp.progress, stamp.highest_timestamp) || !DecodeUpstreams(in, stamp)) {
    return NotAStamp(metadata);
  }
  return std::optional<CommitStamp>(std::move(stamp));
}

}  // namespace sidestream::time
