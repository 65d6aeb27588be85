// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// LocalSchemas: a schema registry within the process, for `test` and `run --embedded`: it has the
// schemas that the topology file declares, numbered from 1 as they are met.
//
// Threading: confined to one thread, as what it serves.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "serde/schema_source.h"

namespace sidestream::harness {

class LocalSchemas final : public serde::SchemaSource {
 public:
  Result<serde::RegisteredSchemaPtr> ById(serde::SchemaId id) override;
  /// GUIDs are made by a registry only.
  Result<serde::RegisteredSchemaPtr> ByGuid(const serde::SchemaGuid& guid) override;
  Result<serde::RegisteredSchemaPtr> Latest(std::string_view subject) override;
  /// Registers what is not there.
  Result<serde::RegisteredSchemaPtr> Find(std::string_view subject, serde::SchemaLanguage language,
                                          const serde::SchemaText& schema) override;

 private:
  std::vector<serde::RegisteredSchemaPtr> schemas_;  // by id - 1
  std::map<std::string, serde::RegisteredSchemaPtr, std::less<>> latest_;
};

}  // namespace sidestream::harness
