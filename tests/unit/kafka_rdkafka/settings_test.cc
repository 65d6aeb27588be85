// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/settings.h"

#include <gtest/gtest.h>

namespace sidestream::kafka::rdkafka {
namespace {

RdkafkaOptions Options() { return {.common = {{"bootstrap.servers", "localhost:9092"}}}; }

std::string ReasonFor(const RdkafkaOptions& options, const std::string& name) {
  for (const PropertyFinding& finding : CheckProperties(options)) {
    if (finding.name == name) return finding.reason;
  }
  return "";
}

std::string CommonReason(const std::string& name, const std::string& value) {
  RdkafkaOptions options = Options();
  options.common[name] = value;
  return ReasonFor(options, name);
}

TEST(SettingsTest, AcceptsOrdinaryProperties) {
  RdkafkaOptions options = Options();
  options.common["security.protocol"] = "SASL_SSL";
  options.common["sasl.mechanism"] = "SCRAM-SHA-512";
  options.common["sasl.username"] = "user";
  options.common["sasl.password"] = "word";
  options.consumer["fetch.min.bytes"] = "10";
  options.producer["linger.ms"] = "20";
  options.producer["compression.type"] = "zstd";
  EXPECT_TRUE(CheckProperties(options).empty());
}

TEST(SettingsTest, AsksForTheClusterWhenItIsMissing) {
  EXPECT_NE(ReasonFor({}, "bootstrap.servers"), "");
}

TEST(SettingsTest, SuggestsTheNearestNameForAnUnknownProperty) {
  EXPECT_EQ(CommonReason("session.timout.ms", "6000"),
            "librdkafka has no such property; did you mean session.timeout.ms?");
  EXPECT_EQ(CommonReason("completely.made.up.nonsense", "1"), "librdkafka has no such property");
}

TEST(SettingsTest, RefusesWhatWouldBreakTheGuarantee) {
  const std::vector<std::pair<std::string, std::string>> refused = {
      {"enable.auto.commit", "true"},
      {"auto.commit.interval.ms", "100"},
      {"enable.auto.offset.store", "true"},
      {"isolation.level", "read_uncommitted"},
      {"group.id", "mine"},
      {"group.instance.id", "mine"},
      {"group.protocol", "consumer"},
      {"partition.assignment.strategy", "range,roundrobin"},
      {"partition.assignment.strategy", "roundrobin"},
      {"auto.offset.reset", "earliest"},
      {"enable.partition.eof", "false"},
      {"allow.auto.create.topics", "true"},
      {"transactional.id", "mine"},
      {"transaction.timeout.ms", "1000"},
      {"enable.idempotence", "false"},
      {"acks", "1"},
      {"request.required.acks", "0"},
      {"partitioner", "random"},
      {"queuing.strategy", "lifo"},
      {"delivery.report.only.error", "true"},
      {"plugin.library.paths", "x"},
      {"log.queue", "true"},
      {"test.mock.num.brokers", "1"}};
  for (const auto& [name, value] : refused) {
    const std::string reason = CommonReason(name, value);
    EXPECT_NE(reason, "") << name << "=" << value;
    EXPECT_EQ(reason.find("no such property"), std::string::npos) << name << ": " << reason;
  }
}

TEST(SettingsTest, AcceptsTheRepetitionOfWhatWeSetAnyway) {
  EXPECT_EQ(CommonReason("enable.auto.commit", "false"), "");
  EXPECT_EQ(CommonReason("isolation.level", "read_committed"), "");
  EXPECT_EQ(CommonReason("acks", "all"), "");
  EXPECT_EQ(CommonReason("partition.assignment.strategy", "range"), "");
}

TEST(SettingsTest, LetsTheLibraryJudgeValues) {
  EXPECT_NE(CommonReason("session.timeout.ms", "soon"), "");
  EXPECT_NE(CommonReason("session.timeout.ms", "0"), "");
  EXPECT_EQ(CommonReason("session.timeout.ms", "6000"), "");
}

TEST(SettingsTest, RefusesPropertiesOfTheOtherClientInASection) {
  RdkafkaOptions options = Options();
  options.consumer["linger.ms"] = "5";
  options.producer["fetch.min.bytes"] = "5";
  EXPECT_EQ(ReasonFor(options, "linger.ms"), "it is a property of producers");
  EXPECT_EQ(ReasonFor(options, "fetch.min.bytes"), "it is a property of consumers");
}

TEST(SettingsTest, ReportsAllFindingsAtOnce) {
  RdkafkaOptions options;
  options.common["group.id"] = "mine";
  options.producer["acks"] = "1";
  EXPECT_EQ(CheckProperties(options).size(), 3u);
}

TEST(SettingsTest, RefusesAnOldLibrary) {
  EXPECT_EQ(CheckLibraryVersion(0x020002ff).code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(CheckLibraryVersion(0x020e01ff).code(), StatusCode::kInvalidConfig);
  EXPECT_TRUE(CheckLibraryVersion(0x020e02ff).ok());
  EXPECT_TRUE(CheckLibraryVersion(0x021000ff).ok());
}

TEST(SettingsTest, GivesAConsumerTheSettingsOfTheGuarantee) {
  const Properties properties =
      ConsumerProperties(Options(), {.group = "app",
                                     .client_id = "app-1",
                                     .instance_id = "1",
                                     .strategy = AssignmentStrategy::kRange,
                                     .session_timeout = Milliseconds(6'000)});
  EXPECT_EQ(properties.at("group.id"), "app");
  EXPECT_EQ(properties.at("group.instance.id"), "1");
  EXPECT_EQ(properties.at("client.id"), "app-1");
  EXPECT_EQ(properties.at("partition.assignment.strategy"), "range");
  EXPECT_EQ(properties.at("session.timeout.ms"), "6000");
  EXPECT_EQ(properties.at("isolation.level"), "read_committed");
  EXPECT_EQ(properties.at("enable.auto.commit"), "false");
  EXPECT_EQ(properties.at("enable.auto.offset.store"), "false");
  EXPECT_EQ(properties.at("auto.offset.reset"), "error");
  EXPECT_EQ(properties.at("enable.partition.eof"), "true");
  EXPECT_EQ(properties.at("metadata.broker.list"), "localhost:9092");
}

TEST(SettingsTest, GoesBackToTheBootstrapAddressesItself) {
  for (const Properties& properties :
       {ConsumerProperties(Options(), {.group = "app"}), ProducerProperties(Options(), {}),
        LogReaderProperties(Options(), "reader"), AdminProperties(Options(), "admin")}) {
    EXPECT_EQ(properties.at("metadata.recovery.strategy"), "none");
  }
}

TEST(SettingsTest, GivesADynamicMemberNoInstance) {
  EXPECT_FALSE(ConsumerProperties(Options(), {.group = "app"}).contains("group.instance.id"));
}

TEST(SettingsTest, GivesATransactionalProducerItsTimeouts) {
  const Properties properties = ProducerProperties(
      Options(), {.transactional_id = "app-0-1", .transaction_timeout = Milliseconds(3'000)});
  EXPECT_EQ(properties.at("transactional.id"), "app-0-1");
  EXPECT_EQ(properties.at("transaction.timeout.ms"), "3000");
  EXPECT_EQ(properties.at("message.timeout.ms"), "3000");
  EXPECT_EQ(properties.at("socket.timeout.ms"), "3000");
  EXPECT_EQ(properties.at("enable.idempotence"), "true");
  EXPECT_EQ(properties.at("request.required.acks"), "all");
}

TEST(SettingsTest, ClosesConnectionsOfATransactionalProducerBehindTheLongestAnswer) {
  ProducerOptions producer{.transactional_id = "t", .transaction_timeout = Milliseconds(60'000)};
  RdkafkaOptions options = Options();
  EXPECT_EQ(ProducerProperties(options, producer).at("connections.max.idle.ms"), "15000");
  options.common["socket.timeout.ms"] = "20000";
  EXPECT_EQ(ProducerProperties(options, producer).at("connections.max.idle.ms"), "30000");
  options.producer["message.timeout.ms"] = "0";
  EXPECT_EQ(ProducerProperties(options, producer).at("connections.max.idle.ms"), "80000");
  options.producer["connections.max.idle.ms"] = "0";
  EXPECT_EQ(ProducerProperties(options, producer).at("connections.max.idle.ms"), "0");
}

TEST(SettingsTest, GivesAnIdempotentProducerNoTransaction) {
  const Properties properties = ProducerProperties(Options(), {});
  EXPECT_FALSE(properties.contains("transactional.id"));
  EXPECT_FALSE(properties.contains("transaction.timeout.ms"));
  EXPECT_EQ(properties.at("enable.idempotence"), "true");
}

TEST(SettingsTest, LetsNothingBeOnItsWayForLongerThanItMay) {
  const ProducerOptions producer{.delivery_timeout = Milliseconds(15'000)};
  EXPECT_EQ(ProducerProperties(Options(), producer).at("message.timeout.ms"), "15000");
  for (const auto& [wanted, given] :
       {std::pair("9000", "9000"), std::pair("60000", "15000"), std::pair("0", "15000")}) {
    RdkafkaOptions options = Options();
    options.producer["delivery.timeout.ms"] = wanted;
    EXPECT_EQ(ProducerProperties(options, producer).at("message.timeout.ms"), given);
  }
}

TEST(SettingsTest, MakesNoBatchLargerThanTheOutputTopicsTake) {
  EXPECT_EQ(ProducerProperties(Options(), {.batch_bytes_max = 50'000}).at("batch.size"), "50000");
  // Neither without a limit nor above the library's own.
  EXPECT_FALSE(ProducerProperties(Options(), {}).contains("batch.size"));
  EXPECT_FALSE(ProducerProperties(Options(), {.batch_bytes_max = 8 << 20}).contains("batch.size"));
}

TEST(SettingsTest, PutsTheUsersPropertiesOverOurDefaultsWhateverTheyAreCalled) {
  RdkafkaOptions options = Options();
  options.producer["linger.ms"] = "50";
  options.common["delivery.timeout.ms"] = "9000";
  options.common["client.id"] = "named";
  const Properties properties = ProducerProperties(options, {.client_id = "ours"});
  EXPECT_EQ(properties.at("queue.buffering.max.ms"), "50");
  EXPECT_FALSE(properties.contains("linger.ms"));
  EXPECT_EQ(properties.at("message.timeout.ms"), "9000");
  EXPECT_EQ(properties.at("client.id"), "named");
}

TEST(SettingsTest, LetsTheSectionWinOverTheCommonProperties) {
  RdkafkaOptions options = Options();
  options.common["fetch.min.bytes"] = "1";
  options.consumer["fetch.min.bytes"] = "7";
  EXPECT_EQ(ConsumerProperties(options, {.group = "app"}).at("fetch.min.bytes"), "7");
  EXPECT_FALSE(ProducerProperties(options, {}).contains("fetch.min.bytes"));
}

TEST(SettingsTest, GivesALogReaderNoGroup) {
  RdkafkaOptions options = Options();
  options.consumer["session.timeout.ms"] = "6000";
  const Properties properties = LogReaderProperties(options, "reader");
  EXPECT_FALSE(properties.contains("group.id"));
  EXPECT_FALSE(properties.contains("session.timeout.ms"));
  EXPECT_EQ(properties.at("isolation.level"), "read_committed");
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
