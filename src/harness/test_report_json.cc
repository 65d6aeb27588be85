// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "harness/test_report.h"

namespace sidestream::harness {
namespace {

// Keys stay in the order in which they are written below.
using Json = nlohmann::ordered_json;

/// Expected and actual values are JSON already; what is not (a NaN) is shown as text.
Json ValueOf(const std::string& json) {
  Json value = Json::parse(json, nullptr, false);
  return value.is_discarded() ? Json(json) : value;
}

Json JsonOf(const TestFailure& failure) {
  Json json{{"subject", failure.subject}, {"at", failure.location}, {"message", failure.message}};
  for (const Difference& difference : failure.differences) {
    // A value that is not there has no key: null is a value.
    Json entry{{"field", difference.field}};
    if (difference.expected) entry["expected"] = ValueOf(*difference.expected);
    if (difference.actual) entry["actual"] = ValueOf(*difference.actual);
    json["differences"].push_back(std::move(entry));
  }
  for (const std::string& record : failure.records) json["records"].push_back(ValueOf(record));
  return json;
}

Json JsonOf(const TestResult& result) {
  Json json{{"name", result.name},
            {"at", result.location},
            {"passed", result.passed()},
            {"seconds", result.took.count()},
            {"failures", Json::array()}};
  for (const TestFailure& failure : result.failures) json["failures"].push_back(JsonOf(failure));
  return json;
}

Json JsonOf(const std::vector<CoveragePoint>& coverage) {
  const auto reached = std::count_if(coverage.begin(), coverage.end(),
                                     [](const CoveragePoint& point) { return point.reached; });
  Json json{{"points", coverage.size()}, {"reached", reached}, {"never_reached", Json::array()}};
  for (const CoveragePoint& point : coverage) {
    if (point.reached) continue;
    json["never_reached"].push_back(
        {{"name", point.name}, {"kind", point.branch ? "branch" : "step"}, {"at", point.location}});
  }
  return json;
}

}  // namespace

std::string JsonOf(std::span<const TestReport> reports, std::optional<uint64_t> seed) {
  size_t passed = 0;
  size_t failed = 0;
  Json applications = Json::array();
  for (const TestReport& report : reports) {
    Json application{
        {"application", report.application}, {"files", report.files}, {"tests", Json::array()}};
    for (const TestResult& result : report.results) {
      ++(result.passed() ? passed : failed);
      application["tests"].push_back(JsonOf(result));
    }
    if (!report.coverage.empty()) application["coverage"] = JsonOf(report.coverage);
    applications.push_back(std::move(application));
  }
  const Json json{{"passed", passed},
                  {"failed", failed},
                  {"seed", seed ? Json(*seed) : Json(nullptr)},
                  {"applications", std::move(applications)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sidestream::harness
