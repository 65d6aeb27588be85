// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/window/key_timeline.h"

#include <tsl/robin_map.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "base/bytes.h"
#include "operators/ordered_key.h"

namespace sidestream::operators {
namespace {

constexpr char kPieces = 's';
constexpr char kKeys = 'k';
constexpr std::string_view kDue = "d";
constexpr uint8_t kVersion = 1;
// Pieces that keep their buffers between transactions.
constexpr size_t kSparePieces = 1024;
// clear() visits every bucket: an index that was large once is not kept.
constexpr size_t kKeptBuckets = 4096;

std::string PieceKey(std::string_view key, Timestamp time) {
  std::string row_key(1, kPieces);
  AppendOrderedBytes(key, row_key);
  AppendOrderedTime(time, row_key);
  return row_key;
}

std::string HeaderKey(std::string_view key) { return std::string(1, kKeys).append(key); }

}  // namespace

struct KeyTimeline::Index {
  tsl::robin_map<std::string_view, Key*, std::hash<std::string_view>, std::equal_to<>,
                 std::allocator<std::pair<std::string_view, Key*>>, /*StoreHash=*/true>
      map;
};

size_t KeyTimeline::Key::IndexOf(Timestamp time) const {
  const auto found = std::ranges::lower_bound(
      pieces, time, {}, [](const std::unique_ptr<Piece>& piece) { return piece->time; });
  return static_cast<size_t>(found - pieces.begin());
}

KeyTimeline::KeyTimeline(std::span<const topology::AggregateCall> calls, size_t held_bytes_max)
    : calls_(calls),
      held_bytes_max_(held_bytes_max),
      index_(std::make_unique<Index>()),
      due_(kDue) {}

KeyTimeline::~KeyTimeline() = default;

Result<KeyTimeline::Key*> KeyTimeline::Find(std::string_view key,
                                            statestore::KeyValueStore& store) {
  if (last_ != nullptr && last_->key == key) return Touch(last_);
  if (const auto found = index_->map.find(key); found != index_->map.end()) {
    last_ = found->second;
    return Touch(last_);
  }
  auto fresh = std::make_unique<Key>();
  fresh->key.assign(key);
  RETURN_IF_ERROR(Load(*fresh, store));
  last_ = fresh.get();
  held_bytes_ += sizeof(Key) + fresh->key.capacity();
  index_->map.emplace(std::string_view(last_->key), last_);
  keys_.push_back(std::move(fresh));
  return Touch(last_);
}

KeyTimeline::Key* KeyTimeline::Touch(Key* key) {
  if (!std::exchange(key->touched, true)) touched_.push_back(key);
  return key;
}

void KeyTimeline::Untouch() {
  for (Key* const key : touched_) key->touched = false;
  touched_.clear();
}

Status KeyTimeline::Load(Key& key, statestore::KeyValueStore& store) {
  ASSIGN_OR_RETURN(const std::optional<std::string_view> header, store.Get(HeaderKey(key.key)));
  if (!header) return Status::Ok();
  ByteReader reader(*header);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a row of a window was written by a newer release: version=" +
                                 std::to_string(version));
  }
  if (reader.U8() != 0) key.due = Timestamp(reader.SignedVarint());
  key.mark = Timestamp(reader.SignedVarint());
  if (!reader.ok() || version != kVersion) {
    return Status::TaskCorrupted("the row of a key with windows is not what this release writes");
  }
  std::string prefix(1, kPieces);
  AppendOrderedBytes(key.key, prefix);
  return store.Scan(prefix, EndOfPrefix(prefix),
                    [&](std::string_view row_key, std::string_view row) -> Result<bool> {
                      OrderedKeyReader time(row_key.substr(prefix.size()));
                      std::unique_ptr<Piece> piece = NewPiece();
                      piece->time = time.Time();
                      piece->stored = piece->time;
                      if (!time.ok()) return Status::TaskCorrupted("a row of a window has no time");
                      RETURN_IF_ERROR(DecodeWindowRow(row, piece->state));
                      held_bytes_ += piece->state.held_bytes();
                      key.pieces.push_back(std::move(piece));
                      return true;
                    });
}

