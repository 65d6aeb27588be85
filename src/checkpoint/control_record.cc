// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/control_record.h"

#include <algorithm>

#include "base/bytes.h"

namespace sidestream::checkpoint {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kPlanTextMax = 64 * 1024;
constexpr uint64_t kPartitionsMax = 1'000'000;
// Of parts, fields, steps: more than any topology has.
constexpr uint64_t kListMax = 100'000;

// Persistent: do not renumber.
enum class Kind : uint8_t { kPlan = 1, kAdopted = 2, kEnd = 3, kFinished = 4, kStore = 5 };

std::string Framed(uint8_t kind, const std::string& body) {
  std::string value;
  ByteWriter out(value);
  out.U8(kVersion);
  out.U8(kind);
  out.String(body);
  return value;
}

std::string Framed(Kind kind, const std::string& body) {
  return Framed(static_cast<uint8_t>(kind), body);
}

constexpr uint8_t kByPlace = 1;
constexpr uint8_t kDropped = 2;

void EncodeStore(const StoreRecord& store, ByteWriter& out) {
  out.String(store.store);
  out.U64(store.layout.fingerprint);
  out.U8(static_cast<uint8_t>((store.layout.fields_by_place ? kByPlace : 0) |
                              (store.dropped ? kDropped : 0)));
  out.Varint(store.layout.parts.size());
  for (const StoreLayout::Part& part : store.layout.parts) {
    out.String(part.name);
    out.String(part.value);
  }
  out.Varint(store.layout.fields.size());
  for (const std::string& field : store.layout.fields) out.String(field);
}

StoreRecord DecodeStore(ByteReader& in) {
  StoreRecord record;
  record.store = in.String();
  record.layout.fingerprint = in.U64();
  if (in.empty()) return record;
  const uint8_t flags = in.U8();
  record.layout.fields_by_place = (flags & kByPlace) != 0;
  record.dropped = (flags & kDropped) != 0;
  const uint64_t parts = in.Varint();
  for (uint64_t i = 0; i < parts && i < kListMax && in.ok(); ++i) {
    StoreLayout::Part& part = record.layout.parts.emplace_back();
    part.name = in.String();
    part.value = in.String();
  }
  const uint64_t fields = in.Varint();
  for (uint64_t i = 0; i < fields && i < kListMax && in.ok(); ++i) {
    record.layout.fields.emplace_back(in.String());
  }
  return record;
}

void EncodePlan(const PlanRecord& plan, ByteWriter& out) {
  out.U64(plan.hash);
  out.String(std::string_view(plan.text).substr(0, kPlanTextMax));
  out.Varint(plan.steps.size());
  for (const PlannedStep& step : plan.steps) {
    out.String(step.name);
    out.U64(step.fingerprint);
  }
  out.Varint(plan.repartition_topics.size());
  for (const std::string& topic : plan.repartition_topics) out.String(topic);
}

PlanRecord DecodePlan(ByteReader& in) {
  PlanRecord record;
  record.hash = in.U64();
  record.text = in.String();
  if (in.empty()) return record;
  const uint64_t steps = in.Varint();
  for (uint64_t i = 0; i < steps && i < kListMax && in.ok(); ++i) {
    PlannedStep& step = record.steps.emplace_back();
    step.name = in.String();
    step.fingerprint = in.U64();
  }
  if (in.empty()) return record;
  const uint64_t topics = in.Varint();
  for (uint64_t i = 0; i < topics && i < kListMax && in.ok(); ++i) {
    record.repartition_topics.emplace_back(in.String());
  }
  return record;
}

Status NotOurs(std::string_view key) {
  return Status::Stopped("a record of the control topic is not ours or is cut: key=" +
                         std::string(key.substr(0, 100)));
}

std::optional<ControlRecord> DecodeBody(Kind kind, ByteReader& in) {
  switch (kind) {
    case Kind::kPlan:
      return DecodePlan(in);
    case Kind::kAdopted: {
      AdoptedRecord record;
      record.topic = in.String();
      const std::string_view id = in.Raw(record.id.bytes.size());
      std::copy(id.begin(), id.end(), record.id.bytes.begin());
      return record;
    }
    case Kind::kEnd: {
      EndRecord record;
      record.topic = in.String();
      const uint64_t count = in.Varint();
      for (uint64_t i = 0; i < count && i < kPartitionsMax && in.ok(); ++i) {
        record.ends.push_back(Offset(static_cast<int64_t>(in.Varint())));
      }
      return record;
    }
    case Kind::kFinished:
      return FinishedRecord{};
    case Kind::kStore:
      return DecodeStore(in);
  }
  return std::nullopt;
}

}  // namespace

EncodedControlRecord EncodeControlRecord(const ControlRecord& record) {
  std::string body;
  ByteWriter out(body);
  if (const auto* plan = std::get_if<PlanRecord>(&record)) {
    EncodePlan(*plan, out);
    return {"plan", Framed(Kind::kPlan, body)};
  }
  if (const auto* adopted = std::get_if<AdoptedRecord>(&record)) {
    out.String(adopted->topic);
    out.Raw({reinterpret_cast<const char*>(adopted->id.bytes.data()), adopted->id.bytes.size()});
    return {"adopted/" + adopted->topic, Framed(Kind::kAdopted, body)};
  }
  if (const auto* end = std::get_if<EndRecord>(&record)) {
    out.String(end->topic);
    out.Varint(end->ends.size());
    for (const Offset offset : end->ends) out.Varint(static_cast<uint64_t>(offset.value()));
    return {"end/" + end->topic, Framed(Kind::kEnd, body)};
  }
  if (const auto* store = std::get_if<StoreRecord>(&record)) {
    EncodeStore(*store, out);
    return {"store/" + store->store, Framed(Kind::kStore, body)};
  }
  if (const auto* of_checkpoint = std::get_if<CheckpointRecord>(&record)) {
    EncodeBody(*of_checkpoint, out);
    return {KeyOf(*of_checkpoint), Framed(KindOf(*of_checkpoint), body)};
  }
  return {"finished", Framed(Kind::kFinished, body)};
}

Result<std::optional<ControlRecord>> DecodeControlRecord(std::string_view key,
                                                         std::string_view value) {
  ByteReader framed(value);
  const uint8_t version = framed.U8();
  const uint8_t kind = framed.U8();
  ByteReader in(framed.String());
  if (!framed.ok() || version == 0) return NotOurs(key);
  if (version > kVersion) {
    return Status::InvalidConfig(
        "the control topic was written by a newer release of Sidestream; run that release or a "
        "newer one: record version=" +
        std::to_string(version) + " known=" + std::to_string(kVersion));
  }
  std::optional<ControlRecord> record;
  if (kind >= kCheckpointKindFirst && kind < kCheckpointKindEnd) {
    record = DecodeCheckpointBody(kind, in);
  } else if (kind >= static_cast<uint8_t>(Kind::kPlan) &&
             kind <= static_cast<uint8_t>(Kind::kStore)) {
    record = DecodeBody(static_cast<Kind>(kind), in);
  }
  if (record && !in.ok()) return NotOurs(key);
  return record;
}

}  // namespace sidestream::checkpoint
