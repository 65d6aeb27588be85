// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Row: a record on its way through the nodes of a sub-topology. Internal to this folder.
//
// Ownership: a Row owns nothing. Its views point into the record that came in, into the arena
// of the run, or into the group of an aggregate; all of them outlive the push.
//
// Threading: confined to the task's worker.

#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "base/header.h"
#include "base/ids.h"
#include "base/internal_record.h"
#include "serde/key_codec.h"
#include "serde/value.h"

namespace sidestream::operators {

/// A key is either a stream's own bytes, or computed; a computed one is known as bytes, as a
/// value, or as both, and the missing form is made when somebody asks for it (row_key.h).
struct RowKey {
  bool computed = false;
  /// Own bytes, or those of a computed key once kind != kOwn. Empty: null, or not made yet.
  std::optional<std::string_view> bytes;
  /// Of a computed key whose bytes are there, else kOwn.
  serde::KeyKind kind = serde::KeyKind::kOwn;
  /// Of a computed key; kMissing while it is known as bytes only.
  serde::Value value;
  serde::KeyOrder order = serde::KeyOrder::kSorted;
  /// The bytes that say to which partition of a user's topic it belongs, where those are not its
  /// own: of a windowed key the ones of the group's.
  std::optional<std::string_view> placed_by;

  bool null() const { return computed ? !bytes && value.null() : !bytes; }
};

struct RowValue {
  bool computed = false;
  /// What came, while it is not computed; empty: Kafka's null.
  std::optional<std::string_view> bytes;
  serde::Value value;  // when computed
  /// The value is null, also by a JSON null.
  bool null = false;
};

struct Row {
  RowKey key;
  RowValue value;
  Timestamp timestamp;
  std::span<const Header> headers;
  /// Empty behind an aggregate: a result comes from many records.
  std::optional<RecordOrigin> origin;
  /// Of a row change (debezium.h): the row before, and c, u, d or r.
  serde::Value old;
  std::string_view op;
};

}  // namespace sidestream::operators
