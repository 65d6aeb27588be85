// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/overlay_task_state.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "statestore/store_cache.h"

namespace sidestream::statestore {

/// One store as its operator sees it: the cache over the backend's table.
class OverlayStore final : public KeyValueStore {
 public:
  /// `backend` is borrowed and outlives the store.
  OverlayStore(size_t table, StateBackend& backend, CacheBudget& budget)
      : table_(table), backend_(backend), cache_(budget) {}

  Result<std::optional<std::string_view>> Get(std::string_view key) override {
    const StoreCache::Entry* entry = cache_.Find(key);
    if (entry == nullptr) {
      ASSIGN_OR_RETURN(const bool found, backend_.Get(table_, key, fetched_));
      entry =
          &cache_.AddClean(key, found ? std::optional<std::string_view>(fetched_) : std::nullopt);
    }
    if (entry->deleted) return std::optional<std::string_view>();
    return std::optional<std::string_view>(entry->value);
  }
  void Put(std::string_view key, std::string_view value) override { cache_.Put(key, value); }
  void Delete(std::string_view key) override { cache_.Delete(key); }

  Status Scan(std::string_view from, std::string_view to, const VisitRow& visit) override {
    const StoreCache::Rows& held = cache_.Ordered();
    auto next = held.lower_bound(from);
    // The rows in memory below `end`, or all of them; true: go on.
    const auto visit_held = [&](std::optional<std::string_view> end) -> Result<bool> {
      for (; next != held.end() && (!end || next->first < *end); ++next) {
        const StoreCache::Entry& entry = cache_.at(next->second);
        if (entry.deleted) continue;
        ASSIGN_OR_RETURN(const bool more, visit(entry.key, entry.value));
        if (!more) return false;
      }
      return true;
    };
    bool more = true;
    RETURN_IF_ERROR(backend_.Scan(
        table_, from, to, [&](std::string_view key, std::string_view value) -> Result<bool> {
          ASSIGN_OR_RETURN(more, visit_held(key));
          if (!more) return false;
          // Written over or deleted: it is one of those, and comes before the next row.
          if (next != held.end() && next->first == key) return true;
          ASSIGN_OR_RETURN(more, visit(key, value));
          return more;
        }));
    if (!more) return {};
    return visit_held(to.empty() ? std::nullopt : std::optional(to)).status();
  }

  StoreCache& cache() { return cache_; }

