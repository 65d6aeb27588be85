// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Filter and project of JSON with simdjson. Two of each: one reads on demand, fields in the order in
// which the documents have them, numbers as they are written, what is not needed unread: what
// somebody writes who trusts the data. The other one parses the whole document, as the program does:
// a broken one is found wherever it is broken.

#include <simdjson.h>

#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

#include "bench/loop/generator.h"
#include "bench/loop/loops.h"

namespace sidestream::bench {
namespace {

using simdjson::ondemand::document;

/// A record's value with room behind it, where the parsers read; a fetch buffer has none.
class PaddedText {
 public:
  /// Good until the next call.
  const std::string& Of(const rd_kafka_message_t& record) {
    const size_t padded = record.len + simdjson::SIMDJSON_PADDING;
    if (text_.size() < padded) text_.resize(padded);
    std::memcpy(text_.data(), record.payload, record.len);
    return text_;
  }

 private:
  std::string text_;
};

class Documents {
 public:
  /// Good until the next call.
  document Parse(const rd_kafka_message_t& record) {
    const std::string& text = text_.Of(record);
    document parsed;
    if (parser_.iterate(text.data(), record.len, text.size()).get(parsed) != simdjson::SUCCESS) {
      Die("a bid that is not JSON");
    }
    return parsed;
  }

 private:
  simdjson::ondemand::parser parser_;
  PaddedText text_;
};

class CheckedDocuments {
 public:
  /// Good until the next call.
  simdjson::dom::object Parse(const rd_kafka_message_t& record) {
    simdjson::dom::object bid;
    if (parser_.parse(text_.Of(record).data(), record.len, false).get(bid) != simdjson::SUCCESS) {
      Die("a bid that is no JSON object");
    }
    return bid;
  }

 private:
  simdjson::dom::parser parser_;
  PaddedText text_;
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

/// The same of a parsed document. Texts of a bid need no escapes.
void AppendField(const simdjson::dom::object& bid, std::string_view name, std::string_view label,
                 std::string& out) {
  const simdjson::simdjson_result<simdjson::dom::element> field = bid[name];
  out += label;
  int64_t number = 0;
  std::string_view text;
  if (field.get(text) == simdjson::SUCCESS) {
    out += '"';
    out += text;
    out += '"';
  } else if (field.get(number) == simdjson::SUCCESS) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
  } else {
    Die("a bid without one of its fields");
  }
}

template <typename Bid>
void Project(Bid& bid, std::string& out) {
  out.clear();
  AppendField(bid, "auction", R"({"auction":)", out);
  AppendField(bid, "bidder", R"(,"bidder":)", out);
  AppendField(bid, "price", R"(,"price":)", out);
  AppendField(bid, "channel", R"(,"channel":)", out);
  AppendField(bid, "date_time", R"(,"date_time":)", out);
  out += '}';
}

template <typename Reader>
void RunProject(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  Reader documents;
  std::string projected;
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      auto bid = documents.Parse(*record);
      Project(bid, projected);
      session.Forward(topic.get(), *record, projected);
    }
  }});
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

void RunCheckedFilterLoop(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  CheckedDocuments documents;
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) {
      int64_t auction = 0;
      if (documents.Parse(*record)["auction"].get(auction) != simdjson::SUCCESS) {
        Die("a bid without an auction");
      }
      if (auction % kFilterModulus == 0) session.Forward(topic.get(), *record);
    }
  }});
}

void RunProjectLoop(SessionOptions options, const std::string& output) {
  RunProject<Documents>(std::move(options), output);
}

void RunCheckedProjectLoop(SessionOptions options, const std::string& output) {
  RunProject<CheckedDocuments>(std::move(options), output);
}

}  // namespace sidestream::bench