std::unique_ptr<KeyTimeline::Piece> KeyTimeline::NewPiece() {
  if (spare_.empty()) return std::make_unique<Piece>(calls_);
  std::unique_ptr<Piece> piece = std::move(spare_.back());
  spare_.pop_back();
  piece->stored.reset();
  piece->changed = false;
  return piece;
}

KeyTimeline::Piece& KeyTimeline::Insert(Key& key, size_t index, Timestamp time) {
  std::unique_ptr<Piece> piece = NewPiece();
  piece->time = time;
  piece->state.Clear();
  held_bytes_ += piece->state.held_bytes();
  key.changed = true;
  return **key.pieces.insert(key.pieces.begin() + static_cast<ptrdiff_t>(index), std::move(piece));
}

void KeyTimeline::Erase(Key& key, size_t index, statestore::KeyValueStore& store) {
  const auto at = key.pieces.begin() + static_cast<ptrdiff_t>(index);
  if ((*at)->stored) store.Delete(PieceKey(key.key, *(*at)->stored));
  held_bytes_ -= std::min(held_bytes_, (*at)->state.held_bytes());
  if (spare_.size() < kSparePieces) spare_.push_back(std::move(*at));
  key.pieces.erase(at);
  key.changed = true;
}

void KeyTimeline::RequireDue(Key& key, Timestamp due, statestore::KeyValueStore& store) {
  if (key.due && *key.due <= due) return;
  if (key.due) due_.Remove(*key.due, key.key, store);
  due_.Add(due, key.key, store);
  key.due = due;
  key.changed = true;
}

Result<std::vector<DueIndex::Entry>> KeyTimeline::TakeDue(Timestamp watermark, size_t most,
                                                          statestore::KeyValueStore& store) {
  ASSIGN_OR_RETURN(std::vector<DueIndex::Entry> entries, due_.Take(watermark, most, store));
  for (const DueIndex::Entry& entry : entries) {
    ASSIGN_OR_RETURN(Key* const key, Find(entry.key, store));
    key->due.reset();
    key->changed = true;
  }
  return entries;
}

void KeyTimeline::Save(Key& key, statestore::KeyValueStore& store) {
  for (const std::unique_ptr<Piece>& piece : key.pieces) {
    if (!piece->changed) continue;
    if (piece->stored && *piece->stored != piece->time) {
      store.Delete(PieceKey(key.key, *piece->stored));
    }
    row_.clear();
    EncodeWindowRow(piece->state, scratch_, row_);
    store.Put(PieceKey(key.key, piece->time), row_);
    piece->stored = piece->time;
    piece->changed = false;
  }
  if (!std::exchange(key.changed, false)) return;
  if (key.pieces.empty()) {
    store.Delete(HeaderKey(key.key));
    return;
  }
  row_.clear();
  ByteWriter writer(row_);
  writer.U8(kVersion);
  writer.U8(key.due ? 1 : 0);
  if (key.due) writer.SignedVarint(key.due->value());
  writer.SignedVarint(key.mark.value());
  store.Put(HeaderKey(key.key), row_);
}

void KeyTimeline::Clear() {
  last_ = nullptr;
  held_bytes_ = 0;
  for (const std::unique_ptr<Key>& key : keys_) {
    for (std::unique_ptr<Piece>& piece : key->pieces) {
      if (spare_.size() < kSparePieces) spare_.push_back(std::move(piece));
    }
  }
  keys_.clear();
  touched_.clear();
  if (index_->map.bucket_count() > kKeptBuckets) {
    index_ = std::make_unique<Index>();
  } else {
    index_->map.clear();
  }
}

void KeyTimeline::Restart() {
  Clear();
  due_.Forget();
}

}  // namespace sidestream::operators
