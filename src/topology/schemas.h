// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What the formats of a model take from a schema registry: the ids that sinks write, and the
// schemas that are not in the file, from which the types of expressions come.
//
// Place in the flow: between LoadTopology and BuildPlan. What is resolved here holds for as long as
// the application runs: a sink writes one schema, and a type does not change under an expression.
//
// Threading: free functions.

#pragma once

#include <memory>

#include "base/status.h"
#include "serde/schema_source.h"
#include "topology/finding.h"
#include "topology/model.h"

namespace sidestream::topology {

/// Which streams need an id to write.
enum class IdsFor { kWritten, kAll };

/// Fills FormatSpec::schema, schema_id, values and schemas of every format with a frame. Asks for
/// all of them before it gives an answer:
///   ok             all is there, or a finding (SS5009) says what is not
///   kUnavailable   something is on its way: let the source work and call again
///   kInvalidConfig, kFatal   as SchemaSource
/// A stream that is only read and has no schema, neither here nor there, is read as each record was
/// written.
Status ResolveSchemas(Model& model, const std::shared_ptr<serde::SchemaSource>& schemas, IdsFor ids,
                      Findings& findings);

}  // namespace sidestream::topology
