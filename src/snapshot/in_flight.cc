// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/in_flight.h"

#include <fmt/format.h>

#include "base/bytes.h"

namespace sidestream::snapshot {
namespace {

constexpr std::string_view kMark = "SSSR";
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasKey = 1;
constexpr uint8_t kHasValue = 2;

}  // namespace

InFlightFile::InFlightFile() {
  ByteWriter out(bytes_);
  out.Raw(kMark);
  out.U8(kVersion);
}

void InFlightFile::Add(const InFlightRecord& record) {
  ByteWriter out(bytes_);
  out.U8(static_cast<uint8_t>((record.key ? kHasKey : 0) | (record.value ? kHasValue : 0)));
  if (record.key) out.String(*record.key);
  if (record.value) out.String(*record.value);
  ++records_;
}

Status ReadInFlightFile(std::string_view bytes,
                        const std::function<Status(const InFlightRecord&)>& visit) {
  ByteReader in(bytes);
  const bool ours = in.Raw(kMark.size()) == kMark;
  const uint8_t version = in.U8();
  if (ours && in.ok() && version > kVersion) {
    return Status::InvalidConfig(fmt::format(
        "records in flight of a newer release of Sidestream: version={} known={}", version,
        kVersion));
  }
  if (!ours || version != kVersion) return Status::Stopped("these bytes are no records in flight");
  while (!in.empty()) {
    const uint8_t flags = in.U8();
    InFlightRecord record;
    if ((flags & kHasKey) != 0) record.key = in.String();
    if ((flags & kHasValue) != 0) record.value = in.String();
    if (!in.ok() || flags > (kHasKey | kHasValue)) {
      return Status::Stopped("the records in flight are damaged");
    }
    RETURN_IF_ERROR(visit(record));
  }
  return {};
}

}  // namespace sidestream::snapshot
