// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ForwardingLocation: hands every call on to another location; what a test adds it overrides.
//
// Threading: as the other one.

#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "snapshot/location.h"

namespace sidestream::snapshot {

class ForwardingLocation : public Location {
 public:
  explicit ForwardingLocation(std::unique_ptr<Location> next) : next_(std::move(next)) {}

  Status Put(const std::string& name, std::string_view bytes) override {
    return next_->Put(name, bytes);
  }
  Status PutFile(const std::string& name, const std::filesystem::path& file) override {
    return next_->PutFile(name, file);
  }
  Result<std::string> Get(const std::string& name, size_t bytes_max) override {
    return next_->Get(name, bytes_max);
  }
  Status GetFile(const std::string& name, const std::filesystem::path& file,
                 const GoOn& go_on) override {
    return next_->GetFile(name, file, go_on);
  }
  Result<std::vector<StoredObject>> List(const std::string& prefix) override {
    return next_->List(prefix);
  }
  Status Delete(const std::string& name) override { return next_->Delete(name); }

 private:
  const std::unique_ptr<Location> next_;
};

}  // namespace sidestream::snapshot
