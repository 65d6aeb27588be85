// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/group_table.h"

#include <tsl/robin_map.h>

#include <functional>
#include <optional>
#include <utility>

#include "base/check.h"
#include "operators/aggregate/aggregate_row.h"

namespace sidestream::operators {
namespace {

// Groups that keep their buffers between transactions.
constexpr size_t kKeptGroups = 1024;

}  // namespace

struct GroupTable::Index {
  using Map = tsl::robin_map<std::string_view, uint32_t, std::hash<std::string_view>,
                             std::equal_to<>, std::allocator<std::pair<std::string_view, uint32_t>>,
                             /*StoreHash=*/true>;
  Map map;
};

GroupTable::GroupTable(std::span<const topology::AggregateCall> calls, size_t held_bytes_max)
    : calls_(calls),
      held_bytes_max_(held_bytes_max),
      index_(std::make_unique<Index>()) {}

GroupTable::~GroupTable() = default;

Result<Group*> GroupTable::Find(std::string_view key, statestore::KeyValueStore& store) {
  if (last_ != nullptr && last_->loaded && last_->key == key) return last_;
  if (const auto found = index_->map.find(key); found != index_->map.end()) {
    return Loaded(found->second, store);
  }
  if (held_bytes_ > held_bytes_max_) WriteThrough(store);
  if (used_ == groups_.size()) groups_.emplace_back(calls_);
  Group& group = groups_[used_];
  group.key.assign(key);
  group.loaded = false;
  group.touched = false;
  RETURN_IF_ERROR(Load(group, store));
  index_->map.emplace(std::string_view(group.key), static_cast<uint32_t>(used_));
  ++used_;
  last_ = &group;
  return &group;
}

Result<Group*> GroupTable::Loaded(size_t index, statestore::KeyValueStore& store) {
  Group& group = groups_[index];
  if (!group.loaded) {
    if (held_bytes_ > held_bytes_max_) WriteThrough(store);
    RETURN_IF_ERROR(Load(group, store));
  }
  last_ = &group;
  return &group;
}

Status GroupTable::Load(Group& group, statestore::KeyValueStore& store) {
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, store.Get(group.key));
  if (bytes) {
    RETURN_IF_ERROR(Decode(*bytes, group));
  } else {
    group.accumulators.Clear();
    group.timestamp = group.sent_at = group.updated = kNoTimestamp;
    group.was_sent = group.held = false;
    group.sent.clear();
  }
  group.loaded = true;
  held_bytes_ += BytesOf(group);
  return Status::Ok();
}

Status GroupTable::Decode(std::string_view row, Group& group) {
  ASSIGN_OR_RETURN(const AggregateRow decoded, DecodeAggregateRow(row));
  RETURN_IF_ERROR(group.accumulators.Decode(decoded.accumulators, decoded.form));
  group.timestamp = decoded.timestamp;
  group.was_sent = decoded.sent.has_value();
  group.sent.assign(decoded.sent.value_or(""));
  group.sent_at = decoded.sent_at;
  group.held = decoded.held;
  group.updated = decoded.updated;
  return Status::Ok();
}

Result<Group*> GroupTable::Look(std::string_view key, Group& other,
                                statestore::KeyValueStore& store) {
  if (const auto found = index_->map.find(key); found != index_->map.end()) {
    return Loaded(found->second, store);
  }
  ASSIGN_OR_RETURN(const std::optional<std::string_view> row, store.Get(key));
  other.key.assign(key);
  other.touched = false;
  other.held = false;
  if (row) RETURN_IF_ERROR(Decode(*row, other));
  return &other;
}

Status GroupTable::Fold(Group& group, AggregateArguments& arguments, Timestamp timestamp,
                        RunState& run) {
  const size_t before = group.accumulators.held_bytes();
  RETURN_IF_ERROR(group.accumulators.Fold(arguments, timestamp, run));
  held_bytes_ += group.accumulators.held_bytes();
  held_bytes_ -= before;
  return Status::Ok();
}

Status GroupTable::FoldAnew(Group& group, AggregateArguments& arguments, Timestamp timestamp,
                            RunState& run) {
  std::string before;
  group.accumulators.Encode(before);
  const size_t bytes = group.accumulators.held_bytes();
  group.accumulators.Clear();
  const Status status = group.accumulators.Fold(arguments, timestamp, run);
  if (status.ok()) {
    group.timestamp = kNoTimestamp;
    group.was_sent = false;
    group.sent.clear();
  } else {
    CHECK(group.accumulators.Decode(before).ok()) << "own bytes";
  }
  held_bytes_ += group.accumulators.held_bytes();
  held_bytes_ -= bytes;
  return status;
}

void GroupTable::Save(Group& group, statestore::KeyValueStore& store) {
  row_.clear();
  accumulators_.clear();
  group.accumulators.Encode(accumulators_);
  AggregateRow row;
  row.timestamp = group.timestamp;
  row.accumulators = accumulators_;
  if (group.was_sent) row.sent = group.sent;
  row.sent_at = group.sent_at;
  row.held = group.held;
  row.updated = group.updated;
  EncodeAggregateRow(row, row_);
  store.Put(group.key, row_);
}

void GroupTable::WriteThrough(statestore::KeyValueStore& store) {
  for (size_t i = 0; i < used_; ++i) {
    Group& group = groups_[i];
    if (!group.loaded) continue;
    // Untouched: a record that failed opened it, its row is as it was.
    if (group.touched) Save(group, store);
    group.loaded = false;
    group.sent = std::string();
    group.accumulators = Accumulators(calls_);
  }
  held_bytes_ = 0;
  last_ = nullptr;
}

void GroupTable::SaveAll(statestore::KeyValueStore& store) {
  for (size_t i = 0; i < used_; ++i) {
    if (groups_[i].loaded && groups_[i].touched) Save(groups_[i], store);
  }
}

void GroupTable::Clear() {
  last_ = nullptr;
  held_bytes_ = 0;
  // clear() visits every bucket: a table that was large once must not cost that at each commit.
  if (index_->map.bucket_count() > 1024 && index_->map.bucket_count() / 16 > used_) {
    index_ = std::make_unique<Index>();
  } else {
    index_->map.clear();
  }
  used_ = 0;
  while (groups_.size() > kKeptGroups) groups_.pop_back();
}

size_t GroupTable::BytesOf(const Group& group) {
  return sizeof(Group) + group.key.capacity() + group.sent.capacity() +
         group.accumulators.held_bytes();
}

}  // namespace sidestream::operators
