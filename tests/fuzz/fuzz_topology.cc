// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Fuzz target of the front end: any bytes give a plan or at least one error, and both can
// be printed. Built with libFuzzer for long runs; the unit tests call it with mutations of
// good files.

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "topology/build_plan.h"
#include "topology/loader.h"
#include "topology/plan_text.h"

namespace {

/// Nothing from outside: a fuzzer must not read files.
class NoSurroundings final : public sidestream::topology::Surroundings {
 public:
  std::optional<std::string> Variable(const std::string& name) const override {
    if (name == "SET") return "value";
    return std::nullopt;
  }
  sidestream::Result<std::string> ReadFile(const std::string& path) const override {
    return sidestream::Status::InvalidConfig("no file " + path);
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sidestream::topology;
  const std::string text(reinterpret_cast<const char*>(data), size);
  const LoadedTopology loaded = LoadTopologyTexts({{"fuzz.yaml", text}}, NoSurroundings());
  CHECK(Render(loaded.findings).empty() == loaded.findings.empty());
  if (!loaded.ok()) return 0;
  const PlanResult result =
      BuildPlan(loaded.model, loaded.files, DeclaredPartitionCounts(loaded.model, 3));
  CHECK((result.plan == nullptr) == HasErrors(result.findings)) << Render(result.findings);
  if (result.plan != nullptr) CHECK(!ToText(*result.plan).empty());
  return 0;
}
