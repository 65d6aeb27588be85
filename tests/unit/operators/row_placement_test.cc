// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/row_placement.h"

#include <gtest/gtest.h>

#include <string>

namespace sidestream::operators {
namespace {

using namespace std::string_literals;

const std::string kTime("\x80\x00\x00\x00\x00\x00\x04\x4c", 8);

StoreLayout Layout(const std::string& kind, const std::string& key = "string",
                   const std::string& window = "") {
  StoreLayout layout;
  layout.parts = {{"kind", kind}, {"format of the key", key}};
  if (!window.empty()) layout.parts.push_back({"window", window});
  return layout;
}

std::string KeyOf(const StoreLayout& layout, const std::string& row) {
  const auto place = PlaceOfRow(layout, row);
  if (!place.ok()) return "not ours";
  switch (place->kind) {
    case RowPlace::Kind::kOfKey:
      return "key " + place->key;
    case RowPlace::Kind::kCounter:
      return "counter";
    case RowPlace::Kind::kFired:
      return "fired";
    case RowPlace::Kind::kEnded:
      return "ended";
  }
  return "";
}

TEST(RowPlacementTest, GroupsByTheirKeyAndWhatTellsOfThemByTheSame) {
  const StoreLayout own = Layout("aggregate");
  EXPECT_EQ(KeyOf(own, "a"), "key a");
  EXPECT_EQ(KeyOf(own, ""), "key ");
  EXPECT_EQ(KeyOf(own, "\xff\xff"s + "b"), "key \xff"s + "b");
  EXPECT_EQ(KeyOf(own, "\xfft" + kTime + "a"), "key a");
  EXPECT_EQ(KeyOf(own, "\xffh" + kTime + "\xff\xff"s + "b"), "key \xff"s + "b");
  EXPECT_EQ(KeyOf(own, "\xff"s + "e"), "ended");
  EXPECT_EQ(KeyOf(own, "\xff"s + "x"), "not ours");
  EXPECT_EQ(KeyOf(own, "\xffh\x80"), "not ours");
  EXPECT_EQ(KeyOf(own, "\xfft" + kTime + "\xfft" + kTime + "a"), "not ours")
      << "what falls due is no such row itself: else a long row would be as many calls deep";
  const StoreLayout computed = Layout("aggregate", "computed");
  EXPECT_EQ(KeyOf(computed, "\x01"s + "a"), "key a");
  EXPECT_EQ(KeyOf(computed, "\x05"s + "a"), "key a") << "b\"a\" lies where \"a\" does";
  EXPECT_EQ(KeyOf(computed, ""), "not ours");
}

TEST(RowPlacementTest, WindowsByTheirKey) {
  const StoreLayout tumbling = Layout("windows", "computed", "tumbling 1m");
  EXPECT_EQ(KeyOf(tumbling, "w" + kTime + "\x01"s + "a"), "key a");
  EXPECT_TRUE(PlaceOfRow(tumbling, "w" + kTime + "\x01"s + "a")->window);
  EXPECT_EQ(KeyOf(tumbling, "h" + kTime + kTime + "\x01"s + "a"), "key a");
  EXPECT_EQ(KeyOf(tumbling, "f"), "fired");
  EXPECT_EQ(KeyOf(tumbling, "w\x80"), "not ours");
  EXPECT_EQ(KeyOf(tumbling, "x"), "not ours");
  EXPECT_EQ(KeyOf(tumbling, ""), "not ours");
  const StoreLayout session = Layout("windows", "string", "session 5s");
  EXPECT_EQ(KeyOf(session, "s" + "a\0\xff"s + "b\0\x01"s + kTime), "key a\0b"s);
  EXPECT_EQ(KeyOf(session, "k" + "a\0b"s), "key a\0b"s);
  EXPECT_EQ(KeyOf(session, "d" + kTime + "a"), "key a");
  EXPECT_EQ(KeyOf(session, "h" + kTime + "a"), "key a");
  const StoreLayout sliding = Layout("windows", "string", "sliding 5s");
  EXPECT_EQ(KeyOf(sliding, "v" + "a\0\x01"s + kTime), "key a");
  EXPECT_EQ(KeyOf(sliding, "h" + kTime + kTime + "a"), "key a");
  const StoreLayout count = Layout("windows", "string", "count 5");
  EXPECT_EQ(KeyOf(count, "ca"), "key a");
  EXPECT_EQ(KeyOf(count, "h" + kTime + "ca"), "key a");
  EXPECT_EQ(KeyOf(count, "h" + kTime + "h" + kTime + "ca"), "not ours");
}

TEST(RowPlacementTest, IdsAndElementsByTheKeyOfTheirRecord) {
  const StoreLayout dedup = Layout("dedup");
  EXPECT_EQ(KeyOf(dedup, "\x01" + "a\0\x01"s + "\x02rest"), "key a");
  EXPECT_EQ(KeyOf(dedup, "\x02" + kTime + "a\0\x01"s), "key a");
  EXPECT_EQ(KeyOf(dedup, "\x03" + "a\0\xff\x01\0\x01"s + kTime + "12345678"), "key a");
  EXPECT_EQ(KeyOf(dedup, "\x04" + kTime + "a\0\x01"s), "key a");
  EXPECT_EQ(KeyOf(dedup, "\x05"), "counter");
  EXPECT_EQ(KeyOf(dedup, "\x06"), "not ours");
  const StoreLayout process = Layout("process", "computed");
  EXPECT_EQ(KeyOf(process, "\x01\0\x01"s + "a\0\x01"s + "element"), "key a");
  EXPECT_EQ(KeyOf(process, "\x02\0"s + kTime + "\x01\0\x01"s + "a\0\x01"s), "key a");
  EXPECT_EQ(KeyOf(process, "\x03\x01"s + "a\0\x01"s + "name"), "key a");
  EXPECT_EQ(KeyOf(process, "\x04\x01"s + kTime + "\x01"s + "a\0\x01"s + "name"), "key a");
  EXPECT_EQ(KeyOf(process, "\x05"), "counter");
  EXPECT_EQ(KeyOf(process, "\x03"), "not ours");
}

TEST(RowPlacementTest, OfCountersTheLargerOneServesBoth) {
  EXPECT_EQ(*LargerCounter("\x01\x07"s, "\x01\x80\x01"s), "\x01\x80\x01"s);
  EXPECT_EQ(*LargerCounter("\x01\x09"s, "\x01\x08"s), "\x01\x09"s);
  EXPECT_FALSE(LargerCounter("\x01"s, "\x01\x08"s).ok());
  EXPECT_FALSE(LargerCounter("\x02\x08"s, "\x01\x08"s).ok());
}

}  // namespace
}  // namespace sidestream::operators
