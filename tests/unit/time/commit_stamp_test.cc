// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "time/commit_stamp.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/clock.h"

namespace sidestream::time {
namespace {

CommitStamp SourceStamp() {
  CommitStamp stamp;
  stamp.sequence = CommitSequence(300);
  stamp.anchor_hash = AnchorHash("orders");
  for (size_t i = 0; i < stamp.topic_id.bytes.size(); ++i) {
    stamp.topic_id.bytes[i] = static_cast<uint8_t>(i);
  }
  stamp.progress = Progress::kActive;
  stamp.highest_timestamp = Timestamp(1'767'225'600'123);
  return stamp;
}

CommitStamp Decoded(std::string_view text) {
  Result<std::optional<CommitStamp>> stamp = DecodeCommitStamp(text);
  EXPECT_TRUE(stamp.ok()) << stamp.status();
  EXPECT_TRUE(stamp.ok() && stamp->has_value());
  return stamp.ok() && *stamp ? **stamp : CommitStamp{};
}

TEST(CommitStampTest, SourceStampIsByteExact) {
  // docs/formats/commit-stamp.md has this example; persistent, so it must never change.
  const std::string bytes = *Base64Decode(EncodeCommitStamp(SourceStamp()));
  std::string hex;
  for (const char c : bytes) {
    static constexpr char kDigits[] = "0123456789abcdef";
    hex += kDigits[static_cast<uint8_t>(c) >> 4];
    hex += kDigits[static_cast<uint8_t>(c) & 15];
  }
  EXPECT_EQ(hex, "0122ac02" "0f4f95cfb44ca775" "000102030405060708090a0b0c0d0e0f" "01f6a1d5edee66" "00");
}

TEST(CommitStampTest, TimeOfTaskAndPartitionIsByteExact) {
  CommitStamp stamp = SourceStamp();
  stamp.generation = 1'767'225'600;
  stamp.task_watermark = stamp.watermark = Timestamp(1'767'225'595'122);
  const std::string bytes = *Base64Decode(EncodeCommitStamp(stamp));
  CommitStamp old = SourceStamp();
  const std::string before = *Base64Decode(EncodeCommitStamp(old));
  EXPECT_EQ(bytes.substr(2, before.size() - 2), before.substr(2)) << "older readers skip the rest";
  std::string tail;
  ByteWriter out(tail);
  out.Varint(1'767'225'600);
  out.Varint(1'767'225'595'124);
  out.Varint(1'767'225'595'124);
  EXPECT_EQ(bytes.substr(before.size()), tail);
  EXPECT_EQ(Decoded(EncodeCommitStamp(stamp)), stamp);
  stamp.heard = Timestamp(1'767'225'601'000);
  out.Varint(1'767'225'601'002);
  EXPECT_EQ(Base64Decode(EncodeCommitStamp(stamp))->substr(before.size()), tail);
  EXPECT_EQ(Decoded(EncodeCommitStamp(stamp)), stamp);
  stamp.task_watermark = kEndOfTime;
  stamp.watermark = kNoWatermark;
  stamp.progress = Progress::kIdle;
  stamp.highest_timestamp = kNoTimestamp;
  EXPECT_EQ(Decoded(EncodeCommitStamp(stamp)), stamp);
}

TEST(CommitStampTest, RoundTripsRepartitionVectors) {
  CommitStamp stamp = SourceStamp();
  stamp.upstreams = {{0, 1, Progress::kActive, Timestamp(5)},
                     {1, 7, Progress::kUnknown, Timestamp()},
                     {2, UINT32_MAX, Progress::kIdle, Timestamp(-5)},
                     {100, 0, Progress::kFinished, Timestamp(int64_t{1} << 41)}};
  EXPECT_EQ(Decoded(EncodeCommitStamp(stamp)), stamp);
}

TEST(CommitStampTest, WorstCaseOfTheLargestPlanFitsTheBrokersLimit) {
  CommitStamp stamp = SourceStamp();
  stamp.sequence = CommitSequence(INT64_MAX);
  stamp.generation = UINT32_MAX;
  stamp.task_watermark = stamp.watermark = kEndOfTime;
  for (size_t i = 0; i < kUpstreamTasksMax; ++i) {
    const int64_t far = int64_t{1} << 41;
    stamp.upstreams.push_back({static_cast<uint32_t>(i), 0x7fffffff, Progress::kActive,
                               Timestamp(i % 2 == 0 ? 0 : far)});
  }
  const std::string text = EncodeCommitStamp(stamp);
  EXPECT_LE(Base64Decode(text)->size(), 3'000u);
  EXPECT_LE(text.size(), 4'096u);
  EXPECT_EQ(Decoded(text), stamp);
}

TEST(CommitStampTest, MissingIsNotAnErrorAndForeignIs) {
  Result<std::optional<CommitStamp>> missing = DecodeCommitStamp("");
  ASSERT_TRUE(missing.ok());
  EXPECT_FALSE(missing->has_value());
  for (const char* foreign : {"NodeId=3", "AAAA", "====", "{\"a\":1}"}) {
    EXPECT_EQ(DecodeCommitStamp(foreign).status().code(), StatusCode::kInvalidConfig) << foreign;
  }
}

TEST(CommitStampTest, NewerVersionIsNeverTakenForMissing) {
  std::string bytes = *Base64Decode(EncodeCommitStamp(SourceStamp()));
  bytes[0] = 2;
  const Status status = DecodeCommitStamp(Base64Encode(bytes)).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidConfig);
  EXPECT_NE(status.message().find("newer release"), std::string::npos);
}

TEST(CommitStampTest, TrailingBytesOfLaterReleasesAreSkipped) {
  std::string bytes = *Base64Decode(EncodeCommitStamp(SourceStamp()));
  bytes += "later";
  EXPECT_EQ(Decoded(Base64Encode(bytes)), SourceStamp());
}

TEST(CommitStampTest, MutatedStampsNeverCrash) {
  Random random(20260101);
  CommitStamp stamp = SourceStamp();
  stamp.upstreams = {{3, 1, Progress::kActive, Timestamp(5)}, {9, 2, Progress::kIdle, Timestamp(6)}};
  const std::string good = *Base64Decode(EncodeCommitStamp(stamp));
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good.substr(0, static_cast<size_t>(random.Below(static_cast<int64_t>(good.size()) + 1)));
    for (int64_t n = random.Below(4); n > 0 && !bytes.empty(); --n) {
      bytes[static_cast<size_t>(random.Below(static_cast<int64_t>(bytes.size())))] =
          static_cast<char>(random.Next());
    }
    const Result<std::optional<CommitStamp>> decoded = DecodeCommitStamp(Base64Encode(bytes));
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.status().code(), StatusCode::kInvalidConfig);
    }
  }
}

}  // namespace
}  // namespace sidestream::time
