// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/state_meta.h"

#include <algorithm>

#include "base/bytes.h"

namespace sidestream::statestore {
namespace {

// Persistent: do not renumber (docs/formats/state-directory.md).
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasPosition = 1;
constexpr uint8_t kHasCompleteAt = 2;

Status CheckVersion(ByteReader& reader, std::string_view what) {
  const uint8_t version = reader.U8();
  if (!reader.ok() || version != kVersion) {
    return Status::TaskCorrupted(
        "unknown format of the state directory: entry=" + std::string(what) +
        " version=" + std::to_string(version) + " known=" + std::to_string(kVersion));
  }
  return {};
}

Status Finish(const ByteReader& reader, std::string_view what) {
  if (reader.ok()) return {};
  return Status::TaskCorrupted("truncated entry in the state directory: entry=" +
                               std::string(what));
}

}  // namespace

std::string EncodeIdentity(const Identity& identity) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U8(kVersion);
  writer.String(identity.application);
  writer.String(identity.task.anchor_topic);
  writer.U32(static_cast<uint32_t>(identity.task.partition));
  return bytes;
}

Result<Identity> DecodeIdentity(std::string_view bytes) {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion(reader, kIdentityKey));
  Identity identity;
  identity.application = std::string(reader.String());
  identity.task.anchor_topic = std::string(reader.String());
  identity.task.partition = static_cast<Partition>(reader.U32());
  RETURN_IF_ERROR(Finish(reader, kIdentityKey));
  return identity;
}

std::string EncodeSequence(CommitSequence sequence) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U8(kVersion);
  writer.U64(static_cast<uint64_t>(sequence.value()));
  return bytes;
}

Result<CommitSequence> DecodeSequence(std::string_view bytes) {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion(reader, kSequenceKey));
  const CommitSequence sequence(static_cast<int64_t>(reader.U64()));
  RETURN_IF_ERROR(Finish(reader, kSequenceKey));
  return sequence;
}

std::string EncodeStoreMeta(const StoreMeta& meta) {
  std::string bytes;
  ByteWriter writer(bytes);
  writer.U8(kVersion);
  writer.U64(meta.fingerprint);
  writer.Raw({reinterpret_cast<const char*>(meta.changelog_id.bytes.data()),
              meta.changelog_id.bytes.size()});
  writer.U8(static_cast<uint8_t>((meta.position ? kHasPosition : 0) |
                                 (meta.complete_at ? kHasCompleteAt : 0)));
  if (meta.position) writer.U64(static_cast<uint64_t>(meta.position->value()));
  if (meta.complete_at) writer.U64(static_cast<uint64_t>(meta.complete_at->value()));
  return bytes;
}

Result<StoreMeta> DecodeStoreMeta(std::string_view bytes) {
  ByteReader reader(bytes);
  RETURN_IF_ERROR(CheckVersion(reader, kStoreKeyPrefix));
  StoreMeta meta;
  meta.fingerprint = reader.U64();
  const std::string_view id = reader.Raw(meta.changelog_id.bytes.size());
  std::copy(id.begin(), id.end(), meta.changelog_id.bytes.begin());
  const uint8_t flags = reader.U8();
  if ((flags & kHasPosition) != 0) meta.position = Offset(static_cast<int64_t>(reader.U64()));
  if ((flags & kHasCompleteAt) != 0) {
    meta.complete_at = Timestamp(static_cast<int64_t>(reader.U64()));
  }
  RETURN_IF_ERROR(Finish(reader, kStoreKeyPrefix));
  return meta;
}

std::string StoreMetaKey(std::string_view store) {
  return std::string(kStoreKeyPrefix) + std::string(store);
}

}  // namespace sidestream::statestore
