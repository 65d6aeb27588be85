// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// DeadLetterWriter: puts a record aside, with what went wrong in its headers, in the transaction
// that passes the record by. Internal to operators.
//
// A letter that its topic refuses is tried once more, with less of the message and the clock's
// time; then the policy has no way left and the record fails.
//
// Threading: confined to the task's worker (keeps its buffers).

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/header.h"
#include "base/internal_record.h"
#include "base/status.h"
#include "operators/processor_context.h"

namespace sidestream::operators {

/// Why a record is put aside; also the label `cause` of its counter.
enum class DeadLetterCause { kDeserialization, kProcessing, kProduction, kHeld };

std::string_view CauseName(DeadLetterCause cause);

/// Where a record stands among those of its key that are put aside.
struct HoldPlace {
  std::string_view hold;
  uint64_t sequence = 0;
};

/// All views are borrowed.
struct DeadLetter {
  DeadLetterCause cause = DeadLetterCause::kProcessing;
  std::string_view step;
  std::string_view message;
  /// One of the words of kLetterContents.
  std::string_view contents;
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  Timestamp timestamp;
  std::span<const Header> headers;
  std::optional<RecordOrigin> origin;
  std::optional<HoldPlace> place;
};

class DeadLetterWriter {
 public:
  static constexpr size_t kMessageBytesMax = 1'024;
  static constexpr size_t kShortMessageBytesMax = 100;

  /// `output` counts as OutputRecord::output.
  DeadLetterWriter(std::string application, size_t output)
      : application_(std::move(application)), output_(output) {}

  /// Fails with kBadRecord when the topic refuses the short letter too; else as Produce().
  Status Write(const DeadLetter& letter, ProcessorContext& context);

 private:
  Status Send(const DeadLetter& letter, bool short_form, ProcessorContext& context);
  void Add(std::string_view name, std::string_view value) { headers_.push_back({name, value}); }

  const std::string application_;
  const size_t output_;
  std::vector<Header> headers_;
  std::string partition_;
  std::string offset_;
  std::string sequence_;
  std::string timestamp_;
};

}  // namespace sidestream::operators
