// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/dead_letter/held_keys.h"

#include <charconv>

#include "base/bytes.h"
#include "operators/dead_letter/letter_headers.h"

namespace sidestream::operators {
namespace {

constexpr uint8_t kVersion = 1;
// Nobody counts so far; one more would begin at 0 again.
constexpr uint64_t kNumberMax = uint64_t{1} << 62;

}  // namespace

void EncodeHeldRow(const HeldRow& row, std::string& out) {
  ByteWriter writer(out);
  writer.U8(kVersion);
  writer.Varint(row.head);
  writer.Varint(row.next);
  writer.String(row.hold);
}

Result<HeldRow> DecodeHeldRow(std::string_view bytes) {
  ByteReader reader(bytes);
  const uint8_t version = reader.U8();
  if (reader.ok() && version > kVersion) {
    return Status::InvalidConfig("a newer release wrote the row of a held key: version=" +
                                 std::to_string(version));
  }
  HeldRow row;
  row.head = reader.Varint();
  row.next = reader.Varint();
  row.hold = reader.String();
  const bool fits = row.head < row.next && row.next <= kNumberMax && !row.hold.empty();
  if (!reader.ok() || version == 0 || !fits) {
    return Status::TaskCorrupted("the row of a held key is not what this application writes");
  }
  return row;
}

std::optional<HoldPlace> HeldKeys::PlaceOf(const InputRecord& record) const {
  std::optional<std::string_view> hold;
  std::optional<std::string_view> sequence;
  for (const Header& header : record.headers) {
    if (header.name == kHold) hold = header.value;
    if (header.name == kHoldSequence) sequence = header.value;
  }
  if (!hold || !sequence || !hold->starts_with(prefix_)) return std::nullopt;
  HoldPlace place{*hold, 0};
  const char* const end = sequence->data() + sequence->size();
  const auto parsed = std::from_chars(sequence->data(), end, place.sequence);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return place;
}

Result<HeldKeys::Admission> HeldKeys::Admit(const InputRecord& record,
                                            statestore::KeyValueStore& store) {
  number_.reset();
  hold_.clear();
  head_ = next_ = 0;
  const std::optional<HoldPlace> place = PlaceOf(record);
  ASSIGN_OR_RETURN(const std::optional<std::string_view> bytes, store.Get(*record.key));
  if (!bytes) return admission_ = place ? Admission::kRepeated : Admission::kFree;
  ASSIGN_OR_RETURN(const HeldRow row, DecodeHeldRow(*bytes));
  hold_ = row.hold;
  head_ = row.head;
  next_ = row.next;
  if (!place) return admission_ = Admission::kWaits;
  // A number that was never given is nobody's place.
  if (place->hold == hold_ && place->sequence >= next_) return admission_ = Admission::kWaits;
  if (place->hold != hold_ || place->sequence < head_) return admission_ = Admission::kRepeated;
  number_ = place->sequence;
  return admission_ = *number_ == head_ ? Admission::kReplay : Admission::kWaits;
}

HoldPlace HeldKeys::PutAside(const InputRecord& record, statestore::KeyValueStore& store) {
  if (number_) return {hold_, *number_};
  if (admission_ == Admission::kFree) {
    hold_ = prefix_ + std::string(record.topic) + "/" + std::to_string(record.partition) + "/" +
            std::to_string(record.offset.value());
  }
  const uint64_t number = next_++;
  Save(record, store);
  return {hold_, number};
}

void HeldKeys::Pass(const InputRecord& record, statestore::KeyValueStore& store) {
  if (admission_ != Admission::kReplay) return;
  ++head_;
  if (head_ == next_) {
    store.Delete(*record.key);
  } else {
    Save(record, store);
  }
}

void HeldKeys::Save(const InputRecord& record, statestore::KeyValueStore& store) {
  encoded_.clear();
  EncodeHeldRow({head_, next_, hold_}, encoded_);
  store.Put(*record.key, encoded_);
}

}  // namespace sidestream::operators
