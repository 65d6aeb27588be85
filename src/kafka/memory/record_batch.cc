// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/record_batch.h"

#include "base/bytes.h"

namespace sidestream::kafka::memory {

void RecordBatch::Add(Timestamp timestamp, std::optional<std::string_view> key,
                      std::optional<std::string_view> value, std::span<const Header> headers) {
  Entry entry{.timestamp = timestamp, .at = data_.size()};
  if (key) {
    entry.key_bytes = static_cast<int32_t>(key->size());
    data_.append(*key);
  }
  if (value) {
    entry.value_bytes = static_cast<int32_t>(value->size());
    data_.append(*value);
  }
  ByteWriter writer(data_);
  for (const Header& header : headers) {
    writer.String(header.name);
    writer.U8(header.value ? 1 : 0);
    if (header.value) writer.String(*header.value);
  }
  entries_.push_back(entry);
}

std::optional<std::string_view> RecordBatch::key(size_t index) const {
  const Entry& entry = entries_[index];
  if (entry.key_bytes < 0) return std::nullopt;
  return std::string_view(data_).substr(entry.at, static_cast<size_t>(entry.key_bytes));
}

std::optional<std::string_view> RecordBatch::value(size_t index) const {
  const Entry& entry = entries_[index];
  if (entry.value_bytes < 0) return std::nullopt;
  const size_t at = entry.at + (entry.key_bytes < 0 ? 0 : static_cast<size_t>(entry.key_bytes));
  return std::string_view(data_).substr(at, static_cast<size_t>(entry.value_bytes));
}

size_t RecordBatch::HeadersAt(size_t index) const {
  const Entry& entry = entries_[index];
  return entry.at + (entry.key_bytes < 0 ? 0 : static_cast<size_t>(entry.key_bytes)) +
         (entry.value_bytes < 0 ? 0 : static_cast<size_t>(entry.value_bytes));
}

void RecordBatch::Headers(size_t index, std::vector<Header>& out) const {
  out.clear();
  const size_t at = HeadersAt(index);
  ByteReader reader(std::string_view(data_).substr(at, EndOf(index) - at));
  while (!reader.empty()) {
    Header header;
    header.name = reader.String();
    if (reader.U8() != 0) header.value = reader.String();
    out.push_back(header);
  }
}

size_t RecordBatch::record_bytes(size_t index) const { return EndOf(index) - entries_[index].at; }

size_t RecordBatch::WireBytes(std::optional<std::string_view> key,
                              std::optional<std::string_view> value,
                              std::span<const Header> headers) {
  RecordBatch alone;
  alone.Add(Timestamp(0), std::nullopt, std::nullopt, headers);
  return alone.wire_bytes() + (key ? key->size() : 0) + (value ? value->size() : 0);
}

MemoryChunk::MemoryChunk(TopicPartition partition) { partition_ = std::move(partition); }

void MemoryChunk::Add(const BatchSlice& slice) {
  batches_.push_back(slice.batch);
  for (size_t i = slice.first; i < slice.first + slice.count; ++i) {
    records_.push_back({.offset = slice.offset + static_cast<int64_t>(i - slice.first),
                        .timestamp = slice.batch->timestamp(i),
                        .key = slice.batch->key(i),
                        .value = slice.batch->value(i)});
    places_.push_back({slice.batch.get(), i});
    bytes_ += slice.batch->record_bytes(i);
  }
}

std::span<const Header> MemoryChunk::Headers(size_t index) const {
  places_[index].batch->Headers(places_[index].index, headers_);
  return headers_;
}

}  // namespace sidestream::kafka::memory
