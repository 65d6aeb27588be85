// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Our own YAML tree: what is left of a file once the vendor's parser has done its work.
// Every node knows where it stood; scalars keep their text as written, untyped.
//
// Place in the flow: ParseYaml makes it, MergeFiles joins several, the field table checks
// it (and resolves ${env:X} in it), the model is read from it.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "topology/finding.h"

namespace sidestream::topology {

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  Kind kind = Kind::kNull;
  Position position;
  /// kScalar: the text, unquoted and unfolded.
  std::string text;
  /// kScalar: quoted or a block scalar, so a string whatever it looks like.
  bool quoted = false;
  /// kScalar: the whole text was one ${...} reference, now resolved.
  bool reference = false;
  /// kNull: has an anchor ("&value.ok").
  bool anchored = false;
  /// kScalar: a ${file:...} reference is in it, which is how secrets come in.
  bool from_file = false;
  /// kList, kMap: written with brackets.
  bool flow = false;
  /// The checker took something out of it (and said why): what is missing here needs no
  /// further finding.
  bool damaged = false;
  /// An explicit tag ("!value.deleted"), else empty.
  std::string tag;
  std::vector<YamlNode> items;
  std::vector<YamlEntry> entries;

  bool scalar() const { return kind == Kind::kScalar; }
  bool list() const { return kind == Kind::kList; }
  bool map() const { return kind == Kind::kMap; }
  bool null() const { return kind == Kind::kNull; }
  /// The value under `key`, or null pointer. Requires nothing: no map, no value.
  const YamlNode* Find(std::string_view key) const;
};

struct YamlEntry {
  std::string key;
  Position key_position;
  YamlNode value;
};

/// "a map", "a list", "null", "the text ...", for messages.
std::string Describe(const YamlNode& node);

/// Bounds that a file must keep.
struct YamlLimits {
  size_t bytes = 4U << 20U;
  int32_t depth = 64;
  /// Nodes after the expansion of aliases and merge keys.
  int64_t nodes = 200'000;
};

/// Parses one file of `files`: one document, a map at the top. Duplicate keys, tags on
/// collections, keys that are no text and everything beyond the limits are findings. The
/// result is whole as far as it goes; look at findings before use. An empty file is an empty map.
YamlNode ParseYaml(const SourceFiles& files, int32_t file, Findings& findings,
                   const YamlLimits& limits = {});

/// Joins the files of one application: maps merge, the same scalar twice is an error, lists
/// are an error except the top-level `tests`, which are joined.
YamlNode MergeFiles(std::vector<YamlNode> roots, const SourceFiles& files, Findings& findings);

/// Position in the file of the byte `offset` of a scalar's text: exact for plain, quoted and
/// block scalars, the scalar's start where the text cannot be found again.
Position PositionInScalar(const SourceFiles& files, const YamlNode& scalar, size_t offset);

}  // namespace sidestream::topology
