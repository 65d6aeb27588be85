// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// HeldKeys: `hold_key`. Once a record of a key is put aside, the later ones of the key are put
// aside too, until all of them have been put back and have passed. Internal to operators.
//
// Each hold of a key numbers its records 0, 1, 2 … in the order in which they were first seen. A
// record that is put back carries hold and number. It passes when all before it have passed;
// else it goes back to the letters under the number that it has. So the order is that of the
// input however the letters are put back, and a second copy of a letter changes nothing.
//
// Invariants
//  H1. A key has a row if and only if it is held: head < next. Records below head have passed.
//  H2. The hold ends in the transaction in which the last of its records passes.
//  H3. Hold ids do not come again: they are the place of the record that began the hold.
//
// Persistent: docs/formats/held-key.md. Keys of rows are the input's own key bytes.
//
// Threading: confined to the task's worker.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "operators/dead_letter/dead_letter_writer.h"
#include "operators/processor_context.h"
#include "statestore/key_value_store.h"

namespace sidestream::operators {

/// Row of a held key.
struct HeldRow {
  uint64_t head = 0;  // number of the record that passes next
  uint64_t next = 0;  // number of the next record that is put aside
  std::string_view hold;
};

void EncodeHeldRow(const HeldRow& row, std::string& out);
/// Points into `bytes`. Fails with kTaskCorrupted when they are no row, with kInvalidConfig
/// when a newer release wrote it.
Result<HeldRow> DecodeHeldRow(std::string_view bytes);

class HeldKeys {
 public:
  enum class Admission {
    kFree,     // the key is not held
    kReplay,   // held, and this record is the next that may pass
    kWaits,    // put it aside
    kRepeated  // a copy of one that has passed already: drop it
  };

  explicit HeldKeys(const std::string& application) : prefix_(application + "/") {}

  /// Looks at a record that has a key. Fails as the store does.
  Result<Admission> Admit(const InputRecord& record, statestore::KeyValueStore& store);

  /// The record of the last Admit() is put aside: its place, good until the next call.
  HoldPlace PutAside(const InputRecord& record, statestore::KeyValueStore& store);
  /// The record of the last Admit() has passed.
  void Pass(const InputRecord& record, statestore::KeyValueStore& store);

 private:
  /// Hold and number that a record which was put back carries, when they are of this application.
  std::optional<HoldPlace> PlaceOf(const InputRecord& record) const;
  void Save(const InputRecord& record, statestore::KeyValueStore& store);

  const std::string prefix_;
  // Of the last Admit().
  Admission admission_ = Admission::kFree;
  std::string hold_;
  uint64_t head_ = 0;
  uint64_t next_ = 0;
  std::optional<uint64_t> number_;  // of a record that was put back
  std::string encoded_;
};

}  // namespace sidestream::operators
