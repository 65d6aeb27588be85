// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/partition_sender.h"

#include <array>
#include <cstring>
#include <span>

#include "kafka/rdkafka/handle.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr int64_t kNow = -1;  // no timestamp: the client's clock
// What format v2 adds to a record and to a header, at most, and a batch to its records. A batch
// that fits one request by our count must do so by the library's.
constexpr size_t kRecordOverhead = 36;
constexpr size_t kHeaderOverhead = 10;
constexpr size_t kBatchOverhead = 128;
constexpr size_t kFixedArguments = 7;
constexpr size_t kInlineHeaders = 8;

// A null pointer is a null key or value, so an empty one keeps a pointer.
void* CopyTo(Arena& arena, std::string_view bytes) {
  return const_cast<char*>(arena.Copy(bytes).data());
}

rd_kafka_error_t* ProduceSingle(const SendTarget& target, const rd_kafka_message_t& message,
                                  int64_t timestamp, std::span<const Header> headers) {
  std::array<rd_kafka_vu_t, kFixedArguments + kInlineHeaders> inline_arguments;
  std::vector<rd_kafka_vu_t> more_arguments;
  rd_kafka_vu_t* arguments = inline_arguments.data();
  if (headers.size() > kInlineHeaders) {
    more_arguments.resize(kFixedArguments + headers.size());
    arguments = more_arguments.data();
  }
  size_t count = 0;
  const auto next = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
    arguments[count].vtype = type;
    return arguments[count++];
  };
  next(RD_KAFKA_VTYPE_RKT).u.rkt = target.topic;
  next(RD_KAFKA_VTYPE_PARTITION).u.i32 = target.partition;
  next(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
  if (message.payload != nullptr) {
    next(RD_KAFKA_VTYPE_VALUE).u.mem = {message.payload, message.len};
  }
  if (message.key != nullptr) next(RD_KAFKA_VTYPE_KEY).u.mem = {message.key, message.key_len};
  if (timestamp != kNow) next(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = timestamp;
  for (const Header& header : headers) {
    rd_kafka_vu_t& argument = next(RD_KAFKA_VTYPE_HEADER);
    argument.u.header.name = header.name.data();  // terminated, see AddExtra()
    argument.u.header.val = header.value ? header.value->data() : nullptr;
    argument.u.header.size = header.value ? static_cast<ssize_t>(header.value->size()) : 0;
  }
  return rd_kafka_produceva(target.client, arguments, count);
}

}  // namespace

size_t PartitionSender::SizeOf(const OutgoingRecord& record) {
  size_t bytes =
      kRecordOverhead + record.key.value_or("").size() + record.value.value_or("").size();
  for (const Header& header : record.headers) {
    bytes += kHeaderOverhead + header.name.size() + header.value.value_or("").size();
  }
  return bytes;
}

void PartitionSender::Add(const OutgoingRecord& record, size_t size, const BatchLimits& limits) {
  const auto fits = [&](const Batch& batch) {
    return batch.handed == 0 && batch.messages.size() < limits.records &&
           kBatchOverhead + batch.bytes + size <= limits.bytes;
  };
  if (batches_.empty() || !fits(*batches_.back())) batches_.push_back(std::make_unique<Batch>());
  Batch& batch = *batches_.back();
  rd_kafka_message_t message{};
  message.partition = record.partition;
  if (record.value) {
    message.payload = CopyTo(batch.arena, *record.value);
    message.len = record.value->size();
  }
  if (record.key) {
    message.key = CopyTo(batch.arena, *record.key);
    message.key_len = record.key->size();
  }
  if (record.timestamp || !record.headers.empty() || !batch.plain) AddExtra(record, batch);
  batch.messages.push_back(message);
  batch.bytes += size;
}

void PartitionSender::AddExtra(const OutgoingRecord& record, Batch& batch) {
  // Those before it had nothing.
  batch.extras.resize(batch.messages.size(), Extra{.timestamp = kNow});
  batch.plain = false;
  Extra& extra = batch.extras.emplace_back();
  extra.timestamp = record.timestamp ? record.timestamp->value() : kNow;
  extra.headers_begin = static_cast<uint32_t>(batch.headers.size());
  for (const Header& header : record.headers) {
    Header copy;
    // The library wants terminated names.
    char* name = static_cast<char*>(batch.arena.Allocate(header.name.size() + 1, 1));
    std::memcpy(name, header.name.data(), header.name.size());
    name[header.name.size()] = '\0';
    copy.name = std::string_view(name, header.name.size());
    if (header.value) copy.value = batch.arena.Copy(*header.value);
    batch.headers.push_back(copy);
  }
  extra.headers_end = static_cast<uint32_t>(batch.headers.size());
}

size_t PartitionSender::HandOver(const SendTarget& target, const OnRefused& on_refused) {
  if (batches_.empty() || under_way_ > 0) return 0;
  Batch& batch = *batches_.front();
  const bool done = batch.plain && target.known ? HandOverPlain(target, batch, on_refused)
                                                : HandOverSingly(target, batch, on_refused);
  if (!done) return 0;
  const size_t bytes = batch.bytes;
  batches_.erase(batches_.begin());
  return bytes;
}

bool PartitionSender::HandOverPlain(const SendTarget& target, Batch& batch,
                                    const OnRefused& on_refused) {
  rd_kafka_message_t* const first = batch.messages.data() + batch.handed;
  const size_t count = batch.messages.size() - batch.handed;
  rd_kafka_produce_batch(target.topic, target.partition, RD_KAFKA_MSG_F_COPY, first,
                         static_cast<int>(count));
  // A full queue refuses the first that does not fit and all behind it.
  for (size_t i = 0; i < count; ++i, ++batch.handed) {
    if (first[i].err == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    if (first[i].err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      ++under_way_;
    } else {
      on_refused({.code = first[i].err, .text = rd_kafka_err2str(first[i].err)});
    }
  }
  return true;
}

bool PartitionSender::HandOverSingly(const SendTarget& target, Batch& batch,
                                     const OnRefused& on_refused) {
  batch.extras.resize(batch.messages.size(), Extra{.timestamp = kNow});
  for (; batch.handed < batch.messages.size(); ++batch.handed) {
    const Extra& extra = batch.extras[batch.handed];
    const auto error = TakeFacts(ProduceSingle(
        target, batch.messages[batch.handed], extra.timestamp,
        std::span(batch.headers)
            .subspan(extra.headers_begin, extra.headers_end - extra.headers_begin)));
    if (error && error->code == RD_KAFKA_RESP_ERR__QUEUE_FULL) return false;
    if (error) {
      on_refused(*error);
    } else {
      ++under_way_;
    }
  }
  return true;
}

size_t PartitionSender::Clear() {
  size_t records = 0;
  for (const auto& batch : batches_) records += batch->messages.size() - batch->handed;
  batches_.clear();
  return records;
}

}  // namespace sidestream::kafka::rdkafka
