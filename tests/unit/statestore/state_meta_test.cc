// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes here are those of docs/formats/state-directory.md: a test that has to change means a
// format that has changed.

#include "statestore/state_meta.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace sidestream::statestore {
namespace {

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

TEST(StateMetaTest, IdentityIsByteExact) {
  const Identity identity{.application = "shop", .task = {"orders", 3}};
  const std::string bytes = EncodeIdentity(identity);
  EXPECT_EQ(Hex(bytes),
            "01"
            "0473686f70"
            "066f7264657273"
            "00000003");
  EXPECT_EQ(*DecodeIdentity(bytes), identity);
}

TEST(StateMetaTest, SequenceIsByteExact) {
  EXPECT_EQ(Hex(EncodeSequence(CommitSequence(258))),
            "01"
            "0000000000000102");
  EXPECT_EQ(*DecodeSequence(EncodeSequence(CommitSequence(258))), CommitSequence(258));
}

TEST(StateMetaTest, StoreIsByteExact) {
  StoreMeta meta{.fingerprint = 0x0102030405060708};
  for (uint8_t i = 0; i < 16; ++i) meta.changelog_id.bytes[i] = static_cast<uint8_t>(0xa0 + i);
  EXPECT_EQ(Hex(EncodeStoreMeta(meta)),
            "01"
            "0102030405060708"
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
            "00");
  EXPECT_EQ(*DecodeStoreMeta(EncodeStoreMeta(meta)), meta);

  meta.position = Offset(77);
  meta.complete_at = Timestamp(1'767'225'600'000);
  EXPECT_EQ(Hex(EncodeStoreMeta(meta)),
            "01"
            "0102030405060708"
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
            "03"
            "000000000000004d"
            "0000019b76daa800");
  EXPECT_EQ(*DecodeStoreMeta(EncodeStoreMeta(meta)), meta);
  EXPECT_EQ(StoreMetaKey("counts"), "store/counts");
}

TEST(StateMetaTest, BytesOfALaterReleaseAreSkippedAndItsVersionsRefused) {
  std::string longer = EncodeStoreMeta({.fingerprint = 5, .position = Offset(1)}) + "more";
  EXPECT_EQ(DecodeStoreMeta(longer)->position, Offset(1));
  longer[0] = 2;
  EXPECT_EQ(DecodeStoreMeta(longer).status().code(), StatusCode::kTaskCorrupted);
  std::string identity = EncodeIdentity({.application = "a", .task = {"t", 0}});
  identity[0] = 2;
  EXPECT_EQ(DecodeIdentity(identity).status().code(), StatusCode::kTaskCorrupted);
}

TEST(StateMetaTest, CutBytesAreRefused) {
  const std::string bytes =
      EncodeStoreMeta({.fingerprint = 5, .position = Offset(1), .complete_at = Timestamp(2)});
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeStoreMeta(bytes.substr(0, size)).status().code(), StatusCode::kTaskCorrupted)
        << size;
  }
}

}  // namespace
}  // namespace sidestream::statestore
