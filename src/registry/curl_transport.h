// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CurlTransport: HTTP and HTTPS by libcurl, any number of requests at a time over kept connections.
//
// Redirects are not followed: credentials would follow them. An answer longer than
// `answer_bytes_max` is cut off and fails.
//
// Threading: as Transport.

#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.h"
#include "registry/transport.h"

namespace sidestream::registry {

struct TransportOptions {
  /// Basic authentication when there is a user name.
  std::string username;
  std::string password;
  /// Bearer authentication when it is not empty.
  std::string bearer_token;
  /// PEM files. Empty: the system's authorities; no client certificate.
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string key_password;
  /// Of one request, from its start to the last byte.
  Milliseconds timeout{10'000};
  size_t answer_bytes_max = size_t{8} << 20;
};

std::unique_ptr<Transport> NewCurlTransport(TransportOptions options);

}  // namespace sidestream::registry
