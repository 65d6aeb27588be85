// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// dlq list and dlq replay on letters that lie on their topic as an application writes them.

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/letter.h"
#include "app/replayed_letters.h"
#include "command_fixture.h"
#include "operators/dead_letter/letter_headers.h"

namespace sidestream::app {
namespace {

using Headers = std::vector<std::pair<std::string, std::optional<std::string>>>;

TEST(ReplayedLettersTest, BytesAreThoseOfTheDocument) {
  const std::vector<LetterRun> runs{{Offset(12), Offset(40)}, {Offset(57), Offset(57)}};
  EXPECT_EQ(EncodeRuns(runs), "1:12-40,57-57");
  const auto read = DecodeRuns("1:12-40,57-57");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, runs);
  EXPECT_EQ(EncodeRuns({}), "");
  for (const char* bad : {"2:1-2", "1:", "1:5-4", "1:1-2,", "1:1-2,2-3", "1:1-2x", "x"}) {
    EXPECT_FALSE(DecodeRuns(bad).ok()) << bad;
  }
}

TEST(ReplayedLettersTest, RunsGoOverMarkersAndJoinWhenTheGapIsFilled) {
  ReplayedLetters first(Offset(0), {});
  for (const int64_t offset : {0, 2, 4, 6, 8}) first.Saw(Offset(offset));
  first.Add(Offset(4));
  first.Add(Offset(6));
  EXPECT_EQ(first.NextBase(), Offset(0));
  EXPECT_EQ(EncodeRuns(first.NextRuns()), "1:4-6");

  ReplayedLetters second(first.NextBase(), first.NextRuns());
  EXPECT_TRUE(second.Contains(Offset(4)));
  EXPECT_FALSE(second.Contains(Offset(8)));
  for (const int64_t offset : {0, 2}) second.Saw(Offset(offset));
  second.Add(Offset(0));
  second.Add(Offset(2));
  EXPECT_EQ(second.NextBase(), Offset(3)) << "what was not looked at stays";
  EXPECT_EQ(EncodeRuns(second.NextRuns()), "1:4-6");

  ReplayedLetters third(second.NextBase(), second.NextRuns());
  for (const int64_t offset : {4, 6, 8}) third.Saw(Offset(offset));
  third.Add(Offset(8));
  EXPECT_EQ(third.NextBase(), Offset(9));
  EXPECT_TRUE(third.NextRuns().empty());
}

class DlqTest : public CommandFixture {
 protected:
  void SetUp() override {
    File("shop.yaml", R"(version: 1
application: { id: shop }
kafka: { bootstrap.servers: "broker:9092" }
errors: { processing: dlq }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: string, value: json }
pipelines:
  p: { from: in, steps: [ { name: divide, map: 10 / value } ], to: out }
)");
    CreateTopic("in", 2);
    CreateTopic("out", 2);
    CreateTopic("shop-dlq", 2);
  }

  /// Appends a record and gives its offset.
  Offset Append(const TopicPartition& to, const std::optional<std::string>& key,
                const std::string& value, const Headers& headers) {
    auto producer = cluster_->NewProducer({.client_id = "test"});
    EXPECT_TRUE(producer.ok());
    const kafka::TopicHandle topic = (*producer)->RegisterTopic(to.topic);
    (*producer)->StartInit();
    while (!(*producer)->Poll(Milliseconds(0))) waiting_.Pass(Milliseconds(1));
    std::vector<Header> views;
    for (const auto& [name, text] : headers) views.push_back({name, *text});
    const Offset offset = broker_.LogEnd(to);
    kafka::OutgoingRecord record;
    record.topic = topic;
    record.partition = to.partition;
    if (key) record.key = *key;
    record.value = value;
    record.timestamp = clock_.WallTime();
    record.headers = views;
    EXPECT_TRUE((*producer)->Produce(record).ok());
    (*producer)->StartFlush();
    while (!(*producer)->Poll(Milliseconds(0))) waiting_.Pass(Milliseconds(1));
    return offset;
  }

  static Headers LetterHeaders(const std::string& step, const std::string& topic, int partition,
                               int offset, const Headers& more = {}) {
    Headers headers{{"trace", "t"},
                    {"__streams.errors.exception", "ProcessingError"},
                    {"__streams.errors.message", "no luck"},
                    {"__streams.errors.topic", topic},
                    {"__streams.errors.partition", std::to_string(partition)},
                    {"__streams.errors.offset", std::to_string(offset)},
                    {"__streams.errors.step", step},
                    {"__streams.errors.application", "shop"}};
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
  }

