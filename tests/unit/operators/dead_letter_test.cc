// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Dead letters as they lie on their topic, and letters that are refused themselves.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "operators/dead_letter/dead_letter_writer.h"
#include "operators/dead_letter/letter_headers.h"
#include "tests/support/plan_driver.h"

namespace sidestream::operators {
namespace {

using testing::PlanDriver;
using testing::ProducedRecord;
using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

constexpr const char* kHolding = R"(
version: 1
application: { id: app }
errors: { processing: dlq, dlq: { hold_key: true } }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p: { from: in, steps: [ { name: divide, map: 10 / value } ], to: out }
)";

// docs/formats/dead-letter.md, example.
TEST(DeadLetterTest, BytesAreThoseOfTheDocument) {
  PlanDriver driver(kHolding, 1);
  ASSERT_EQ(driver.error(), "");
  driver.Add("in", {.key = "k", .value = "5", .timestamp = Timestamp(6)});
  driver.Add("in", {.key = "k", .value = "0", .timestamp = Timestamp(7), .headers = {{"h", "v"}}});
  ASSERT_TRUE(driver.Run().ok());
  const std::vector<ProducedRecord> letters = driver.RecordsOf("app-dlq");
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].key, "k");
  EXPECT_EQ(letters[0].value, "0");
  EXPECT_EQ(letters[0].timestamp, Timestamp(7));
  const Headers expected = {
      {"h", "v"},
      {"__streams.errors.exception", "ProcessingError"},
      {"__streams.errors.message", "p.divide (topology.yaml:9): division by zero"},
      {"__streams.errors.topic", "in"},
      {"__streams.errors.partition", "0"},
      {"__streams.errors.offset", "1"},
      {"__streams.errors.step", "p.divide"},
      {"__streams.errors.application", "app"},
      {"__sidestream.letter", "record"},
      {"__sidestream.hold", "app/in/0/1"},
      {"__sidestream.hold.sequence", "0"},
  };
  EXPECT_EQ(letters[0].headers, expected);
  EXPECT_EQ(driver.dead_letters("p.divide", "processing"), 1);
}

TEST(DeadLetterTest, HeadersOfOursDoNotReachAnOutput) {
  PlanDriver driver(kHolding, 1);
  driver.Add("in", {.key = "k",
                    .value = "5",
                    .headers = {{"h", "v"}, {std::string(kReplayCount), "1"}, {"i", "w"}}});
  ASSERT_TRUE(driver.Run().ok());
  const auto out = driver.Records("out");
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].headers, (Headers{{"h", "v"}, {"i", "w"}}));
}

/// A topic that takes letters up to a size, and none of another time than the clock's.
class StrictContext final : public ProcessorContext {
 public:
  statestore::KeyValueStore& Store(size_t index) override { return fake_.Store(index); }
  Status Produce(const OutputRecord& record) override {
    size_t bytes = record.value ? record.value->size() : 0;
    for (const Header& header : record.headers) bytes += header.value ? header.value->size() : 0;
    if (bytes > bytes_max) return Status::BadRecord("too large");
    if (clock_only && record.timestamp != WallTime()) return Status::BadRecord("too old");
    return fake_.Produce(record);
  }
  Timestamp WallTime() const override { return fake_.WallTime(); }
  uint64_t RandomBits() override { return 0; }
  void CountDropped(std::string_view, std::string_view) override {}
  void CountDeadLetter(std::string_view, std::string_view) override {}

  const std::vector<ProducedRecord>& produced() const { return fake_.produced(); }

  size_t bytes_max = SIZE_MAX;
  bool clock_only = false;

 private:
  testing::FakeProcessorContext fake_;
};

std::string HeaderOf(const ProducedRecord& record, std::string_view name) {
  for (const auto& [header, value] : record.headers) {
    if (header == name) return value.value_or("");
  }
  return "";
}

class DeadLetterWriterTest : public ::testing::Test {
 protected:
  DeadLetterWriterTest() {
    letter_.step = "p.divide";
    letter_.contents = kContentsRecord;
    letter_.value = "value";
    letter_.timestamp = Timestamp(7);
  }

  DeadLetter letter_;
  StrictContext context_;
  DeadLetterWriter writer_{"app", 0};
};

TEST_F(DeadLetterWriterTest, ALongMessageIsCutBetweenCharacters) {
  std::string message(DeadLetterWriter::kMessageBytesMax - 1, 'x');
  message += "\u00e9 and more";
  letter_.message = message;
  ASSERT_TRUE(writer_.Write(letter_, context_).ok());
  EXPECT_EQ(HeaderOf(context_.produced()[0], kErrorMessage),
            message.substr(0, DeadLetterWriter::kMessageBytesMax - 1));
}

TEST_F(DeadLetterWriterTest, ALetterThatIsTooLargeSaysLess) {
  const std::string message(1'000, 'x');
  letter_.message = message;
  context_.bytes_max = 300;
  ASSERT_TRUE(writer_.Write(letter_, context_).ok());
  ASSERT_EQ(context_.produced().size(), 1u);
  EXPECT_EQ(HeaderOf(context_.produced()[0], kErrorMessage).size(),
            DeadLetterWriter::kShortMessageBytesMax);
}

TEST_F(DeadLetterWriterTest, ALetterThatIsTooOldGetsTheClocksTimeAndKeepsItsOwn) {
  letter_.message = "m";
  context_.clock_only = true;
  ASSERT_TRUE(writer_.Write(letter_, context_).ok());
  EXPECT_EQ(context_.produced()[0].timestamp, context_.WallTime());
  EXPECT_EQ(HeaderOf(context_.produced()[0], kLetterTimestamp), "7");
}

TEST_F(DeadLetterWriterTest, ALetterThatIsRefusedAllTheSameEndsInOneError) {
  letter_.message = "the step's reason";
  context_.bytes_max = 10;
  const Status status = writer_.Write(letter_, context_);
  EXPECT_EQ(status.code(), StatusCode::kBadRecord);
  for (const char* part : {"the step's reason", "too large", "max.message.bytes"}) {
    EXPECT_NE(status.message().find(part), std::string::npos) << status;
  }
  EXPECT_TRUE(context_.produced().empty());
}

}  // namespace
}  // namespace sidestream::operators
