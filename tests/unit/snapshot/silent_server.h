// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A server on a loopback port that takes connections and never says a word.

#pragma once

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "base/check.h"

namespace sidestream::snapshot {

class SilentServer {
 public:
  SilentServer() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const general = reinterpret_cast<sockaddr*>(&address);
    CHECK(bind(socket_, general, size) == 0 && listen(socket_, 16) == 0);
    CHECK(getsockname(socket_, general, &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() {
    for (const int taken : taken_) close(taken);
    close(socket_);
  }
  SilentServer(const SilentServer&) = delete;
  SilentServer& operator=(const SilentServer&) = delete;

  std::string host() const { return fmt::format("127.0.0.1:{}", port_); }
  /// Waits until one more client is there.
  void Take() {
    taken_.push_back(accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
    CHECK(taken_.back() >= 0);
  }
  /// Another client than those that were taken is there.
  bool IsAskedAgain() const {
    pollfd asked{.fd = socket_, .events = POLLIN, .revents = 0};
    return poll(&asked, 1, 0) > 0;
  }

 private:
  const int socket_;
  int port_ = 0;
  std::vector<int> taken_;
};

}  // namespace sidestream::snapshot
