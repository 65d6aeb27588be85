// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes of docs/formats/window-rows.md, and what a reader does with bytes that do not fit.

#include "operators/window/window_row.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "operators/due_index.h"
#include "operators/window/count_row.h"
#include "operators/window/key_timeline.h"
#include "operators/window/pane_table.h"
#include "operators/window/result_sender.h"
#include "tests/support/fake_processor_context.h"

namespace sidestream::operators {
namespace {

const std::string kExampleKey("\x77\x80\0\0\0\0\0\0\0\x61", 10);
const std::string kExampleRow("\x02\x00\xd0\x0f\x06\x6f\xbc\x13\x13\x01\x03", 11);
// The same with a result 3 that was sent at 1001 ms, ended, owed and held.
const std::string kFullRow(
    "\x02\x1f\xd0\x0f\x06\x6f\xbc\x13\x13\x01\x03\x02\x03\x06\xd2\x0f", 16);
const std::string kThree("\x6f\xbc\x13\x13\x01\x03");

std::vector<topology::AggregateCall> Calls() {
  std::vector<topology::AggregateCall> calls(1);
  calls[0].function = topology::AggregateFunction::kCount;
  calls[0].text = "count()";
  calls[0].id = FieldId(calls[0].text);
  return calls;
}

std::string Encoded(const WindowState& state) {
  std::string scratch;
  std::string row;
  EncodeWindowRow(state, scratch, row);
  return row;
}

TEST(WindowRowTest, HasTheBytesOfTheFormatPage) {
  const auto calls = Calls();
  WindowState state(calls);
  ASSERT_TRUE(state.accumulators.Decode(kThree).ok());
  state.timestamp = Timestamp(1000);
  EXPECT_EQ(Encoded(state), kExampleRow);
  std::string key;
  AppendWindowRowKey(Timestamp(0), "a", key);
  EXPECT_EQ(key, kExampleKey);
  state.ended = state.owed = state.held = state.was_sent = true;
  state.sent = "\x03\x06";
  state.sent_at = Timestamp(1001);
  EXPECT_EQ(Encoded(state), kFullRow);
}

TEST(WindowRowTest, ReadsWhatItWroteAndSkipsWhatComesBehind) {
  const auto calls = Calls();
  for (const std::string& row : {kExampleRow, kFullRow}) {
    WindowState state(calls);
    ASSERT_TRUE(DecodeWindowRow(row + "later", state).ok());
    EXPECT_EQ(Encoded(state), row);
  }
}

TEST(WindowRowTest, CutRowsAreCorruptAndNewerOnesAreRefused) {
  const auto calls = Calls();
  WindowState state(calls);
  for (size_t size = 0; size < kFullRow.size(); ++size) {
    EXPECT_EQ(DecodeWindowRow(kFullRow.substr(0, size), state).code(), StatusCode::kTaskCorrupted)
        << size;
  }
  std::string newer = kFullRow;
  newer[0] = 3;
  EXPECT_EQ(DecodeWindowRow(newer, state).code(), StatusCode::kInvalidConfig);
  std::string other = kExampleRow;
  other[9] = 7;
  EXPECT_EQ(DecodeWindowRow(other, state).code(), StatusCode::kTaskCorrupted);
}

TEST(WindowRowTest, OfAnOlderReleaseTheCallsHaveTheirPlaces) {
  const auto calls = Calls();
  WindowState state(calls);
  ASSERT_TRUE(DecodeWindowRow(std::string("\x01\x00\xd0\x0f\x02\x01\x03", 7), state).ok());
  EXPECT_EQ(Encoded(state), kExampleRow);
}

TEST(WindowRowTest, TheRowOfACountWindowHasItsSlicesAndTheNewestWindow) {
  topology::AggregateNode node;
  node.calls = Calls();
  node.window = {.kind = topology::Window::Kind::kCount, .size = 4, .every = 2};
  CountRow row;
  row.records = 1;
  ASSERT_TRUE(DecodeWindowRow(kExampleRow, row.slices.emplace_back(node.calls)).ok());
  const std::string part = static_cast<char>(kExampleRow.size()) + kExampleRow;
  std::string bytes;
  EncodeCountRow(row, bytes);
  EXPECT_EQ(bytes, "\x01\x01\x01" + part);
  ASSERT_TRUE(DecodeWindowRow(kExampleRow, row.newest.emplace(node.calls)).ok());
  bytes.clear();
  EncodeCountRow(row, bytes);
  EXPECT_EQ(bytes, "\x01\x01\x01" + part + "\x01" + part);
  const auto read = DecodeCountRow(bytes + "later", node);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->slices.size(), 1U);
  EXPECT_TRUE(read->newest.has_value());
  for (size_t size = 0; size < bytes.size(); ++size) {
    // Without the newest window it is a row, too.
    if (size == 3 + part.size()) continue;
    EXPECT_EQ(DecodeCountRow(bytes.substr(0, size), node).status().code(),
              StatusCode::kTaskCorrupted)
        << size;
  }
  bytes[1] = 3;
  EXPECT_EQ(DecodeCountRow(bytes, node).status().code(), StatusCode::kTaskCorrupted);
  bytes[0] = 2;
  EXPECT_EQ(DecodeCountRow(bytes, node).status().code(), StatusCode::kInvalidConfig);
}

TEST(WindowRowTest, AKeyWithSessionsHasThreeKindsOfRows) {
  const auto calls = Calls();
  testing::FakeStore store;
  KeyTimeline timeline(calls);
  const auto key = timeline.Find(std::string("k\0", 2), store);
  ASSERT_TRUE(key.ok()) << key.status();
  KeyTimeline::Piece& piece = timeline.Insert(**key, 0, Timestamp(1));
  ASSERT_TRUE(piece.state.accumulators.Decode(kThree).ok());
  piece.state.timestamp = Timestamp(1000);
  piece.changed = true;
  timeline.RequireDue(**key, Timestamp(3), store);
  timeline.Save(**key, store);
  store.Commit();
  const std::map<std::string, std::string> rows = {
      {std::string("d\x80\0\0\0\0\0\0\x03k\0", 11), ""},
      {std::string("kk\0", 3), std::string("\x01\x01\x06\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")},
      {std::string("sk\0\xff\0\x01\x80\0\0\0\0\0\0\x01", 14), kExampleRow}};
  EXPECT_EQ(store.committed(), rows);
  KeyTimeline again(calls);
  const auto read = again.Find(std::string("k\0", 2), store);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ((*read)->pieces.size(), 1U);
  EXPECT_EQ((*read)->pieces[0]->time, Timestamp(1));
  EXPECT_EQ((*read)->due, Timestamp(3));
  EXPECT_EQ((*read)->mark, kNoTimestamp);
}

TEST(KeyTimelineTest, KnowsWhichKeysATransactionTouched) {
  const auto calls = Calls();
  testing::FakeStore store;
  KeyTimeline timeline(calls);
  const auto touched = [&] {
    std::string keys;
    for (const KeyTimeline::Key* key : timeline.touched()) keys += key->key;
    return keys;
  };
  const auto find = [&](std::string_view name) {
    const auto key = timeline.Find(name, store);
    ASSERT_TRUE(key.ok()) << key.status();
    if ((*key)->pieces.empty()) timeline.Insert(**key, 0, Timestamp(1));
    timeline.RequireDue(**key, Timestamp(5), store);
  };
  for (const std::string_view key : {"b", "a", "c", "a"}) find(key);
  EXPECT_EQ(touched(), "bac");
  timeline.Untouch();
  EXPECT_EQ(touched(), "");
  find("c");
  find("c");
  EXPECT_EQ(touched(), "c");
  timeline.Untouch();
  EXPECT_EQ(timeline.TakeDue(Timestamp(5), 2, store)->size(), 2U);
  EXPECT_EQ(touched(), "ab") << "that a key is due no more is a change of it";
  timeline.Clear();
  EXPECT_EQ(touched(), "");
}

TEST(WindowRowTest, AHeldResultIsARowByItsTime) {
  testing::FakeStore store;
  DueIndex held(kHeldRows);
  held.Add(Timestamp(2), "name", store);
  held.Add(Timestamp(1), "other", store);
  store.Commit();
  EXPECT_TRUE(store.committed().contains(std::string("h\x80\0\0\0\0\0\0\x02name", 13)));
  const auto due = held.Take(Timestamp(1), 9, store);
  ASSERT_TRUE(due.ok()) << due.status();
  ASSERT_EQ(due->size(), 1U);
  EXPECT_EQ(due->front().key, "other");
  EXPECT_EQ(held.next(), Timestamp(2));
}

TEST(PaneTableTest, WritesThroughWhatItHasNoRoomFor) {
  const auto calls = Calls();
  testing::FakeStore store;
  PaneTable table(calls, /*held_bytes_max=*/1);
  const auto entry = table.Find(Timestamp(0), "a", store);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_TRUE(table.full());
  (*entry)->state.timestamp = Timestamp(5);
  table.Save(Timestamp(0), **entry, store);
  table.Clear();
  EXPECT_FALSE(table.full());
  const auto again = table.Find(Timestamp(0), "a", store);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE((*again)->stored);
  EXPECT_EQ((*again)->state.timestamp, Timestamp(5));
}

TEST(PaneTableTest, AsksTheStoreForKeysOfThosePanesOnlyOfWhichItHadRows) {
  const auto calls = Calls();
  testing::FakeStore store;
  PaneTable table(calls);
  const auto keys = [&](Timestamp start) {
    std::vector<std::string> found;
    for (const PaneTable::Entry* entry : table.Sorted(start)) found.push_back(entry->key);
    return found;
  };
  for (const std::string key : {"b", "a"}) {
    const auto entry = table.Find(Timestamp(0), key, store);
    ASSERT_TRUE(entry.ok()) << entry.status();
    EXPECT_FALSE((*entry)->stored);
    table.Save(Timestamp(0), **entry, store);
  }
  store.Commit();
  EXPECT_EQ(keys(Timestamp(0)), (std::vector<std::string>{"a", "b"}));
  ASSERT_TRUE(table.Find(Timestamp(0), "aa", store).ok());
  EXPECT_EQ(keys(Timestamp(0)), (std::vector<std::string>{"a", "aa", "b"}));
  EXPECT_TRUE(table.Whole(Timestamp(0)));
  EXPECT_EQ(store.gets(), 0);

  table.Clear();  // a restart: the store knows more
  const auto again = table.Find(Timestamp(0), "b", store);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE((*again)->stored);
  EXPECT_FALSE(table.Whole(Timestamp(0)));
  EXPECT_EQ(store.gets(), 1);
  const auto first = FirstStart(Timestamp(0), table, store);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*first, Timestamp(0));
}

}  // namespace
}  // namespace sidestream::operators
