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

StoreRecord Store() {
  StoreRecord record{"totals", {}, /*dropped=*/true};
  record.layout = {{{"kind", "process"}}, {"n: value"}, /*fields_by_place=*/true, 0x0102030405060708};
  return record;
}

const TaskId kTask{"orders", 3};
constexpr CheckpointNumber kNumber{5};
constexpr uint64_t kLife = 0x0102030405060708;

BeginRecord Begin() {
  return {.number = kNumber,
          .savepoint = true,
          .stop = true,
          .request = 9,
          .name = "before",
          .location = "s3://b",
          .plan_hash = 7,
          .at = Timestamp(1000),
          .groups = {{"orders", 4}}};
}
BeginRecord Draining() {
  BeginRecord begin = Begin();
  begin.drain = true;
  return begin;
}
CutRecord Cut() {
  return {.number = kNumber,
          .task = kTask,
          .life = kLife,
          .sequence = CommitSequence(300),
          .inputs = {{{"orders", 3}, Offset(1000), "c3RhbXA="}},
          .stores = {{"totals", 0x0a}},
          .instance = "i0"};
}
StoredRecord Stored() { return {kNumber, kTask, kLife, "p3", "d", 200, ""}; }

std::vector<ControlRecord> EveryKind() {
  std::vector<ControlRecord> kinds = {
      PlanRecord{7, "plan text", {{"main.filter_1", 9}}, {"app-hop-repartition"}}, Adopted(),
      EndRecord{"orders", {Offset(0), Offset(300), Offset(1'000'000)}}, FinishedRecord{},
      Store()};
  const std::vector<CheckpointRecord> of_checkpoints = {
      Begin(),
      Cut(),
      RevokeRecord{kNumber, kTask, kLife},
      DoneRecord{kNumber, {{{"hop", 1}, Offset(77)}}, Cut().inputs},
      AbortRecord{kNumber, "late"},
      Stored(),
      CompleteRecord{kNumber, "m", 300, Timestamp(2000)},
      RequestRecord{9, "before", "s3://b", true},
      RefusedRecord{9, "no"},
      OriginRecord{"/snapshots", "before"},
      LevelRecord{kNumber, 1, {{{"hop", 1}, Offset(77)}}},
      Draining(),
      RequestRecord{9, "before", "", true, /*drain=*/true}};
  kinds.insert(kinds.end(), of_checkpoints.begin(), of_checkpoints.end());
  return kinds;
}

TEST(ControlRecordTest, BytesAreExact) {
  EXPECT_EQ(EncodeControlRecord(PlanRecord{7, "p", {{"a.b", 9}}, {"hop"}}).value,
            "\x01\x01\x1c\x00\x00\x00\x00\x00\x00\x00\x07\x01p"
            "\x01\x03\x61.b\x00\x00\x00\x00\x00\x00\x00\x09"
            "\x01\x03hop"sv);
  EXPECT_EQ(EncodeControlRecord(Adopted()).value,
            "\x01\x02\x17\x06orders\xab\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xcd"sv);
  EXPECT_EQ(EncodeControlRecord(EndRecord{"orders", {Offset(0), Offset(300)}}).value,
            "\x01\x03\x0b\x06orders\x02\x00\xac\x02"sv);
  EXPECT_EQ(EncodeControlRecord(FinishedRecord{}).value, "\x01\x04\x00"sv);
  EXPECT_EQ(EncodeControlRecord(Store()).value,
            "\x01\x05\x28\x06totals\x01\x02\x03\x04\x05\x06\x07\x08\x03"
            "\x01\x04kind\x07process\x01\x08n: value"sv);
}

std::string BytesOf(const CheckpointRecord& record) { return EncodeControlRecord(record).value; }

TEST(ControlRecordTest, BytesOfCheckpointsAreExact) {
  EXPECT_EQ(BytesOf(Begin()),
            "\x01\x06\x31\x05\x03\x00\x00\x00\x00\x00\x00\x00\x09\x06"
            "before\x06s3://b\x00\x00\x00\x00\x00\x00\x00\x07"
            "\x00\x00\x00\x00\x00\x00\x03\xe8\x01\x06orders\x04"sv);
  EXPECT_EQ(BytesOf(Cut()),
            "\x01\x07\x3a\x05\x06orders\x03\x01\x02\x03\x04\x05\x06\x07\x08\xac\x02"
            "\x01\x06orders\x03\xe8\x07\x08"
            "c3RhbXA=\x01\x06totals\x00\x00\x00\x00\x00\x00\x00\x0a\x02i0"sv);
  EXPECT_EQ(BytesOf(RevokeRecord{kNumber, kTask, kLife}),
            "\x01\x08\x11\x05\x06orders\x03\x01\x02\x03\x04\x05\x06\x07\x08"sv);
  EXPECT_EQ(BytesOf(DoneRecord{kNumber, {{{"hop", 1}, Offset(300)}}}),
            "\x01\x09\x0a\x05\x01\x03hop\x01\xac\x02\x00"sv);
  EXPECT_EQ(BytesOf(DoneRecord{kNumber, {}, Cut().inputs}),
            "\x01\x09\x16\x05\x00\x01\x06orders\x03\xe8\x07\x08"
            "c3RhbXA="sv);
  EXPECT_EQ(BytesOf(AbortRecord{kNumber, "late"}), "\x01\x0a\x06\x05\x04late"sv);
  EXPECT_EQ(BytesOf(Stored()),
            "\x01\x0b\x19\x05\x06orders\x03\x01\x02\x03\x04\x05\x06\x07\x08"
            "\x02p3\x01"
            "d\xc8\x01\x00"sv);
  EXPECT_EQ(BytesOf(CompleteRecord{kNumber, "m", 300, Timestamp(1000)}),
            "\x01\x0c\x0d\x05\x01m\xac\x02\x00\x00\x00\x00\x00\x00\x03\xe8"sv);
  EXPECT_EQ(BytesOf(RequestRecord{9, "n", "l", true}),
            "\x01\x0d\x0d\x00\x00\x00\x00\x00\x00\x00\x09\x01n\x01l\x02"sv);
  EXPECT_EQ(BytesOf(RefusedRecord{9, "no"}),
            "\x01\x0e\x0b\x00\x00\x00\x00\x00\x00\x00\x09\x02no"sv);
  EXPECT_EQ(BytesOf(OriginRecord{"l", "n"}), "\x01\x0f\x04\x01l\x01n"sv);
  EXPECT_EQ(BytesOf(LevelRecord{kNumber, 1, {{{"hop", 2}, Offset(300)}}}),
            "\x01\x10\x0a\x05\x01\x01\x03hop\x02\xac\x02"sv);
  EXPECT_EQ(BytesOf(RequestRecord{9, "n", "l", true, /*drain=*/true}),
            "\x01\x11\x0d\x00\x00\x00\x00\x00\x00\x00\x09\x01n\x01l\x02"sv);
  std::string draining = BytesOf(Begin());
  draining[4] = 7;
  EXPECT_EQ(BytesOf(Draining()), draining) << "the flags";
}

