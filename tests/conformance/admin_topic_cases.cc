// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Topics through the admin port: creation, identity, settings, deletion.

#include "kafka/rights.h"
#include "tests/conformance/steps.h"

namespace sidestream::conformance {
namespace {

kafka::TopicDescription Describe(const std::string& topic) {
  const auto described = Await(TheAdmin().DescribeTopics({topic}));
  EXPECT_TRUE(described.ok()) << described.status();
  return described.ok() ? described->front() : kafka::TopicDescription{};
}

TEST(AdminTopics, DescribesWhatItCreated) {
  const std::string topic = MakeTopic(7);
  const auto description = Describe(topic);
  EXPECT_EQ(description.name, topic);
  EXPECT_TRUE(description.exists);
  EXPECT_EQ(description.partitions, 7);
  EXPECT_TRUE(description.id.known());
}

TEST(AdminTopics, GiveEachTopicItsOwnLastingId) {
  const std::string first = MakeTopic();
  const std::string second = MakeTopic();
  const kafka::TopicDescription described = Describe(first);
  EXPECT_NE(described.id, Describe(second).id);
  EXPECT_EQ(described.id, Describe(first).id);
}

TEST(AdminTopics, CreationOfAnExistingTopicIsSuccessAndChangesNothing) {
  const std::string topic = MakeTopic(2);
  const auto before = Describe(topic);
  const auto created = Await(TheAdmin().CreateTopics({{.name = topic, .partitions = 5}}));
  EXPECT_TRUE(created.ok()) << created.status();
  EXPECT_EQ(Describe(topic).id, before.id);
  EXPECT_EQ(Describe(topic).partitions, 2);
}

TEST(AdminTopics, DescribeAbsentOnesAsAbsentInTheOrderAsked) {
  const std::string present = MakeTopic();
  const std::string absent = TheEnvironment().UniqueName("absent");
  const auto described = Await(TheAdmin().DescribeTopics({absent, present}));
  ASSERT_TRUE(described.ok()) << described.status();
  ASSERT_EQ(described->size(), 2u);
  EXPECT_EQ((*described)[0].name, absent);
  EXPECT_FALSE((*described)[0].exists);
  EXPECT_FALSE((*described)[0].id.known());
  EXPECT_EQ((*described)[0].partitions, 0);
  EXPECT_EQ((*described)[1].name, present);
  EXPECT_TRUE((*described)[1].exists);
}

TEST(AdminTopics, RightsOnThemAreListed) {
  auto* reader = dynamic_cast<kafka::RightsReader*>(&TheAdmin());
  ASSERT_NE(reader, nullptr);
  const std::string present = MakeTopic();
  const std::string absent = TheEnvironment().UniqueName("absent");
  const auto rights = Await(reader->TopicRights({absent, present}));
  ASSERT_TRUE(rights.ok()) << rights.status();
  EXPECT_FALSE(rights->contains(absent));
  ASSERT_TRUE(rights->contains(present));
  // Without an authorizer everybody may do everything.
  for (const kafka::Right right : {kafka::Right::kRead, kafka::Right::kWrite, kafka::Right::kDelete,
                                   kafka::Right::kDescribe, kafka::Right::kDescribeConfigs}) {
    EXPECT_TRUE(rights->at(present).contains(right)) << static_cast<int>(right);
  }
  const auto group = Await(reader->GroupRights(TheEnvironment().UniqueName("group")));
  EXPECT_TRUE(group.ok()) << group.status();
}

TEST(AdminTopics, CanBeAskedForWithoutBeingCreated) {
  auto* reader = dynamic_cast<kafka::RightsReader*>(&TheAdmin());
  ASSERT_NE(reader, nullptr);
  const std::string name = TheEnvironment().UniqueName("wanted");
  EXPECT_TRUE(Await(reader->MayCreateTopics({{.name = name, .partitions = 2}})).ok());
  EXPECT_TRUE(Await(reader->MayCreateTopics({{.name = MakeTopic(), .partitions = 2}})).ok());
  const auto refused = Await(reader->MayCreateTopics(
      {{.name = name, .partitions = 1, .settings = {{"cleanup.policy", "never"}}}}));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().code(), StatusCode::kInvalidConfig) << refused.status();
  EXPECT_FALSE(Describe(name).exists);
}

TEST(AdminTopics, AreListedByTheStartOfTheirNames) {
  const std::string prefix = TheEnvironment().UniqueName("listed") + "-";
  EXPECT_TRUE(Await(TheAdmin().ListTopics(prefix)).value().empty());
  const std::string second = NewTopicNamed(prefix + "b", 3);
  const std::string first = NewTopicNamed(prefix + "a", 1);
  MakeTopic();
  const auto listed = Await(TheAdmin().ListTopics(prefix));
  ASSERT_TRUE(listed.ok()) << listed.status();
  ASSERT_EQ(listed->size(), 2u);
  EXPECT_EQ((*listed)[0].name, first);
  EXPECT_EQ((*listed)[0].id, Describe(first).id);
  EXPECT_EQ((*listed)[0].partitions, 1);
  EXPECT_EQ((*listed)[1].name, second);
  EXPECT_EQ((*listed)[1].id, Describe(second).id);
  EXPECT_EQ((*listed)[1].partitions, 3);
  EXPECT_TRUE((*listed)[1].exists);
}

TEST(AdminTopics, RecreatedOneHasANewIdAndIsEmpty) {
  const std::string topic = MakeTopic();
  const auto before = Describe(topic);
  auto producer = MakeProducer("", {topic});
  ASSERT_TRUE(Put(*producer, topic, "old").ok());
  ASSERT_TRUE(Flush(*producer).ok());
  ASSERT_TRUE(Await(TheAdmin().DeleteTopics({topic})).ok());
  ASSERT_TRUE(TheEnvironment().PumpUntil([&] { return !Describe(topic).exists; }, kPatience));
  ASSERT_TRUE(TheEnvironment().PumpUntil(
      [&] {
        // A deletion may still be under way on a real broker.
        const auto created = Await(TheAdmin().CreateTopics({{.name = topic}}));
        return created.ok() && Describe(topic).exists;
      },
      kPatience));
  EXPECT_NE(Describe(topic).id, before.id);
  EXPECT_EQ(LogEnd({topic, 0}), Offset(0));
}

TEST(AdminTopics, SettingsAreThoseGivenAndKafkasDefaults) {
  const std::string topic =
      MakeTopic(1, {{"cleanup.policy", "compact"}, {"delete.retention.ms", "604800000"}});
  const auto settings = Await(TheAdmin().DescribeTopicSettings(topic));
  ASSERT_TRUE(settings.ok()) << settings.status();
  const auto value = [&](const char* key) {
    const auto found = settings->find(key);
    return found == settings->end() ? "(absent)" : found->second;
  };
  EXPECT_EQ(value("cleanup.policy"), "compact");
  EXPECT_EQ(value("delete.retention.ms"), "604800000");
  EXPECT_EQ(value("message.timestamp.after.max.ms"), "3600000");
  EXPECT_EQ(value("message.timestamp.before.max.ms"), "9223372036854775807");
  EXPECT_EQ(value("message.timestamp.type"), "CreateTime");
  EXPECT_EQ(value("max.message.bytes"), "1048588");
  // retention.ms is not the default on the tests' broker: their records may be of any time.
  EXPECT_EQ(value("retention.bytes"), "-1");
}

TEST(AdminTopics, RefuseAnUnknownSetting) {
  const auto created = Await(TheAdmin().CreateTopics(
      {{.name = TheEnvironment().UniqueName("topic"), .settings = {{"no.such.setting", "1"}}}}));
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.status().code(), StatusCode::kInvalidConfig);
}

TEST(AdminTopics, SettingsOfAnAbsentOneAreAnError) {
  const auto settings =
      Await(TheAdmin().DescribeTopicSettings(TheEnvironment().UniqueName("absent")));
  EXPECT_FALSE(settings.ok());
}

TEST(AdminTopics, BrokerSettingsTellTheRetentionOfOffsets) {
  const auto settings = Await(TheAdmin().DescribeBrokerSettings());
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_TRUE(settings->contains("offsets.retention.minutes"));
}

}  // namespace
}  // namespace sidestream::conformance
