// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a repartition and as a changelog record: what decodes is encoded, and then
// decodes to the same.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/internal_record.h"

using namespace sidestream;

namespace {

void Repartition(std::string_view bytes) {
  const Result<RepartitionKind> kind = KindOfRepartitionValue(bytes);
  if (!kind.ok()) return;
  if (*kind == RepartitionKind::kMark) {
    (void)DecodeMarkValue(bytes).ok();
    return;
  }
  std::vector<Header> headers;
  const Result<RepartitionRecord> record = DecodeRepartitionValue(bytes, headers);
  if (!record.ok()) return;
  std::string encoded;
  EncodeRepartitionValue(*record, encoded);
  std::vector<Header> headers_again;
  const Result<RepartitionRecord> again = DecodeRepartitionValue(encoded, headers_again);
  CHECK(again.ok());
  CHECK(again->event_time == record->event_time && again->key_kind == record->key_kind);
  CHECK(again->origin == record->origin && again->value == record->value);
  CHECK(std::ranges::equal(again->headers, record->headers));
}

void Changelog(std::string_view bytes) {
  const Result<ChangelogRecord> record = DecodeChangelogValue(bytes);
  if (!record.ok()) return;
  std::string encoded;
  EncodeChangelogValue(*record, encoded);
  const Result<ChangelogRecord> again = DecodeChangelogValue(encoded);
  CHECK(again.ok() && again->sequence == record->sequence && again->row == record->row);
  CHECK(again->event_time == record->event_time);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Repartition(bytes);
  Changelog(bytes);
  return 0;
}
