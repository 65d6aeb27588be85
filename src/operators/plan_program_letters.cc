// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records that are put aside: their letters, and keys that are held.

#include "operators/dead_letter/letter_headers.h"
#include "operators/plan_program.h"
#include "operators/row_key.h"
#include "serde/json_text.h"
#include "serde/value_codec.h"

namespace sidestream::operators {
namespace {

/// Names from bounded sets: docs/operations/metrics.md.
constexpr std::string_view kPutAside = "put_aside";
constexpr std::string_view kReplayedBefore = "replayed_before";

/// What people can read of a value that an expression made; none of null.
std::optional<std::string_view> TextOf(const serde::Value& value, std::string& buffer) {
  if (value.null() || value.missing()) return std::nullopt;
  buffer.clear();
  if (!serde::AppendJson(value, buffer).ok()) buffer = serde::DebugString(value);
  return buffer;
}

}  // namespace

Status PlanProgram::ProcessHeld(size_t index, const InputRecord& record) {
  const topology::Input& input = *letters_->input;
  statestore::KeyValueStore& store = run_.context().Store(static_cast<size_t>(input.held_store));
  ASSIGN_OR_RETURN(const HeldKeys::Admission admission, letters_->held.Admit(record, store));
  switch (admission) {
    case HeldKeys::Admission::kWaits:
      return PutAside(DeadLetterCause::kHeld, input.alias,
                      "an earlier record of the key is a dead letter", nullptr);
    case HeldKeys::Admission::kRepeated:
      run_.context().CountDropped(input.alias, kReplayedBefore);
      return Status::Ok();
    case HeldKeys::Admission::kFree:
    case HeldKeys::Admission::kReplay:
      break;
  }
  RETURN_IF_ERROR(ProcessAdmitted(index, record));
  if (!letters_->written) letters_->held.Pass(record, store);
  return Status::Ok();
}

Status PlanProgram::PutAside(DeadLetterCause cause, std::string_view step, std::string_view message,
                             const Row* row) {
  ProcessorContext& context = run_.context();
  // One letter for all that failed of a record: putting it back repeats all of it.
  if (letters_->written) {
    context.CountDropped(step, kPutAside);
    return Status::Ok();
  }
  letters_->written = true;
  DeadLetter letter;
  letter.cause = cause;
  letter.step = step;
  letter.message = message;
  if (letters_->record != nullptr) {
    RETURN_IF_ERROR(FillFromInput(letter));
  } else {
    FillFromResult(*row, letter);
  }
  RETURN_IF_ERROR(letters_->writer.Write(letter, context));
  context.CountDeadLetter(step, CauseName(cause));
  return Status::Ok();
}

Status PlanProgram::FillFromInput(DeadLetter& letter) {
  const InputRecord& record = *letters_->record;
  const topology::Input& input = *letters_->input;
  const bool source = input.kind == topology::Input::Kind::kSource;
  letter.contents = source ? kContentsRecord : kContentsHop;
  letter.key = record.key;
  letter.value = record.value;
  letter.timestamp = record.own_timestamp;
  letter.headers = record.headers;
  if (source || input.has_origin) {
    letter.origin = RecordOrigin{record.topic, record.partition, record.offset};
  }
  if (!source && input.value.computed && record.value) {
    ASSIGN_OR_RETURN(const serde::Value value, serde::DecodeValue(*record.value, run_.arena()));
    letter.value = TextOf(value, letter_value_);
  }
  if (input.held_store >= 0 && record.key) {
    letter.place = letters_->held.PutAside(
        record, run_.context().Store(static_cast<size_t>(input.held_store)));
  }
  return Status::Ok();
}

void PlanProgram::FillFromResult(const Row& row, DeadLetter& letter) {
  letter.contents = kContentsResult;
  letter.timestamp = row.timestamp;
  letter.headers = row.headers;
  letter.key = row.key.bytes;
  if (row.key.computed && !row.key.null()) {
    RowKey key = row.key;
    // A value that can be no key is no reason to lose the letter.
    letter.key = EncodeRowKey(key, letter_key_, run_.arena()).ok() ? key.bytes : std::nullopt;
  }
  letter.value = row.value.computed ? TextOf(row.value.value, letter_value_) : row.value.bytes;
}

}  // namespace sidestream::operators
