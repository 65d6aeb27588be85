// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/presence-record.md.

#include "checkpoint/presence_record.h"

#include <gtest/gtest.h>

namespace sidestream::checkpoint {
namespace {

using namespace std::string_literals;

PresenceRecord Example() {
  PresenceRecord record;
  record.instance = "pod-1";
  record.address = "h:80";
  record.stopping = true;
  record.tasks = {{.id = {"in", 3}, .standby = false, .stores = {{"counts", Offset(300)}}},
                  {.id = {"in", 4}, .standby = true, .stores = {}}};
  return record;
}

TEST(PresenceRecordTest, HasTheseBytes) {
  const std::string bytes =
      "\x01\x01\x05pod-1\x04h:80\x02"
      "\x02in\x03\x00\x01\x06"
      "counts\xac\x02"
      "\x02in\x04\x01\x00"s;
  EXPECT_EQ(EncodePresence(Example()), bytes);
  const auto decoded = DecodePresence(bytes);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Example());
}

TEST(PresenceRecordTest, BytesBehindTheFieldsAreSkipped) {
  const auto decoded = DecodePresence(EncodePresence(Example()) + "more");
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Example());
}

TEST(PresenceRecordTest, ACutRecordIsRefusedWhereverItIsCut) {
  const std::string bytes = EncodePresence(Example());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodePresence(std::string_view(bytes).substr(0, size)).status().code(),
              StatusCode::kStopped)
        << size;
  }
}

TEST(PresenceRecordTest, ANewerReleaseIsNamed) {
  EXPECT_EQ(DecodePresence("\x02whatever").status().code(), StatusCode::kInvalidConfig);
}

}  // namespace
}  // namespace sidestream::checkpoint
