// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/mark.h"

namespace sidestream::time {

void EncodeMark(const Mark& mark, std::string& out) {
  ByteWriter to(out);
  to.Varint(mark.upstream_tasks);
  EncodeUpstreams(to, mark.entries);
}

Result<Mark> DecodeMark(std::string_view payload) {
  ByteReader in(payload);
  Mark mark;
  const uint64_t upstream_tasks = in.Varint();
  if (upstream_tasks > UINT32_MAX || !DecodeUpstreams(in, mark.entries)) {
    return Status::Stopped("a watermark mark is cut short or damaged");
  }
  mark.upstream_tasks = static_cast<uint32_t>(upstream_tasks);
  return mark;
}

}  // namespace sidestream::time
