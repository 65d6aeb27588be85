// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// DrivenProcess: a `process` step with a store in memory, without a plan.
//
// Threading: confined to the test's thread.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "operators/process/process_step.h"
#include "serde/json_text.h"
#include "tests/support/fake_step_output.h"

namespace sidestream::operators {

inline topology::Ttl EventTtl(int64_t ms) { return {.length_ms = ms}; }

/// A step with its store; records have text keys and JSON values.
class DrivenProcess {
 public:
  explicit DrivenProcess(const std::string& script, std::vector<topology::ProcessStore> stores = {},
                         std::vector<std::string> outputs = {}, ScriptLimits limits = {}) {
    node_.script = {script, "t.yaml", 10};
    node_.stores = std::move(stores);
    node_.outputs = std::move(outputs);
    node_.key.format.kind = serde::FormatKind::kString;
    node_.value_slot = 0;
    limits_ = limits;
    Open();
  }

  /// As after a crash or a move: only the store is left.
  void Open(Timestamp watermark = kNoWatermark) {
    auto made = ProcessStep::Create(node_, limits_);
    error = made.status().message();
    step_ = made.ok() ? *std::move(made) : nullptr;
    if (step_ != nullptr) step_->Restart(watermark);
  }

  Status Process(const std::string& key, const std::string& json, int64_t at,
                 std::span<const Header> headers = {}) {
    Row row;
    row.key.bytes = arena_.Copy(key);
    row.timestamp = Timestamp(at);
    row.headers = headers;
    const Result<serde::Value> value = parser_.Parse(arena_.Copy(json), arena_);
    EXPECT_TRUE(value.ok()) << value.status();
    row.value.bytes = arena_.Copy(json);
    row.value.null = value->null();
    const std::vector<serde::Value> slots{*value};
    return step_->Process(row, slots, output);
  }
  Status Watermark(int64_t time) { return step_->AdvanceEventTime(Timestamp(time), output); }
  Status Wall(int64_t time) { return step_->AdvanceWallTime(Timestamp(time), output); }
  Status Commit() {
    RETURN_IF_ERROR(step_->BeforeCommit(output));
    output.rows.Commit();
    return Status::Ok();
  }
  ProcessStep& step() { return *step_; }

  testing::FakeStepOutput output;
  std::string error;

 private:
  topology::ProcessNode node_;
  ScriptLimits limits_;
  std::unique_ptr<ProcessStep> step_;
  serde::JsonParser parser_;
  Arena arena_;
};

}  // namespace sidestream::operators
