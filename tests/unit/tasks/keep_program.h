// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#pragma once

#include <memory>
#include <string>

#include "operators/processor_context.h"

namespace sidestream::tasks {

/// Keeps the last value of each key in its store; a record without a key counts by itself.
class KeepProgram final : public operators::TaskProgram {
 public:
  Result<Timestamp> EventTime(size_t, const operators::InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const operators::InputRecord& record,
                 operators::ProcessorContext& context) override {
    const std::string key(record.key.value_or(""));
    context.Store(0).Put(record.key ? key : std::to_string(record.offset.value()), *record.value);
    return Status::Ok();
  }
  Status BeforeCommit(operators::ProcessorContext&) override { return Status::Ok(); }
  void Restart(Timestamp) override {}
};

class KeepFactory final : public operators::TaskProgramFactory {
 public:
  Result<std::unique_ptr<operators::TaskProgram>> New(Partition) override {
    return std::unique_ptr<operators::TaskProgram>(std::make_unique<KeepProgram>());
  }
};

}  // namespace sidestream::tasks
