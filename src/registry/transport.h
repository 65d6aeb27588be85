// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Transport: the port between the client and HTTP. CurlTransport is the real one; tests
// answer by hand, in virtual time.
//
// Threading: Start() and Poll() on the client's thread, Wake() from any.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace sidestream::registry {

struct HttpRequest {
  std::string url;
  /// Of a POST, as JSON; empty: a GET.
  std::string body;
};

/// How a request ended.
struct HttpAnswer {
  uint64_t token = 0;
  /// kUnavailable: no answer came (refused, timed out, cut off). kInvalidConfig: trying again
  /// cannot help (a certificate file that is not there, an URL that is none).
  Status status;
  /// The rest when status is ok.
  int http_status = 0;
  std::string body;
};

class Transport {
 public:
  virtual ~Transport() = default;

  /// Begins a request; `token` comes back with its answer, and there always is one.
  virtual void Start(uint64_t token, HttpRequest request) = 0;
  /// The answers that came. Waits at most `wait` for one, or until Wake().
  virtual std::vector<HttpAnswer> Poll(Milliseconds wait) = 0;
  /// Ends the Poll() under way, or the next one, early.
  virtual void Wake() = 0;
};

}  // namespace sidestream::registry
