// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Parts of the keys of stores that are scanned: the order of the bytes is the order of what they
// stand for, part by part. Internal to operators.
//
// Persistent: docs/formats/window-rows.md.
//
// Threading: free functions and values.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

/// 8 bytes, big-endian, the sign turned round: earlier times come first.
void AppendOrderedTime(Timestamp time, std::string& out);

/// Bytes with more parts behind them: a zero byte becomes 00 FF, and 00 01 is the end. Bytes that
/// are the last part need none of it.
void AppendOrderedBytes(std::string_view bytes, std::string& out);

/// Takes such a key apart. After the first failure every read gives zero or empty and ok() stays
/// false.
class OrderedKeyReader {
 public:
  /// `key` is borrowed; what Rest() returns points into it.
  explicit OrderedKeyReader(std::string_view key) : rest_(key) {}

  uint8_t Byte();
  Timestamp Time();
  /// Appends the bytes to `out`.
  void Bytes(std::string& out);
  /// All that is left: the last part.
  std::string_view Rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// The smallest key above all that begin with `prefix`; empty: there is none.
std::string EndOfPrefix(std::string_view prefix);

/// Deletes all rows that begin with `prefix`, any number of them in bounded memory. Fails as the
/// store does.
Status DeleteRows(std::string_view prefix, statestore::KeyValueStore& store);

}  // namespace sidestream::operators