  /// A letter of a record of in-0.
  void Letter(const std::string& key, const std::string& value,
              const std::string& step = "p.divide",
              const Headers& more = {{"__sidestream.letter", "record"}}) {
    Append({"shop-dlq", 1}, key, value, LetterHeaders(step, "in", 0, 5, more));
  }

  /// What lies in a partition.
  std::vector<OwnedRecord> RecordsOf(const TopicPartition& partition) {
    std::vector<OwnedRecord> records;
    auto admin = cluster_->NewAdmin("test");
    EXPECT_TRUE(admin.ok());
    const Status read = ReadLetters(*cluster_, **admin, {{partition, Offset(0)}}, waiting_, {},
                                    [&](app::Letter letter) {
                                      records.push_back(std::move(letter.record));
                                      return true;
                                    });
    EXPECT_TRUE(read.ok()) << read;
    return records;
  }

  std::vector<std::string> ValuesOf(const TopicPartition& partition) {
    std::vector<std::string> values;
    for (const OwnedRecord& record : RecordsOf(partition)) values.push_back(record.value.value());
    return values;
  }

  int Replay(bool execute = true) {
    arguments_.dlq.execute = execute;
    return Run(&DlqReplay);
  }
};

using Values = std::vector<std::string>;

TEST_F(DlqTest, ListShowsALineForEachLetter) {
  Letter("a", "0");
  Letter("b", "{", "p.other");
  ASSERT_EQ(Run(&DlqList), kExitOk) << err();
  EXPECT_EQ(out(),
            "1@0  in-0@5  p.divide  ProcessingError  \"a\"  no luck\n"
            "1@1  in-0@5  p.other  ProcessingError  \"b\"  no luck\n");
  arguments_.dlq.step = "p.other";
  arguments_.dlq.json = true;
  ASSERT_EQ(Run(&DlqList), kExitOk) << err();
  EXPECT_TRUE(out().starts_with(R"({"partition":1,"offset":1,"timestamp":)")) << out();
  EXPECT_NE(out().find(R"("replayed":false,"key":"b","value":"{","headers":{"trace":"t")"),
            std::string::npos)
      << out();
}

TEST_F(DlqTest, FiltersLetOnlyTheirLettersThrough) {
  Letter("a", "0");
  clock_.Advance(std::chrono::hours(2));
  Letter("b", "1");
  Letter("a", "2");
  const auto lines = [&] {
    EXPECT_EQ(Run(&DlqList), kExitOk) << err();
    return std::count(out().begin(), out().end(), '\n');
  };
  EXPECT_EQ(lines(), 3);
  arguments_.dlq.since = "1h";
  EXPECT_EQ(lines(), 2);
  arguments_.dlq.key = "a";
  EXPECT_EQ(lines(), 1);
  arguments_.dlq.since.clear();
  EXPECT_EQ(lines(), 2);
  arguments_.dlq.limit = 1;
  EXPECT_EQ(lines(), 1);
  arguments_.dlq.topic = "elsewhere";
  EXPECT_EQ(lines(), 0);
  arguments_.dlq.since = "yesterday";
  EXPECT_EQ(Run(&DlqList), kExitConfig);
}

TEST_F(DlqTest, WithoutATopicThereIsNothingToShowOrToPutBack) {
  arguments_.files.clear();
  File("other.yaml", R"(version: 1
application: { id: other }
streams: { in: { topic: in, key: string }, out: { topic: out, key: string } }
pipelines: { p: { from: in, to: out } }
)");
  EXPECT_EQ(Run(&DlqList), kExitOk) << err();
  EXPECT_EQ(out(), "");
  EXPECT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(err(), "there are no dead letters: the topic other-dlq does not exist\n");
}

TEST_F(DlqTest, ADryRunChangesNothing) {
  Letter("a", "0");
  EXPECT_EQ(Replay(/*execute=*/false), kExitOk) << err();
  EXPECT_EQ(out(), "would put back 1@0 to in-0 (step p.divide)\n");
  EXPECT_NE(err().find("1 letters would be put back, 0 left; add --execute"), std::string::npos);
  EXPECT_TRUE(RecordsOf({"in", 0}).empty());
}

TEST_F(DlqTest, ARecordGoesBackAsItWasAndOnlyOnce) {
  Letter("a", "0");
  const Timestamp written = RecordsOf({"shop-dlq", 1}).front().timestamp;
  clock_.Advance(Milliseconds(5'000));
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(out(), "put back 1 letters, left 0\n");
  const std::vector<OwnedRecord> back = RecordsOf({"in", 0});
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].key, "a");
  EXPECT_EQ(back[0].value, "0");
  EXPECT_EQ(back[0].timestamp, written);
  EXPECT_EQ(back[0].headers, (Headers{{"trace", "t"},
                                      {"__sidestream.replay.count", "1"},
                                      {"__sidestream.replay.letter", "shop-dlq/1/0"}}));

  Letter("a", "1");
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}), (Values{"0", "1"}));
  ASSERT_EQ(Run(&DlqList), kExitOk);
  EXPECT_EQ(out(), "") << "what was put back is no longer shown";
  arguments_.dlq.all = true;
  ASSERT_EQ(Run(&DlqList), kExitOk);
  EXPECT_NE(out().find("\"a\"  replayed  no luck"), std::string::npos) << out();
}

