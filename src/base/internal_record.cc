// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/internal_record.h"

#include <limits>

#include "base/bytes.h"

namespace sidestream {
namespace {

constexpr uint8_t kVersion = 1;

// Persistent: do not renumber. The fields of bits that are not known here lie behind the
// value, where they are skipped.
constexpr uint8_t kHasValue = 1;
constexpr uint8_t kHasHeaders = 2;
constexpr uint8_t kHasOrigin = 4;
constexpr uint8_t kHasKeyKind = 8;

constexpr uint8_t kHasEventTime = 1;

Status CheckVersion(uint8_t version, bool readable, StatusCode not_ours) {
  if (!readable || version == 0) return {not_ours, "an internal record is not in our format"};
  if (version > kVersion) {
    return Status::InvalidConfig(
        "an internal record was written by a newer release; this one knows format " +
        std::to_string(kVersion) + ", found " + std::to_string(version));
  }
  return Status::Ok();
}

Status Cut() { return Status::Stopped("an internal record is cut short or damaged"); }

// Behind it the fields of the kind.
Status ReadPreamble(ByteReader& in, RepartitionKind& kind) {
  const uint8_t version = in.U8();
  const uint8_t byte = in.U8();
  RETURN_IF_ERROR(CheckVersion(version, in.ok(), StatusCode::kStopped));
  kind = static_cast<RepartitionKind>(byte);
  if (kind != RepartitionKind::kData && kind != RepartitionKind::kMark) {
    return Status::Stopped("an internal record is of an unknown kind: " + std::to_string(byte));
  }
  return Status::Ok();
}

// The length is one more than that of the value; 0 is null.
void WriteHeaders(ByteWriter& to, std::span<const Header> headers) {
  to.Varint(headers.size());
  for (const Header& header : headers) {
    to.String(header.name);
    to.Varint(header.value.has_value() ? header.value->size() + 1 : 0);
    to.Raw(header.value.value_or(std::string_view()));
  }
}

bool ReadHeaders(ByteReader& in, std::vector<Header>& headers) {
  const uint64_t count = in.Varint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    Header& header = headers.emplace_back();
    header.name = in.String();
    if (const uint64_t length = in.Varint(); length > 0) header.value = in.Raw(length - 1);
  }
  return in.ok();
}

bool ReadOrigin(ByteReader& in, RepartitionRecord& record) {
  RecordOrigin origin;
  origin.topic = in.String();
  const uint64_t partition = in.Varint();
  origin.offset = Offset(in.SignedVarint());
  if (!in.ok() || partition > uint64_t{std::numeric_limits<Partition>::max()}) return false;
  origin.partition = static_cast<Partition>(partition);
  record.origin = origin;
  return true;
}

}  // namespace

void EncodeRepartitionValue(const RepartitionRecord& record, std::string& out) {
  ByteWriter to(out);
  to.U8(kVersion);
  to.U8(static_cast<uint8_t>(RepartitionKind::kData));
  to.U8(static_cast<uint8_t>(
      (record.value.has_value() ? kHasValue : 0) | (record.headers.empty() ? 0 : kHasHeaders) |
      (record.origin.has_value() ? kHasOrigin : 0) | (record.key_kind == 0 ? 0 : kHasKeyKind)));
  to.SignedVarint(record.event_time.value());
  if (record.key_kind != 0) to.U8(record.key_kind);
  if (!record.headers.empty()) WriteHeaders(to, record.headers);
  if (record.origin.has_value()) {
    to.String(record.origin->topic);
    to.Varint(static_cast<uint64_t>(record.origin->partition));
    to.SignedVarint(record.origin->offset.value());
  }
  if (record.value.has_value()) to.String(*record.value);
}

void EncodeMarkValue(std::string_view payload, std::string& out) {
  ByteWriter to(out);
  to.U8(kVersion);
  to.U8(static_cast<uint8_t>(RepartitionKind::kMark));
  to.String(payload);
}

Result<RepartitionKind> KindOfRepartitionValue(std::string_view bytes) {
  ByteReader in(bytes);
  RepartitionKind kind = RepartitionKind::kData;
  RETURN_IF_ERROR(ReadPreamble(in, kind));
  return kind;
}

Result<RepartitionRecord> DecodeRepartitionValue(std::string_view bytes,
                                                 std::vector<Header>& headers) {
  ByteReader in(bytes);
  RepartitionKind kind = RepartitionKind::kData;
  RETURN_IF_ERROR(ReadPreamble(in, kind));
  CHECK(kind == RepartitionKind::kData) << "a mark was decoded as data";
  RepartitionRecord record;
  const uint8_t flags = in.U8();
  record.event_time = Timestamp(in.SignedVarint());
  if ((flags & kHasKeyKind) != 0) record.key_kind = in.U8();
  headers.clear();
  if ((flags & kHasHeaders) != 0 && !ReadHeaders(in, headers)) return Cut();
  record.headers = headers;
  if ((flags & kHasOrigin) != 0 && !ReadOrigin(in, record)) return Cut();
  if ((flags & kHasValue) != 0) record.value = in.String();
  if (!in.ok()) return Cut();
  return record;
}

Result<std::string_view> DecodeMarkValue(std::string_view bytes) {
  ByteReader in(bytes);
  RepartitionKind kind = RepartitionKind::kData;
  RETURN_IF_ERROR(ReadPreamble(in, kind));
  CHECK(kind == RepartitionKind::kMark) << "data was decoded as a mark";
  const std::string_view payload = in.String();
  if (!in.ok()) return Cut();
  return payload;
}

void EncodeChangelogValue(const ChangelogRecord& record, std::string& out) {
  ByteWriter to(out);
  to.U8(kVersion);
  to.U8(record.event_time.has_value() ? kHasEventTime : 0);
  to.Varint(static_cast<uint64_t>(record.sequence.value()));
  if (record.event_time.has_value()) to.SignedVarint(record.event_time->value());
  to.String(record.row);
}

Result<ChangelogRecord> DecodeChangelogValue(std::string_view bytes) {
  ByteReader in(bytes);
  const uint8_t version = in.U8();
  const uint8_t flags = in.U8();
  RETURN_IF_ERROR(CheckVersion(version, in.ok(), StatusCode::kTaskCorrupted));
  ChangelogRecord record;
  const uint64_t sequence = in.Varint();
  if ((flags & kHasEventTime) != 0) record.event_time = Timestamp(in.SignedVarint());
  record.row = in.String();
  if (!in.ok() || sequence > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return Status::TaskCorrupted("a changelog record is cut short or damaged");
  }
  record.sequence = CommitSequence(static_cast<int64_t>(sequence));
  return record;
}

}  // namespace sidestream
