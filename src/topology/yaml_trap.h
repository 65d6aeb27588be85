// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Why a text is no YAML, in the words of who wrote it: the vendor's parser gives up where it can
// go no further, which is seldom where the mistake is.
//
// Place in the flow: ParseYaml asks when the parser has failed. Internal to this folder.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "topology/finding_codes.h"

namespace sidestream::topology {

struct YamlTrap {
  FindingCode code;
  size_t offset;  // in the text
  std::string message;
  std::string hint;
};

/// The mistake behind an error that the parser reported at `error`; empty where none of the usual
/// ones is found.
std::optional<YamlTrap> FindYamlTrap(std::string_view text, size_t error);

/// Whether the quoted scalar that begins at `start` has its closing quote. Requires a quote there.
bool QuoteIsClosed(std::string_view text, size_t start);

}  // namespace sidestream::topology
