// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A JSON Schema as a tree: what can be said of it without a value. Internal to
// json_schema_format.
//
// Threading: free functions.

#pragma once

#include <nlohmann/json.hpp>

#include "base/status.h"
#include "serde/format.h"
#include "serde/schema_type.h"

namespace sidestream::serde {

/// The schema with the texts that it refers to put into it, so that every reference is one into
/// the document itself. Fails with kInvalidConfig: no JSON, too long or nested too deep, or a
/// reference that leads nowhere.
Result<nlohmann::json> JsonSchemaDocument(const SchemaText& schema);

/// Whether validation ends: no schema applies itself to the same value. Fails with
/// kInvalidConfig, with the reference that leads back.
Status CheckReferences(const nlohmann::json& document);

/// Whether it has patterns or formats.
bool HasPatterns(const nlohmann::json& node);

/// The types that it plainly gives: `type`, `properties`, `items`, references; of numbers only
/// where `fields:` has a path to them.
SchemaType TypeOfDocument(const nlohmann::json& document);

}  // namespace sidestream::serde
