// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the control topic says, as tasks need it: which inputs are adopted, where bounded
// inputs end, what the bytes of stores mean, whether the application has finished, and how far the
// newest checkpoint has come.
//
// Threading: any thread may ask.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/ids.h"
#include "base/status.h"
#include "checkpoint/control_record.h"
#include "checkpoint/outcome.h"

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
  /// What the bytes of the store and of its changelog mean; empty: not recorded yet.
  virtual std::optional<StoreRecord> Store(const std::string& store) const = 0;
  /// kUnavailable: not recorded yet, or not yet as `layout`, which it may become. kInvalidConfig:
  /// state would be lost, and `may_lose` is false.
  Status CheckStore(const std::string& store, const StoreLayout& layout, bool may_lose) const;
  /// All bounded inputs were processed to their ends.
  virtual bool finished() const = 0;

  /// Next offset to read: everything before it is known.
  virtual Offset position() const = 0;
  /// Another number since the last call: what the three below say may have changed.
  virtual uint64_t checkpoint_changes() const = 0;
  /// The newest checkpoint, as far as it has come; null: there was none.
  virtual std::shared_ptr<const Checkpoint> LatestCheckpoint() const = 0;
  /// The newest checkpoint was asked for in order to stop, and became complete since this process
  /// follows the topic.
  virtual bool stop_at_savepoint() const = 0;
  /// Tasks stay paused although the newest checkpoint is decided.
  bool HoldsBehind(const Checkpoint& latest) const {
    return latest.begin.stop && (latest.stage == CheckpointStage::kCut || stop_at_savepoint());
  }
};

/// What a start with `planned` makes of the recorded state. A dropped store is another one.
LayoutChange ChangeOf(const StoreRecord& recorded, const StoreLayout& planned);
/// The same for a store whose step is gone; what the error says and what mends it.
Status RefuseLoss(const std::string& store, const std::string& reason);

}  // namespace sidestream::checkpoint
