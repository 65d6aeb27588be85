// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/s3_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <sstream>

namespace sidestream::snapshot {
namespace {

constexpr std::string_view kScheme = "s3://";
constexpr char kHome[] = "HOME";

Status Wrong(std::string_view what) {
  return Status::InvalidConfig(
      fmt::format("the location is not \"s3://bucket/prefix?endpoint=…&region=…&path_style=true\": {}",
                  what));
}

std::string Trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

Result<std::map<std::string, std::string>> ReadOptions(std::string_view text) {
  std::map<std::string, std::string> options;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const size_t equals = pair.find('=');
    const std::string name(pair.substr(0, equals));
    if (equals == std::string_view::npos ||
        (name != "endpoint" && name != "region" && name != "path_style")) {
      // Not the value: it may be a key that does not belong here.
      return Wrong("unknown option: " + name);
    }
    options[name] = std::string(pair.substr(equals + 1));
  }
  return options;
}

/// The section of the profile in a credentials file.
std::map<std::string, std::string> ReadProfile(const std::string& text, const std::string& profile) {
  std::map<std::string, std::string> values;
  std::istringstream lines(text);
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    line = Trim(line);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line.front() == '[') {
      inside = line == "[" + profile + "]";
    } else if (const size_t equals = line.find('='); inside && equals != std::string::npos) {
      values[Trim(line.substr(0, equals))] = Trim(line.substr(equals + 1));
    }
  }
  return values;
}

Result<S3Credentials> ReadCredentials(const LocationSurroundings& surroundings) {
  const auto variable = [&](const char* name) {
    return surroundings.environment(name).value_or("");
  };
  S3Credentials credentials{.access_key = variable("AWS_ACCESS_KEY_ID"),
                            .secret_key = variable("AWS_SECRET_ACCESS_KEY"),
                            .session_token = variable("AWS_SESSION_TOKEN")};
  if (!credentials.access_key.empty() && !credentials.secret_key.empty()) return credentials;
  std::string path = variable("AWS_SHARED_CREDENTIALS_FILE");
  if (path.empty()) path = variable(kHome) + "/.aws/credentials";
  std::string profile = variable("AWS_PROFILE");
  if (profile.empty()) profile = "default";
  if (const std::optional<std::string> text = surroundings.read_file(path)) {
    std::map<std::string, std::string> values = ReadProfile(*text, profile);
    credentials = {.access_key = values["aws_access_key_id"],
                   .secret_key = values["aws_secret_access_key"],
                   .session_token = values["aws_session_token"]};
    if (!credentials.access_key.empty() && !credentials.secret_key.empty()) return credentials;
  }
  return Status::InvalidConfig(fmt::format(
      "there are no credentials for the snapshot location: set AWS_ACCESS_KEY_ID and "
      "AWS_SECRET_ACCESS_KEY, or name them in a credentials file: file={} profile={}",
      path, profile));
}

std::string FirstOf(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts) {
    if (!text.empty()) return text;
  }
  return {};
}

/// Splits an endpoint into scheme and host.
Status PlaceHost(const std::string& endpoint, S3Address& address) {
  const size_t mark = endpoint.find("://");
  address.scheme = endpoint.substr(0, mark);
  if (mark == std::string::npos || (address.scheme != "http" && address.scheme != "https")) {
    return Wrong("the endpoint is no URL");
  }
  address.host = endpoint.substr(mark + 3);
  while (address.host.ends_with('/')) address.host.pop_back();
  if (address.host.empty() || address.host.find_first_of("/@?# ") != std::string::npos) {
    return Wrong("the endpoint is no URL of scheme, host and port");
  }
  return {};
}

}  // namespace

std::string S3Address::PathOf(std::string_view key) const {
  return fmt::format("{}/{}", path_style ? "/" + bucket : "", key);
}

Result<S3Address> ReadS3Address(std::string_view text, const LocationSurroundings& surroundings) {
  if (!text.starts_with(kScheme)) return Wrong("another scheme");
  text.remove_prefix(kScheme.size());
  const size_t question = text.find('?');
  ASSIGN_OR_RETURN(auto options, ReadOptions(question == std::string_view::npos
                                                 ? std::string_view()
                                                 : text.substr(question + 1)));
  const std::string_view place = text.substr(0, question);
  const size_t slash = place.find('/');
  S3Address address;
  address.bucket = std::string(place.substr(0, slash));
  // The rules of S3 for names of buckets; what is not a name may be a credential.
  if (address.bucket.size() < 3 ||
      address.bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") !=
          std::string::npos) {
    return Wrong("no name of a bucket");
  }
  if (slash != std::string_view::npos) address.prefix = std::string(place.substr(slash + 1));
  while (address.prefix.ends_with('/')) address.prefix.pop_back();
  if (!address.prefix.empty()) {
    if (!IsObjectName(address.prefix)) return Wrong("the prefix is no name of an object");
    address.prefix += '/';
  }
  const auto variable = [&](const char* name) {
    return surroundings.environment(name).value_or("");
  };
  address.region = FirstOf(
      {options["region"], variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"), "us-east-1"});
  const std::string endpoint = FirstOf(
      {options["endpoint"], variable("AWS_ENDPOINT_URL_S3"), variable("AWS_ENDPOINT_URL")});
  const std::string& style = options["path_style"];
  if (!style.empty() && style != "true" && style != "false") {
    return Wrong("path_style is neither true nor false");
  }
  // Servers of one's own seldom have a name for each bucket.
  address.path_style = style.empty() ? !endpoint.empty() : style == "true";
  RETURN_IF_ERROR(PlaceHost(
      endpoint.empty() ? fmt::format("https://s3.{}.amazonaws.com", address.region) : endpoint,
      address));
  if (!address.path_style) address.host = address.bucket + "." + address.host;
  address.ca_file = variable("AWS_CA_BUNDLE");
  ASSIGN_OR_RETURN(address.credentials, ReadCredentials(surroundings));
  return address;
}

}  // namespace sidestream::snapshot
