// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// FakeStepOutput: what a step with state acts through, without a plan: its store in memory, and
// what it sends as text.
//
// Threading: confined to the test's thread.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "operators/stateful_step.h"
#include "tests/support/fake_processor_context.h"

namespace sidestream::testing {

class FakeStepOutput final : public operators::StepOutput {
 public:
  FakeStepOutput() { run_.Begin(context, arena_); }

  statestore::KeyValueStore& store() override { return rows; }
  operators::RunState& run() override { return run_; }
  void BeginResult() override { arena_.Reset(); }
  Status Emit(operators::Row& result) override { return Send("", result); }
  Status EmitSide(size_t output, operators::Row& row) override {
    return Send("side " + std::to_string(output) + " ", row);
  }
  Status Refuse(operators::Row& result, const Status& cause) override;
  void CountDropped(std::string_view reason) override { ++counts[std::string(reason)]; }
  void CountLate() override { ++counts["late"]; }

  /// "[side n ]key=value@timestamp{header=text}", in order; forgets them.
  std::vector<std::string> TakeSent();
  std::vector<std::string> TakeRefused();

  FakeProcessorContext context;
  FakeStore rows;
  std::map<std::string, int> counts;

 private:
  Status Send(const std::string& where, operators::Row& row);

  Arena arena_;
  operators::RunState run_;
  std::vector<std::string> sent_;
  std::vector<std::string> refused_;
};

}  // namespace sidestream::testing
