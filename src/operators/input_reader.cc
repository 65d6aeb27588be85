// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/input_reader.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "expression/program.h"
#include "operators/debezium.h"
#include "operators/row_key.h"
#include "serde/value_codec.h"
#include "serde/wire_frame.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using Kind = serde::Value::Kind;

/// What a timestamp expression may ask of the world: only what the record says.
class RecordEnvironment final : public expression::Environment {
 public:
  RecordEnvironment(const InputRecord& record, Timestamp own_timestamp)
      : millis_(own_timestamp.value()),
        state_(static_cast<uint64_t>(record.offset.value()) * 0x9E3779B97F4A7C15u +
               static_cast<uint64_t>(record.partition)) {}

  serde::Nanos Now() override {
    const int64_t millis = millis_ < 0 ? 0 : millis_;
    return {millis / 1000, static_cast<int32_t>(millis % 1000 * 1'000'000)};
  }
  uint64_t RandomBits() override {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t bits = state_;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
  }

 private:
  const int64_t millis_;
  uint64_t state_;
};

/// Epoch milliseconds of what a timestamp expression gave.
Result<int64_t> MillisOf(const Value& value) {
  std::optional<serde::Nanos> time;
  switch (value.kind()) {
    case Kind::kInt:
      return value.int_value();
    case Kind::kTimestamp:
      time = value.time_value();
      break;
    case Kind::kString:
      time = serde::ParseTimestamp(value.string_value());
      break;
    default:
      break;
  }
  if (!time) {
    return Status::BadRecord(
        "the timestamp must be a CEL timestamp, epoch milliseconds or RFC 3339 text, not " +
        serde::DebugString(value, 60));
  }
  return time->seconds * 1000 + time->nanos / 1'000'000;
}

Result<Timestamp> CheckedTimestamp(int64_t millis) {
  if (millis < 0) {
    return Status::BadRecord("the timestamp is negative: timestamp_ms=" + std::to_string(millis));
  }
  return Timestamp(millis);
}

bool AsksRegistry(const std::unique_ptr<serde::Reader>& reader) {
  return reader != nullptr && reader->asks_registry();
}

/// The last header of this name that has a value.
std::optional<std::string_view> HeaderOf(std::span<const Header> headers, std::string_view name) {
  for (size_t i = headers.size(); i-- > 0;) {
    if (headers[i].name == name && headers[i].value) return headers[i].value;
  }
  return std::nullopt;
}

Status SideReady(const std::unique_ptr<serde::Reader>& reader,
                 const std::optional<std::string_view>& bytes, std::span<const Header> headers,
                 std::string_view header_name) {
  if (!AsksRegistry(reader) || !bytes) return Status::Ok();
  const Status ready = reader->Ready(HeaderOf(headers, header_name).value_or(*bytes));
  return ready.code() == StatusCode::kBadRecord ? Status::Ok() : ready;
}

const char* PlaceOf(const std::optional<std::string_view>& bytes) {
  return bytes ? bytes->data() : nullptr;
}

/// Our own bytes that do not fit are no bad record of the user's.
Status Foreign(const Status& status) {
  return Status::Stopped("a record of a repartition topic is not what this application writes: " +
                         status.message());
}

}  // namespace

Result<std::unique_ptr<InputReader>> InputReader::Create(const topology::Input& input,
                                                         const topology::Segment& segment) {
  std::unique_ptr<InputReader> reader(new InputReader(input));
  ASSIGN_OR_RETURN(reader->entry_, SegmentEntry::Create(segment, input.key));
  if (input.changes) {
    const std::vector<serde::WantedPath> whole{{{}, 0}};
    ASSIGN_OR_RETURN(reader->key_reader_, serde::Reader::Create(input.changes->key, whole));
    ASSIGN_OR_RETURN(reader->value_reader_, serde::Reader::Create(input.changes->value, whole));
  }
  // Any bytes are a key of format bytes.
  const bool any_key =
      input.key.format.kind == serde::FormatKind::kBytes && reader->entry_->key_paths().empty();
  if (!input.key.computed && !any_key) {
    ASSIGN_OR_RETURN(reader->key_reader_,
                     serde::Reader::Create(input.key.format, reader->entry_->key_paths()));
  }
  if (!input.value.computed) {
    ASSIGN_OR_RETURN(reader->value_reader_,
                     serde::Reader::Create(input.value.format, reader->entry_->value_paths()));
  }
  reader->may_wait_ = AsksRegistry(reader->key_reader_) || AsksRegistry(reader->value_reader_);
  reader->slots_ = reader->entry_->NewSlots();
  return reader;
}

Status InputReader::Ready(const InputRecord& record) {
  RETURN_IF_ERROR(SideReady(key_reader_, record.key, record.headers, serde::kKeySchemaHeader));
  return SideReady(value_reader_, record.value, record.headers, serde::kValueSchemaHeader);
}

