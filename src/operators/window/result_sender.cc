// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/result_sender.h"

#include <utility>

#include "base/bytes.h"
#include "operators/row_key.h"
#include "serde/value_codec.h"

namespace sidestream::operators {

using serde::Value;
using topology::Emit;
using topology::OutputKey;

Result<std::unique_ptr<ResultSender>> ResultSender::Create(const topology::AggregateNode& node,
                                                           const topology::Segment& results) {
  std::unique_ptr<ResultSender> sender(new ResultSender(node));
  ASSIGN_OR_RETURN(sender->results_, AggregateResults::Create(node, results));
  return sender;
}

Status ResultSender::AfterRecord(const KeyedWindow& window, WindowState& state,
                                 StepOutput& output) {
  state.owed = true;
  if (node_.emit != Emit::kEach || window.over) return Status::Ok();
  return SendNow(window, state, state.timestamp, output);
}

Status ResultSender::AtCommit(const KeyedWindow& window, WindowState& state, StepOutput& output) {
  if (!state.owed) return Status::Ok();
  if (window.over) return AtEnd(window, state, output);
  switch (node_.emit) {
    case Emit::kFinal:
    case Emit::kEach:
      return Status::Ok();
    case Emit::kChanges:
      return SendChange(window, state, output).status();
    case Emit::kEvery:
      break;
  }
  if (state.held) return Status::Ok();
  const Timestamp now = output.run().context().WallTime();
  if (state.sent_at != kNoTimestamp && now < HeldUntil(state)) {
    state.held = true;
    return Status::Ok();
  }
  ASSIGN_OR_RETURN(const bool sent, SendChange(window, state, output));
  if (sent) state.sent_at = now;
  return Status::Ok();
}

Status ResultSender::AtClock(const KeyedWindow& window, WindowState& state, StepOutput& output) {
  state.held = false;
  if (!state.owed) return Status::Ok();
  // The window ended while its result was held, and what is owed now is a correction.
  if (window.over) return AtEnd(window, state, output);
  // `emit` was another one when it was held.
  if (node_.emit == Emit::kFinal) return Status::Ok();
  ASSIGN_OR_RETURN(const bool sent, SendChange(window, state, output));
  if (sent) state.sent_at = output.run().context().WallTime();
  return Status::Ok();
}

Status ResultSender::AtEnd(const KeyedWindow& window, WindowState& state, StepOutput& output) {
  const bool first = !std::exchange(state.ended, true);
  switch (node_.emit) {
    case Emit::kFinal:
    case Emit::kEvery:
      return first || state.owed ? SendNow(window, state, window.end_time, output) : Status::Ok();
    case Emit::kEach:
      return state.owed ? SendNow(window, state, state.timestamp, output) : Status::Ok();
    case Emit::kChanges:
      return state.owed ? SendChange(window, state, output).status() : Status::Ok();
  }
  return Status::Ok();
}

Status ResultSender::SendNow(const KeyedWindow& window, WindowState& state, Timestamp time,
                             StepOutput& output) {
  state.owed = false;
  return Send(window, state.accumulators, time, output);
}

Status ResultSender::Send(const KeyedWindow& window, const Accumulators& accumulators,
                          Timestamp time, StepOutput& output) {
  Row result;
  if (Status made = Make(window, accumulators, time, output, result); !made.ok()) {
    return output.Refuse(result, made);
  }
  return output.Emit(result);
}

Status ResultSender::Refuse(const KeyedWindow& window, Timestamp time, const Status& cause,
                            StepOutput& output) {
  Row result;
  result.timestamp = time;
  ASSIGN_OR_RETURN(result.key, ReadStoreKey(window.key, node_.key.computed));
  return output.Refuse(result, cause);
}

Result<bool> ResultSender::SendChange(const KeyedWindow& window, WindowState& state,
                                      StepOutput& output) {
  state.owed = false;
  Row result;
  Status made = Make(window, state.accumulators, state.timestamp, output, result);
  if (made.ok()) {
    encoded_.clear();
    made = serde::EncodeValue(result.value.value, encoded_);
    // The key of a session that has grown is another one.
    if (node_.window->kind == topology::Window::Kind::kSession &&
        node_.output_key != OutputKey::kPlain) {
      ByteWriter writer(encoded_);
      writer.U64(static_cast<uint64_t>(window.bounds.start.value()));
      writer.U64(static_cast<uint64_t>(window.bounds.end.value()));
    }
  }
  if (!made.ok()) {
    RETURN_IF_ERROR(output.Refuse(result, made));
    return false;
  }
  if (state.was_sent && state.sent == encoded_) return false;
  state.was_sent = true;
  state.sent.assign(encoded_);
  RETURN_IF_ERROR(output.Emit(result));
  return true;
}

Status ResultSender::Make(const KeyedWindow& window, const Accumulators& accumulators,
                          Timestamp time, StepOutput& output, Row& result) {
  result.timestamp = time;
  ASSIGN_OR_RETURN(result.key, ReadStoreKey(window.key, node_.key.computed));
  const bool bounds = topology::HasBounds(*node_.window);
  ASSIGN_OR_RETURN(const Value value,
                   results_->Evaluate(accumulators, result.key, bounds ? &window.bounds : nullptr,
                                      output.run()));
  result.value.computed = true;
  result.value.value = value;
  result.value.null = value.null();
  return ShapeKey(window, output, result.key);
}

Status ResultSender::ShapeKey(const KeyedWindow& window, StepOutput& output, RowKey& key) {
  if (node_.output_key == OutputKey::kPlain) return Status::Ok();
  RunState& run = output.run();
  RowKey shaped;
  shaped.computed = true;
  if (node_.output_key == OutputKey::kWindowedJson) {
    ASSIGN_OR_RETURN(const Value inner, results_->WholeKey(key, run));
    const std::span<serde::MapEntry> entries = run.arena().NewArray<serde::MapEntry>(3);
    entries[0] = {Value::String("key"), inner};
    entries[1] = {Value::String(topology::kWindowStart), Value::Int(window.bounds.start.value())};
    entries[2] = {Value::String(topology::kWindowEnd), Value::Int(window.bounds.end.value())};
    shaped.value = Value::Map(entries);
    shaped.order = serde::KeyOrder::kAsGiven;
  } else {
    key_.assign(*key.bytes);
    ByteWriter writer(key_);
    // Kafka Streams takes the last event for the end of a session, and writes it first.
    if (node_.window->kind == topology::Window::Kind::kSession) {
      writer.U64(static_cast<uint64_t>(window.bounds.end.value() - node_.window->size));
    }
    writer.U64(static_cast<uint64_t>(window.bounds.start.value()));
    shaped.value = Value::Bytes(run.arena().Copy(key_));
    shaped.placed_by = run.arena().Copy(*key.bytes);
  }
  key = shaped;
  return Status::Ok();
}

}  // namespace sidestream::operators
