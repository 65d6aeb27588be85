// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "changelog/image_choice.h"

#include <gtest/gtest.h>

namespace sidestream::changelog {
namespace {

using statestore::StoredImage;

constexpr Timestamp kNow{1'000'000'000};

TopicId Id(uint8_t number) {
  TopicId id;
  id.bytes[15] = number;
  return id;
}

/// A task whose directory is lost: one store, a log of a million offsets.
RestoreAhead Ahead() {
  LogAhead log;
  log.store = {.name = "rows", .changelog_topic = "rows-changelog", .fingerprint = 7};
  log.id = Id(1);
  log.start = Offset(0);
  log.from = Offset(0);
  log.end = Offset(1'000'000);
  log.age_max = Milliseconds(3'600'000);
  return {.logs = {log}, .committed = CommitSequence(50), .tasks = 2};
}

StoredImage Image() {
  return {
      .snapshot = "s",
      .taken_at = kNow - 60'000,
      .sequence = CommitSequence(40),
      .tasks = 2,
      .bytes = 50'000'000,
      .stores = {
          {.name = "rows", .fingerprint = 7, .changelog_id = Id(1), .position = Offset(900'000)}}};
}

TEST(ImageChoiceTest, OneThatIsNewEnoughOfTheSameChangelogMayBeTaken) {
  EXPECT_EQ(WhyUnusable(Ahead(), Image(), kNow), "");
  EXPECT_TRUE(IsNearer(Ahead(), Image()));
}

TEST(ImageChoiceTest, OneThatDoesNotFitIsNeverTaken) {
  const auto refused = [](const auto& change) {
    RestoreAhead ahead = Ahead();
    StoredImage image = Image();
    change(ahead, image);
    return WhyUnusable(ahead, image, kNow);
  };
  EXPECT_NE(refused([](auto&, auto& image) { image.stores[0].fingerprint = 8; }), "");
  EXPECT_NE(refused([](auto&, auto& image) { image.stores[0].changelog_id = Id(2); }), "");
  EXPECT_NE(refused([](auto& ahead, auto& image) {
              ahead.logs[0].id = TopicId();
              image.stores[0].changelog_id = TopicId();
            }),
            "");
  EXPECT_NE(refused([](auto& ahead, auto&) { ahead.logs[0].start = Offset(900'001); }), "");
  EXPECT_NE(refused([](auto&, auto& image) { image.stores[0].position = Offset(1'000'001); }), "");
  EXPECT_NE(refused([](auto&, auto& image) { image.sequence = CommitSequence(51); }), "");
  EXPECT_NE(refused([](auto&, auto& image) { image.tasks = 3; }), "");
  EXPECT_NE(refused([](auto&, auto& image) { image.taken_at = kNow - 3'600'001; }), "");
  EXPECT_NE(refused([](auto& ahead, auto&) { ahead.logs[0].age_max.reset(); }), "");
}

TEST(ImageChoiceTest, TheLimitsThemselvesAreNotBeyond) {
  StoredImage image = Image();
  image.taken_at = kNow - 3'600'000;
  image.sequence = CommitSequence(50);
  EXPECT_EQ(WhyUnusable(Ahead(), image, kNow), "");
  RestoreAhead ahead = Ahead();
  ahead.logs[0].start = ahead.logs[0].from = Offset(900'000);
  EXPECT_EQ(WhyUnusable(ahead, image, kNow), "");
  // Nothing came after it that it could have missed.
  image = Image();
  image.stores[0].position = Offset(1'000'000);
  image.taken_at = kNow - 100'000'000;
  EXPECT_EQ(WhyUnusable(Ahead(), image, kNow), "");
}

TEST(ImageChoiceTest, WithoutLocalRowsAnImageIsNearerHoweverLarge) {
  StoredImage image = Image();
  image.bytes = int64_t{1} << 40;
  EXPECT_TRUE(IsNearer(Ahead(), image));
  // But one that saves nothing is not.
  image.stores[0].position = Offset(0);
  EXPECT_FALSE(IsNearer(Ahead(), image));
  image.stores.clear();
  EXPECT_FALSE(IsNearer(Ahead(), image));
}

TEST(ImageChoiceTest, WithLocalRowsWhatItSavesCounts) {
  RestoreAhead ahead = Ahead();
  StoredImage image = Image();  // saves 100 bytes for each offset that is behind, at least
  ahead.logs[0].from = Offset(400'000);
  EXPECT_TRUE(IsNearer(ahead, image));
  ahead.logs[0].from = Offset(400'001);
  EXPECT_FALSE(IsNearer(ahead, image));
  ahead.logs[0].from = Offset(950'000);
  EXPECT_FALSE(IsNearer(ahead, image)) << "the directory is ahead of it";
  // Large rows: what the image has for each offset.
  image.bytes = 900'000'000;
  ahead.logs[0].from = Offset(1);
  EXPECT_FALSE(IsNearer(ahead, image));
}

TEST(ImageChoiceTest, TheNewestThatMayBeTakenDecides) {
  StoredImage newest = Image();
  newest.snapshot = "newest";
  newest.sequence = CommitSequence(51);
  StoredImage older = Image();
  older.snapshot = "older";
  const std::vector<StoredImage> images = {newest, older, Image()};
  const StoredImage* chosen = ChooseImage(Ahead(), images, kNow);
  ASSERT_NE(chosen, nullptr);
  EXPECT_EQ(chosen->snapshot, "older");
  RestoreAhead near = Ahead();
  near.logs[0].from = Offset(899'000);
  EXPECT_EQ(ChooseImage(near, images, kNow), nullptr);
  EXPECT_EQ(ChooseImage(Ahead(), {}, kNow), nullptr);
}

TEST(ImageChoiceTest, AStoreThatTheImageDoesNotHaveIsReadFromTheStart) {
  RestoreAhead ahead = Ahead();
  LogAhead added = ahead.logs[0];
  added.store.name = "added";
  added.end = Offset(10);
  ahead.logs.push_back(added);
  EXPECT_EQ(WhyUnusable(ahead, Image(), kNow), "");
  EXPECT_TRUE(IsNearer(ahead, Image()));
  // What the directory has of it would be lost.
  ahead.logs[1].from = ahead.logs[1].end = Offset(890'000);
  EXPECT_FALSE(IsNearer(ahead, Image()));
}

}  // namespace
}  // namespace sidestream::changelog