bool InputReader::JoinFrames(InputRecord& record) {
  const auto join = [&](const std::unique_ptr<serde::Reader>& reader, std::string_view name,
                        std::optional<std::string_view>& bytes) {
    if (!AsksRegistry(reader)) return false;
    const std::optional<std::string_view> frame = HeaderOf(record.headers, name);
    if (!frame) return false;
    if (bytes) {
      const std::span<char> joined = arena_.NewArray<char>(frame->size() + bytes->size());
      std::ranges::copy(*frame, joined.begin());
      std::ranges::copy(*bytes, joined.begin() + static_cast<ptrdiff_t>(frame->size()));
      bytes = std::string_view(joined.data(), joined.size());
    }
    const std::span<Header> others = arena_.NewArray<Header>(record.headers.size());
    size_t count = 0;
    for (const Header& header : record.headers) {
      if (header.name != name) others[count++] = header;
    }
    record.headers = others.first(count);
    return true;
  };
  const bool key = join(key_reader_, serde::kKeySchemaHeader, record.key);
  return join(value_reader_, serde::kValueSchemaHeader, record.value) || key;
}

void InputReader::Forget() {
  if (!held_) return;
  held_.reset();
  arena_.Reset();
}

Result<Timestamp> InputReader::EventTime(const InputRecord& record) {
  if (input_.kind == topology::Input::Kind::kRepartition) return record.timestamp;
  if (input_.dated != topology::Dated::kByRecord ||
      (input_.timestamp == nullptr && !input_.changes)) {
    return CheckedTimestamp(record.timestamp.value());
  }
  Hold(record);
  if (!read_.ok()) return read_;
  if (!timed_) return Status::BadRecord("a tombstone that is dropped has no event time");
  return row_.timestamp;
}

std::optional<Timestamp> InputReader::StatedWatermark(const InputRecord& record) {
  if (input_.watermark.value == nullptr) return std::nullopt;
  Hold(record);
  return read_.ok() ? stated_ : std::nullopt;
}

Status InputReader::Read(const InputRecord& record) {
  if (input_.kind == topology::Input::Kind::kRepartition) {
    // Not kept: records that came from one and the same first record share its offset.
    Forget();
    held_ = Held();
    return ReadHop(record);
  }
  Hold(record);
  if (!read_.ok()) return read_;
  // The views may have moved with the caller's record, the bytes have not.
  if (!joined_) row_.headers = record.headers;
  row_.origin->topic = record.topic;
  return Status::Ok();
}

void InputReader::Hold(const InputRecord& record) {
  Timestamp own_timestamp = record.timestamp;
  if (held_ && held_->partition == record.partition && held_->offset == record.offset) {
    if (held_->key == PlaceOf(record.key) && held_->value == PlaceOf(record.value)) return;
    own_timestamp = held_->own_timestamp;
  }
  Forget();
  held_ = {record.partition, record.offset, PlaceOf(record.key), PlaceOf(record.value),
           own_timestamp};
  if (!may_wait_) {
    read_ = ReadSource(record, own_timestamp);
    return;
  }
  InputRecord framed = record;
  joined_ = JoinFrames(framed);
  read_ = ReadSource(framed, own_timestamp);
}

Status InputReader::ReadChange(const InputRecord& record, Timestamp own_timestamp) {
  std::array<Value, 1> value;
  std::array<Value, 1> key;
  if (Status status = value_reader_->Read(record.value, value, arena_); !status.ok()) {
    return status.WithContext("value");
  }
  if (Status status = key_reader_->Read(record.key, key, arena_); !status.ok()) {
    return status.WithContext("key");
  }
  ASSIGN_OR_RETURN(const RowChange change, ReadRowChange(value[0]));
  row_ = Row();
  row_.key.computed = true;
  row_.key.value = RowChangeKey(key[0]);
  row_.value.computed = true;
  row_.value.value = change.row;
  row_.value.null = change.row.null();
  row_.old = change.old;
  row_.op = change.op;
  row_.headers = record.headers;
  row_.origin = RecordOrigin{record.topic, record.partition, record.offset};
  entry_->FillKeyValue(row_.key.value, slots_);
  entry_->FillValue(change.row, slots_);
  entry_->FillOld(change.old, slots_);
  entry_->FillHeaders(record.headers, slots_, arena_);
  return ReadTimestamp(record, own_timestamp, change.millis.value_or(own_timestamp.value()));
}

Status InputReader::ReadSource(const InputRecord& record, Timestamp own_timestamp) {
  if (input_.changes) return ReadChange(record, own_timestamp);
  if (Status status = value_reader_->Read(record.value, slots_, arena_); !status.ok()) {
    return status.WithContext("value");
  }
  if (key_reader_ != nullptr) {
    if (Status status = key_reader_->Read(record.key, slots_, arena_); !status.ok()) {
      return status.WithContext("key");
    }
  }
  // Neither key nor value of a source is ever computed: the rest of the row stays as it was made.
  row_.key.bytes = record.key;
  row_.value.bytes = record.value;
  row_.value.null = value_reader_->found_null();
  row_.headers = record.headers;
  row_.origin = RecordOrigin{record.topic, record.partition, record.offset};
  entry_->FillHeaders(record.headers, slots_, arena_);
  return ReadTimestamp(record, own_timestamp, own_timestamp.value());
}

