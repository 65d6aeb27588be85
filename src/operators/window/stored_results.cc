// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/stored_results.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <utility>

#include "operators/aggregate/aggregate_row.h"
#include "operators/expiry.h"
#include "operators/ordered_key.h"
#include "operators/row_key.h"
#include "operators/window/count_row.h"
#include "operators/window/pane_table.h"
#include "operators/window/time_grid.h"

namespace sidestream::operators {
namespace {

/// Of sessions and instants: docs/formats/window-rows.md.
constexpr char kPieceRows = 's';

}  // namespace

using serde::Value;
using Kind = topology::Window::Kind;

/// Expressions of results may ask for the time, and for nothing else.
class StoredResults::Context final : public ProcessorContext {
 public:
  explicit Context(Timestamp now) : now_(now) {}
  statestore::KeyValueStore& Store(size_t) override { std::abort(); }
  Status Produce(const OutputRecord&) override { std::abort(); }
  Timestamp WallTime() const override { return now_; }
  uint64_t RandomBits() override { return 0; }
  void CountDropped(std::string_view, std::string_view) override {}
  void CountDeadLetter(std::string_view, std::string_view) override {}

 private:
  const Timestamp now_;
};

StoredResults::StoredResults(const topology::AggregateNode& node, Timestamp now)
    : node_(node), context_(std::make_unique<Context>(now)) {}

StoredResults::~StoredResults() = default;

Result<std::unique_ptr<StoredResults>> StoredResults::Create(const topology::AggregateNode& node,
                                                             const topology::Segment& results,
                                                             Timestamp now) {
  std::unique_ptr<StoredResults> made(new StoredResults(node, now));
  ASSIGN_OR_RETURN(made->results_, AggregateResults::Create(node, results));
  return made;
}

Result<std::vector<StoredResults::Entry>> StoredResults::Read(const Rows& rows,
                                                              Timestamp watermark, Arena& arena) {
  run_.Begin(*context_, arena);
  watermark_ = watermark;
  std::vector<Entry> entries;
  if (!node_.window) {
    RETURN_IF_ERROR(ReadGroups(rows, entries));
    return entries;
  }
  if (node_.window->kind == Kind::kCount) {
    RETURN_IF_ERROR(ReadCounts(rows, entries));
    return entries;
  }
  ASSIGN_OR_RETURN(const auto keys, ReadPieces(rows));
  for (const auto& [key, pieces] : keys) {
    RETURN_IF_ERROR(node_.window->kind == Kind::kSession   ? ReadSessions(key, pieces, entries)
                    : node_.window->kind == Kind::kSliding ? ReadSliding(key, pieces, entries)
                                                           : ReadGrid(key, pieces, entries));
  }
  return entries;
}

Status StoredResults::ReadGroups(const Rows& rows, std::vector<Entry>& entries) {
  Accumulators accumulators(node_.calls);
  for (const auto& [row_key, row] : rows) {
    const std::optional<std::string_view> key = GroupOfRowKey(row_key);
    if (!key) continue;
    ASSIGN_OR_RETURN(const AggregateRow decoded, DecodeAggregateRow(row));
    if (HasEnded(decoded.updated)) continue;
    RETURN_IF_ERROR(accumulators.Decode(decoded.accumulators, decoded.form));
    RETURN_IF_ERROR(Add(*key, nullptr, accumulators, entries));
  }
  return Status::Ok();
}

bool StoredResults::HasEnded(Timestamp updated) const {
  if (!node_.ttl || updated == kNoTimestamp) return false;
  const Timestamp now = node_.ttl->wall_clock ? context_->WallTime() : watermark_;
  return LaterBy(updated, node_.ttl->length_ms) <= now;
}

Status StoredResults::ReadCounts(const Rows& rows, std::vector<Entry>& entries) {
  for (const auto& [row_key, row] : rows) {
    if (!row_key.starts_with(kCountRows)) continue;
    ASSIGN_OR_RETURN(const CountRow count, DecodeCountRow(row, node_));
    if (count.records == 0) continue;
    Accumulators all(node_.calls);
    Status merged;
    for (const WindowState& slice : count.slices) {
      if (merged.ok()) merged = all.Merge(slice.accumulators, run_);
    }
    const std::string_view key = std::string_view(row_key).substr(1);
    RETURN_IF_ERROR(merged.ok() ? Add(key, nullptr, all, entries)
                                : AddRefused(key, nullptr, merged, entries));
  }
  return Status::Ok();
}

Result<std::map<std::string, StoredResults::Pieces>> StoredResults::ReadPieces(
    const Rows& rows) const {
  std::map<std::string, Pieces> keys;
  for (const auto& [row_key, row] : rows) {
    OrderedKeyReader reader(row_key);
    const auto kind = static_cast<char>(reader.Byte());
    std::string key;
    Timestamp time;
    if (kind == kWindowRows) {
      time = reader.Time();
      key = reader.Rest();
    } else if (kind == kPieceRows) {
      reader.Bytes(key);
      time = reader.Time();
    } else {
      continue;
    }
    if (!reader.ok()) return Status::TaskCorrupted("a row of a window has no time");
    auto state = std::make_unique<WindowState>(node_.calls);
    RETURN_IF_ERROR(DecodeWindowRow(row, *state));
    keys[std::move(key)].emplace(time, std::move(state));
  }
  return keys;
}

Status StoredResults::ReadGrid(std::string_view key, const Pieces& pieces,
                               std::vector<Entry>& entries) {
  const TimeGrid grid(*node_.window);
  const bool slices = topology::InSlices(node_);
  std::map<Timestamp, WindowBounds> windows;
  for (const auto& [start, state] : pieces) {
    if (!slices) {
      windows.emplace(start, grid.WindowAt(start));
      continue;
    }
    for (WindowBounds window = grid.LastWindowWith(start); window.end > start;
         window = grid.Before(window)) {
      windows.emplace(window.start, window);
    }
  }
  for (const auto& [start, window] : windows) {
    if (watermark_ >= window.end - 1) continue;
    RETURN_IF_ERROR(Add(key, window, pieces, start, slices ? window.end : start + 1, entries));
  }
  return Status::Ok();
}

Status StoredResults::ReadSessions(std::string_view key, const Pieces& pieces,
                                   std::vector<Entry>& entries) {
  const int64_t gap = node_.window->size;
  const int64_t most = node_.window->max_length;
  for (auto piece = pieces.begin(); piece != pieces.end();) {
    const Timestamp first = piece->first;
    Timestamp last = piece->second->timestamp;
    Timestamp behind = first + 1;
    for (++piece; piece != pieces.end() && piece->first <= last + gap; ++piece) {
      const Timestamp longer = std::max(last, piece->second->timestamp);
      if (most != 0 && longer - first >= most) break;
      last = longer;
      behind = piece->first + 1;
    }
    const Timestamp end = most == 0 ? last + gap : std::min(last + gap, first + most);
    if (watermark_ >= end) continue;
    RETURN_IF_ERROR(Add(key, {first, end}, pieces, first, behind, entries));
  }
  return Status::Ok();
}

Status StoredResults::ReadSliding(std::string_view key, const Pieces& pieces,
                                  std::vector<Entry>& entries) {
  const int64_t length = node_.window->size;
  std::set<Timestamp> lasts;
  for (const auto& [time, state] : pieces) lasts.insert({time, time + 1 + length});
  for (const Timestamp last : lasts) {
    if (watermark_ >= last) continue;
    RETURN_IF_ERROR(
        Add(key, {last - length, last + 1}, pieces, last - length, last + 1, entries));
  }
  return Status::Ok();
}

Status StoredResults::Add(std::string_view key, const WindowBounds& window, const Pieces& pieces,
                          Timestamp from, Timestamp to, std::vector<Entry>& entries) {
  Accumulators all(node_.calls);
  Status merged;
  bool any = false;
  for (auto piece = pieces.lower_bound(from); piece != pieces.end() && piece->first < to;
       ++piece) {
    any = true;
    if (merged.ok()) merged = all.Merge(piece->second->accumulators, run_);
  }
  if (!any) return Status::Ok();
  return merged.ok() ? Add(key, &window, all, entries) : AddRefused(key, &window, merged, entries);
}

Status StoredResults::Add(std::string_view key, const WindowBounds* window,
                          const Accumulators& accumulators, std::vector<Entry>& entries) {
  ASSIGN_OR_RETURN(RowKey row_key, ReadStoreKey(key, node_.key.computed));
  const Result<Value> result = results_->Evaluate(accumulators, row_key, window, run_);
  if (!result.ok()) return AddRefused(key, window, result.status(), entries);
  ASSIGN_OR_RETURN(Entry entry, EntryOf(key, window));
  entry.result = result->CopyInto(run_.arena());
  entries.push_back(std::move(entry));
  return Status::Ok();
}

Status StoredResults::AddRefused(std::string_view key, const WindowBounds* window,
                                 const Status& cause, std::vector<Entry>& entries) {
  if (cause.code() != StatusCode::kBadRecord) return cause;
  ASSIGN_OR_RETURN(Entry entry, EntryOf(key, window));
  entry.result = cause;
  entries.push_back(std::move(entry));
  return Status::Ok();
}

Result<StoredResults::Entry> StoredResults::EntryOf(std::string_view key,
                                                    const WindowBounds* window) {
  ASSIGN_OR_RETURN(RowKey row_key, ReadStoreKey(key, node_.key.computed));
  ASSIGN_OR_RETURN(const Value value, results_->WholeKey(row_key, run_));
  Entry entry{value.CopyInto(run_.arena()), std::nullopt, Value::Null()};
  if (window != nullptr) entry.window = *window;
  return entry;
}

}  // namespace sidestream::operators