TEST(ControlRecordTest, KeysOfCheckpointsNameWriterAndKind) {
  const auto key = [](const CheckpointRecord& record) { return EncodeControlRecord(record).key; };
  EXPECT_EQ(key(Begin()), "checkpoint/5/begin");
  EXPECT_EQ(key(Cut()), "checkpoint/5/cut/orders_3/0102030405060708");
  EXPECT_EQ(key(RevokeRecord{kNumber, kTask, 0xab}),
            "checkpoint/5/revoke/orders_3/00000000000000ab");
  EXPECT_EQ(key(DoneRecord{kNumber, {}}), "checkpoint/5/done");
  EXPECT_EQ(key(AbortRecord{kNumber, ""}), "checkpoint/5/abort");
  EXPECT_EQ(key(Stored()), "checkpoint/5/stored/orders_3/0102030405060708");
  EXPECT_EQ(key(CompleteRecord{kNumber, "", 0, {}}), "checkpoint/5/complete");
  EXPECT_EQ(key(RequestRecord{9, "", "", false}), "request/0000000000000009");
  EXPECT_EQ(key(RefusedRecord{9, ""}), "refused/0000000000000009");
  EXPECT_EQ(key(OriginRecord{}), "origin");
  EXPECT_EQ(key(LevelRecord{kNumber, 1, {}}), "checkpoint/5/level/1");
  EXPECT_EQ(key(RequestRecord{9, "", "", false, /*drain=*/true}), "request/0000000000000009");
}

TEST(ControlRecordTest, RoundTrips) {
  for (const ControlRecord& record : EveryKind()) {
    const EncodedControlRecord encoded = EncodeControlRecord(record);
    const auto decoded = DecodeControlRecord(encoded.key, encoded.value);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(**decoded, record) << encoded.key;
  }
}

TEST(ControlRecordTest, RecordsOfOlderReleasesAreRead) {
  const auto plan = DecodeControlRecord("plan", "\x01\x01\x0a\x00\x00\x00\x00\x00\x00\x00\x07\x01p"sv);
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(**plan, ControlRecord(PlanRecord{7, "p", {}}));
  const auto store = DecodeControlRecord(
      "store/totals", "\x01\x05\x0f\x06totals\x01\x02\x03\x04\x05\x06\x07\x08"sv);
  ASSERT_TRUE(store.ok()) << store.status();
  StoreRecord expected{"totals", {}};
  expected.layout.fingerprint = 0x0102030405060708;
  EXPECT_EQ(**store, ControlRecord(expected));
}

TEST(ControlRecordTest, KeysKeepTheNewestOfEachUnderCompaction) {
  EXPECT_EQ(EncodeControlRecord(EndRecord{"a", {}}).key, "end/a");
  EXPECT_EQ(EncodeControlRecord(AdoptedRecord{"a", {}}).key, "adopted/a");
  EXPECT_EQ(EncodeControlRecord(StoreRecord{"a", {}}).key, "store/a");
}

TEST(ControlRecordTest, UnknownKindIsSkippedAndNewerVersionIsNot) {
  EXPECT_EQ(DecodeControlRecord("x", "\x01\x63\x00"sv).value(), std::nullopt);
  EXPECT_EQ(DecodeControlRecord("x", "\x02\x01\x00"sv).status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(DecodeControlRecord("x", ""sv).status().code(), StatusCode::kStopped);
}

TEST(ControlRecordTest, LongPlansAreCut) {
  const EncodedControlRecord encoded = EncodeControlRecord(PlanRecord{1, std::string(100'000, 'x'), {}});
  const auto decoded = DecodeControlRecord(encoded.key, encoded.value);
  EXPECT_EQ(std::get<PlanRecord>(**decoded).text.size(), 65'536u);
}

TEST(ControlRecordTest, MutatedRecordsNeverCrash) {
  Random random(7);
  const std::vector<ControlRecord> kinds = EveryKind();
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = EncodeControlRecord(kinds[static_cast<size_t>(random.Below(static_cast<int64_t>(kinds.size())))]).value;
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
