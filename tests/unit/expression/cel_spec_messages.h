// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The message types of the conformance suites, and the suites as messages: what is no plain
// value in their JSON form is read from their text form.
//
// Threading: confined to one thread.

#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "serde/message_types.h"

namespace sidestream::expression {

class CelSpecMessages {
 public:
  /// Types of $SIDESTREAM_CEL_TYPES, or those that scripts/setup.sh --with-cel left in the cache;
  /// null: there are none.
  static std::unique_ptr<CelSpecMessages> Load();
  ~CelSpecMessages();

  const serde::MessageTypes& types() const { return *types_; }
  /// A cel.expr.conformance.test.SimpleTestFile.
  serde::Value ReadSuite(const std::filesystem::path& textproto, Arena& arena) const;

 private:
  class Pool;
  CelSpecMessages(std::unique_ptr<Pool> pool, std::unique_ptr<serde::MessageTypes> types);

  std::unique_ptr<Pool> pool_;
  std::unique_ptr<serde::MessageTypes> types_;
};

/// The field of a message; missing where `message` is none.
serde::Value FieldOf(const serde::Value& message, std::string_view field);

/// Element `at` of a list; missing where there is none.
serde::Value ItemOf(const serde::Value& list, size_t at);

}  // namespace sidestream::expression
