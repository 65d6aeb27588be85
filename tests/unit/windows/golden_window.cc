// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "golden_window.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace sidestream::testing {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

fs::path Folder() { return fs::path(SIDESTREAM_SOURCE_DIR) / "tests/golden/windows"; }

std::vector<WindowLine> ReadLines(const fs::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::vector<WindowLine> lines;
  for (std::string text; std::getline(file, text);) {
    const Json json = Json::parse(text);
    lines.push_back({.key = json["key"],
                     .value = json["value"].dump(),
                     .timestamp = Timestamp(json["timestamp"].get<int64_t>()),
                     .partition = json.value("partition", 0)});
  }
  return lines;
}

/// The allowed lateness of lenient steps; that of expect.py.
std::string AllowedLatenessOf(const GoldenWindow& of) {
  return of.input == "orders" ? "6h" : "20s";
}

std::string TextOf(const GoldenWindow& of, const WindowStep& step, bool hop) {
  const std::string name = step.Name();
  std::string text = "  p_" + name + ":\n    from: in\n    to: " + name +
                     "\n    steps:\n      - name: s_" + name + "\n        aggregate:\n";
  text += std::string("          group_by: ") + (hop ? "value.user" : "key") + "\n";
  if (!of.window.empty()) text += "          window: " + of.window + "\n";
  if (step.lenient) text += "          allowed_lateness: " + AllowedLatenessOf(of) + "\n";
  text += "          emit: " + (step.emit == "every" ? "{ every: 5s }" : step.emit) + "\n";
  text +=
      "          fields: { n: count(), sum: sum(value.n), newest: max(time.to_ms(meta.timestamp)), "
      "numbers: 'collect(value.n, 100)' }\n";
  if (of.timed()) {
    text +=
        "  l_" + name + ": { from: p_" + name + ".s_" + name + ".late, to: " + name + "_late }\n";
  }
  return text;
}

}  // namespace

const std::vector<GoldenWindow>& GoldenWindows() {
  static const std::vector<GoldenWindow> cases = [] {
    std::ifstream file(Folder() / "cases.json");
    std::vector<GoldenWindow> read;
    for (const Json& row : Json::parse(file)) {
      read.push_back({.name = row["name"],
                      .window = row.contains("window") ? row["window"].dump() : "",
                      .input = row["input"]});
    }
    return read;
  }();
  return cases;
}

std::vector<WindowStep> StepsOf(const GoldenWindow& of) {
  std::vector<WindowStep> steps;
  for (const char* emit : {"each", "changes", "every", "final"}) {
    steps.push_back({emit, false});
    if (of.timed()) steps.push_back({emit, true});
  }
  return steps;
}

std::string TopologyOf(const GoldenWindow& of, const std::vector<WindowStep>& steps, bool hop) {
  // No silence of the test may decide: nothing is idle before three years.
  std::string text =
      "version: 1\napplication: { id: golden }\nstreams:\n"
      "  in: { topic: in, key: string, value: json, watermark: { lateness: " +
      std::to_string(LatenessOf(of).count()) + "ms, idle: 1000d } }\n";
  for (const WindowStep& step : steps) {
    for (const std::string& stream : {step.Name(), step.Name() + "_late"}) {
      text += "  " + stream + ": { topic: " + stream + ", key: string, value: json }\n";
    }
  }
  text += "pipelines:\n";
  for (const WindowStep& step : steps) text += TextOf(of, step, hop);
  return text;
}

Milliseconds LatenessOf(const GoldenWindow& of) {
  return of.input == "orders" ? Milliseconds(3'600'000) : Milliseconds(5'000);
}

std::vector<WindowLine> ReadInput(const GoldenWindow& of) {
  return ReadLines(Folder() / (of.input + ".ndjson"));
}

std::vector<WindowLine> ReadExpected(const GoldenWindow& of, const std::string& stream) {
  return ReadLines(Folder() / of.name / ("expected." + stream + ".ndjson"));
}

}  // namespace sidestream::testing
