// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "http/health_json.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace sidestream::http {
namespace {

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::array<char, 8> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned char>(c));
      out.append(escaped.data());
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

}  // namespace

bool AllOk(std::span<const HealthCheck> checks) {
  return std::all_of(checks.begin(), checks.end(), [](const HealthCheck& c) { return c.ok; });
}

std::string HealthJson(std::span<const HealthCheck> checks) {
  std::string out =
      AllOk(checks) ? R"({"status":"ok","checks":[)" : R"({"status":"failing","checks":[)";
  bool first = true;
  for (const HealthCheck& check : checks) {
    if (!first) out.push_back(',');
    first = false;
    out.append(R"({"name":)");
    AppendJsonString(out, check.name);
    out.append(check.ok ? R"(,"ok":true)" : R"(,"ok":false)");
    if (!check.reason.empty()) {
      out.append(R"(,"reason":)");
      AppendJsonString(out, check.reason);
    }
    out.push_back('}');
  }
  out.append("]}\n");
  return out;
}

}  // namespace sidestream::http
