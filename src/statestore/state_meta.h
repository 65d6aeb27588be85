// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a state directory knows of itself, and its bytes in the "meta" table.
//
// Persistent: docs/formats/state-directory.md. Every value begins with its version byte;
// a reader skips bytes that it does not know behind those that it does.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"

namespace sidestream::statestore {

inline constexpr std::string_view kIdentityKey = "identity";
inline constexpr std::string_view kSequenceKey = "sequence";
inline constexpr std::string_view kStoreKeyPrefix = "store/";

/// Whose directory it is.
struct Identity {
  std::string application;
  TaskId task;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// What is known of one store.
struct StoreMeta {
  uint64_t fingerprint = 0;
  TopicId changelog_id;
  std::optional<Offset> position;
  std::optional<Timestamp> complete_at;
  friend bool operator==(const StoreMeta&, const StoreMeta&) = default;
};

std::string EncodeIdentity(const Identity& identity);
std::string EncodeSequence(CommitSequence sequence);
std::string EncodeStoreMeta(const StoreMeta& meta);

/// Each fails with kTaskCorrupted: a version that this program does not know, or bytes that
/// no program wrote.
Result<Identity> DecodeIdentity(std::string_view bytes);
Result<CommitSequence> DecodeSequence(std::string_view bytes);
Result<StoreMeta> DecodeStoreMeta(std::string_view bytes);

std::string StoreMetaKey(std::string_view store);

}  // namespace sidestream::statestore
