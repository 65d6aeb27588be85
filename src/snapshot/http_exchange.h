// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// HttpExchange: one request and its answer over libcurl, on a kept connection.
//
// Threading: confined to one thread at a time; Send() blocks.

#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace sidestream::snapshot {

struct HttpCall {
  std::string method;
  std::string url;
  std::map<std::string, std::string> headers;
  /// Borrowed.
  std::string_view body;
  /// The body of a good answer goes there; empty: into HttpReply::body.
  std::filesystem::path into;
  /// Asked with the bytes of `into` so far, and about once a second while nothing comes; false: the
  /// call is given up, and kUnavailable. May be empty.
  std::function<bool(int64_t bytes)> go_on;
  size_t reply_bytes_max = size_t{16} << 20;
};

struct HttpReply {
  int status = 0;
  std::string etag;
  std::string body;
};

class HttpExchange {
 public:
  /// `ca_file`: authorities as PEM; empty: the system's. `silence_max`: without a byte in either
  /// direction for so long, a call fails.
  explicit HttpExchange(std::string ca_file, Milliseconds silence_max = Milliseconds(30'000));
  ~HttpExchange();

  /// kUnavailable: no answer came. kInvalidConfig: trying again cannot help. kStopped: the answer
  /// is longer than allowed. kFatal: the file cannot be written.
  Result<HttpReply> Send(const HttpCall& call);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidestream::snapshot
