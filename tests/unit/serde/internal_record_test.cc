// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/internal-record.md, literally.

#include "base/internal_record.h"

#include <gtest/gtest.h>

#include <array>

namespace sidestream {
namespace {

using namespace std::string_literals;

std::string Encode(const RepartitionRecord& record) {
  std::string out;
  EncodeRepartitionValue(record, out);
  return out;
}

TEST(InternalRecordTest, RepartitionDataHasTheBytesOfThePage) {
  EXPECT_EQ(Encode({.event_time = Timestamp(1), .value = "v"}), "\x01\x01\x01\x02\x01v"s);
  EXPECT_EQ(Encode({.event_time = Timestamp(-1)}), "\x01\x01\x00\x01"s);
  const std::array headers = {Header{"h", "x"}, Header{"n", std::nullopt}, Header{"e", ""}};
  EXPECT_EQ(Encode({.event_time = Timestamp(150),
                    .key_kind = 2,
                    .headers = headers,
                    .origin = RecordOrigin{"in", 3, Offset(5)},
                    .value = ""}),
            "\x01\x01\x0f\xac\x02\x02"
            "\x03\x01h\x02x\x01n\0\x01"
            "e\x01"
            "\x02in\x03\x0a"
            "\0"s);
}

TEST(InternalRecordTest, RepartitionDataComesBack) {
  const std::array headers = {Header{"h", "x"}, Header{"n", std::nullopt}, Header{"", ""}};
  const RepartitionRecord record{
      .event_time = Timestamp(1'767'225'600'000),
      .key_kind = 8,
      .headers = headers,
      .origin = RecordOrigin{"topic", 2147483647, Offset(1) + (1LL << 60)},
      .value = "bytes"};
  const std::string bytes = Encode(record);
  std::vector<Header> read(7);  // what an earlier record left
  const auto decoded = DecodeRepartitionValue(bytes, read);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->event_time, record.event_time);
  EXPECT_EQ(decoded->key_kind, record.key_kind);
  EXPECT_TRUE(std::ranges::equal(decoded->headers, headers));
  EXPECT_EQ(decoded->origin, record.origin);
  EXPECT_EQ(decoded->value, record.value);

  const std::string small = Encode({.event_time = kNoTimestamp});
  const auto null = DecodeRepartitionValue(small, read);
  ASSERT_TRUE(null.ok());
  EXPECT_EQ(null->event_time, kNoTimestamp);
  EXPECT_TRUE(null->headers.empty());
  EXPECT_FALSE(null->value.has_value());
  EXPECT_FALSE(null->origin.has_value());
}

TEST(InternalRecordTest, MarksAreToldApartFromData) {
  std::string mark;
  EncodeMarkValue("payload", mark);
  EXPECT_EQ(mark, "\x01\x02\x07payload"s);
  EXPECT_EQ(*KindOfRepartitionValue(mark), RepartitionKind::kMark);
  EXPECT_EQ(*DecodeMarkValue(mark), "payload");
  EXPECT_EQ(*KindOfRepartitionValue(Encode({})), RepartitionKind::kData);
}

// What a later release appends, an older one skips.
TEST(InternalRecordTest, TrailingBytesAreSkipped) {
  std::vector<Header> headers;
  const std::string data = "\x01\x01\xf1\x02\x01v later"s;  // with flags that are not known yet
  ASSERT_TRUE(DecodeRepartitionValue(data, headers).ok());
  EXPECT_EQ(DecodeRepartitionValue(data, headers)->value, "v");
  EXPECT_EQ(*DecodeMarkValue("\x01\x02\x01p later"), "p");
  const auto row = DecodeChangelogValue("\x01\xf0\x07\x01r later");
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->row, "r");
}

TEST(InternalRecordTest, ANewerVersionIsRefusedAsOne) {
  std::vector<Header> headers;
  EXPECT_EQ(DecodeRepartitionValue("\x02\x01", headers).status().code(),
            StatusCode::kInvalidConfig);
  EXPECT_EQ(DecodeMarkValue("\x02\x02").status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(DecodeChangelogValue("\x02\x02").status().code(), StatusCode::kInvalidConfig);
}

TEST(InternalRecordTest, EveryCutIsFound) {
  const std::array headers = {Header{"h", "x"}, Header{"n", std::nullopt}};
  const std::string data = Encode({.event_time = Timestamp(150),
                                   .key_kind = 2,
                                   .headers = headers,
                                   .origin = RecordOrigin{"in", 3, Offset(5)},
                                   .value = "value"});
  std::vector<Header> read;
  for (size_t size = 0; size < data.size(); ++size) {
    const auto decoded = DecodeRepartitionValue(std::string_view(data).substr(0, size), read);
    ASSERT_FALSE(decoded.ok()) << size;
    EXPECT_EQ(decoded.status().code(), StatusCode::kStopped);
  }
  std::string row;
  EncodeChangelogValue({CommitSequence(300), Timestamp(5), "row"}, row);
  for (size_t size = 0; size < row.size(); ++size) {
    const auto decoded = DecodeChangelogValue(std::string_view(row).substr(0, size));
    ASSERT_FALSE(decoded.ok()) << size;
    EXPECT_EQ(decoded.status().code(), StatusCode::kTaskCorrupted);
  }
  EXPECT_EQ(KindOfRepartitionValue("\x01\x07").status().code(), StatusCode::kStopped);
  EXPECT_EQ(KindOfRepartitionValue("\0\x01"s).status().code(), StatusCode::kStopped);
}

TEST(InternalRecordTest, ChangelogRecordsHaveTheBytesOfThePage) {
  std::string bytes;
  EncodeChangelogValue({.sequence = CommitSequence(300), .row = "row"}, bytes);
  EXPECT_EQ(bytes, "\x01\x00\xac\x02\x03row"s);
  bytes.clear();
  EncodeChangelogValue({CommitSequence(1), Timestamp(-1), ""}, bytes);
  EXPECT_EQ(bytes, "\x01\x01\x01\x01\0"s);
  const auto decoded = DecodeChangelogValue(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded->sequence, CommitSequence(1));
  EXPECT_EQ(decoded->event_time, Timestamp(-1));
  EXPECT_EQ(decoded->row, "");
}

}  // namespace
}  // namespace sidestream
