// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tasks/input_queue.h"

#include <gtest/gtest.h>

#include "chunk_builder.h"

namespace sidestream::tasks {
namespace {

std::vector<int64_t> Drain(InputQueue& queue, size_t at_most = 1'000) {
  std::vector<int64_t> offsets;
  while (offsets.size() < at_most) {
    const kafka::Record* head = queue.Head();
    if (head == nullptr) break;
    offsets.push_back(head->offset.value());
    queue.Pop();
  }
  return offsets;
}

TEST(InputQueueTest, SkipsWhatLiesBelowThePosition) {
  InputQueue queue(Offset(5));
  queue.Add(Chunk({{3, "a"}, {4, "b"}, {5, "c"}, {8, "d"}}));
  EXPECT_EQ(Drain(queue), (std::vector<int64_t>{5, 8}));
  EXPECT_EQ(queue.position(), Offset(9));
}

TEST(InputQueueTest, EndOfPartitionStepsOverMarkers) {
  InputQueue queue(Offset(0));
  queue.Add(Chunk({{0, "a"}}, 2));
  EXPECT_FALSE(queue.at_end());
  EXPECT_EQ(Drain(queue), (std::vector<int64_t>{0}));
  EXPECT_EQ(queue.position(), Offset(2));
  EXPECT_TRUE(queue.at_end());
  queue.Add(Chunk({{2, "b"}}));
  ASSERT_NE(queue.Head(), nullptr);
  EXPECT_FALSE(queue.at_end()) << "more came: the end is not known any more";
}

TEST(InputQueueTest, AnEmptyPartitionIsAtItsEndAfterTheFirstEvent) {
  InputQueue queue(Offset(0));
  EXPECT_FALSE(queue.at_end());
  queue.Add(Chunk({}, 0));
  EXPECT_EQ(queue.Head(), nullptr);
  EXPECT_TRUE(queue.at_end());
  EXPECT_FALSE(queue.advanced());
}

TEST(InputQueueTest, ProcessedBytesAreThoseThatACommitLetsGoOf) {
  InputQueue queue(Offset(0));
  queue.Add(Chunk({{0, "a"}}));
  const size_t first = queue.bytes();
  queue.Add(Chunk({{1, "bb"}}));
  EXPECT_EQ(queue.processed_bytes(), 0u);
  Drain(queue, 1);
  ASSERT_NE(queue.Head(), nullptr);
  EXPECT_EQ(queue.processed_bytes(), first);
  queue.Rollback();
  EXPECT_EQ(queue.processed_bytes(), 0u);
  Drain(queue);
  EXPECT_EQ(queue.processed_bytes(), queue.bytes());
  queue.Commit();
  EXPECT_EQ(queue.processed_bytes(), 0u);
  EXPECT_EQ(queue.bytes(), 0u);
}

TEST(InputQueueTest, RollbackReplaysTheSameChunksSinceTheCommit) {
  InputQueue queue(Offset(0));
  queue.Add(Chunk({{0, "a"}, {1, "b"}, {2, "c"}}));
  queue.Add(Chunk({{3, "d"}}, 5));
  EXPECT_EQ(Drain(queue, 2), (std::vector<int64_t>{0, 1}));
  queue.Commit();
  EXPECT_EQ(Drain(queue), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(queue.position(), Offset(5));
  queue.Rollback();
  EXPECT_EQ(queue.position(), Offset(2));
  EXPECT_FALSE(queue.at_end());
  EXPECT_EQ(Drain(queue), (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(queue.position(), Offset(5));
}

TEST(InputQueueTest, CommitLetsGoOfProcessedChunksOnly) {
  InputQueue queue(Offset(0));
  queue.Add(Chunk({{0, "aaaa"}}));
  queue.Add(Chunk({{1, "bb"}, {2, "c"}}));
  EXPECT_EQ(queue.bytes(), 7u);
  Drain(queue, 2);
  EXPECT_EQ(queue.bytes(), 7u) << "an abort would need them";
  queue.Commit();
  EXPECT_EQ(queue.bytes(), 3u);
}

TEST(InputQueueTest, AdvanceNeverGoesBack) {
  InputQueue queue(Offset(7));
  queue.AdvanceTo(Offset(3));
  EXPECT_EQ(queue.position(), Offset(7));
  queue.AdvanceTo(Offset(9));
  EXPECT_EQ(queue.position(), Offset(9));
  EXPECT_TRUE(queue.advanced());
}

}  // namespace
}  // namespace sidestream::tasks
