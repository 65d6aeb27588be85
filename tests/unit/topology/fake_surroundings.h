// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Environment variables and files out of maps.

#pragma once

#include <map>
#include <string>

#include "topology/scalars.h"

namespace sidestream::topology {

class FakeSurroundings final : public Surroundings {
 public:
  std::optional<std::string> Variable(const std::string& name) const override {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  }
  Result<std::string> ReadFile(const std::string& path) const override {
    const auto found = files.find(path);
    if (found == files.end()) return Status::InvalidConfig("cannot open " + path);
    return found->second;
  }

  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;
};

}  // namespace sidestream::topology
