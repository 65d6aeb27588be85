// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The settings that are in force, defaults included, each with the place that it comes from. Made
// from the field table; pipelines and tests are left out: they are programs, not settings.
//
// Invariant: the value of a secret is in no result. Secret is what the field table calls so, what
// librdkafka's properties and the user's constants name like one, what was read from a file by
// ${file:...}, and what stands before the @ of a URL.
//
// Threading: pure functions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "topology/yaml_node.h"

namespace sidestream::topology::explain {

struct Setting {
  std::string path;    // "streams.orders.key"
  std::string value;   // as YAML has it; lists and maps as JSON
  std::string origin;  // "orders.yaml:12" or "default"
};

/// `root`: all files as one, checked.
std::vector<Setting> EffectiveSettings(const YamlNode& root, const SourceFiles& files);

/// Whether a property or constant of this name holds a secret.
bool NamesSecret(std::string_view name);

/// `text` with user and password of URLs hidden.
std::string WithoutCredentials(std::string_view text);

}  // namespace sidestream::topology::explain
