// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoredResults: what the rows of an aggregate's store mean, in the words of its user: the results
// that the step would send of them as they stand. For people and tests, not for the way of a record.
//
// Of an aggregate with windows these are the windows that have not ended: whatever is in rows of
// slices, instants or sessions is put together. Of a count window it is the one that is not complete.
// Groups whose ttl is over are left out, whether their rows are gone or not.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "operators/aggregate/aggregate_results.h"
#include "operators/processor_context.h"
#include "operators/run_state.h"
#include "operators/window/window_bounds.h"
#include "operators/window/window_row.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

class StoredResults {
 public:
  struct Entry {
    serde::Value key;
    /// Empty: without a window, or of a count window.
    std::optional<WindowBounds> window;
    /// kBadRecord: the result cannot be computed.
    Result<serde::Value> result;
  };
  using Rows = std::map<std::string, std::string>;

  /// `node` and `results`, the segment of its results, are borrowed; `now` is what now() says. Fails
  /// with kInvalidConfig.
  static Result<std::unique_ptr<StoredResults>> Create(const topology::AggregateNode& node,
                                                       const topology::Segment& results,
                                                       Timestamp now);
  ~StoredResults();

  /// All rows of the store of one task, whose event time is `watermark`. By key, then by the
  /// window's end. Values are made in `arena`. Fails as the decoders of rows do.
  Result<std::vector<Entry>> Read(const Rows& rows, Timestamp watermark, Arena& arena);

 private:
  class Context;
  /// What the rows say of one key, by time: slices, windows, sessions or instants.
  using Pieces = std::map<Timestamp, std::unique_ptr<WindowState>>;

  StoredResults(const topology::AggregateNode& node, Timestamp now);

  /// Whether the ttl of a group that was updated then is over.
  bool HasEnded(Timestamp updated) const;
  Status ReadGroups(const Rows& rows, std::vector<Entry>& entries);
  Status ReadCounts(const Rows& rows, std::vector<Entry>& entries);
  /// Of windows with bounds, by key.
  Result<std::map<std::string, Pieces>> ReadPieces(const Rows& rows) const;
  /// Bounds and pieces of the windows of one key, by their end.
  Status ReadGrid(std::string_view key, const Pieces& pieces, std::vector<Entry>& entries);
  Status ReadSessions(std::string_view key, const Pieces& pieces, std::vector<Entry>& entries);
  Status ReadSliding(std::string_view key, const Pieces& pieces, std::vector<Entry>& entries);
  /// Adds the window that consists of the pieces with from <= time < to, unless there are none.
  Status Add(std::string_view key, const WindowBounds& window, const Pieces& pieces,
             Timestamp from, Timestamp to, std::vector<Entry>& entries);
  /// Of what `accumulators` hold.
  Status Add(std::string_view key, const WindowBounds* window, const Accumulators& accumulators,
             std::vector<Entry>& entries);
  /// One whose result cannot be computed; other errors than kBadRecord go up.
  Status AddRefused(std::string_view key, const WindowBounds* window, const Status& cause,
                    std::vector<Entry>& entries);
  Result<Entry> EntryOf(std::string_view key, const WindowBounds* window);

  const topology::AggregateNode& node_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<AggregateResults> results_;
  RunState run_;
  Timestamp watermark_ = kNoWatermark;
};

}  // namespace sidestream::operators
