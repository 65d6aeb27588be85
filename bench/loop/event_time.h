// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the loops with windows share: the bid's time out of its JSON, and the highest of a
// partition.
//
// Threading: none.

#pragma once

#include <simdjson.h>

#include <cstdint>
#include <limits>
#include <string>

#include "bench/loop/generator.h"
#include "bench/loop/handles.h"

namespace sidestream::bench {

class BidTimes {
 public:
  int64_t TimeOf(const rd_kafka_message_t& record) {
    // The parser reads behind the document; a fetch buffer has no room there.
    const size_t padded = record.len + simdjson::SIMDJSON_PADDING;
    if (document_.size() < padded) document_.resize(padded);
    __builtin_memcpy(document_.data(), record.payload, record.len);
    auto parsed = parser_.iterate(document_.data(), record.len, document_.size());
    int64_t time = 0;
    if (parsed.find_field("date_time").get_int64().get(time) != simdjson::SUCCESS) {
      Die("a bid without a time");
    }
    return time;
  }

 private:
  simdjson::ondemand::parser parser_;
  std::string document_;
};

/// Of one partition.
class Watermark {
 public:
  void See(int64_t time) {
    if (time > highest_) highest_ = time;
  }
  int64_t value() const { return highest_ - kLateness - 1; }

 private:
  int64_t highest_ = std::numeric_limits<int64_t>::min() / 2;
};

}  // namespace sidestream::bench
