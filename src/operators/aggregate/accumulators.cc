// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/accumulators.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"

namespace sidestream::operators {
namespace {

using serde::Value;

/// Appends a varint length and what `write` appends. Most are short: the length is put in front
/// without a copy.
template <typename Write>
void AppendSized(std::string& out, Write write) {
  const size_t at = out.size();
  out.push_back(0);
  write(out);
  const size_t size = out.size() - at - 1;
  if (size < 0x80) {
    out[at] = static_cast<char>(size);
    return;
  }
  std::string length;
  ByteWriter(length).Varint(size);
  out.replace(at, 1, length);
}

}  // namespace

AggregateArguments::AggregateArguments(std::span<const topology::AggregateCall> calls)
    : calls_(calls), inputs_(calls.size()) {
  size_t count = 0;
  for (const topology::AggregateCall& call : calls) count += call.arguments.size();
  values_.resize(count);
  const std::span<const Value> all(values_);
  size_t at = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    inputs_[i].values = all.subspan(at, calls[i].arguments.size());
    at += calls[i].arguments.size();
  }
}

Status AggregateArguments::Evaluate(std::span<const Value> slots, RunState& run) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    if (Status status = EvaluateCall(i, slots, run); !status.ok()) return status;
  }
  return Status::Ok();
}

bool AggregateArguments::AnyCounts() const {
  return std::ranges::any_of(inputs_, [](const CallInput& input) { return input.counts; });
}

Status AggregateArguments::EvaluateCall(size_t index, std::span<const Value> slots, RunState& run) {
  const topology::AggregateCall& call = calls_[index];
  CallInput& input = inputs_[index];
  input.counts = true;
  input.slots = slots;
  if (call.condition != nullptr) {
    ASSIGN_OR_RETURN(input.counts, run.Test(call.condition, slots));
    if (!input.counts) return Status::Ok();
  }
  const auto first = static_cast<size_t>(input.values.data() - values_.data());
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    ASSIGN_OR_RETURN(const Value value, run.Evaluate(call.arguments[i], slots));
    values_[first + i] = value;
    if (value.missing() || value.null()) input.counts = false;
  }
  return Status::Ok();
}

Accumulators::Accumulators(std::span<const topology::AggregateCall> calls) : calls_(calls) {
  all_.reserve(calls.size());
  for (const topology::AggregateCall& call : calls) {
    all_.push_back(NewAccumulator(call));
    may_grow_ = may_grow_ || all_.back()->may_grow();
  }
}

void Accumulators::Clear() {
  for (const auto& one : all_) one->Clear();
}

Status Accumulators::Fold(AggregateArguments& arguments, Timestamp timestamp, RunState& run) {
  const size_t grown = GrownBytes();
  const size_t left = grown < kStateBytesMax ? kStateBytesMax - grown : 0;
  for (size_t i = 0; i < all_.size(); ++i) {
    CallInput& input = arguments.inputs_[i];
    if (!input.counts) continue;
    input.timestamp = timestamp;
    input.bytes_left = left;
    if (Status status = all_[i]->Check(input, run); !status.ok()) {
      return status.WithContext(calls_[i].text);
    }
  }
  for (size_t i = 0; i < all_.size(); ++i) {
    if (arguments.inputs_[i].counts) all_[i]->Fold(arguments.inputs_[i], run);
  }
  return Status::Ok();
}

Status Accumulators::Merge(const Accumulators& later, RunState& run) {
  CHECK(later.all_.size() == all_.size()) << later.all_.size();
  std::string before;
  Encode(before);
  for (size_t i = 0; i < all_.size(); ++i) {
    Status status = all_[i]->Merge(*later.all_[i], run);
    if (status.ok()) continue;
    CHECK(Decode(before).ok()) << calls_[i].text;
    return status.WithContext(calls_[i].text);
  }
  if (GrownBytes() <= kStateBytesMax) return Status::Ok();
  CHECK(Decode(before).ok()) << "own bytes";
  return Status::BadRecord("two groups together hold more than " +
                           std::to_string(kStateBytesMax) + " bytes");
}

void Accumulators::Encode(std::string& out) const {
  for (size_t i = 0; i < all_.size(); ++i) {
    ByteWriter(out).U32(calls_[i].id);
    AppendSized(out, [&](std::string& bytes) { all_[i]->Encode(bytes); });
  }
}

Status Accumulators::Decode(std::string_view bytes, Form form) {
  if (DecodeInOrder(bytes, form)) return Status::Ok();
  if (form == Form::kById && DecodeById(bytes)) return Status::Ok();
  Clear();
  return Status::TaskCorrupted("the accumulators of a row are not what this release writes: bytes=" +
                               std::to_string(bytes.size()));
}

bool Accumulators::DecodeInOrder(std::string_view bytes, Form form) {
  ByteReader reader(bytes);
  for (size_t i = 0; i < all_.size(); ++i) {
    if (form == Form::kById && reader.U32() != calls_[i].id) return false;
    const std::string_view own = reader.String();
    if (!reader.ok() || !all_[i]->Decode(own)) return false;
  }
  return reader.empty();
}

/// Of rows from before fields came or went.
bool Accumulators::DecodeById(std::string_view bytes) {
  Clear();
  ByteReader reader(bytes);
  while (!reader.empty()) {
    const uint32_t id = reader.U32();
    const std::string_view own = reader.String();
    if (!reader.ok()) return false;
    for (size_t i = 0; i < all_.size(); ++i) {
      if (calls_[i].id == id && !all_[i]->Decode(own)) return false;
    }
  }
  return true;
}

}  // namespace sidestream::operators
