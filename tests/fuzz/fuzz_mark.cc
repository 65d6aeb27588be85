// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a mark, and as a commit stamp before its base64: what decodes is encoded to bytes
// that decode to the same, and an input that heard it has a watermark that never goes back.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "time/commit_stamp.h"
#include "time/mark.h"
#include "time/upstream_vector.h"

using namespace sidestream;

namespace {

void AsMark(std::string_view bytes) {
  const Result<time::Mark> mark = time::DecodeMark(bytes);
  if (!mark.ok()) return;
  std::string encoded;
  time::EncodeMark(*mark, encoded);
  const Result<time::Mark> again = time::DecodeMark(encoded);
  CHECK(again.ok() && *again == *mark);
  time::UpstreamVector vector(3, {}, {});
  vector.Take(*mark, {});
  const time::UpstreamVector kept(3, vector.Heard(), {});
  CHECK(kept.Heard() == vector.Heard());
}

void AsStamp(std::string_view bytes) {
  const Result<std::optional<time::CommitStamp>> stamp =
      time::DecodeCommitStamp(Base64Encode(bytes));
  if (!stamp.ok() || !*stamp) return;
  const auto again = time::DecodeCommitStamp(time::EncodeCommitStamp(**stamp));
  CHECK(again.ok() && *again && **again == **stamp);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  AsMark(bytes);
  AsStamp(bytes);
  return 0;
}
