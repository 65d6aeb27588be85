// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The client in virtual time, against answers given by hand.

#include "registry/client.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>

namespace sidestream::registry {
namespace {

constexpr Milliseconds kNoWait{0};

/// Answers each request as the test says, at the next Poll(); holds them back while corked.
class FakeTransport final : public Transport {
 public:
  using Handler = std::function<HttpAnswer(const HttpRequest&)>;

  void Start(uint64_t token, HttpRequest request) override {
    requests.push_back(request);
    pending_.emplace_back(token, std::move(request));
  }
  std::vector<HttpAnswer> Poll(Milliseconds wait) override {
    std::vector<HttpAnswer> answers;
    while (!corked && !pending_.empty()) {
      HttpAnswer answer = handler(pending_.front().second);
      answer.token = pending_.front().first;
      answers.push_back(std::move(answer));
      pending_.pop_front();
    }
    waited = answers.empty() ? wait : Milliseconds(0);
    return answers;
  }
  void Wake() override { ++wakes; }

  Handler handler;
  bool corked = false;
  int wakes = 0;
  std::vector<HttpRequest> requests;
  /// In the last Poll().
  Milliseconds waited{0};

 private:
  std::deque<std::pair<uint64_t, HttpRequest>> pending_;
};

HttpAnswer Json(std::string body) { return {.http_status = 200, .body = std::move(body)}; }
HttpAnswer NotFound() {
  return {.http_status = 404, .body = R"({"error_code": 40403, "message": "Schema not found"})"};
}
HttpAnswer Down() { return {.status = Status::Unavailable("connection refused")}; }

class ClientTest : public testing::Test {
 protected:
  void Make(ClientOptions options) {
    if (options.urls.empty()) options.urls = {"http://one"};
    auto transport = std::make_unique<FakeTransport>();
    transport_ = transport.get();
    transport_->handler = [this](const HttpRequest& request) {
      const auto found = pages_.find(request.url);
      return found == pages_.end() ? NotFound() : found->second;
    };
    client_ = std::make_unique<Client>(std::move(options), std::move(transport), clock_, 7);
  }
  void SetUp() override { Make({}); }

