// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Signature version 4 of requests to S3.
//
// Threading: free functions.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace sidestream::snapshot {

struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  /// Of temporary ones; empty: none.
  std::string session_token;
};

struct S3Request {
  std::string method = "GET";
  /// "host" or "host:port", as the Host header says it.
  std::string host;
  /// Begins with a slash; not encoded.
  std::string path;
  /// Not encoded.
  std::map<std::string, std::string> query;
};

/// The headers to send with the request, the signature among them. `payload_hash`: hexadecimal
/// SHA-256 of the body.
std::map<std::string, std::string> SignS3Request(const S3Request& request,
                                                 std::string_view payload_hash,
                                                 const S3Credentials& credentials,
                                                 std::string_view region, Timestamp now);

/// Everything but letters, digits and "-._~" as "%XX", the slash only when told to.
std::string UriEncode(std::string_view text, bool encode_slash);
/// "a=1&b=2", encoded, in the order that is signed.
std::string QueryText(const std::map<std::string, std::string>& query);

}  // namespace sidestream::snapshot
