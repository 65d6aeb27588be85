// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A schema registry in the test's hands: schemas are there when the test puts them, and any answer
// can be held back.

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "serde/schema_source.h"

namespace sidestream {

class FakeSchemaSource final : public serde::SchemaSource {
 public:
  void Put(serde::SchemaId id, serde::SchemaLanguage language, std::string text) {
    schemas_[id] = std::make_shared<const serde::RegisteredSchema>(
        serde::RegisteredSchema{language, id, {std::move(text), {}}});
  }
  void PutGuid(const serde::SchemaGuid& guid, serde::SchemaId id) { guids_[guid] = id; }
  void PutSubject(const std::string& subject, serde::SchemaId id) { latest_[subject] = id; }

  /// Not ok: every question gets this answer.
  Status answer;
  std::vector<std::string> asked;
  /// So many more questions for an id are answered with "on its way".
  std::map<serde::SchemaId, int> late;

  Result<serde::RegisteredSchemaPtr> ById(serde::SchemaId id) override {
    asked.push_back("id " + std::to_string(id));
    if (!answer.ok()) return answer;
    if (late[id]-- > 0) return Status::Unavailable("on its way");
    const auto found = schemas_.find(id);
    if (found == schemas_.end()) return Status::BadRecord("no schema " + std::to_string(id));
    return found->second;
  }
  Result<serde::RegisteredSchemaPtr> ByGuid(const serde::SchemaGuid& guid) override {
    const auto found = guids_.find(guid);
    if (!answer.ok()) return answer;
    if (found == guids_.end()) return Status::BadRecord("no schema " + serde::GuidText(guid));
    return ById(found->second);
  }
  Result<serde::RegisteredSchemaPtr> Latest(std::string_view subject) override {
    asked.push_back("latest " + std::string(subject));
    if (!answer.ok()) return answer;
    const auto found = latest_.find(subject);
    if (found == latest_.end()) return Status::BadRecord("no subject " + std::string(subject));
    return schemas_.at(found->second);
  }
  Result<serde::RegisteredSchemaPtr> Find(std::string_view subject, serde::SchemaLanguage language,
                                          const serde::SchemaText& schema) override {
    asked.push_back("find " + std::string(subject));
    if (!answer.ok()) return answer;
    for (const auto& [id, known] : schemas_) {
      if (known->language == language && known->schema == schema) return known;
    }
    return Status::BadRecord("the schema is not in " + std::string(subject));
  }

 private:
  std::map<serde::SchemaId, serde::RegisteredSchemaPtr> schemas_;
  std::map<serde::SchemaGuid, serde::SchemaId> guids_;
  std::map<std::string, serde::SchemaId, std::less<>> latest_;
};

}  // namespace sidestream
