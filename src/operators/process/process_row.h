// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The rows of a `process` step: the elements of its stores, and its timers. Internal to operators,
// and read by whoever shows state to people.
//
// Persistent: docs/formats/process-rows.md.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/expiry.h"
#include "serde/value.h"

namespace sidestream::operators {

/// What the rows of a process step's store begin with. Persistent: do not renumber.
enum class ProcessRow : uint8_t {
  kElement = 1,
  kElementEnd = 2,
  kTimer = 3,
  kTimerDue = 4,
  kListCounter = 5,
};

// The decoders below fail with kTaskCorrupted when the bytes are no such row, with kInvalidConfig
// when a newer release wrote them.

/// Which element a row is about.
struct ElementKey {
  size_t store = 0;  // its place in `stores:`
  std::string key;   // as in stores
  /// What of the store: empty for a value, a number for a list, of a map AppendMapKey().
  std::string_view element;
};

/// Empty: `row` is the key of another kind of row. The result points into it.
Result<std::optional<ElementKey>> ParseElementKey(std::string_view row);

struct Element {
  Timestamp updated;
  std::string_view value;  // serde::EncodeValue
};

void EncodeElement(const Element& element, std::string& out);
Result<Element> DecodeElement(std::string_view bytes);

/// Appends the key of an element of a map; equal numbers are one key. Fails with kBadRecord: it can
/// be none.
Status AppendMapKey(const serde::Value& key, std::string& out);
serde::Value ReadMapKey(std::string_view bytes, Arena& arena);

struct TimerRow {
  TimeDomain domain = TimeDomain::kEvent;
  Timestamp time;
};

void EncodeTimer(const TimerRow& timer, std::string& out);
Result<TimerRow> DecodeTimer(std::string_view bytes);

}  // namespace sidestream::operators
