// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/aggregate-row.md, and what a reader does with bytes that do not fit.

#include "operators/aggregate/aggregate_row.h"

#include <gtest/gtest.h>

#include <string>

#include "base/store_layout.h"
#include "operators/row_key.h"
#include "tests/unit/operators/aggregate_case.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using topology::AggregateFunction;

// The example of the page.
const std::string kAccumulators(
    "\x6f\xbc\x13\x13\x01\x03"
    "\x24\x85\xd3\x53\x0a\x02\x02\x40\x04\x00\x00\x00\x00\x00\x00",
    21);
const std::string kBegin = "\x03\xd0\x0f\x15" + kAccumulators;
const std::string kExample = kBegin + "\x01\x02\x03\x06";

const CallSpec kCount{.function = AggregateFunction::kCount, .id = FieldId("count()")};
const CallSpec kSum{.function = AggregateFunction::kSum, .id = FieldId("sum(value.x)")};
const CallSpec kMax{.function = AggregateFunction::kMax, .id = FieldId("max(value.x)")};

TEST(AggregateRowTest, HasTheBytesOfTheFormatPage) {
  AggregateCase group({kCount, kSum});
  for (const double number : {1.0, 1.0, 0.5}) {
    ASSERT_TRUE(group.Fold({{}, {Value::Double(number)}}, 1).ok());
  }
  const std::string accumulators = group.Encoded();
  std::string out;
  EncodeAggregateRow({Timestamp(1000), accumulators, "\x03\x06"}, out);
  EXPECT_EQ(out, kExample);
}

TEST(AggregateRowTest, ReadsWhatItWroteAndSkipsWhatComesBehind) {
  const std::string bytes = kExample + "later";
  const auto row = DecodeAggregateRow(bytes);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->timestamp, Timestamp(1000));
  EXPECT_EQ(row->sent, "\x03\x06");
  AggregateCase group({kCount, kSum});
  ASSERT_TRUE(group.accumulators().Decode(row->accumulators).ok());
  EXPECT_EQ(group.Result(0).int_value(), 3);
  EXPECT_EQ(group.Result(1).double_value(), 2.5);
}

TEST(AggregateRowTest, ARowThatWaitsForTheClockHasTheTimeOfTheLastResult) {
  std::string out;
  EncodeAggregateRow({Timestamp(1000), kAccumulators, "\x03\x06", Timestamp(2), true}, out);
  EXPECT_EQ(out, kBegin + "\x07\x02\x03\x06\x04");
  const auto row = DecodeAggregateRow(out);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->sent, "\x03\x06");
  EXPECT_EQ(row->sent_at, Timestamp(2));
  EXPECT_TRUE(row->held);
}

TEST(AggregateRowTest, AGroupThatEndsHasTheTimeOfItsLastUpdate) {
  AggregateRow written{Timestamp(1000), kAccumulators};
  written.updated = Timestamp(-3);
  std::string out;
  EncodeAggregateRow(written, out);
  EXPECT_EQ(out, kBegin + "\x08\x05");
  const auto row = DecodeAggregateRow(out);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->updated, Timestamp(-3));
  EXPECT_EQ(row->sent, std::nullopt);
  EXPECT_EQ(row->sent_at, kNoTimestamp);
}

TEST(AggregateRowTest, TheKeyOfAGroupIsNoOtherRows) {
  for (const std::string key : {"", "a", "\xff", "\xffh", "\xff\xff"}) {
    std::string row_key = key;
    ToGroupRowKey(row_key);
    EXPECT_EQ(row_key, key.starts_with('\xff') ? "\xff" + key : key);
    EXPECT_EQ(GroupOfRowKey(row_key), key);
  }
  EXPECT_EQ(GroupOfRowKey("\xffh"), std::nullopt);
  EXPECT_EQ(GroupOfRowKey("\xff"), std::nullopt);
}

