// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/ordered_key.h"

#include <vector>

namespace sidestream::operators {
namespace {

constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr char kZero = '\0';
constexpr char kEscaped = '\xff';
constexpr char kEnd = '\x01';
/// Keys that are held in memory between a scan and their deletion.
constexpr size_t kDeletedAtOnce = 256;

}  // namespace

void AppendOrderedTime(Timestamp time, std::string& out) {
  const uint64_t bits = static_cast<uint64_t>(time.value()) ^ kSign;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(bits >> shift));
}

void AppendOrderedBytes(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) {
    out.push_back(byte);
    if (byte == kZero) out.push_back(kEscaped);
  }
  out.push_back(kZero);
  out.push_back(kEnd);
}

uint8_t OrderedKeyReader::Byte() {
  if (!ok_ || rest_.empty()) {
    ok_ = false;
    return 0;
  }
  const auto byte = static_cast<uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return byte;
}

Timestamp OrderedKeyReader::Time() {
  uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | Byte();
  return ok_ ? Timestamp(static_cast<int64_t>(bits ^ kSign)) : Timestamp();
}

void OrderedKeyReader::Bytes(std::string& out) {
  const size_t start = out.size();
  for (;;) {
    const auto byte = static_cast<char>(Byte());
    if (ok_ && byte == kZero) {
      const auto next = static_cast<char>(Byte());
      if (ok_ && next == kEnd) return;
      ok_ = ok_ && next == kEscaped;
    }
    if (!ok_) break;
    out.push_back(byte);
  }
  out.resize(start);
  rest_ = {};
}

std::string EndOfPrefix(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xff) end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<uint8_t>(end.back()) + 1);
  return end;
}

Status DeleteRows(std::string_view prefix, statestore::KeyValueStore& store) {
  const std::string end = EndOfPrefix(prefix);
  std::string from(prefix);
  std::vector<std::string> keys;
  do {
    keys.clear();
    RETURN_IF_ERROR(store.Scan(from, end,
                               [&](std::string_view key, std::string_view) -> Result<bool> {
                                 keys.emplace_back(key);
                                 return keys.size() < kDeletedAtOnce;
                               }));
    for (const std::string& key : keys) store.Delete(key);
    // Behind the last one: a scan from the prefix would step over all that was deleted, each time.
    if (!keys.empty()) from = keys.back() + kZero;
  } while (keys.size() == kDeletedAtOnce);
  return Status::Ok();
}

}  // namespace sidestream::operators
