// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reader: from the bytes of a key or value to the slots that the topology uses.
//
// Place in the flow: a task makes one per input and side (key, value) when it is
// built, from the paths that its expressions asked for; then Read runs once per
// record, in one pass over the bytes.
//
// What it promises:
// - Only what is wanted is decoded and converted to the types of `fields:`. The text must
//   be JSON everywhere; only the range of numbers and the types are not looked at in
//   what nobody wants. So another expression does not change what is a bad record.
// - JSON integers stay integers (int, or uint above the largest int); all other numbers are
//   doubles, and one beyond a double is an error. Key order is kept; of equal keys
//   the last wins, in the place of the first.
// - Bytes behind the JSON value, invalid UTF-8, a byte order mark, nesting deeper than
//   kMaxDepth are errors.
// - No allocation per record in the steady state but from the arena, no copy of the bytes.
//
// Ownership: what Read puts into slots points into the bytes it was given, into the
// arena, or is static. The bytes must live as long as the slots are used.
//
// Threading: an object is confined to one thread; the next Read reuses its buffers.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/format.h"
#include "serde/value.h"

namespace sidestream::serde {

/// Deepest nesting of lists and maps that is read or written.
inline constexpr int kMaxDepth = 500;

/// A path of field names below the key or value, and the slot its Value goes to.
/// The empty path is the whole key or value. `["items"]` reads items with all below it.
struct WantedPath {
  std::vector<std::string> fields;
  size_t slot = 0;
  /// The slot is only written to JSON again: a reader of JSON may leave the text (kJson) of what
  /// is not null, checked but not decoded. Its digits, escapes and blanks then stay as they are.
  bool may_stay_text = false;
};

class Reader {
 public:
  virtual ~Reader() = default;

  /// Fails with kInvalidConfig when a path of `format.fields` does not parse. Several
  /// paths may be equal or lie one below the other; each slot may be named once.
  static Result<std::unique_ptr<Reader>> Create(const FormatSpec& format,
                                                std::vector<WantedPath> wanted);

  /// The same for bytes that were written with `writer`, without a frame. `format.schema` is what
  /// they are read as (Avro); without one they are read as they were written. `message_indexes`
  /// choose the message of a Protobuf file; empty: `format.message`, else its first.
  static Result<std::unique_ptr<Reader>> CreateFor(const FormatSpec& format,
                                                   const SchemaText& writer,
                                                   std::span<const int32_t> message_indexes,
                                                   std::vector<WantedPath> wanted);

  /// Fills the wanted slots; other slots are left alone. Requires that `slots` covers them.
  /// A field that is not there, or lies below something that is no map, becomes kMissing.
  /// Without bytes (Kafka's null) the whole value is Null and every field kMissing.
  /// Fails with kBadRecord (position and reason in the message); the slots are then not
  /// to be used.
  virtual Status Read(std::optional<std::string_view> bytes, std::span<Value> slots,
                      Arena& arena) = 0;

  /// Whether bytes have a frame that names their schema (wire_frame.h), which has to be fetched.
  virtual bool asks_registry() const { return false; }
  /// Whether bytes behind such a frame can be read now; `framed` begins with the frame.
  /// kUnavailable: the schema is on its way. Otherwise the errors of Read().
  virtual Status Ready(std::string_view /*framed*/) { return Status::Ok(); }

  /// Whether the last Read found null: no bytes, or bytes that say so. Requires that it was ok.
  bool found_null() const { return found_null_; }

 protected:
  bool found_null_ = false;
};

}  // namespace sidestream::serde
