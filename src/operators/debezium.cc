// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/debezium.h"

#include <string>

#include "operators/row.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using Kind = serde::Value::Kind;

/// What stands in the envelope of the JSON converter with schemas, else the value itself.
Value Payload(const Value& value) {
  if (value.kind() != Kind::kMap || value.map().size() != 2) return value;
  const Value payload = value.Field("payload");
  return payload.missing() || value.Field("schema").missing() ? value : payload;
}

bool IsOperation(std::string_view op) { return op == "c" || op == "u" || op == "d" || op == "r"; }

}  // namespace

Result<RowChange> ReadRowChange(const Value& envelope) {
  const Value value = Payload(Unwrap(envelope));
  RowChange change;
  change.row = Value::Null();
  if (value.null()) return change;
  if (value.kind() != Kind::kMap) {
    return Status::BadRecord("no change of Debezium, it is " +
                             std::string(serde::KindName(value.kind())));
  }
  const Value op = value.Field("op");
  if (op.kind() != Kind::kString || !IsOperation(op.string_value())) {
    return Status::BadRecord("no change of a row by Debezium: op must be c, u, d or r, not " +
                             (op.missing() ? "missing" : serde::DebugString(op, 60)));
  }
  change.op = op.string_value();
  change.old = value.Field("before");
  const Value after = value.Field("after");
  if (change.op != "d" && !after.missing()) change.row = after;
  if (const Value source = value.Field("source"); source.kind() == Kind::kMap) {
    if (const Value time = source.Field("ts_ms"); time.kind() == Kind::kInt) {
      change.millis = time.int_value();
    }
  }
  return change;
}

Value RowChangeKey(const Value& key) {
  const Value value = Payload(Unwrap(key));
  if (value.kind() != Kind::kMap || value.map().size() != 1) return value;
  return value.map().front().value;
}

}  // namespace sidestream::operators
