// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an answer of S3: no crash, and no more objects than bytes.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "snapshot/s3_answer.h"

using namespace sidestream;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Result<snapshot::S3ListPage> page = snapshot::ReadS3List(bytes);
  if (page.ok()) {
    CHECK(page->objects.size() <= size && page->continuation.size() <= size);
    for (const snapshot::StoredObject& object : page->objects) {
      CHECK(object.bytes >= 0 && object.name.size() <= size);
    }
  }
  const Result<std::string> upload = snapshot::ReadS3UploadId(bytes);
  CHECK(!upload.ok() || !upload->empty());
  CHECK(snapshot::ReadS3ErrorCode(bytes).size() <= size + 7);
  return 0;
}
