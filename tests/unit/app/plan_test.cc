// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// `plan` against an application as its last run left it in the cluster: what it says of each edit,
// and that `run` refuses in the same words.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/application_change.h"
#include "app/change_report.h"
#include "app/cluster_topics.h"
#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "checkpoint/control_record.h"
#include "command_fixture.h"
#include "time/commit_stamp.h"
#include "topology/plan_text.h"

namespace sidestream::app {
namespace {

using Json = nlohmann::json;

class PlanTest : public CommandFixture {
 protected:
  void SetUp() override {
    CreateTopic("clicks", 4);
    CreateTopic("totals", 4);
    admin_ = cluster_->NewAdmin("test").value();
  }

  static std::string With(std::string yaml, const std::string& from, const std::string& to) {
    const size_t at = yaml.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return yaml.replace(at, from.size(), to);
  }

  /// Leaves behind what a run of `yaml` does: its topics, and its records on the control topic.
  void HasRun(const std::string& yaml) {
    const auto loaded = topology::LoadTopologyTexts({{"a.yaml", yaml}}, surroundings_);
    ASSERT_TRUE(loaded.ok()) << topology::Render(loaded.findings);
    const auto report = CheckStart(loaded, *admin_, waiting_, Patience{}, {});
    ASSERT_TRUE(report.ok() && report->ok());
    ASSERT_TRUE(CreateTopics(*admin_, report->missing_internal, waiting_, Patience{}).ok());
    std::vector<std::string> hops;
    for (const kafka::NewTopic& topic : report->missing_internal) {
      if (topic.name.ends_with("-repartition")) hops.push_back(topic.name);
    }
    std::vector<checkpoint::ControlRecord> records = {
        checkpoint::PlanRecord{1, topology::ToText(*report->plan), PlannedSteps(loaded), hops}};
    for (const topology::SubTopology& sub : report->plan->sub_topologies) {
      for (const topology::Store& store : sub.stores) {
        records.push_back(checkpoint::StoreRecord{store.name, store.layout});
      }
    }
    for (const checkpoint::ControlRecord& record : records) {
      const checkpoint::EncodedControlRecord encoded = checkpoint::EncodeControlRecord(record);
      Write("counting-control", encoded.key, encoded.value);
    }
  }

  void Write(const std::string& topic, const std::string& key, const std::string& value) {
    auto producer = cluster_->NewProducer({.client_id = "writer"}).value();
    const kafka::TopicHandle handle = producer->RegisterTopic(topic);
    producer->StartInit();
    while (!producer->Poll(Milliseconds(0))) waiting_.Pass(Milliseconds(1));
    kafka::OutgoingRecord record;
    record.topic = handle;
    record.key = key;
    record.value = value;
    ASSERT_TRUE(producer->Produce(record).ok());
    while (producer->in_flight() > 0) {
      producer->Poll(Milliseconds(0));
      waiting_.Pass(Milliseconds(1));
    }
  }

