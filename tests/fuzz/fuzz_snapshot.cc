// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a manifest, a part and a file of records in flight: what decodes is encoded to bytes
// that decode to the same. Behind a checksum nothing but the right bytes would be reached, so it is
// put right.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "snapshot/in_flight.h"
#include "snapshot/manifest.h"

using namespace sidestream;

namespace {

std::string Framed(std::string_view mark, std::string_view body) {
  return std::string(mark) + '\x01' + std::string(snapshot::Sha256(body).view()) + std::string(body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  CHECK(!snapshot::DecodeManifest(bytes).ok() || size > 37);
  const Result<snapshot::Manifest> manifest = snapshot::DecodeManifest(Framed("SSSM", bytes));
  if (manifest.ok()) {
    const auto again = snapshot::DecodeManifest(snapshot::EncodeManifest(*manifest));
    CHECK(again.ok() && *again == *manifest);
  }
  const Result<snapshot::KeptTask> part = snapshot::DecodePart(Framed("SSSP", bytes));
  if (part.ok()) {
    const auto again = snapshot::DecodePart(snapshot::EncodePart(*part));
    CHECK(again.ok() && *again == *part);
  }
  snapshot::InFlightFile file;
  const Status read = snapshot::ReadInFlightFile(bytes, [&](const snapshot::InFlightRecord& record) {
    file.Add(record);
    return Status();
  });
  CHECK(!read.ok() || file.bytes() == bytes || size > file.bytes().size());
  return 0;
}
