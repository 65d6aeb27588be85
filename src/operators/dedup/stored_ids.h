// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoredIds: what the rows of a `dedup` step mean, in the words of its user: of each key what is
// known of its ids. For people and tests, not for the way of a record.
//
// Threading: confined to one thread.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/header.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/stored_key.h"
#include "serde/json_text.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

class StoredIds {
 public:
  struct Entry {
    serde::Value key;
    /// An object: `passed`, the times at which records were let through, and `waiting`, the values of
    /// those that `keep: last` holds back, by time. With a `key:` an object of such by the id, as
    /// text.
    serde::Value state;
  };
  using Rows = std::map<std::string, std::string>;

  /// `node` is borrowed. Fails with kInvalidConfig.
  static Result<std::unique_ptr<StoredIds>> Create(const topology::DedupNode& node);

  /// All rows of the store of one task, whose clock (that of the step) shows `now`: what has ended by
  /// then is left out. Values are made in `arena`. Fails as the decoders of rows do.
  Result<std::vector<Entry>> Read(const Rows& rows, Timestamp now, Arena& arena);

 private:
  struct Id {
    std::vector<serde::Value> passed;
    std::vector<serde::Value> waiting;
  };

  explicit StoredIds(const topology::DedupNode& node) : node_(node) {}
  Status ReadRow(std::string_view row_key, std::string_view row, Timestamp now, Arena& arena,
                 std::map<std::string, Id>& ids);
  /// Takes an id apart: the record's key, and the id beside it as text.
  Status SplitId(std::string_view id, Arena& arena, std::string& key, std::string& text);

  const topology::DedupNode& node_;
  std::unique_ptr<StoredKey> key_;
  serde::JsonParser parser_;
  std::vector<Timestamp> times_;
  std::vector<Header> headers_;
};

}  // namespace sidestream::operators
