// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Keys and values of a stream between the bytes on its topic and what a test file says: values as
// JSON has them, whatever the format.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/arena.h"
#include "base/status.h"
#include "harness/embedded_application.h"
#include "serde/format.h"
#include "serde/json_text.h"
#include "serde/reader.h"
#include "serde/value.h"
#include "serde/writer.h"
#include "topology/model.h"

namespace sidestream::harness {

/// The keys of a stream, or its values.
class SideCodec {
 public:
  /// Fails with kInvalidConfig when the format does not compile.
  static Result<SideCodec> Create(const serde::FormatSpec& format);

  /// Empty: Kafka's null. Fails with kBadRecord when the format cannot hold the value.
  Result<std::optional<std::string>> Encode(const serde::Value& value) const;

  /// Bytes that do not fit the format are shown as bytes. The result lives in `arena`.
  serde::Value Decode(const std::optional<std::string>& bytes, Arena& arena);

  /// Whether `bytes`, which were decoded to `decoded`, are what `expected` says: by value, or
  /// because `expected` is written as the same bytes (a float's digits are not those of a double).
  bool Holds(const std::optional<std::string>& bytes, const serde::Value& decoded,
             const serde::Value& expected) const;

 private:
  SideCodec(serde::Writer writer, std::unique_ptr<serde::Reader> reader)
      : writer_(std::move(writer)), reader_(std::move(reader)) {}

  serde::Writer writer_;
  std::unique_ptr<serde::Reader> reader_;
  serde::JsonParser parser_;
};

struct StreamCodec {
  static Result<StreamCodec> Create(const topology::StreamModel& stream);

  SideCodec key;
  SideCodec value;
};

/// Reads dead letters: each in the formats of the stream whose topic it names, without the types
/// of `fields:`, since what did not fit them is a letter because of that; all others as text.
class LetterCodec {
 public:
  static Result<LetterCodec> Create(const topology::Model& model);
  StreamCodec& Of(const CollectedRecord& letter);

 private:
  explicit LetterCodec(StreamCodec text) : text_(std::move(text)) {}

  StreamCodec text_;
  std::map<std::string, StreamCodec> by_topic_;
};

}  // namespace sidestream::harness
