// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A pipeline of one aggregate, with a window or without, driven by hand: records, the watermark, commits and
// crashes where the test wants them. What came too late goes to a topic of its own.
//
// Threading: confined to the test's thread.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "operators/plan_program.h"
#include "tests/support/fake_processor_context.h"
#include "tests/support/plan_driver.h"

namespace sidestream::testing {

class WindowCase : public ::testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  /// `aggregate`: the fields behind group_by, in flow style.
  void Open(const std::string& aggregate, const std::string& key_format = "string",
            const std::string& on_error = "fail", const std::string& in_key_format = "string") {
    context_ = FakeProcessorContext();
    watermark_ = committed_watermark_ = kNoWatermark;
    seen_ = 0;
    Reopen(aggregate, key_format, on_error, in_key_format);
  }

  /// What was committed goes on under another file.
  void Reopen(const std::string& aggregate, const std::string& key_format = "string",
              const std::string& on_error = "fail", const std::string& in_key_format = "string") {
    // Nothing is late without a window that has bounds.
    const bool late = aggregate.find("window: {") != std::string::npos &&
                      aggregate.find("window: { count") == std::string::npos;
    driver_ = std::make_unique<PlanDriver>(R"(
version: 1
application: { id: windows }
streams:
  in: { topic: in, value: json, key: )" + in_key_format + R"( }
  late: { topic: late, value: json, key: )" + in_key_format + R"( }
  out: { topic: out, value: json, key: )" + key_format + R"( }
pipelines:
  p:
    from: in
    to: out
    steps:
      - name: w
        on_error: )" + on_error + R"(
        aggregate: { group_by: key, )" + aggregate + " }\n" +
                                               (late ? "  too_late: { from: p.w.late, to: late }" : ""),
                                           1);
    ASSERT_EQ(driver_->error(), "");
    const std::shared_ptr<const topology::Plan> plan(&driver_->plan(), [](const auto*) {});
    factory_ = std::make_unique<operators::PlanProgramFactory>(plan, 0);
    New(watermark_);
  }

  void New(Timestamp watermark) {
    program_ = std::move(factory_->New(0)).value();
    program_->Restart(watermark);
  }

  Status Pipe(const std::string& key, int64_t timestamp, const std::string& value = "1") {
    operators::InputRecord record;
    record.topic = "in";
    record.offset = Offset(offset_++);
    record.key = key;
    record.value = value;
    record.timestamp = record.own_timestamp = Timestamp(timestamp);
    return program_->Process(0, record, context_);
  }
  void Put(const std::string& key, int64_t timestamp, const std::string& value = "1") {
    const Status status = Pipe(key, timestamp, value);
    ASSERT_TRUE(status.ok()) << status;
  }
  void Advance(int64_t watermark) {
    watermark_ = Timestamp(watermark);
    const Status status = program_->AdvanceEventTime(watermark_, context_);
    ASSERT_TRUE(status.ok()) << status;
  }
  void AdvanceWall(int64_t by) {
    context_.wall_time = context_.wall_time + by;
    const Status status = program_->AdvanceWallTime(context_.wall_time, context_);
    ASSERT_TRUE(status.ok()) << status;
  }

  /// What was sent since the last call, and late records with "late" in front.
  Lines Sent() {
    Lines lines;
    for (; seen_ < context_.produced().size(); ++seen_) {
      const ProducedRecord& record = context_.produced()[seen_];
      lines.push_back(std::string(record.output == 0 ? "" : "late ") +
                      record.key.value_or("<null>") + " " + record.value.value_or("<null>") + " @" +
                      std::to_string(record.timestamp.value()));
    }
    return lines;
  }
  /// The same, with what the commit adds.
  Lines Commit() {
    const Status status = program_->BeforeCommit(context_);
    EXPECT_TRUE(status.ok()) << status;
    Lines lines = Sent();
    context_.Commit();
    seen_ = 0;
    committed_watermark_ = watermark_;
    return lines;
  }
  /// The process dies: all since the last commit never happened.
  void Crash() {
    context_.Rollback();
    seen_ = 0;
    watermark_ = committed_watermark_;
    New(watermark_);
  }
  size_t Rows() { return context_.store(0).committed().size(); }

  std::unique_ptr<PlanDriver> driver_;
  std::unique_ptr<operators::PlanProgramFactory> factory_;
  std::unique_ptr<operators::TaskProgram> program_;
  FakeProcessorContext context_;
  Timestamp watermark_ = kNoWatermark;
  Timestamp committed_watermark_ = kNoWatermark;
  size_t seen_ = 0;
  int64_t offset_ = 0;
};

}  // namespace sidestream::testing
