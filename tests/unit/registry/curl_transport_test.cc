// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The real HTTP client against a server of ours on the loopback: slow, gone, wrong, garbage.

#include "registry/curl_transport.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <future>
#include <thread>

#include "registry/client.h"
#include "registry/client_thread.h"

namespace sidestream::registry {
namespace {

class LocalServer {
 public:
  LocalServer() {
    port_ = server.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
  }
  ~LocalServer() {
    server.stop();
    thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  httplib::Server server;

 private:
  int port_ = 0;
  std::thread thread_;
};

HttpAnswer Fetch(Transport& transport, const std::string& url, std::string body = "") {
  transport.Start(5, {url, std::move(body)});
  for (;;) {
    std::vector<HttpAnswer> answers = transport.Poll(Milliseconds(1'000));
    if (!answers.empty()) return std::move(answers[0]);
  }
}

TEST(CurlTransportTest, BringsStatusAndBody) {
  LocalServer local;
  local.server.Get("/gone", [](const httplib::Request&, httplib::Response& response) {
    response.status = 404;
    response.set_content("hello", "text/plain");
  });
  const auto transport = NewCurlTransport({});
  const HttpAnswer answer = Fetch(*transport, local.url() + "/gone");
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_EQ(answer.token, 5u);
  EXPECT_EQ(answer.http_status, 404);
  EXPECT_EQ(answer.body, "hello");
}

TEST(CurlTransportTest, PostsJsonWithCredentials) {
  LocalServer local;
  std::string authorization, type, body;
  local.server.Post("/x", [&](const httplib::Request& request, httplib::Response&) {
    authorization = request.get_header_value("Authorization");
    type = request.get_header_value("Content-Type");
    body = request.body;
  });
  const auto basic = NewCurlTransport({.username = "ann", .password = "se:cret"});
  EXPECT_EQ(Fetch(*basic, local.url() + "/x", "{}").http_status, 200);
  EXPECT_EQ(authorization, "Basic YW5uOnNlOmNyZXQ=");
  EXPECT_EQ(type, "application/vnd.schemaregistry.v1+json");
  EXPECT_EQ(body, "{}");
  const auto bearer = NewCurlTransport({.bearer_token = "t0ken"});
  EXPECT_EQ(Fetch(*bearer, local.url() + "/x", "{}").http_status, 200);
  EXPECT_EQ(authorization, "Bearer t0ken");
}

TEST(CurlTransportTest, ASlowServerTimesOut) {
  LocalServer local;
  std::promise<void> release;
  std::shared_future<void> released = release.get_future().share();
  local.server.Get("/slow",
                   [released](const httplib::Request&, httplib::Response&) { released.wait(); });
  const auto transport = NewCurlTransport({.timeout = Milliseconds(50)});
  EXPECT_EQ(Fetch(*transport, local.url() + "/slow").status.code(), StatusCode::kUnavailable);
  release.set_value();
}

TEST(CurlTransportTest, NobodyListeningIsUnavailable) {
  std::string url;
  {
    const LocalServer local;
    url = local.url();
  }
  const auto transport = NewCurlTransport({});
  EXPECT_EQ(Fetch(*transport, url + "/x").status.code(), StatusCode::kUnavailable);
}

TEST(CurlTransportTest, AnAnswerThatIsTooLongFails) {
  LocalServer local;
  local.server.Get("/long", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(std::string(1001, 'x'), "text/plain");
  });
  const auto transport = NewCurlTransport({.answer_bytes_max = 1000});
  const HttpAnswer answer = Fetch(*transport, local.url() + "/long");
  EXPECT_EQ(answer.status.code(), StatusCode::kUnavailable);
  EXPECT_NE(answer.status.message().find("1000 bytes"), std::string::npos) << answer.status;
}

TEST(CurlTransportTest, DoesNotFollowRedirects) {
  LocalServer local;
  local.server.Get("/from", [](const httplib::Request&, httplib::Response& response) {
    response.set_redirect("/to");
  });
  const auto transport = NewCurlTransport({.bearer_token = "secret"});
  EXPECT_EQ(Fetch(*transport, local.url() + "/from").http_status, 302);
}

TEST(CurlTransportTest, WhatNoRepetitionMendsIsSaidSo) {
  const auto transport = NewCurlTransport({});
  EXPECT_EQ(Fetch(*transport, "file:///etc/passwd").status.code(), StatusCode::kInvalidConfig);
  const auto bad_ca = NewCurlTransport({.ca_file = "/nowhere/ca.pem"});
  EXPECT_EQ(Fetch(*bad_ca, "https://127.0.0.1:1/").status.ok(), false);
}

// The client on its thread, woken by a question, against a registry that first says 503.
TEST(CurlTransportTest, AClientOnItsThreadGetsThrough) {
  LocalServer local;
  std::atomic<int> calls{0};
  local.server.Get("/schemas/ids/7", [&](const httplib::Request&, httplib::Response& response) {
    if (++calls < 3) {
      response.status = 503;
      return;
    }
    response.set_content(R"({"schema": "\"int\""})", "application/json");
  });
  const SystemClock clock;
  Client client({.urls = {local.url()}, .backoff_min = Milliseconds(1)}, NewCurlTransport({}),
                clock, 1);
  const ClientThread thread(client);
  while (!client.ById(7).ok()) std::this_thread::yield();
  EXPECT_EQ((*client.ById(7))->schema.text, "\"int\"");
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace sidestream::registry
