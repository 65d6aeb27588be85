// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which types of a writer meet which types of a reader, one level deep.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "serde/avro/schema.h"

namespace sidestream::serde::avro {

/// Whether the reader's name, without its namespace, or one of its aliases is the writer's.
bool NamesMeet(const Node& writer, const Node& reader);

/// Whether every value of the primitive type `from` is one of `to`: the specification's
/// promotions. A type is not promoted to itself.
bool IsPromoted(Type from, Type to);

/// The branch of the reader's union that takes data of `writer`, which is no union.
const Node* ChooseReaderBranch(const Node& writer, const Node& reader_union);

/// For each field of the reader the index of the writer's field that it is read from: the one of
/// its name, else one of its aliases that no other field of the reader takes.
std::vector<std::optional<size_t>> MatchFields(const Node& writer_record,
                                               const Node& reader_record);

}  // namespace sidestream::serde::avro
