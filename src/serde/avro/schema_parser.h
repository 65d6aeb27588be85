// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From the JSON text of a schema to its nodes. Used through Schema::Parse.
//
// A walk over the parsed JSON with the path to the place where it stands, so that
// each error names it. Sizes and defaults are filled in behind the walk, when every type is
// complete (a default may be of a type that is still open).
//
// Threading: confined to one thread; one object per schema.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/avro/default_encoder.h"
#include "serde/avro/schema.h"
#include "serde/json_text.h"
#include "serde/value.h"

namespace sidestream::serde::avro {

class SchemaParser {
 public:
  SchemaParser() : schema_(new Schema()) {}

  /// Adds the types of one text; the type of the last text is the schema's.
  Status Add(std::string_view text);
  Result<SchemaPtr> Finish();

 private:
  /// A word of the path for as long as it lives.
  class Step;

  Result<const Node*> ParseType(const Value& json, std::string_view name_space, int depth);
  Result<const Node*> ParseName(std::string_view name, std::string_view name_space);
  Result<const Node*> ParseObject(const Value& json, std::string_view name_space, int depth);
  Result<const Node*> ParseNamed(Type type, const Value& json, std::string_view name_space,
                                 int depth);
  Result<const Node*> ParseContainer(Type type, const Value& json, std::string_view name_space,
                                     int depth);
  Result<const Node*> ParseUnion(const Value& json, std::string_view name_space, int depth);
  Status ParseFields(Node& record, const Value& json, int depth);
  Status ParseField(Node& record, const Value& json, std::string_view name, int depth);
  Status ParseSymbols(Node& node, const Value& json);
  Status ParseFixedSize(Node& node, const Value& json);
  /// Names below `attribute`, or none.
  Result<std::vector<std::string>> ParseAliases(const Value& json) const;

  Result<Node*> NewNode(Type type);
  Status ComputeSizes();
  Status ComputeSize(Node& node, int depth);
  void EncodeDefaults();
  Status Fail(std::string_view reason) const;

  std::shared_ptr<Schema> schema_;
  Arena arena_;  // of the texts and their JSON
  size_t bytes_ = 0;
  JsonParser json_;
  std::map<std::string, const Node*, std::less<>> named_;
  std::vector<std::string> path_;
  DefaultEncoder::JsonOfFields defaults_;
  /// Nodes whose size is known, and those that wait for what they contain.
  std::map<const Node*, bool> sized_;
};

/// Reads the attributes of a logical type from the JSON of `node`; leaves it alone where they
/// are unknown or do not fit.
void ParseLogicalType(Node& node, const Value& json);

}  // namespace sidestream::serde::avro
