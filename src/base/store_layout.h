// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// StoreLayout: what the stored bytes of a step mean, and what an edit of the topology makes of
// them. The plan says it, the control topic records it, and the recorded one is compared with that
// of the plan before anything is read.
//
// Invariant: rows are read under a layout only when CompareLayouts() of the recorded one and it
// does not say kOther.
//
// Threading: values and free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sidestream {

struct StoreLayout {
  struct Part {
    std::string name;
    std::string value;
    friend bool operator==(const Part&, const Part&) = default;
  };
  /// True of every row: with another value stored bytes would mean something else. In one order.
  std::vector<Part> parts;
  /// What a row holds side by side, each in words of its own: the calls of an aggregate, the stores
  /// of a script. They may come and go.
  std::vector<std::string> fields;
  /// Rows tell fields apart by their places, so further ones may only follow behind; else by
  /// FieldId().
  bool fields_by_place = false;
  /// Of the whole definition. All that releases recorded before there were parts.
  uint64_t fingerprint = 0;
  friend bool operator==(const StoreLayout&, const StoreLayout&) = default;
};

/// The name of a field within rows. Persistent.
uint32_t FieldId(std::string_view field);

/// Of the parts alone: the same for all layouts that the rows of a store can change between.
/// Persistent: state directories keep it.
uint64_t PartsFingerprint(std::string_view store, const StoreLayout& layout);

struct LayoutChange {
  enum class Kind {
    kSame,
    kEvolved,  // the fields that stay keep what they hold
    kOther,    // nothing can be read
  };
  Kind kind = Kind::kSame;
  std::vector<std::string> added;    // begin empty
  std::vector<std::string> removed;  // what they hold is lost
  /// Why it is another one: "window was tumbling 1m, is tumbling 5m".
  std::string reason;

  bool loses() const { return kind == Kind::kOther || !removed.empty(); }
};

LayoutChange CompareLayouts(const StoreLayout& recorded, const StoreLayout& planned);

/// "lost: sum(value.b); new, begins empty: count()", or the reason.
std::string Describe(const LayoutChange& change);

}  // namespace sidestream
