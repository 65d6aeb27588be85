// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// hold_key: the row's bytes, and what each record of a held key meets.

#include "operators/dead_letter/held_keys.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "operators/dead_letter/letter_headers.h"
#include "tests/support/fake_processor_context.h"

namespace sidestream::operators {
namespace {

using Admission = HeldKeys::Admission;

// docs/formats/held-key.md, example.
const std::string kRowBytes(
    "\x01\x01\x03\x0b"
    "app/in/0/17",
    15);

TEST(HeldRowTest, BytesAreThoseOfTheDocument) {
  std::string bytes;
  EncodeHeldRow({1, 3, "app/in/0/17"}, bytes);
  EXPECT_EQ(bytes, kRowBytes);
  const auto row = DecodeHeldRow(kRowBytes);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->head, 1u);
  EXPECT_EQ(row->next, 3u);
  EXPECT_EQ(row->hold, "app/in/0/17");
}

TEST(HeldRowTest, AppendedBytesAreSkippedAndBadOnesAreRefused) {
  EXPECT_TRUE(DecodeHeldRow(kRowBytes + "more").ok());
  for (size_t size = 0; size < kRowBytes.size(); ++size) {
    EXPECT_EQ(DecodeHeldRow(kRowBytes.substr(0, size)).status().code(), StatusCode::kTaskCorrupted)
        << size;
  }
  EXPECT_EQ(DecodeHeldRow("\x01\x03\x03\x01h").status().code(), StatusCode::kTaskCorrupted)
      << "nothing is held";
  EXPECT_EQ(DecodeHeldRow("\x02\x01\x03\x01h").status().code(), StatusCode::kInvalidConfig);
}

class HeldKeysTest : public ::testing::Test {
 protected:
  /// A record of key "k" at an offset; with a place, one that was put back.
  InputRecord Record(int64_t offset, const std::string& hold = "", const std::string& number = "") {
    headers_.clear();
    hold_ = hold;
    number_ = number;
    if (!hold.empty()) headers_ = {{kHold, hold_}, {kHoldSequence, number_}};
    InputRecord record;
    record.topic = "in";
    record.offset = Offset(offset);
    record.key = "k";
    record.headers = headers_;
    return record;
  }

  Admission Admit(const InputRecord& record) {
    const auto admission = keys_.Admit(record, store_);
    EXPECT_TRUE(admission.ok()) << admission.status();
    return *admission;
  }

  /// Puts the record at `offset` aside as one that fails or waits.
  uint64_t PutAside(const InputRecord& record) {
    Admit(record);
    return keys_.PutAside(record, store_).sequence;
  }

  testing::FakeStore store_;
  HeldKeys keys_{"app"};
  std::vector<Header> headers_;
  std::string hold_;
  std::string number_;
  const std::string first_ = "app/in/0/5";
};

TEST_F(HeldKeysTest, AKeyIsHeldFromItsFirstLetterToItsLastReplay) {
  EXPECT_EQ(Admit(Record(4)), Admission::kFree);
  EXPECT_EQ(PutAside(Record(5)), 0u);
  EXPECT_EQ(Admit(Record(6)), Admission::kWaits);
  EXPECT_EQ(PutAside(Record(6)), 1u);

  EXPECT_EQ(Admit(Record(7, first_, "0")), Admission::kReplay);
  keys_.Pass(Record(7, first_, "0"), store_);
  EXPECT_EQ(PutAside(Record(8)), 2u) << "released before the last one has passed";
  for (const char* number : {"1", "2"}) {
    EXPECT_EQ(Admit(Record(9, first_, number)), Admission::kReplay) << number;
    keys_.Pass(Record(9, first_, number), store_);
  }
  EXPECT_EQ(Admit(Record(11)), Admission::kFree);
  store_.Commit();
  EXPECT_TRUE(store_.committed().empty());
}

TEST_F(HeldKeysTest, OneThatFailsAgainKeepsItsPlaceAndTheNextOnesWait) {
  PutAside(Record(5));
  PutAside(Record(6));
  EXPECT_EQ(PutAside(Record(7, first_, "0")), 0u);
  EXPECT_EQ(Admit(Record(8, first_, "1")), Admission::kWaits);
  EXPECT_EQ(PutAside(Record(8, first_, "1")), 1u);
  EXPECT_EQ(PutAside(Record(9)), 2u);
}

TEST_F(HeldKeysTest, ASecondCopyOfWhatHasPassedIsNoNewRecord) {
  PutAside(Record(5));
  PutAside(Record(6));
  Admit(Record(7, first_, "0"));
  keys_.Pass(Record(7, first_, "0"), store_);
  EXPECT_EQ(Admit(Record(8, first_, "0")), Admission::kRepeated);
  Admit(Record(9, first_, "1"));
  keys_.Pass(Record(9, first_, "1"), store_);
  EXPECT_EQ(Admit(Record(10, first_, "1")), Admission::kRepeated) << "after the hold has ended";
  EXPECT_EQ(PutAside(Record(11)), 0u);
  EXPECT_EQ(Admit(Record(12, first_, "0")), Admission::kRepeated) << "into the next hold";
}

TEST_F(HeldKeysTest, PlacesOfOthersAreNone) {
  EXPECT_EQ(Admit(Record(4, "other/in/0/5", "0")), Admission::kFree);
  EXPECT_EQ(Admit(Record(4, first_, "x")), Admission::kFree);
  PutAside(Record(5));
  EXPECT_EQ(Admit(Record(6, first_, "7")), Admission::kWaits) << "a number that was never given";
  EXPECT_EQ(PutAside(Record(6, first_, "7")), 1u);
}

}  // namespace
}  // namespace sidestream::operators
