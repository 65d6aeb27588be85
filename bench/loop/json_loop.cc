// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Filter and project of JSON with simdjson's on-demand parser, fields in the order in which the
// documents have them, numbers as they are written: what somebody who knows the data writes.

#include <simdjson.h>

#include <cstring>
#include <string>
#include <string_view>

#include "bench/loop/generator.h"
#include "bench/loop/loops.h"

namespace sidestream::bench {
namespace {

using simdjson::ondemand::document;

class Documents {
 public:
  /// Good until the next call. The parser reads behind the document; a fetch buffer has no room
  /// there.
  document Parse(const rd_kafka_message_t& record) {
    const size_t padded = record.len + simdjson::SIMDJSON_PADDING;
    if (text_.size() < padded) text_.resize(padded);
    std::memcpy(text_.data(), record.payload, record.len);
    document parsed;
    if (parser_.iterate(text_.data(), record.len, text_.size()).get(parsed) != simdjson::SUCCESS) {
      Die("a bid that is not JSON");
    }
    return parsed;
  }

 private:
  simdjson::ondemand::parser parser_;
  std::string text_;
};

/// The text of a scalar as the document has it, quotes included.
void AppendField(document& bid, std::string_view name, std::string_view label, std::string& out) {
  std::string_view token;
  if (bid.find_field(name).raw_json_token().get(token) != simdjson::SUCCESS) {
    Die("a bid without one of its fields");
  }
  out += label;
  out += token;
}

}  // namespace

void RunFilterLoop(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  Documents documents;
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      document bid = documents.Parse(*record);
      int64_t auction = 0;
      if (bid.find_field("auction").get_int64().get(auction) != simdjson::SUCCESS) {
        Die("a bid without an auction");
      }
      if (auction % kFilterModulus == 0) session.Forward(topic.get(), *record);
    }
  }});
}

void RunProjectLoop(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  Documents documents;
  std::string projected;
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      document bid = documents.Parse(*record);
      projected.clear();
      AppendField(bid, "auction", R"({"auction":)", projected);
      AppendField(bid, "bidder", R"(,"bidder":)", projected);
      AppendField(bid, "price", R"(,"price":)", projected);
      AppendField(bid, "channel", R"(,"channel":)", projected);
      AppendField(bid, "date_time", R"(,"date_time":)", projected);
      projected += '}';
      session.Forward(topic.get(), *record, projected);
    }
  }});
}

}  // namespace sidestream::bench
