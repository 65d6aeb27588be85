// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Names of an Avro schema: what may be one, and how a namespace is joined to it.
//
// Threading: free functions.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "serde/avro/schema.h"

namespace sidestream::serde::avro {

/// A letter or '_', then letters, digits and '_'.
bool IsName(std::string_view name);

/// Names joined by dots.
bool IsFullName(std::string_view name);

/// The namespace in `full_name`: what stands before its last dot.
std::string_view NamespaceOf(std::string_view full_name);

/// A name with dots is a full name, whatever `name_space` says.
std::string Qualify(std::string_view name, std::string_view name_space);

/// "null" to "string".
std::optional<Type> PrimitiveType(std::string_view name);

/// What an attribute `logicalType` names; kNone when it is not known.
LogicalType LogicalTypeOf(std::string_view name);

}  // namespace sidestream::serde::avro
