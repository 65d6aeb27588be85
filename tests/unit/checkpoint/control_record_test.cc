// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/control_record.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace sidestream::checkpoint {
namespace {

using namespace std::string_view_literals;

AdoptedRecord Adopted() {
  AdoptedRecord record{"orders", {}};
  record.id.bytes[0] = 0xab;
  record.id.bytes[15] = 0xcd;
  return record;
}

std::vector<ControlRecord> EveryKind() {
  return {PlanRecord{7, "plan text"}, Adopted(),
          EndRecord{"orders", {Offset(0), Offset(300), Offset(1'000'000)}}, FinishedRecord{},
          StoreRecord{"totals", 0x0102030405060708}};
}

TEST(ControlRecordTest, BytesAreExact) {
  EXPECT_EQ(EncodeControlRecord(PlanRecord{7, "p"}).value,
            "\x01\x01\x0a\x00\x00\x00\x00\x00\x00\x00\x07\x01p"sv);
  EXPECT_EQ(EncodeControlRecord(Adopted()).value,
            "\x01\x02\x17\x06orders\xab\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xcd"sv);
  EXPECT_EQ(EncodeControlRecord(EndRecord{"orders", {Offset(0), Offset(300)}}).value,
            "\x01\x03\x0b\x06orders\x02\x00\xac\x02"sv);
  EXPECT_EQ(EncodeControlRecord(FinishedRecord{}).value, "\x01\x04\x00"sv);
  EXPECT_EQ(EncodeControlRecord(StoreRecord{"totals", 0x0102030405060708}).value,
            "\x01\x05\x0f\x06totals\x01\x02\x03\x04\x05\x06\x07\x08"sv);
}

TEST(ControlRecordTest, RoundTrips) {
  for (const ControlRecord& record : EveryKind()) {
    const EncodedControlRecord encoded = EncodeControlRecord(record);
    const auto decoded = DecodeControlRecord(encoded.key, encoded.value);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(**decoded, record) << encoded.key;
  }
}

TEST(ControlRecordTest, KeysKeepTheNewestOfEachUnderCompaction) {
  EXPECT_EQ(EncodeControlRecord(EndRecord{"a", {}}).key, "end/a");
  EXPECT_EQ(EncodeControlRecord(AdoptedRecord{"a", {}}).key, "adopted/a");
  EXPECT_EQ(EncodeControlRecord(StoreRecord{"a", 1}).key, "store/a");
}

TEST(ControlRecordTest, UnknownKindIsSkippedAndNewerVersionIsNot) {
  EXPECT_EQ(DecodeControlRecord("x", "\x01\x63\x00"sv).value(), std::nullopt);
  EXPECT_EQ(DecodeControlRecord("x", "\x02\x01\x00"sv).status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(DecodeControlRecord("x", ""sv).status().code(), StatusCode::kStopped);
}

TEST(ControlRecordTest, LongPlansAreCut) {
  const EncodedControlRecord encoded = EncodeControlRecord(PlanRecord{1, std::string(100'000, 'x')});
  const auto decoded = DecodeControlRecord(encoded.key, encoded.value);
  EXPECT_EQ(std::get<PlanRecord>(**decoded).text.size(), 65'536u);
}

TEST(ControlRecordTest, MutatedRecordsNeverCrash) {
  Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = EncodeControlRecord(EveryKind()[static_cast<size_t>(random.Below(5))]).value;
    bytes.resize(static_cast<size_t>(random.Below(static_cast<int64_t>(bytes.size()) + 1)));
    for (int64_t n = random.Below(4); n > 0 && !bytes.empty(); --n) {
      bytes[static_cast<size_t>(random.Below(static_cast<int64_t>(bytes.size())))] =
          static_cast<char>(random.Next());
    }
    const auto decoded = DecodeControlRecord("k", bytes);
    if (!decoded.ok()) {
      EXPECT_NE(decoded.status().code(), StatusCode::kFatal);
    }
  }
}

}  // namespace
}  // namespace sidestream::checkpoint