Status InputReader::ReadTimestamp(const InputRecord& record, Timestamp own_timestamp,
                                  int64_t default_millis) {
  entry_->FillRecordTimestamp(own_timestamp, slots_, arena_);
  // A tombstone that is dropped has no fields to ask for a time.
  const bool dropped = !record.value && (input_.drop_tombstones || input_.changes);
  timed_ = !dropped || (input_.timestamp == nullptr && !input_.changes);
  stated_.reset();
  if (input_.dated != topology::Dated::kByRecord) {
    ASSIGN_OR_RETURN(row_.timestamp, CheckedTimestamp(record.timestamp.value()));
  } else if (input_.timestamp == nullptr || dropped) {
    ASSIGN_OR_RETURN(row_.timestamp, CheckedTimestamp(default_millis));
  } else {
    // The timestamp sees meta too, save itself.
    row_.timestamp = own_timestamp;
    entry_->FillMeta(row_, slots_, arena_);
    ASSIGN_OR_RETURN(row_.timestamp, EvaluateTimestamp(record, own_timestamp));
  }
  entry_->FillMeta(row_, slots_, arena_);
  if (input_.watermark.value == nullptr || dropped) return Status::Ok();
  return EvaluateWatermark(record, own_timestamp).WithContext("watermark");
}

Status InputReader::EvaluateWatermark(const InputRecord& record, Timestamp own_timestamp) {
  RecordEnvironment environment(record, own_timestamp);
  const topology::Watermark& watermark = input_.watermark;
  if (watermark.when != nullptr) {
    ASSIGN_OR_RETURN(const Value when, watermark.when->Evaluate(slots_, environment, arena_));
    if (when.kind() != Kind::kBool) {
      return Status::BadRecord("when must be true or false, not " + serde::DebugString(when, 60));
    }
    if (!when.bool_value()) return Status::Ok();
  }
  ASSIGN_OR_RETURN(const Value value, watermark.value->Evaluate(slots_, environment, arena_));
  const Value stated = Unwrap(value);
  if (stated.null() || stated.kind() == Kind::kMissing) return Status::Ok();
  ASSIGN_OR_RETURN(const int64_t millis, MillisOf(stated));
  stated_ = Timestamp(millis);
  return Status::Ok();
}

Result<Timestamp> InputReader::EvaluateTimestamp(const InputRecord& record,
                                                 Timestamp own_timestamp) {
  RecordEnvironment environment(record, own_timestamp);
  Result<Value> value = input_.timestamp->Evaluate(slots_, environment, arena_);
  if (!value.ok()) return value.status().WithContext("timestamp");
  ASSIGN_OR_RETURN(const int64_t millis, MillisOf(Unwrap(*value)));
  return CheckedTimestamp(millis);
}

Status InputReader::ReadHop(const InputRecord& record) {
  row_ = Row();
  row_.timestamp = record.timestamp;
  row_.headers = record.headers;
  row_.origin = RecordOrigin{record.topic, record.partition, record.offset};
  row_.key.computed = input_.key.computed;
  row_.key.bytes = record.key;
  if (input_.key.computed && record.key) {
    Result<serde::KeyKind> kind = serde::ParseKeyKind(record.key_kind);
    if (!kind.ok() || *kind == serde::KeyKind::kOwn) {
      return Foreign(kind.ok() ? Status::BadRecord("a computed key without its kind")
                               : kind.status());
    }
    row_.key.kind = *kind;
  }
  if (input_.key.computed) {
    if (Status status = entry_->FillKey(row_.key, slots_, parser_, arena_); !status.ok()) {
      return Foreign(status);
    }
  } else if (key_reader_ != nullptr) {
    if (Status status = key_reader_->Read(record.key, slots_, arena_); !status.ok()) {
      return Foreign(status);
    }
  }
  row_.value.computed = input_.value.computed;
  row_.value.null = !record.value;
  if (input_.value.computed) {
    row_.value.value = Value::Null();
    if (record.value) {
      Result<Value> value = serde::DecodeValue(*record.value, arena_);
      if (!value.ok()) return Foreign(value.status());
      row_.value.value = *value;
    }
    entry_->FillValue(row_.value.value, slots_);
  } else {
    row_.value.bytes = record.value;
    if (Status status = value_reader_->Read(record.value, slots_, arena_); !status.ok()) {
      return Foreign(status);
    }
    row_.value.null = value_reader_->found_null();
  }
  entry_->FillHeaders(record.headers, slots_, arena_);
  entry_->FillMeta(row_, slots_, arena_);
  return Status::Ok();
}

}  // namespace sidestream::operators
