// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/local_schemas.h"

#include <algorithm>
#include <memory>

namespace sidestream::harness {

using serde::RegisteredSchema;
using serde::RegisteredSchemaPtr;

Result<RegisteredSchemaPtr> LocalSchemas::ById(serde::SchemaId id) {
  if (id == 0 || id > schemas_.size()) {
    return Status::BadRecord("no schema of the topology file has the id " + std::to_string(id));
  }
  return schemas_[id - 1];
}

Result<RegisteredSchemaPtr> LocalSchemas::ByGuid(const serde::SchemaGuid& guid) {
  return Status::BadRecord("no schema of the topology file has the id " + serde::GuidText(guid));
}

Result<RegisteredSchemaPtr> LocalSchemas::Latest(std::string_view subject) {
  const auto found = latest_.find(subject);
  if (found == latest_.end()) {
    return Status::BadRecord("the topology file declares no `schema` for subject " +
                             std::string(subject) +
                             ", and without a cluster no schema registry is asked");
  }
  return found->second;
}

Result<RegisteredSchemaPtr> LocalSchemas::Find(std::string_view subject,
                                               serde::SchemaLanguage language,
                                               const serde::SchemaText& schema) {
  auto found = std::ranges::find_if(schemas_, [&](const RegisteredSchemaPtr& known) {
    return known->language == language && known->schema == schema;
  });
  if (found == schemas_.end()) {
    schemas_.push_back(std::make_shared<const RegisteredSchema>(
        RegisteredSchema{language, static_cast<serde::SchemaId>(schemas_.size() + 1), schema}));
    found = schemas_.end() - 1;
  }
  latest_[std::string(subject)] = *found;
  return *found;
}

}  // namespace sidestream::harness
