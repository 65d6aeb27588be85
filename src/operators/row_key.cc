// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/row_key.h"

#include "base/check.h"

namespace sidestream::operators {

using serde::KeyKind;

Status EncodeRowKey(RowKey& key, std::string& scratch, Arena& arena) {
  if (key.kind != KeyKind::kOwn || key.value.null()) return Status::Ok();
  scratch.clear();
  ASSIGN_OR_RETURN(key.kind, serde::EncodeKey(key.value, scratch, key.order));
  key.bytes = arena.Copy(scratch);
  return Status::Ok();
}

Status DecodeRowKey(RowKey& key, serde::JsonParser& parser, Arena& arena) {
  if (!key.value.missing()) return Status::Ok();
  if (!key.bytes) {
    key.value = serde::Value::Null();
    return Status::Ok();
  }
  ASSIGN_OR_RETURN(key.value, serde::DecodeKey(key.kind, *key.bytes, parser, arena));
  return Status::Ok();
}

Status AppendStoreKey(RowKey& key, std::string& out) {
  if (!key.computed) {
    out.append(*key.bytes);
    return Status::Ok();
  }
  if (key.kind != KeyKind::kOwn) {
    out.push_back(static_cast<char>(key.kind));
    out.append(*key.bytes);
    return Status::Ok();
  }
  const size_t start = out.size();
  out.push_back(0);
  Result<KeyKind> kind = serde::EncodeKey(key.value, out, key.order);
  if (!kind.ok()) {
    out.resize(start);
    return kind.status();
  }
  out[start] = static_cast<char>(*kind);
  return Status::Ok();
}

Result<RowKey> ReadStoreKey(std::string_view store_key, bool computed) {
  RowKey key;
  key.computed = computed;
  key.bytes = store_key;
  if (!computed) return key;
  CHECK(!store_key.empty()) << "a computed key has its kind in front";
  ASSIGN_OR_RETURN(key.kind, serde::ParseKeyKind(static_cast<uint8_t>(store_key[0])));
  key.bytes = store_key.substr(1);
  return key;
}

}  // namespace sidestream::operators