  /// Drives the client, moving the clock on when it would wait.
  void Run(Milliseconds time = Milliseconds(60'000)) {
    const MonotonicTime end = clock_.Now() + time;
    while (clock_.Now() < end) {
      client_->Step(Milliseconds(1'000));
      clock_.Advance(std::max(Milliseconds(1), transport_->waited));
    }
  }

  ManualClock clock_;
  std::map<std::string, HttpAnswer> pages_;
  FakeTransport* transport_ = nullptr;
  std::unique_ptr<Client> client_;
};

TEST_F(ClientTest, AnswersAtOnceAndFetchesInAStep) {
  pages_["http://one/schemas/ids/7"] = Json(R"({"schema": "\"int\""})");
  EXPECT_EQ(client_->ById(7).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(transport_->wakes, 1);
  EXPECT_EQ(client_->counters().waiting, 1);
  client_->Step(kNoWait);
  const auto schema = client_->ById(7);
  ASSERT_TRUE(schema.ok()) << schema.status();
  EXPECT_EQ((*schema)->id, 7u);
  EXPECT_EQ((*schema)->schema.text, "\"int\"");
  EXPECT_EQ(client_->counters().waiting, 0);
}

TEST_F(ClientTest, AsksForAnIdOnceAndKeepsItForEver) {
  pages_["http://one/schemas/ids/7"] = Json(R"({"schema": "\"int\""})");
  transport_->corked = true;
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(client_->ById(7).ok());
    client_->Step(kNoWait);
  }
  EXPECT_EQ(transport_->requests.size(), 1u);
  transport_->corked = false;
  client_->Step(kNoWait);
  clock_.Advance(std::chrono::hours(1000));
  EXPECT_TRUE(client_->ById(7).ok());
  client_->Step(kNoWait);
  EXPECT_EQ(transport_->requests.size(), 1u);
}

TEST_F(ClientTest, ASubjectsLatestVersionIsAskedForAgain) {
  const std::string url = "http://one/subjects/orders-value/versions/latest";
  pages_[url] = Json(R"({"id": 1, "version": 1, "schema": "\"int\""})");
  EXPECT_FALSE(client_->Latest("orders-value").ok());
  client_->Step(kNoWait);
  EXPECT_EQ((*client_->Latest("orders-value"))->id, 1u);
  pages_[url] = Json(R"({"id": 2, "version": 2, "schema": "\"long\""})");
  clock_.Advance(Milliseconds(300'000));
  EXPECT_EQ((*client_->Latest("orders-value"))->id, 1u);
  clock_.Advance(Milliseconds(1));
  EXPECT_FALSE(client_->Latest("orders-value").ok());
  client_->Step(kNoWait);
  EXPECT_EQ((*client_->Latest("orders-value"))->id, 2u);
}

// A follower that lags does not know an id yet: its no is asked for thrice, then believed for a
// time.
TEST_F(ClientTest, AnIdThatIsNotThereFailsAndIsAskedForAgainLater) {
  EXPECT_FALSE(client_->ById(9).ok());
  Run(Milliseconds(2'000));
  const auto schema = client_->ById(9);
  EXPECT_EQ(schema.status().code(), StatusCode::kBadRecord);
  EXPECT_NE(schema.status().message().find("40403"), std::string::npos) << schema.status();
  EXPECT_EQ(transport_->requests.size(), 3u);
  pages_["http://one/schemas/ids/9"] = Json(R"({"schema": "\"int\""})");
  clock_.Advance(Milliseconds(300'001));
  EXPECT_EQ(client_->ById(9).status().code(), StatusCode::kUnavailable);
  client_->Step(kNoWait);
  EXPECT_TRUE(client_->ById(9).ok());
}

TEST_F(ClientTest, ARegistryThatIsDownIsTriedAgainWithABackOff) {
  transport_->handler = [](const HttpRequest&) { return Down(); };
  EXPECT_FALSE(client_->ById(7).ok());
  Run(Milliseconds(60'000));
  const auto waiting = client_->ById(7);
  EXPECT_EQ(waiting.status().code(), StatusCode::kUnavailable);
  EXPECT_NE(waiting.status().message().find("connection refused"), std::string::npos);
  // 0.1 s doubling to 10 s, at least half of each: neither a storm nor a silence.
  EXPECT_GE(transport_->requests.size(), 11u);
  EXPECT_LE(transport_->requests.size(), 20u);
  EXPECT_EQ(client_->counters().failures, client_->counters().requests);
  transport_->handler = [](const HttpRequest&) { return Json(R"({"schema": "\"int\""})"); };
  Run(Milliseconds(10'000));
  EXPECT_TRUE(client_->ById(7).ok());
}

TEST_F(ClientTest, AnOutageHasAnEnd) {
  transport_->handler = [](const HttpRequest&) { return Down(); };
  EXPECT_FALSE(client_->ById(7).ok());
  Run(Milliseconds(599'000));
  EXPECT_EQ(client_->ById(7).status().code(), StatusCode::kUnavailable);
  Run(Milliseconds(2'000));
  EXPECT_EQ(client_->ById(7).status().code(), StatusCode::kFatal);
}

TEST_F(ClientTest, TriesTheNextUrlAtOnceAndStaysWithTheOneThatAnswers) {
  Make({.urls = {"http://one/", "http://two"}});
  transport_->handler = [](const HttpRequest& request) {
    return request.url.starts_with("http://two/") ? Json(R"({"schema": "\"int\""})") : Down();
  };
  EXPECT_FALSE(client_->ById(7).ok());
  client_->Step(kNoWait);
  client_->Step(kNoWait);
  EXPECT_TRUE(client_->ById(7).ok());
  EXPECT_FALSE(client_->ById(8).ok());
  client_->Step(kNoWait);
  ASSERT_EQ(transport_->requests.size(), 3u);
  EXPECT_EQ(transport_->requests[0].url, "http://one/schemas/ids/7");
  EXPECT_EQ(transport_->requests[1].url, "http://two/schemas/ids/7");
  EXPECT_EQ(transport_->requests[2].url, "http://two/schemas/ids/8");
}

TEST_F(ClientTest, RefusedCredentialsFailAfterAFewTries) {
  transport_->handler = [](const HttpRequest&) { return HttpAnswer{.http_status = 401}; };
  EXPECT_FALSE(client_->Latest("s").ok());
  Run(Milliseconds(2'000));
  EXPECT_EQ(client_->Latest("s").status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(transport_->requests.size(), 3u);
}

TEST_F(ClientTest, ResolvesReferencesEachBehindWhatItUses) {
  pages_["http://one/schemas/ids/7"] = Json(R"({"schema": "root", "references": [
      {"name": "a", "subject": "A", "version": 1}, {"name": "b", "subject": "B/x", "version": 2}]})");
  pages_["http://one/subjects/A/versions/1?deleted=true"] = Json(R"({"schema": "text a",
      "references": [{"name": "b", "subject": "B/x", "version": 2}]})");
  pages_["http://one/subjects/B%2Fx/versions/2?deleted=true"] = Json(R"({"schema": "text b"})");
  EXPECT_FALSE(client_->ById(7).ok());
  for (int i = 0; i < 4; ++i) client_->Step(kNoWait);
  const auto schema = client_->ById(7);
  ASSERT_TRUE(schema.ok()) << schema.status();
  ASSERT_EQ((*schema)->schema.references.size(), 2u);
  EXPECT_EQ((*schema)->schema.references[0].name, "b");
  EXPECT_EQ((*schema)->schema.references[0].text, "text b");
  EXPECT_EQ((*schema)->schema.references[1].name, "a");
  EXPECT_EQ(transport_->requests.size(), 3u);
}

TEST_F(ClientTest, ReferencesThatGoRoundInACircleAreAnError) {
  pages_["http://one/schemas/ids/7"] =
      Json(R"({"schema": "root", "references": [{"name": "a", "subject": "A", "version": 1}]})");
  pages_["http://one/subjects/A/versions/1?deleted=true"] =
      Json(R"({"schema": "a", "references": [{"name": "b", "subject": "B", "version": 1}]})");
  pages_["http://one/subjects/B/versions/1?deleted=true"] =
      Json(R"({"schema": "b", "references": [{"name": "a", "subject": "A", "version": 1}]})");
  EXPECT_FALSE(client_->ById(7).ok());
  Run(Milliseconds(1'000));
  EXPECT_EQ(client_->ById(7).status().code(), StatusCode::kBadRecord);
}

TEST_F(ClientTest, EndlessReferencesAreAnError) {
  transport_->handler = [](const HttpRequest& request) {
    const size_t at = request.url.find("versions/");
    const int version = at == std::string::npos ? 0 : std::stoi(request.url.substr(at + 9));
    return Json(fmt::format(
        R"({{"schema": "x", "references": [{{"name": "n{0}", "subject": "S", "version": {0}}}]}})",
        version + 1));
  };
  EXPECT_FALSE(client_->ById(7).ok());
  Run(Milliseconds(1'000));
  EXPECT_EQ(client_->ById(7).status().code(), StatusCode::kBadRecord);
  EXPECT_LT(transport_->requests.size(), 100u);
}

TEST_F(ClientTest, AReferenceThatIsNotThereFailsTheSchema) {
  pages_["http://one/schemas/ids/7"] =
      Json(R"({"schema": "root", "references": [{"name": "a", "subject": "A", "version": 1}]})");
  EXPECT_FALSE(client_->ById(7).ok());
  Run(Milliseconds(5'000));
  const auto schema = client_->ById(7);
  EXPECT_EQ(schema.status().code(), StatusCode::kBadRecord);
  EXPECT_NE(schema.status().message().find("reference a"), std::string::npos) << schema.status();
}

TEST_F(ClientTest, LooksASchemaUpUnlessItMayRegisterIt) {
  pages_["http://one/subjects/s"] = Json(R"({"id": 3, "version": 1, "schema": "\"int\""})");
  const auto find = [&] {
    return client_->Find("s", serde::SchemaLanguage::kAvro, {"\"int\"", {}});
  };
  EXPECT_FALSE(find().ok());
  client_->Step(kNoWait);
  ASSERT_TRUE(find().ok()) << find().status();
  EXPECT_EQ((*find())->id, 3u);
  EXPECT_EQ(transport_->requests[0].body, R"({"schema":"\"int\""})");

  Make({.auto_register = true});
  pages_["http://one/subjects/s/versions"] = Json(R"({"id": 4})");
  EXPECT_FALSE(find().ok());
  client_->Step(kNoWait);
  EXPECT_EQ((*find())->id, 4u);
  EXPECT_EQ((*find())->schema.text, "\"int\"");
}

TEST_F(ClientTest, AsksByGuid) {
  pages_["http://one/schemas/guids/00010203-0405-0607-0809-0a0b0c0d0e0f"] =
      Json(R"({"schema": "\"int\""})");
  serde::SchemaGuid guid{};
  for (uint8_t i = 0; i < guid.size(); ++i) guid[i] = i;
  EXPECT_FALSE(client_->ByGuid(guid).ok());
  client_->Step(kNoWait);
  EXPECT_TRUE(client_->ByGuid(guid).ok());
}

TEST_F(ClientTest, KeepsABoundedNumberOfAnswers) {
  Make({.answers_max = 3});
  transport_->handler = [](const HttpRequest&) { return Json(R"({"schema": "\"int\""})"); };
  for (serde::SchemaId id = 1; id <= 3; ++id) EXPECT_FALSE(client_->ById(id).ok());
  // No room while all of them are asked for.
  EXPECT_EQ(client_->ById(4).status().code(), StatusCode::kUnavailable);
  client_->Step(kNoWait);
  EXPECT_EQ(transport_->requests.size(), 3u);
  EXPECT_TRUE(client_->ById(1).ok());
  EXPECT_FALSE(client_->ById(4).ok());
  client_->Step(kNoWait);
  EXPECT_TRUE(client_->ById(4).ok());
  EXPECT_TRUE(client_->ById(1).ok());
  EXPECT_FALSE(client_->ById(2).ok());  // the one that was used longest ago
}

}  // namespace
}  // namespace sidestream::registry