TEST(AggregateRowTest, CutRowsAreCorruptAndNewerOnesAreRefused) {
  for (size_t size = 0; size < kExample.size(); ++size) {
    EXPECT_EQ(DecodeAggregateRow(kExample.substr(0, size)).status().code(),
              StatusCode::kTaskCorrupted)
        << size;
  }
  EXPECT_EQ(DecodeAggregateRow("\x04" + kExample.substr(1)).status().code(),
            StatusCode::kInvalidConfig);
}

TEST(AggregateRowTest, CallsThatStayKeepWhatTheyHoldWhateverComesAndGoes) {
  using Calls = std::vector<CallSpec>;
  for (const Calls& calls : {Calls{kCount, kSum}, Calls{kSum, kCount}, Calls{kMax, kSum, kCount},
                             Calls{kSum}, Calls{kCount, kMax}, Calls{kMax}, Calls{}}) {
    AggregateCase group(calls);
    ASSERT_TRUE(group.accumulators().Decode(kAccumulators).ok());
    AggregateCase empty(calls);
    for (size_t i = 0; i < calls.size(); ++i) {
      if (calls[i].id == kCount.id) {
        EXPECT_EQ(group.Result(i).int_value(), 3);
      } else if (calls[i].id == kSum.id) {
        EXPECT_EQ(group.Result(i).double_value(), 2.5);
      } else {
        EXPECT_TRUE(group.Result(i).null());
      }
    }
    ASSERT_TRUE(empty.accumulators().Decode(group.Encoded()).ok());
    EXPECT_EQ(empty.Encoded(), group.Encoded());
  }
}

TEST(AggregateRowTest, OfAnOlderReleaseTheCallsHaveTheirPlaces) {
  const std::string old(
      "\x02\xd0\x0f\x0d\x01\x03\x0a\x02\x02\x40\x04\x00\x00\x00\x00\x00\x00\x01\x02\x03\x06", 21);
  const auto row = DecodeAggregateRow(old);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->sent, "\x03\x06");
  AggregateCase group({kCount, kSum});
  ASSERT_TRUE(group.accumulators().Decode(row->accumulators, row->form).ok());
  EXPECT_EQ(group.Encoded(), kAccumulators);
  for (const std::vector<CallSpec>& calls :
       {std::vector<CallSpec>{kCount}, {kSum, kCount}, {kCount, kSum, kSum}}) {
    AggregateCase other(calls);
    EXPECT_EQ(other.accumulators().Decode(row->accumulators, row->form).code(),
              StatusCode::kTaskCorrupted);
    EXPECT_EQ(other.Encoded(), AggregateCase(calls).Encoded()) << "not empty behind it";
  }
}

TEST(AggregateRowTest, CutAccumulatorsAreCorrupt) {
  AggregateCase group({kMax, kCount, kSum});
  for (size_t size = 1; size < kAccumulators.size(); ++size) {
    if (size == 6) continue;  // the first call, whole
    EXPECT_EQ(group.accumulators().Decode(kAccumulators.substr(0, size)).code(),
              StatusCode::kTaskCorrupted)
        << size;
  }
}

TEST(AggregateRowTest, KeysOfEqualBytesAndOtherKindsStayApart) {
  RowKey text;
  text.computed = true;
  text.value = Value::String("1");
  RowKey bytes = text;
  bytes.value = Value::Bytes("1");
  std::string text_key;
  std::string bytes_key;
  ASSERT_TRUE(AppendStoreKey(text, text_key).ok());
  ASSERT_TRUE(AppendStoreKey(bytes, bytes_key).ok());
  EXPECT_EQ(text_key, "\x01\x31");
  EXPECT_EQ(bytes_key, "\x05\x31");
  const auto read = ReadStoreKey(bytes_key, true);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->kind, serde::KeyKind::kBytes);
  EXPECT_EQ(read->bytes, "1");
}

}  // namespace
}  // namespace sidestream::operators
