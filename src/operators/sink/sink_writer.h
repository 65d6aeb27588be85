// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SinkWriter: from a row to the record of a user's topic. Internal to operators.
//
// An unchanged key or value leaves as the bytes that came; a computed one is written in the
// topic's format, which takes its own type only. A null value is a tombstone. Headers of ours,
// which a record has when it was put back from the dead letters, end here.
//
// Threading: confined to the task's worker (keeps its buffers).

#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/header.h"
#include "base/status.h"
#include "operators/processor_context.h"
#include "operators/row.h"
#include "serde/value.h"
#include "serde/writer.h"
#include "topology/plan.h"

namespace sidestream::operators {

class SinkWriter {
 public:
  /// `node` is borrowed. `output` counts as OutputRecord::output. Fails with kInvalidConfig as
  /// serde::Writer::Create.
  static Result<std::unique_ptr<SinkWriter>> Create(const topology::SinkNode& node, size_t output);

  /// Fails with kBadRecord, before anything is produced: the format does not take the value,
  /// or the topic would refuse the record.
  Status Write(const Row& row, std::span<const serde::Value> slots, ProcessorContext& context);

 private:
  SinkWriter(const topology::SinkNode& node, size_t output, serde::Writer key_writer,
             serde::Writer value_writer);

  const topology::SinkNode& node_;
  const size_t output_;
  const serde::Writer key_writer_;
  const serde::Writer value_writer_;
  std::string key_;
  std::string value_;
  std::vector<Header> headers_;
};

}  // namespace sidestream::operators
