// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/presence_record.h"

#include <algorithm>

#include "base/bytes.h"

namespace sidestream::checkpoint {
namespace {

constexpr uint8_t kVersion = 1;
// Persistent: do not renumber.
constexpr uint8_t kStopping = 1;
constexpr uint8_t kStandby = 1;

Status Cut() { return Status::Stopped("a presence record is cut short or damaged"); }

/// A count that the bytes can hold: a cut record must not make us reserve memory.
bool Fits(const ByteReader& in, uint64_t count) { return count <= in.rest().size(); }

Status ReadTask(ByteReader& in, PresentTask& task) {
  task.id.anchor_topic = std::string(in.String());
  const uint64_t partition = in.Varint();
  if (partition > INT32_MAX) return Cut();
  task.id.partition = static_cast<Partition>(partition);
  task.standby = (in.U8() & kStandby) != 0;
  const uint64_t stores = in.Varint();
  if (!in.ok() || !Fits(in, stores)) return Cut();
  for (uint64_t i = 0; i < stores; ++i) {
    StoreProgress store;
    store.store = std::string(in.String());
    const uint64_t position = in.Varint();
    if (!in.ok() || position > INT64_MAX) return Cut();
    store.position = Offset(static_cast<int64_t>(position));
    task.stores.push_back(std::move(store));
  }
  return {};
}

}  // namespace

std::string EncodePresence(const PresenceRecord& record) {
  std::string bytes;
  ByteWriter out(bytes);
  out.U8(kVersion);
  out.U8(record.stopping ? kStopping : 0);
  out.String(record.instance);
  out.String(record.address);
  out.Varint(record.tasks.size());
  for (const PresentTask& task : record.tasks) {
    out.String(task.id.anchor_topic);
    out.Varint(static_cast<uint64_t>(task.id.partition));
    out.U8(task.standby ? kStandby : 0);
    out.Varint(task.stores.size());
    for (const StoreProgress& store : task.stores) {
      out.String(store.store);
      out.Varint(static_cast<uint64_t>(store.position.value()));
    }
  }
  return bytes;
}

Result<PresenceRecord> DecodePresence(std::string_view bytes) {
  ByteReader in(bytes);
  const uint8_t version = in.U8();
  if (version == 0) return Cut();
  if (version > kVersion) {
    return Status::InvalidConfig(
        "a presence record was written by a newer release; this one knows format " +
        std::to_string(kVersion) + ", found " + std::to_string(version));
  }
  PresenceRecord record;
  record.stopping = (in.U8() & kStopping) != 0;
  record.instance = std::string(in.String());
  record.address = std::string(in.String());
  const uint64_t tasks = in.Varint();
  if (!in.ok() || !Fits(in, tasks)) return Cut();
  for (uint64_t i = 0; i < tasks; ++i) {
    RETURN_IF_ERROR(ReadTask(in, record.tasks.emplace_back()));
  }
  return record;
}

}  // namespace sidestream::checkpoint
