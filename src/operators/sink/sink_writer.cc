// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/sink/sink_writer.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "operators/dead_letter/letter_headers.h"

namespace sidestream::operators {
namespace {

using serde::Value;

/// Bytes of `value`, in `buffer`; none for null.
Result<std::optional<std::string_view>> Encode(const serde::Writer& writer, const Value& value,
                                               std::string& buffer) {
  const Value whole = Unwrap(value);
  if (whole.null()) return std::optional<std::string_view>();
  buffer.clear();
  RETURN_IF_ERROR(writer.Write(whole, buffer));
  return std::optional<std::string_view>(buffer);
}

bool IsOurs(const Header& header) { return header.name.starts_with(kOwnHeaders); }

}  // namespace

Result<std::unique_ptr<SinkWriter>> SinkWriter::Create(const topology::SinkNode& node,
                                                       size_t output) {
  ASSIGN_OR_RETURN(serde::Writer key, serde::Writer::Create(node.key_format));
  ASSIGN_OR_RETURN(serde::Writer value, serde::Writer::Create(node.value_format));
  return std::unique_ptr<SinkWriter>(
      new SinkWriter(node, output, std::move(key), std::move(value)));
}

SinkWriter::SinkWriter(const topology::SinkNode& node, size_t output, serde::Writer key_writer,
                       serde::Writer value_writer)
    : node_(node),
      output_(output),
      key_writer_(std::move(key_writer)),
      value_writer_(std::move(value_writer)) {}

Status SinkWriter::Write(const Row& row, std::span<const Value> slots, ProcessorContext& context) {
  OutputRecord record;
  record.output = output_;
  record.key = row.key.bytes;
  record.value = row.value.bytes;
  if (node_.key_slot >= 0) {
    auto key = Encode(key_writer_, slots[static_cast<size_t>(node_.key_slot)], key_);
    if (!key.ok()) return key.status().WithContext("key");
    record.key = *key;
  }
  if (node_.value_slot >= 0) {
    auto value = Encode(value_writer_, slots[static_cast<size_t>(node_.value_slot)], value_);
    if (!value.ok()) return value.status().WithContext("value");
    record.value = *value;
  }
  record.placed_by = row.key.placed_by;
  record.timestamp = row.timestamp;
  record.headers = row.headers;
  if (std::any_of(row.headers.begin(), row.headers.end(), IsOurs)) {
    headers_.clear();
    std::remove_copy_if(row.headers.begin(), row.headers.end(), std::back_inserter(headers_),
                        IsOurs);
    record.headers = headers_;
  }
  return context.Produce(record);
}

}  // namespace sidestream::operators
