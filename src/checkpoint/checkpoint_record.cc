// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/checkpoint_record.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "base/overloaded.h"

namespace sidestream::checkpoint {
namespace {

// Bounds of what is read, against lengths that are none.
constexpr uint64_t kEntriesMax = 1'000'000;
constexpr size_t kReasonMax = 1'000;

constexpr uint8_t kSavepointFlag = 1;
constexpr uint8_t kStopFlag = 2;
constexpr uint8_t kDrainFlag = 4;
constexpr uint64_t kLevelsMax = 10'000;

void Write(ByteWriter& out, CheckpointNumber number) {
  out.Varint(static_cast<uint64_t>(number.value()));
}
void Write(ByteWriter& out, const TopicPartition& partition) {
  out.String(partition.topic);
  out.Varint(static_cast<uint64_t>(partition.partition));
}
void Write(ByteWriter& out, const TaskId& task) {
  out.String(task.anchor_topic);
  out.Varint(static_cast<uint64_t>(task.partition));
}
void Write(ByteWriter& out, Offset offset) { out.Varint(static_cast<uint64_t>(offset.value())); }

CheckpointNumber ReadNumber(ByteReader& in) {
  return CheckpointNumber(static_cast<int64_t>(in.Varint()));
}
Offset ReadOffset(ByteReader& in) { return Offset(static_cast<int64_t>(in.Varint())); }
TopicPartition ReadPartition(ByteReader& in) {
  TopicPartition partition;
  partition.topic = in.String();
  partition.partition = static_cast<Partition>(in.Varint());
  return partition;
}
TaskId ReadTask(ByteReader& in) {
  TaskId task;
  task.anchor_topic = in.String();
  task.partition = static_cast<Partition>(in.Varint());
  return task;
}
/// Calls `read` as often as a count says that comes first.
template <typename Read>
void ReadEach(ByteReader& in, const Read& read) {
  const uint64_t count = in.Varint();
  for (uint64_t i = 0; i < count && i < kEntriesMax && in.ok(); ++i) read();
}

void WriteBody(ByteWriter& out, const BeginRecord& record) {
  Write(out, record.number);
  out.U8(static_cast<uint8_t>((record.savepoint ? kSavepointFlag : 0) |
                              (record.stop ? kStopFlag : 0) | (record.drain ? kDrainFlag : 0)));
  out.U64(record.request);
  out.String(record.name);
  out.String(record.location);
  out.U64(record.plan_hash);
  out.U64(static_cast<uint64_t>(record.at.value()));
  out.Varint(record.groups.size());
  for (const TaskGroup& group : record.groups) {
    out.String(group.anchor_topic);
    out.Varint(static_cast<uint64_t>(group.tasks));
  }
}
BeginRecord ReadBegin(ByteReader& in) {
  BeginRecord record;
  record.number = ReadNumber(in);
  const uint8_t flags = in.U8();
  record.savepoint = (flags & kSavepointFlag) != 0;
  record.stop = (flags & kStopFlag) != 0;
  record.drain = (flags & kDrainFlag) != 0;
  record.request = in.U64();
  record.name = in.String();
  record.location = in.String();
  record.plan_hash = in.U64();
  record.at = Timestamp(static_cast<int64_t>(in.U64()));
  ReadEach(in, [&] {
    TaskGroup group;
    group.anchor_topic = in.String();
    group.tasks = static_cast<int32_t>(std::min(in.Varint(), kEntriesMax));
    record.groups.push_back(std::move(group));
  });
  return record;
}

void Write(ByteWriter& out, const std::vector<CutInput>& inputs) {
  out.Varint(inputs.size());
  for (const CutInput& input : inputs) {
    Write(out, input.partition);
    Write(out, input.position);
    out.String(input.stamp);
  }
}
std::vector<CutInput> ReadInputs(ByteReader& in) {
  std::vector<CutInput> inputs;
  ReadEach(in, [&] {
    CutInput input;
    input.partition = ReadPartition(in);
    input.position = ReadOffset(in);
    input.stamp = in.String();
    inputs.push_back(std::move(input));
  });
  return inputs;
}

void WriteBody(ByteWriter& out, const CutRecord& record) {
  Write(out, record.number);
  Write(out, record.task);
  out.U64(record.life);
  out.Varint(static_cast<uint64_t>(record.sequence.value()));
  Write(out, record.inputs);
  out.Varint(record.stores.size());
  for (const CutStore& store : record.stores) {
    out.String(store.name);
    out.U64(store.fingerprint);
  }
  out.String(record.instance);
}
CutRecord ReadCut(ByteReader& in) {
  CutRecord record;
  record.number = ReadNumber(in);
  record.task = ReadTask(in);
  record.life = in.U64();
  record.sequence = CommitSequence(static_cast<int64_t>(in.Varint()));
  record.inputs = ReadInputs(in);
  ReadEach(in, [&] {
    CutStore store;
    store.name = in.String();
    store.fingerprint = in.U64();
    record.stores.push_back(std::move(store));
  });
  record.instance = in.String();
  return record;
}

void WriteBody(ByteWriter& out, const RevokeRecord& record) {
  Write(out, record.number);
  Write(out, record.task);
  out.U64(record.life);
}
RevokeRecord ReadRevoke(ByteReader& in) {
  RevokeRecord record;
  record.number = ReadNumber(in);
  record.task = ReadTask(in);
  record.life = in.U64();
  return record;
}

void Write(ByteWriter& out, const std::vector<CutEnd>& ends) {
  out.Varint(ends.size());
  for (const CutEnd& end : ends) {
    Write(out, end.partition);
    Write(out, end.end);
  }
}
std::vector<CutEnd> ReadEnds(ByteReader& in) {
  std::vector<CutEnd> ends;
  ReadEach(in, [&] {
    CutEnd end;
    end.partition = ReadPartition(in);
    end.end = ReadOffset(in);
    ends.push_back(std::move(end));
  });
  return ends;
}

void WriteBody(ByteWriter& out, const DoneRecord& record) {
  Write(out, record.number);
  Write(out, record.ends);
  Write(out, record.unread);
}
DoneRecord ReadDone(ByteReader& in) {
  DoneRecord record;
  record.number = ReadNumber(in);
  record.ends = ReadEnds(in);
  // An earlier release ends before.
  if (!in.empty()) record.unread = ReadInputs(in);
  return record;
}

void WriteBody(ByteWriter& out, const LevelRecord& record) {
  Write(out, record.number);
  out.Varint(static_cast<uint64_t>(record.level));
  Write(out, record.ends);
}
LevelRecord ReadLevel(ByteReader& in) {
  LevelRecord record;
  record.number = ReadNumber(in);
  record.level = static_cast<int32_t>(std::min(in.Varint(), kLevelsMax));
  record.ends = ReadEnds(in);
  return record;
}

void WriteBody(ByteWriter& out, const AbortRecord& record) {
  Write(out, record.number);
  out.String(std::string_view(record.why).substr(0, kReasonMax));
}
AbortRecord ReadAbort(ByteReader& in) {
  AbortRecord record;
  record.number = ReadNumber(in);
  record.why = in.String();
  return record;
}

void WriteBody(ByteWriter& out, const StoredRecord& record) {
  Write(out, record.number);
  Write(out, record.task);
  out.U64(record.life);
  out.String(record.part);
  out.String(record.digest);
  out.Varint(static_cast<uint64_t>(record.bytes));
  out.String(std::string_view(record.failure).substr(0, kReasonMax));
}
StoredRecord ReadStored(ByteReader& in) {
  StoredRecord record;
  record.number = ReadNumber(in);
  record.task = ReadTask(in);
  record.life = in.U64();
  record.part = in.String();
  record.digest = in.String();
  record.bytes = static_cast<int64_t>(in.Varint());
  record.failure = in.String();
  return record;
}

void WriteBody(ByteWriter& out, const CompleteRecord& record) {
  Write(out, record.number);
  out.String(record.manifest);
  out.Varint(static_cast<uint64_t>(record.bytes));
  out.U64(static_cast<uint64_t>(record.at.value()));
}
CompleteRecord ReadComplete(ByteReader& in) {
  CompleteRecord record;
  record.number = ReadNumber(in);
  record.manifest = in.String();
  record.bytes = static_cast<int64_t>(in.Varint());
  record.at = Timestamp(static_cast<int64_t>(in.U64()));
  return record;
}

void WriteBody(ByteWriter& out, const RequestRecord& record) {
  out.U64(record.id);
  out.String(record.name);
  out.String(record.location);
  out.U8(record.stop ? kStopFlag : 0);
}
RequestRecord ReadRequest(ByteReader& in) {
  RequestRecord record;
  record.id = in.U64();
  record.name = in.String();
  record.location = in.String();
  record.stop = (in.U8() & kStopFlag) != 0;
  return record;
}

void WriteBody(ByteWriter& out, const RefusedRecord& record) {
  out.U64(record.id);
  out.String(std::string_view(record.why).substr(0, kReasonMax));
}
RefusedRecord ReadRefused(ByteReader& in) {
  RefusedRecord record;
  record.id = in.U64();
  record.why = in.String();
  return record;
}

void WriteBody(ByteWriter& out, const OriginRecord& record) {
  out.String(record.location);
  out.String(record.name);
}
OriginRecord ReadOrigin(ByteReader& in) {
  OriginRecord record;
  record.location = in.String();
  record.name = in.String();
  return record;
}

}  // namespace

uint8_t KindOf(const CheckpointRecord& record) {
  static_assert(kCheckpointKindFirst + std::variant_size_v<CheckpointRecord> == kDrainRequestKind);
  const auto* request = std::get_if<RequestRecord>(&record);
  if (request != nullptr && request->drain) return kDrainRequestKind;
  return static_cast<uint8_t>(kCheckpointKindFirst + record.index());
}

std::string KeyOf(const CheckpointRecord& record) {
  const auto key = [](CheckpointNumber number, std::string_view rest) {
    return fmt::format("checkpoint/{}/{}", number.value(), rest);
  };
  const auto of_life = [&](CheckpointNumber number, std::string_view kind, const TaskId& task,
                           uint64_t life) {
    return key(number, fmt::format("{}/{}/{:016x}", kind, ToString(task), life));
  };
  return std::visit(
      Overloaded{
          [&](const BeginRecord& r) { return key(r.number, "begin"); },
          [&](const CutRecord& r) { return of_life(r.number, "cut", r.task, r.life); },
          [&](const RevokeRecord& r) { return of_life(r.number, "revoke", r.task, r.life); },
          [&](const DoneRecord& r) { return key(r.number, "done"); },
          [&](const AbortRecord& r) { return key(r.number, "abort"); },
          [&](const StoredRecord& r) { return of_life(r.number, "stored", r.task, r.life); },
          [&](const CompleteRecord& r) { return key(r.number, "complete"); },
          [&](const RequestRecord& r) { return fmt::format("request/{:016x}", r.id); },
          [&](const RefusedRecord& r) { return fmt::format("refused/{:016x}", r.id); },
          [&](const OriginRecord&) { return std::string("origin"); },
          [&](const LevelRecord& r) { return key(r.number, fmt::format("level/{}", r.level)); },
      },
      record);
}

void EncodeBody(const CheckpointRecord& record, ByteWriter& out) {
  std::visit([&out](const auto& of_kind) { WriteBody(out, of_kind); }, record);
}

CheckpointRecord DecodeCheckpointBody(uint8_t kind, ByteReader& in) {
  switch (kind - kCheckpointKindFirst) {
    case 0:
      return ReadBegin(in);
    case 1:
      return ReadCut(in);
    case 2:
      return ReadRevoke(in);
    case 3:
      return ReadDone(in);
    case 4:
      return ReadAbort(in);
    case 5:
      return ReadStored(in);
    case 6:
      return ReadComplete(in);
    case 7:
      return ReadRequest(in);
    case 8:
      return ReadRefused(in);
    case 9:
      return ReadOrigin(in);
    case 10:
      return ReadLevel(in);
    default: {
      CHECK(kind == kDrainRequestKind) << "not a record of a checkpoint: " << int{kind};
      RequestRecord request = ReadRequest(in);
      request.drain = true;
      return request;
    }
  }
}

}  // namespace sidestream::checkpoint
