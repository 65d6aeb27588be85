// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/rebootstrap.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "kafka/rdkafka/client.h"

namespace sidestream::kafka::rdkafka {
namespace {

void Append16(std::string& bytes, int value) {
  bytes += static_cast<char>(value >> 8);
  bytes += static_cast<char>(value);
}
void Append32(std::string& bytes, int value) {
  Append16(bytes, value >> 16);
  Append16(bytes, value & 0xffff);
}
void AppendText(std::string& bytes, const std::string& text) {
  Append16(bytes, static_cast<int>(text.size()));
  bytes += text;
}

// A node that answers Metadata requests of version 0 and knows one topic without partitions. The
// library's mock always names the node that answers.
class Node {
 public:
  Node() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::jthread([this](const std::stop_token& end) { Serve(end); });
  }

  int port() const { return port_; }
  int unnamed_answers() const { return unnamed_answers_; }
  /// Whether the answers name this node.
  void SetNamed(bool named) { named_ = named; }

 private:
  void Serve(const std::stop_token& end) {
    std::vector<pollfd> sockets{{listener_, POLLIN, 0}};
    while (!end.stop_requested()) {
      poll(sockets.data(), sockets.size(), 10);
      if (sockets[0].revents != 0) sockets.push_back({accept(listener_, nullptr, nullptr), POLLIN, 0});
      std::erase_if(sockets, [this](const pollfd& one) {
        if (one.fd == listener_ || one.revents == 0 || Answer(one.fd)) return false;
        close(one.fd);
        return true;
      });
    }
    for (const pollfd& one : sockets) close(one.fd);
  }

  // One request; false when the peer has gone.
  bool Answer(int peer) {
    char head[12];
    if (recv(peer, head, sizeof(head), MSG_WAITALL) != sizeof(head)) return false;
    uint32_t size = 0;
    std::memcpy(&size, head, sizeof(size));
    std::string rest(ntohl(size) - 8, '\0');
    if (recv(peer, rest.data(), rest.size(), MSG_WAITALL) != static_cast<ssize_t>(rest.size())) {
      return false;
    }
    std::string body(head + 8, 4);  // the request's number
    const bool named = named_;
    Append32(body, named ? 1 : 0);
    if (named) {
      Append32(body, 1);
      AppendText(body, "127.0.0.1");
      Append32(body, port_);
    }
    Append32(body, 1);
    Append16(body, 0);
    AppendText(body, std::string(200, 't'));  // the library wants room in proportion to the answer
    Append32(body, 0);
    std::string answer;
    Append32(answer, static_cast<int>(body.size()));
    answer += body;
    if (send(peer, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return false;
    if (!named) ++unnamed_answers_;
    return true;
  }

  const int listener_;
  int port_ = 0;
  std::atomic<bool> named_{true};
  std::atomic<int> unnamed_answers_{0};
  std::jthread thread_;
};

rd_kafka_resp_err_t Ask(const Client& client, int timeout_ms) {
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(client.get(), 1 /* all topics */, nullptr, &metadata, timeout_ms);
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  return code;
}

// Fault 36 in small: without the thread nothing is answered from the first answer without a node on.
TEST(RebootstrapTest, AClientThatForgotAllNodesFindsThemInsideOfACall) {
  Node node;
  const auto client = Client::Make(RD_KAFKA_PRODUCER,
                                   {{"bootstrap.servers", "127.0.0.1:" + std::to_string(node.port())},
                                    {"api.version.request", "false"},
                                    {"broker.version.fallback", "0.9.0"}},
                                   {})
                          .value();
  ASSERT_EQ(Ask(*client, 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  for (int round = 0; round < 2; ++round) {
    const int before = node.unnamed_answers();
    node.SetNamed(false);
    while (node.unnamed_answers() == before) Ask(*client, 100);
    node.SetNamed(true);
    ASSERT_EQ(Ask(*client, 30'000), RD_KAFKA_RESP_ERR_NO_ERROR) << "round " << round;
  }
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
