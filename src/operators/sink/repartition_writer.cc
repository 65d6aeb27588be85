// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/sink/repartition_writer.h"

#include "operators/row_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

Status RepartitionWriter::Write(Row& row, ProcessorContext& context, Arena& arena) {
  OutputRecord record;
  record.output = output_;
  if (node_.key.computed) {
    if (Status status = EncodeRowKey(row.key, key_, arena); !status.ok()) {
      return status.WithContext("key");
    }
    record.key_kind = static_cast<uint8_t>(row.key.kind);
  }
  record.key = row.key.bytes;
  record.value = row.value.bytes;
  if (node_.value.computed && !row.value.value.null()) {
    value_.clear();
    if (Status status = serde::EncodeValue(row.value.value, value_); !status.ok()) {
      return status.WithContext("value");
    }
    record.value = value_;
  }
  record.timestamp = row.timestamp;
  if (node_.carries_headers) record.headers = row.headers;
  if (node_.carries_origin) record.origin = row.origin;
  return context.Produce(record);
}

}  // namespace sidestream::operators
