// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the frame of a schema registry, in the bytes and in a header: what is read stays
// within what was given, and what is written again is read as the same.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "serde/wire_frame.h"

using namespace sidestream;
using namespace sidestream::serde;

namespace {

bool Within(std::string_view part, std::string_view whole) {
  return part.data() >= whole.data() && part.data() + part.size() == whole.data() + whole.size();
}

void Indexes(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto indexes = TakeMessageIndexes(rest);
  if (!indexes.ok()) return;
  CHECK(Within(rest, bytes));
  CHECK(!indexes->empty() && indexes->size() <= kMaxMessageIndexes);
  std::string written;
  PutMessageIndexes(*indexes, written);
  std::string_view again = written;
  const auto read = TakeMessageIndexes(again);
  CHECK(read.ok() && *read == *indexes && again.empty());
}

void Frame(std::string_view bytes) {
  const auto frame = ReadWireFrame(bytes);
  if (!frame.ok()) return;
  CHECK(!frame->in_header && Within(frame->after_id, bytes));
  Indexes(frame->after_id);
  if (const auto* id = std::get_if<SchemaId>(&frame->schema)) {
    std::string written;
    PutWireFrame(*id, written);
    CHECK(bytes == written + std::string(frame->after_id));
  } else {
    CHECK(GuidText(std::get<SchemaGuid>(frame->schema)).size() == 36);
  }
  const auto in_header = ReadWireFrame("data", bytes);
  CHECK(in_header.ok() && in_header->in_header && in_header->schema == frame->schema);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Frame(bytes);
  Indexes(bytes);
  return 0;
}
