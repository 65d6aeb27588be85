// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The listener on a real loopback socket: what a scraper and a kubelet see.

#include "http/server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "http/health_json.h"
#include "metrics/scopes.h"

namespace sidestream::http {
namespace {

class FakeHealth final : public HealthView {
 public:
  std::vector<HealthCheck> Liveness() const override { return {{"threads", alive, "worker-1"}}; }
  std::vector<HealthCheck> Readiness() const override {
    return {{"group", true, ""}, {"topics", ready, "missing: \"orders\"\nmissing: \\clicks"}};
  }
  std::vector<HealthCheck> Startup() const override { return {}; }

  std::atomic<bool> alive = true;
  std::atomic<bool> ready = true;
};

class FakeTimes final : public tasks::EventTimeView {
 public:
  std::vector<tasks::TaskReport> EventTimes() const override { return reports; }

  std::vector<tasks::TaskReport> reports;
};

class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto started = Server::Start({.address = "127.0.0.1", .port = 0}, registry_, health_, times_);
    ASSERT_TRUE(started.ok()) << started.status();
    server_ = std::move(started).value();
    ASSERT_GT(server_->port(), 0);
  }

  httplib::Result Get(const std::string& path) {
    return httplib::Client("127.0.0.1", server_->port()).Get(path);
  }

  metrics::Registry registry_;
  FakeHealth health_;
  FakeTimes times_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, SaysWhatHoldsEventTime) {
  EXPECT_EQ(Get("/api/event-time")->body, "{\"tasks\":[]}\n");
  tasks::TaskReport late{.task = {"orders", 1},
                         .state = {"active", Timestamp(5), Timestamp(9)},
                         .inputs = {},
                         .holder = {},
                         .holding_upstream = {}};
  late.inputs = {
      {{"a", 1}, {"idle", Timestamp(7), Timestamp(8)}, {}, 0},
      {{"b", 1},
       {"active", std::nullopt, kNoTimestamp},
       {{0, {"active", Timestamp(5), Timestamp(6)}}, {1, {"finished", kEndOfTime, Timestamp(3)}}},
       2}};
  late.holder = 1;
  late.holding_upstream = 0;
  tasks::TaskReport first = late;
  first.task.partition = 0;
  first.holder.reset();
  first.inputs.resize(1);
  times_.reports = {late, first};
  EXPECT_EQ(
      Get("/api/event-time")->body,
      R"({"tasks":[{"task":"orders_0","progress":"active","watermark":5,"since":9,)"
      R"("inputs":[{"partition":"a-1","progress":"idle","watermark":7,"since":8}]},)"
      R"({"task":"orders_1","progress":"active","watermark":5,"since":9,)"
      R"("held_by":{"partition":"b-1","upstream_task":0,"progress":"active","watermark":5,"since":6},)"
      R"("inputs":[{"partition":"a-1","progress":"idle","watermark":7,"since":8},)"
      R"({"partition":"b-1","progress":"active","upstreams":[)"
      R"({"task":0,"progress":"active","watermark":5,"since":6},)"
      R"({"task":1,"progress":"finished","ended":true,"since":3}],"newer_plan_tasks":2}]}]})"
      "\n");
}

TEST_F(ServerTest, ShowsMetricsInPrometheusText) {
  metrics::OutputMetrics output(registry_, "word-counts");
  output.RecordsProduced(41);
  const auto answer = Get("/metrics");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(answer->body.find("# TYPE sidestream_records_produced_total counter\n"),
            std::string::npos);
  EXPECT_NE(answer->body.find("sidestream_records_produced_total{topic=\"word-counts\"} 41"),
            std::string::npos);
  EXPECT_NE(answer->body.find("process_resident_memory_bytes "), std::string::npos);
}

TEST_F(ServerTest, ProbeFailsWithItsReasonsAndRecovers) {
  EXPECT_EQ(Get("/readyz")->status, 200);
  health_.ready = false;
  const auto failing = Get("/readyz");
  EXPECT_EQ(failing->status, 503);
  EXPECT_EQ(failing->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(failing->body,
            "{\"status\":\"failing\",\"checks\":[{\"name\":\"group\",\"ok\":true},"
            "{\"name\":\"topics\",\"ok\":false,"
            "\"reason\":\"missing: \\\"orders\\\"\\u000amissing: \\\\clicks\"}]}\n");
  EXPECT_EQ(Get("/livez")->status, 200) << "liveness does not follow readiness";
  health_.ready = true;
  EXPECT_EQ(Get("/readyz")->status, 200);
}

TEST_F(ServerTest, LivenessAnswersUnderBothNames) {
  health_.alive = false;
  EXPECT_EQ(Get("/livez")->status, 503);
  EXPECT_EQ(Get("/healthz")->status, 503);
  EXPECT_EQ(Get("/startupz")->body, "{\"status\":\"ok\",\"checks\":[]}\n");
}

TEST_F(ServerTest, UnknownPathNamesTheKnownOnes) {
  const auto answer = Get("/");
  EXPECT_EQ(answer->status, 404);
  EXPECT_NE(answer->body.find("/readyz"), std::string::npos);
}

TEST_F(ServerTest, ATakenPortIsToldAndNotShared) {
  const auto second =
      Server::Start({.address = "127.0.0.1", .port = server_->port()}, registry_, health_, times_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::kInvalidConfig);
  EXPECT_NE(second.status().message().find(std::to_string(server_->port())), std::string::npos);
  EXPECT_NE(second.status().message().find("in use"), std::string::npos) << second.status();
}

TEST_F(ServerTest, AnAddressOfAnotherMachineIsRefused) {
  // TEST-NET-1 of RFC 5737: never an address of this machine.
  const auto server =
      Server::Start({.address = "192.0.2.1", .port = 0}, registry_, health_, times_);
  ASSERT_FALSE(server.ok());
  EXPECT_EQ(server.status().code(), StatusCode::kInvalidConfig);
  EXPECT_NE(server.status().message().find("192.0.2.1"), std::string::npos);
}

TEST_F(ServerTest, AnswersMoreClientsThanItHasThreads) {
  std::vector<std::future<int>> answers;
  for (int i = 0; i < 40; ++i) {
    answers.push_back(std::async(std::launch::async, [&] {
      const auto answer = Get("/metrics");
      return answer ? answer->status : -1;
    }));
  }
  for (auto& answer : answers) EXPECT_EQ(answer.get(), 200);
}

TEST_F(ServerTest, PortIsFreeAgainAfterTheServerIsGone) {
  const int port = server_->port();
  server_.reset();
  const auto again =
      Server::Start({.address = "127.0.0.1", .port = port}, registry_, health_, times_);
  EXPECT_TRUE(again.ok()) << again.status();
}

}  // namespace
}  // namespace sidestream::http