 private:
  const size_t table_;
  StateBackend& backend_;
  StoreCache cache_;
  std::string fetched_;
};

OverlayTaskState::OverlayTaskState(std::span<const StoreSpec> stores,
                                   std::unique_ptr<StateBackend> backend,
                                   std::shared_ptr<CacheBudget> budget)
    : specs_(stores.begin(), stores.end()),
      budget_(std::move(budget)),
      backend_(std::move(backend)),
      meta_(stores.size()),
      complete_(stores.size(), false),
      meta_written_(stores.size(), false) {
  for (size_t i = 0; i < specs_.size(); ++i) {
    stores_.push_back(std::make_unique<OverlayStore>(i, *backend_, *budget_));
    meta_[i].fingerprint = specs_[i].fingerprint;
  }
}

OverlayTaskState::~OverlayTaskState() = default;

Result<std::unique_ptr<OverlayTaskState>> OverlayTaskState::Open(
    const Identity& identity, std::span<const StoreSpec> stores,
    std::unique_ptr<StateBackend> backend, std::shared_ptr<CacheBudget> budget) {
  std::unique_ptr<OverlayTaskState> state(
      new OverlayTaskState(stores, std::move(backend), std::move(budget)));
  if (stores.empty()) return state;
  RETURN_IF_ERROR(state->LoadMeta(identity));
  for (size_t i = 0; i < stores.size(); ++i) {
    RETURN_IF_ERROR(state->LoadStore(i));
  }
  return state;
}

Status OverlayTaskState::LoadMeta(const Identity& identity) {
  identity_bytes_ = EncodeIdentity(identity);
  std::string bytes;
  ASSIGN_OR_RETURN(identity_written_, backend_->Get(kMetaTable, kIdentityKey, bytes));
  if (!identity_written_) {
    // A process that died before its first flush leaves this behind; rows without an owner
    // are nothing that we ever write.
    for (size_t i = 0; i < specs_.size(); ++i) {
      ASSIGN_OR_RETURN(const bool empty, backend_->Empty(i));
      if (!empty) return Status::TaskCorrupted("the state directory does not say whose it is");
    }
    return {};
  }
  ASSIGN_OR_RETURN(const Identity owner, DecodeIdentity(bytes));
  if (owner != identity) {
    return Status::TaskCorrupted("the state directory is another's: application=" +
                                 owner.application + " task=" + ToString(owner.task));
  }
  ASSIGN_OR_RETURN(const bool has_sequence, backend_->Get(kMetaTable, kSequenceKey, bytes));
  if (has_sequence) {
    ASSIGN_OR_RETURN(sequence_, DecodeSequence(bytes));
  }
  for (size_t i = 0; i < specs_.size(); ++i) {
    ASSIGN_OR_RETURN(const bool known,
                     backend_->Get(kMetaTable, StoreMetaKey(specs_[i].name), bytes));
    if (!known) continue;
    ASSIGN_OR_RETURN(meta_[i], DecodeStoreMeta(bytes));
    meta_written_[i] = true;
  }
  return {};
}

Status OverlayTaskState::LoadStore(size_t store) {
  const StoreSpec& spec = specs_[store];
  StoreMeta& meta = meta_[store];
  if (meta.fingerprint != spec.fingerprint) {
    log::Info("statestore",
              "store is another one than in the directory, restoring it in full: store={}",
              spec.name);
    return Clear(store);
  }
  // Rows without a position are the rest of a Clear() that a crash cut short. A store without a
  // changelog has no position ever.
  if (meta.position || spec.changelog_topic.empty()) return {};
  ASSIGN_OR_RETURN(const bool empty, backend_->Empty(store));
  return empty ? Status::Ok() : backend_->Drop(store);
}

KeyValueStore& OverlayTaskState::store(size_t store) { return *stores_.at(store); }

void OverlayTaskState::ForEachChange(size_t store,
                                     const std::function<void(const Change&)>& visit) {
  stores_.at(store)->cache().ForEachDirty([&visit](const StoreCache::Entry& entry) {
    visit({.key = entry.key,
           .value = entry.deleted ? std::nullopt : std::optional<std::string_view>(entry.value)});
  });
}

bool OverlayTaskState::HasChanges() const {
  return std::any_of(stores_.begin(), stores_.end(),
                     [](const auto& store) { return store->cache().has_dirty(); });
}

size_t OverlayTaskState::uncommitted_bytes() const {
  size_t bytes = 0;
  for (const auto& store : stores_) bytes += store->cache().dirty_bytes();
  return bytes;
}

Status OverlayTaskState::WriteWithMeta() {
  std::vector<TableRow> rows;
  for (size_t i = 0; i < specs_.size(); ++i) {
    stores_[i]->cache().ForEachUnwritten(
        [&rows, i](std::string_view key, std::optional<std::string_view> value) {
          rows.push_back({.table = i, .key = key, .value = value});
        });
  }
  // Newer than what is in memory.
  rows.insert(rows.end(), restored_.begin(), restored_.end());
  std::vector<std::string> owned;
  AddMeta(rows, owned);
  if (!rows.empty()) RETURN_IF_ERROR(backend_->Write(rows));
  for (const auto& store : stores_) store->cache().Written();
  MetaIsWritten();
  return {};
}

void OverlayTaskState::AddMeta(std::vector<TableRow>& rows, std::vector<std::string>& owned) const {
  // Rows point into these strings, so they must not move.
  owned.reserve(2 * specs_.size() + 2);
  const auto add = [&](std::string_view key, std::string value) {
    owned.push_back(std::move(value));
    rows.push_back({.table = kMetaTable, .key = key, .value = owned.back()});
  };
  if (!identity_written_) add(kIdentityKey, identity_bytes_);
  if (!sequence_written_) add(kSequenceKey, EncodeSequence(sequence_));
  for (size_t i = 0; i < specs_.size(); ++i) {
    if (meta_written_[i]) continue;
    owned.push_back(StoreMetaKey(specs_[i].name));
    add(owned.back(), EncodeStoreMeta(meta_[i]));
  }
}

void OverlayTaskState::MetaIsWritten() {
  identity_written_ = true;
  sequence_written_ = true;
  meta_written_.assign(specs_.size(), true);
}

Status OverlayTaskState::WriteHeld(int64_t allowed) {
  const bool write = std::any_of(stores_.begin(), stores_.end(), [allowed](const auto& store) {
    return store->cache().unwritten_bytes() > allowed;
  });
  return write ? WriteWithMeta() : Status::Ok();
}

Status OverlayTaskState::Apply(const AppliedCommit& commit) {
  CHECK(commit.changelog_positions.size() == specs_.size()) << "one position per store";
  if (commit.sequence != sequence_) {
    sequence_ = commit.sequence;
    sequence_written_ = false;
  }
  for (size_t i = 0; i < specs_.size(); ++i) {
    StoreCache& cache = stores_[i]->cache();
    complete_[i] = true;
    if (commit.changelog_positions[i]) {
      meta_[i].position = commit.changelog_positions[i];
      meta_written_[i] = false;
    }
    if (!cache.has_dirty()) continue;
    CHECK(commit.changelog_positions[i] || specs_[i].changelog_topic.empty())
        << "changes of store " << specs_[i].name << " have no changelog position";
    cache.CommitDirty();
  }
  // The backend lags behind, rows and positions together, as it does after a crash: what it lacks
  // is in the changelog.
  return WriteHeld(budget_->UnwrittenMax());
}

void OverlayTaskState::Rollback() {
  for (const auto& store : stores_) store->cache().RollbackDirty();
}

StorePosition OverlayTaskState::position(size_t store) const {
  const StoreMeta& meta = meta_.at(store);
  return {.changelog_position = meta.position,
          .changelog_id = meta.changelog_id,
          .complete_at = meta.complete_at};
}

Status OverlayTaskState::SetChangelogId(size_t store, const TopicId& id) {
  if (meta_.at(store).changelog_id == id) return {};
  meta_[store].changelog_id = id;
  meta_written_[store] = false;
  return WriteWithMeta();
}

Status OverlayTaskState::ApplyRestored(size_t store, std::span<const Change> rows, Offset position,
                                       CommitSequence sequence) {
  CHECK(!HasChanges()) << "a restore meets an open transaction: store=" << spec(store).name;
  StoreCache& cache = stores_.at(store)->cache();
  RETURN_IF_ERROR(WriteHeld());
  for (const Change& row : rows) {
    cache.Forget(row.key);
    restored_.push_back({.table = store, .key = row.key, .value = row.value});
  }
  Restored(store, position, sequence);
  const Status written = WriteWithMeta();
  restored_.clear();
  return written;
}

void OverlayTaskState::Restored(size_t store, Offset position, CommitSequence sequence) {
  meta_[store].position = position;
  meta_written_[store] = false;
  complete_[store] = false;
  if (sequence > sequence_) {
    sequence_ = sequence;
    sequence_written_ = false;
  }
}

Status OverlayTaskState::IngestRestored(size_t store, std::span<const Change> rows, Offset position,
                                        CommitSequence sequence) {
  CHECK(!HasChanges()) << "a restore meets an open transaction: store=" << spec(store).name;
  RETURN_IF_ERROR(WriteHeld());
  stores_.at(store)->cache().ForgetAll();
  Restored(store, position, sequence);
  std::vector<TableRow> beside;
  std::vector<std::string> owned;
  AddMeta(beside, owned);
  RETURN_IF_ERROR(backend_->Ingest(store, rows, beside));
  MetaIsWritten();
  return {};
}

Status OverlayTaskState::BeginFullRestore(size_t store, Timestamp now) {
  RETURN_IF_ERROR(Clear(store));
  meta_[store].complete_at = now;
  meta_written_[store] = false;
  return WriteWithMeta();
}

Status OverlayTaskState::Clear(size_t store) {
  CHECK(!HasChanges()) << "a store with an open transaction cannot be emptied: store="
                       << spec(store).name;
  stores_[store]->cache().ForgetAll();
  complete_[store] = false;
  ASSIGN_OR_RETURN(const bool empty, backend_->Empty(store));
  const bool had_position = meta_[store].position.has_value();
  meta_[store] = {.fingerprint = specs_[store].fingerprint};
  meta_written_[store] = false;
  // The position goes first: a crash in between leaves rows without a position, which the next
  // open drops. The other way round it would leave a position without rows.
  RETURN_IF_ERROR(WriteWithMeta());
  return empty && !had_position ? Status::Ok() : backend_->Drop(store);
}

Result<bool> OverlayTaskState::Empty(size_t store) {
  RETURN_IF_ERROR(WriteHeld());
  return backend_->Empty(store);
}

Status OverlayTaskState::Scan(
    size_t store, const std::function<void(std::string_view, std::string_view)>& visit) {
  RETURN_IF_ERROR(WriteHeld());
  return backend_->Scan(store, "", "",
                        [&](std::string_view key, std::string_view value) -> Result<bool> {
                          visit(key, value);
                          return true;
                        });
}

Status OverlayTaskState::Flush(Timestamp now) {
  if (specs_.empty()) return {};
  for (size_t i = 0; i < specs_.size(); ++i) {
    if (!complete_[i]) continue;
    meta_[i].complete_at = now;
    meta_written_[i] = false;
  }
  RETURN_IF_ERROR(WriteWithMeta());
  return backend_->Flush();
}

Status OverlayTaskState::SaveImage(const std::filesystem::path& into, Timestamp now) {
  if (specs_.empty()) return {};
  RETURN_IF_ERROR(Flush(now));
  return backend_->SaveImage(into);
}

std::optional<Timestamp> OverlayTaskState::complete_at() const {
  std::optional<Timestamp> oldest;
  for (const StoreMeta& meta : meta_) {
    if (!meta.complete_at) return std::nullopt;
    if (!oldest || *meta.complete_at < *oldest) oldest = meta.complete_at;
  }
  return oldest;
}

Status OverlayTaskState::Close(bool dirty, Timestamp now) {
  Rollback();
  const Status flushed = dirty ? Status::Ok() : Flush(now);
  for (const auto& store : stores_) store->cache().ForgetAll();
  backend_.reset();
  return flushed;
}

}  // namespace sidestream::statestore
