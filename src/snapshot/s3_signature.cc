// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/s3_signature.h"

#include <fmt/format.h>

#include <ctime>

#include "snapshot/sha256.h"

namespace sidestream::snapshot {
namespace {

constexpr char kAlgorithm[] = "AWS4-HMAC-SHA256";

/// "20260101T000000Z"
std::string TimeText(Timestamp now) {
  const std::time_t seconds = static_cast<std::time_t>(now.value() / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

std::string Signature(const S3Credentials& credentials, std::string_view day,
                      std::string_view region, const std::string& text) {
  Digest key = HmacSha256("AWS4" + credentials.secret_key, day);
  key = HmacSha256(key.view(), region);
  key = HmacSha256(key.view(), "s3");
  key = HmacSha256(key.view(), "aws4_request");
  return Hex(HmacSha256(key.view(), text));
}

}  // namespace

std::string UriEncode(std::string_view text, bool encode_slash) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (c == '/' && !encode_slash);
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<uint8_t>(c));
    }
  }
  return encoded;
}

std::string QueryText(const std::map<std::string, std::string>& query) {
  std::string text;
  for (const auto& [name, value] : query) {
    if (!text.empty()) text += '&';
    text += UriEncode(name, true) + '=' + UriEncode(value, true);
  }
  return text;
}

std::map<std::string, std::string> SignS3Request(const S3Request& request,
                                                 std::string_view payload_hash,
                                                 const S3Credentials& credentials,
                                                 std::string_view region, Timestamp now) {
  const std::string time = TimeText(now);
  const std::string day = time.substr(0, 8);
  std::map<std::string, std::string> headers = {{"host", request.host},
                                                {"x-amz-content-sha256", std::string(payload_hash)},
                                                {"x-amz-date", time}};
  if (!credentials.session_token.empty()) {
    headers["x-amz-security-token"] = credentials.session_token;
  }
  std::string lines;
  std::string names;
  for (const auto& [name, value] : headers) {
    lines += name + ':' + value + '\n';
    if (!names.empty()) names += ';';
    names += name;
  }
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, UriEncode(request.path, false),
                  QueryText(request.query), lines, names, payload_hash);
  const std::string scope = fmt::format("{}/{}/s3/aws4_request", day, region);
  const std::string text =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, time, scope, Hex(Sha256(canonical)));
  headers["authorization"] =
      fmt::format("{} Credential={}/{},SignedHeaders={},Signature={}", kAlgorithm,
                  credentials.access_key, scope, names, Signature(credentials, day, region, text));
  return headers;
}

}  // namespace sidestream::snapshot
