// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The bytes here are those of docs/formats/snapshot.md: a test that has to change means a format
// that has changed.

#include "snapshot/manifest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "snapshot/in_flight.h"

namespace sidestream::snapshot {
namespace {

std::string HexOf(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return text;
}

StoredFile File(const std::string& name, const std::string& content) {
  return {.name = name,
          .digest = Sha256(content),
          .bytes = static_cast<int64_t>(content.size())};
}

KeptTask ATask() {
  KeptTask task{.id = {"shop-totals-repartition", 1}, .sequence = CommitSequence(258)};
  KeptInput input{.partition = {"shop-totals-repartition", 1}, .repartition = true};
  input.position = Offset(70);
  input.stamp = "AQ==";
  input.end = Offset(75);
  input.in_flight_records = 5;
  input.in_flight = {File("0", "abc")};
  task.inputs = {input};
  task.image = {File("CURRENT", "")};
  statestore::ImageStore store{.name = "totals", .fingerprint = 9, .position = Offset(40)};
  store.changelog_id.bytes[15] = 1;
  task.stores = {store};
  return task;
}

Manifest AManifest() {
  Manifest manifest{.name = "v1", .application = "shop", .number = 3, .request = 6};
  manifest.created_at = ManualClock::kStart;
  manifest.plan_hash = 0x0102030405060708;
  manifest.plan_text = "plan";
  manifest.topics = {{.topic = "orders", .partitions = 2},
                     {.topic = "shop-totals-repartition", .partitions = 2, .repartition = true}};
  manifest.stores = {{.name = "totals", .fingerprint = 9}};
  manifest.tasks = {ATask()};
  manifest.unread = {{.partition = {"clicks", 1}, .position = Offset(7), .stamp = "AQ=="}};
  return manifest;
}

constexpr char kTaskHex[] =
    "17" "73686f702d746f74616c732d72657061"
    "72746974696f6e" "00000001" "0000000000000102"  // task, sequence
    "01"                                            // inputs
    "17" "73686f702d746f74616c732d72657061"
    "72746974696f6e" "00000001" "01" "0000000000000046" "04" "41513d3d"
    "000000000000004b" "05" "01"  // end, records, files
    "01" "30" "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" "03"
    "01"  // image
    "07" "43555252454e54" "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" "00";

constexpr char kUnreadHex[] = "01" "06" "636c69636b73" "00000001" "00" "0000000000000007" "04" "41513d3d";

constexpr char kStoresHex[] =
    "01" "06" "746f74616c73" "0000000000000009" "00000000000000000000000000000001"
    "0000000000000028";  // changelog id, position

TEST(ManifestTest, APartIsByteExact) {
  const std::string bytes = EncodePart(ATask());
  EXPECT_EQ(HexOf(bytes.substr(0, 5)), "5353535001");
  EXPECT_EQ(HexOf(bytes.substr(37)), std::string(kTaskHex) + kStoresHex);
  EXPECT_EQ(bytes.substr(5, 32), Sha256(bytes.substr(37)).view());
  EXPECT_EQ(*DecodePart(bytes), ATask());
}

TEST(ManifestTest, AManifestIsByteExact) {
  const std::string bytes = EncodeManifest(AManifest());
  EXPECT_EQ(HexOf(bytes.substr(0, 5)), "5353534d01");
  EXPECT_EQ(HexOf(bytes.substr(37)), std::string("01" "02" "7631" "04" "73686f70"
                                                 "0000000000000003" "0000000000000006" "0000019b76daa800"
                                                 "0102030405060708" "04" "706c616e"
                                                 "02"
                                                 "06" "6f7264657273"
                                                 "00000002" "00"
                                                 "17" "73686f702d746f74616c732d72657061"
                                                 "72746974696f6e"
                                                 "00000002" "01"
                                                 "01" "06" "746f74616c73"
                                                 "0000000000000009"
                                                 "01") +
                                        kTaskHex + "00" + kStoresHex + kUnreadHex);
  EXPECT_EQ(bytes.substr(5, 32), Sha256(bytes.substr(37)).view());
  EXPECT_EQ(*DecodeManifest(bytes), AManifest());
}

/// What a release wrote that knew nothing of the stores' positions, nor of draining, nor of versions.
TEST(ManifestTest, OneOfTheFirstReleaseIsReadWithoutThem) {
  const auto without = [](const std::string& bytes, size_t flags) {
    const std::string body = bytes.substr(37, bytes.size() - 37 - flags - sizeof(kStoresHex) / 2);
    return bytes.substr(0, 5) + std::string(Sha256(body).view()) + body;
  };
  KeptTask task = ATask();
  task.stores.clear();
  EXPECT_EQ(*DecodePart(without(EncodePart(ATask()), 0)), task);
  Manifest manifest = AManifest();
  manifest.tasks = {task};
  manifest.unread.clear();
  EXPECT_EQ(*DecodeManifest(without(EncodeManifest(AManifest()), 1 + sizeof(kUnreadHex) / 2)),
            manifest);
}

TEST(ManifestTest, AFlagSaysThatItIsDrained) {
  Manifest drained = AManifest();
  drained.drained = true;
  const std::string bytes = EncodeManifest(drained);
  EXPECT_EQ(HexOf(bytes.substr(bytes.size() - 1 - sizeof(kStoresHex) / 2 - sizeof(kUnreadHex) / 2)),
            std::string("01") + kStoresHex + kUnreadHex);
  EXPECT_EQ(*DecodeManifest(bytes), drained);
}

TEST(ManifestTest, EveryBitIsCheckedAndANewerReleaseIsSaid) {
  const std::string bytes = EncodeManifest(AManifest());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = static_cast<char>(other[i] ^ 4);
    EXPECT_FALSE(DecodeManifest(other).ok()) << i;
    EXPECT_FALSE(DecodeManifest(bytes.substr(0, i)).ok()) << i;
  }
  std::string newer = bytes;
  newer[4] = 2;
  EXPECT_EQ(DecodeManifest(newer).status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(DecodePart(bytes).status().code(), StatusCode::kStopped);
}

TEST(ManifestTest, AFileCannotLeaveItsFolder) {
  for (const char* name : {"..", "a/b", "/etc/x", "", "."}) {
    KeptTask task = ATask();
    task.image = {File(name, "x")};
    EXPECT_EQ(DecodePart(EncodePart(task)).status().code(), StatusCode::kStopped) << name;
  }
}

TEST(ManifestTest, FilesOfStateAndInFlight) {
  const std::vector<StoredFile> files = FilesOf(AManifest());
  ASSERT_EQ(files.size(), 2u);
  EXPECT_EQ(files[0].name, "CURRENT");
  EXPECT_EQ(files[1].name, "0");
}

TEST(InFlightTest, RecordsAreByteExactAndComeInTheirOrder) {
  InFlightFile file;
  EXPECT_TRUE(file.empty());
  const std::vector<InFlightRecord> records = {
      {.key = "k", .value = "v1"}, {.value = "mark"}, {.key = "k"}, {.key = "", .value = ""}};
  for (const InFlightRecord& record : records) file.Add(record);
  EXPECT_EQ(HexOf(file.bytes()), "5353535201" "03" "016b" "027631" "02" "046d61726b" "01" "016b"
                                 "03" "00" "00");
  size_t next = 0;
  const auto visit = [&](const InFlightRecord& record) {
    EXPECT_EQ(record, records.at(next++));
    return Status();
  };
  EXPECT_TRUE(ReadInFlightFile(file.bytes(), visit).ok());
  EXPECT_EQ(next, records.size());
  const auto ignore = [](const InFlightRecord&) { return Status(); };
  EXPECT_EQ(ReadInFlightFile(file.bytes().substr(0, 8), ignore).code(), StatusCode::kStopped);
  EXPECT_EQ(ReadInFlightFile("", ignore).code(), StatusCode::kStopped);
  EXPECT_EQ(ReadInFlightFile("SSSR\x02", ignore).code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(ReadInFlightFile("SSSR\x01\x04", ignore).code(), StatusCode::kStopped);
}

}  // namespace
}  // namespace sidestream::snapshot