  /// An instance whose tasks are owned through `anchor` has committed.
  void Commit(const std::string& anchor) {
    time::CommitStamp stamp;
    stamp.sequence = CommitSequence(1);
    stamp.anchor_hash = time::AnchorHash(anchor);
    const auto committed = Await<kafka::Done>(
        admin_->CommitOffsets("counting",
                              {{{"clicks", 0}, Offset(0), time::EncodeCommitStamp(stamp)}}),
        waiting_, Milliseconds(1'000));
    ASSERT_TRUE(committed.ok()) << committed.status();
  }

  int PlanOf(const std::string& yaml) {
    arguments_.files.clear();
    File("now.yaml", yaml);
    return Run(&Plan);
  }

  Json JsonOf(const std::string& yaml, int code = kExitOk) {
    arguments_.format = "json";
    EXPECT_EQ(PlanOf(yaml), code) << err();
    return Json::parse(out());
  }

  static std::string FateIn(const Json& json, const std::string& store) {
    for (const Json& each : json["stores"]) {
      if (each["store"] == store) return each["fate"];
    }
    return "";
  }

  std::unique_ptr<kafka::Admin> admin_;
};

TEST_F(PlanTest, OfAnApplicationThatNeverRanIsAStartAnew) {
  EXPECT_EQ(PlanOf(Counting()), kExitOk) << err();
  EXPECT_NE(out().find("counting has not run yet"), std::string::npos) << out();
  EXPECT_NE(out().find("counting-control  to create"), std::string::npos) << out();
  EXPECT_EQ(TopicNames(), (std::set<std::string>{"clicks", "totals"})) << "it creates nothing";
}

TEST_F(PlanTest, WithoutAnEditThereIsNoChange) {
  HasRun(Counting());
  arguments_.detailed_exitcode = true;
  EXPECT_EQ(PlanOf(Counting()), kExitOk) << err() << out();
  EXPECT_NE(out().find("counting: no changes"), std::string::npos) << out();
  EXPECT_NE(out().find("per_user  kept"), std::string::npos) << out();
  EXPECT_NE(out().find("A rolling update is safe"), std::string::npos) << out();
}

TEST_F(PlanTest, StepsWithoutStateChangeFreely) {
  HasRun(Counting());
  arguments_.detailed_exitcode = true;
  const std::string filtered =
      With(Counting(), "      - name: per_user", "      - filter: value.ok\n      - name: per_user");
  EXPECT_EQ(PlanOf(filtered), kExitChanges) << err();
  EXPECT_NE(out().find("count_clicks.filter_1  new"), std::string::npos) << out();
  EXPECT_NE(out().find("A rolling update is safe"), std::string::npos) << out();
}

TEST_F(PlanTest, AnAddedFieldMigratesAndWantsAStop) {
  HasRun(Counting());
  const Json json =
      JsonOf(With(Counting(), "value: count()", "value: count() + sum(value.n)"));
  EXPECT_EQ(FateIn(json, "per_user"), "migrated") << json;
  EXPECT_EQ(json["stores"][0]["reason"], "new, begins empty: sum(value.n)");
  EXPECT_EQ(json["rolling_update"]["safe"], false);
  EXPECT_TRUE(json["losses"].empty());
}

TEST_F(PlanTest, ALostFieldIsRefused) {
  HasRun(Counting());
  const Json json = JsonOf(With(Counting(), "value: count()", "value: sum(value.n)"), kExitConfig);
  EXPECT_EQ(FateIn(json, "per_user"), "migrated");
  EXPECT_EQ(json["losses"][0],
            "state of per_user is migrated: lost: count(); new, begins empty: sum(value.n)");
  EXPECT_EQ(CommandFixture::Run(&sidestream::app::Run), kExitConfig);
}

TEST(RefuseChangeTest, HasTheSentencesOfThePlan) {
  ApplicationChange change;
  change.application = "shop";
  change.stores = {{.store = "totals",
                    .changelog = "shop-totals-changelog",
                    .fate = Fate::kMigrated,
                    .reason = "lost: count()",
                    .loses = true}};
  change.stop_first = {"the state of totals is migrated"};
  const Status loss = RefuseChange(change, /*may_lose_state=*/false);
  EXPECT_EQ(loss.code(), StatusCode::kInvalidConfig);
  for (const std::string& sentence : change.Losses()) {
    EXPECT_NE(loss.message().find(sentence), std::string::npos) << loss;
    EXPECT_NE(ChangeAsText(change).find(sentence), std::string::npos);
  }
  EXPECT_NE(loss.message().find("--allow-dropped-state"), std::string::npos) << loss;
  EXPECT_TRUE(RefuseChange(change, /*may_lose_state=*/true).ok()) << "nobody is there to be stopped";
  change.members = 2;
  const Status members = RefuseChange(change, /*may_lose_state=*/true);
  EXPECT_NE(members.message().find(change.stop_first[0]), std::string::npos) << members;
}

TEST_F(PlanTest, AnotherKeyReplacesTheStore) {
  HasRun(Counting());
  const Json json = JsonOf(With(Counting(), "value.user", "value.item"), kExitConfig);
  EXPECT_EQ(FateIn(json, "per_user"), "replaced");
  EXPECT_EQ(json["stores"][0]["reason"], "key was value.user, is value.item");
}

TEST_F(PlanTest, ARenamedStepIsOneDroppedAndOneNew) {
  HasRun(Counting());
  Write("counting-per_user-repartition", "k", "v");
  const Json json = JsonOf(With(Counting(), "per_user", "per_person"), kExitConfig);
  EXPECT_EQ(FateIn(json, "per_user"), "dropped");
  EXPECT_EQ(FateIn(json, "per_person"), "new");
  EXPECT_EQ(json["topics_to_create"].size(), 2U);
  ASSERT_EQ(json["left_over_topics"].size(), 2U);
  ASSERT_EQ(json["losses"].size(), 2U) << json;
  EXPECT_NE(json["losses"][1].get<std::string>().find("about 1 records on their way"),
            std::string::npos);
}

TEST_F(PlanTest, WhatWasGivenUpIsAnOrphanAndNeverComesBackByItself) {
  HasRun(Counting());
  const auto loaded = topology::LoadTopologyTexts({{"a.yaml", Counting()}}, surroundings_);
  checkpoint::StoreRecord gone{"other", {}, /*dropped=*/true};
  gone.layout.fingerprint = 3;
  const auto encoded = checkpoint::EncodeControlRecord(gone);
  Write("counting-control", encoded.key, encoded.value);
  CreateTopic("counting-other-changelog", 4,
              {{"cleanup.policy", "compact"},
               {"delete.retention.ms", "604800000"},
               {"message.timestamp.type", "CreateTime"}});
  const Json json = JsonOf(Counting());
  EXPECT_EQ(FateIn(json, "other"), "orphaned");
  EXPECT_EQ(json["changes"], false) << json;
  const Json back = JsonOf(With(Counting(), "per_user", "other"), kExitConfig);
  EXPECT_EQ(FateIn(back, "other"), "replaced") << back;
}

TEST_F(PlanTest, SaysWhatARestoreReads) {
  HasRun(Counting());
  for (int i = 0; i < 10; ++i) Write("counting-per_user-changelog", "key", "0123456");
  const Json json = JsonOf(Counting());
  EXPECT_EQ(json["restore"]["records"], 10);
  EXPECT_EQ(json["restore"]["bytes"], 100);
}

TEST_F(PlanTest, AnotherAnchorWantsAStop) {
  HasRun(Counting());
  Commit("orders");
  const Json json = JsonOf(Counting());
  EXPECT_EQ(json["rolling_update"]["safe"], false);
  EXPECT_NE(json["rolling_update"]["reasons"][0].get<std::string>().find("through another input"),
            std::string::npos);
}

TEST_F(PlanTest, TopicsThatWereDeletedComeBackOnlyByAReset) {
  for (const std::string topic : {"per_user-repartition", "per_user-changelog", "control"}) {
    SCOPED_TRACE(topic);
    HasRun(Counting());
    Commit("clicks");
    const std::string name = "counting-" + topic;
    ASSERT_TRUE(DeleteTopics(*admin_, {name}, waiting_, Patience{}).ok());
    const Json json = JsonOf(Counting(), kExitConfig);
    EXPECT_EQ(json["lost_topics"], Json::array({name})) << json;
    EXPECT_EQ(CommandFixture::Run(&sidestream::app::Run), kExitConfig);
    EXPECT_FALSE(TopicNames().contains(name)) << "a refused start makes nothing";
  }
}

TEST_F(PlanTest, AClusterThatDoesNotAnswerIsNoFinding) {
  connect_error_ = Status::Unavailable("nobody there");
  EXPECT_EQ(PlanOf(Counting()), kExitFailed);
}

}  // namespace
}  // namespace sidestream::app