TEST_F(DlqTest, WhatAFilterLeavesIsPutBackLaterAndNothingTwice) {
  for (const char* value : {"0", "1", "2", "3", "4"}) {
    Letter(std::stoi(value) % 2 == 0 ? "even" : "odd", value);
  }
  arguments_.dlq.key = "odd";
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}), (Values{"1", "3"}));
  arguments_.dlq.key.reset();
  arguments_.dlq.limit = 1;
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}), (Values{"1", "3", "0"}));
  arguments_.dlq.limit.reset();
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}), (Values{"1", "3", "0", "2", "4"}));
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}).size(), 5u);
}

TEST_F(DlqTest, LettersOfAHoldGoBackInItsOrderWithTheirPlaces) {
  const auto held = [](const std::string& number) {
    return Headers{{"__sidestream.letter", "record"},
                   {"__sidestream.hold", "shop/in/0/5"},
                   {"__sidestream.hold.sequence", number}};
  };
  Letter("a", "third", "in", held("2"));
  Letter("b", "other");
  Letter("a", "first", "in", held("0"));
  Letter("a", "second", "in", held("1"));
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}), (Values{"first", "other", "second", "third"}));
  EXPECT_EQ(RecordsOf({"in", 0})[0].headers[1], (std::pair<std::string, std::optional<std::string>>{
                                                    "__sidestream.hold", "shop/in/0/5"}));
}

TEST_F(DlqTest, WhatCannotOrShouldNotGoBackIsLeftWithItsReason) {
  Letter("a", "0", "p.divide", {{std::string(operators::kReplayCount), "3"}});
  Letter("a", "1", "p.sum", {{"__sidestream.letter", "result"}});
  Append({"shop-dlq", 1}, "a", "2", LetterHeaders("p.divide", "secret", 0, 1));
  Append({"shop-dlq", 1}, "a", "3", LetterHeaders("p.divide", "in", 7, 1));
  Append({"shop-dlq", 1}, "a", "4", {{"just", "a record"}});
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(out(), "put back 0 letters, left 5\n");
  for (const char* reason :
       {"left 1@0: it was put back 3 times already; --max-replays 4", "left 1@1: it is a result",
        "left 1@2: the application does not read secret", "left 1@3: there is no partition in-7",
        "left 1@4: it is of the application ?"}) {
    EXPECT_NE(err().find(reason), std::string::npos) << reason << "\n" << err();
  }
  arguments_.dlq.max_replays = 4;
  ASSERT_EQ(Replay(), kExitOk) << err();
  EXPECT_EQ(ValuesOf({"in", 0}), (Values{"0"}));
}

TEST_F(DlqTest, ALetterFromBehindARepartitionTopicGoesBackAsTheRecordThatItBeganAs) {
  const Offset offset = Append({"in", 0}, "k", "original", {{"own", "h"}});
  const auto letter = [&](int at) {
    Append({"shop-dlq", 0}, "u", "{\"what\":\"a step made\"}",
           LetterHeaders("p.sum", "in", 0, at, {{"__sidestream.letter", "hop"}}));
  };
  letter(static_cast<int>(offset.value()));
  ASSERT_EQ(Replay(), kExitOk) << err();
  const std::vector<OwnedRecord> records = RecordsOf({"in", 0});
  ASSERT_EQ(records.size(), 2u) << err();
  EXPECT_EQ(records[1].key, "k");
  EXPECT_EQ(records[1].value, "original");
  EXPECT_EQ(records[1].headers[0].first, "own");
}

}  // namespace
}  // namespace sidestream::app
