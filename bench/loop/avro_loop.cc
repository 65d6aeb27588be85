// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Filter and project of Avro binary by a decoder written for the one schema: it reads what
// it needs, steps over the rest and copies the fields that stay as they lie.

#include <cstdint>
#include <string>
#include <string_view>

#include "bench/loop/generator.h"
#include "bench/loop/loops.h"

namespace sidestream::bench {
namespace {

/// Walks over the fields of a bid.
class Cursor {
 public:
  explicit Cursor(const rd_kafka_message_t& record)
      : at_(static_cast<const uint8_t*>(record.payload)), end_(at_ + record.len) {}

  int64_t Long() {
    uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at_ == end_) Die("a bid ends too early");
      const uint8_t byte = *at_++;
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return static_cast<int64_t>(value >> 1) ^ -static_cast<int64_t>(value & 1);
    }
    Die("a bid with too long a number");
  }

  void SkipText() {
    const int64_t size = Long();
    if (size < 0 || size > end_ - at_) Die("a bid with too long a text");
    at_ += size;
  }

  const char* place() const { return reinterpret_cast<const char*>(at_); }

 private:
  const uint8_t* at_;
  const uint8_t* end_;
};

}  // namespace

void RunAvroFilterLoop(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      if (Cursor(*record).Long() % kFilterModulus == 0) session.Forward(topic.get(), *record);
    }
  }});
}

void RunAvroProjectLoop(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  std::string projected;
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      Cursor cursor(*record);
      const char* const begin = cursor.place();
      cursor.Long();      // auction
      cursor.SkipText();  // bidder
      cursor.Long();      // price
      cursor.SkipText();  // channel
      projected.assign(begin, cursor.place());
      cursor.SkipText();  // url
      const char* const date_time = cursor.place();
      cursor.Long();
      projected.append(date_time, cursor.place());
      session.Forward(topic.get(), *record, projected);
    }
  }});
}

}  // namespace sidestream::bench
