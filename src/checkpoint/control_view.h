// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the control topic says, as tasks need it: which inputs are adopted, where bounded
// inputs end, what the bytes of stores mean, whether the application has finished.
//
// Threading: any thread may ask.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::checkpoint {

class ControlView {
 public:
  virtual ~ControlView() = default;
  /// The topic has been read to the end it had at the start. Nothing else is to be asked before.
  virtual bool caught_up() const = 0;
  /// Id of the topic of which every partition once had a committed, stamped offset, so that a
  /// missing one is an error and never `start_from`; empty: not adopted yet.
  virtual std::optional<TopicId> AdoptedId(const std::string& topic) const = 0;
  /// Where a bounded input (`end_at`) ends; empty: not decided yet.
  virtual std::optional<Offset> End(const TopicPartition& partition) const = 0;
  /// The fingerprint under which the store's changelog is written; empty: not recorded yet.
  virtual std::optional<uint64_t> StoreFingerprint(const std::string& store) const = 0;
  /// kUnavailable: not recorded yet. kInvalidConfig: recorded with another fingerprint, so that the
  /// store's bytes mean something else than this topology would take them for.
  Status CheckStore(const std::string& store, uint64_t fingerprint) const;
  /// All bounded inputs were processed to their ends.
  virtual bool finished() const = 0;
};

}  // namespace sidestream::checkpoint
