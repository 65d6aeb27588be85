// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any text as an Avro schema: what parses has a canonical form, which parses and is its own
// canonical form; and the schema meets itself.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/avro/canonical_form.h"
#include "serde/avro/resolution.h"
#include "serde/avro/schema.h"

using namespace sidestream;
using namespace sidestream::serde;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto schema = avro::Schema::Parse({reinterpret_cast<const char*>(data), size});
  if (!schema.ok()) return 0;
  const Result<std::string> form = avro::CanonicalForm(**schema);
  CHECK(form.ok());
  const auto again = avro::Schema::Parse(*form);
  CHECK(again.ok()) << *form << ": " << again.status();
  // The form has no way to write a name without namespace in a type that has one.
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (text.find("namespace") != text.npos) return 0;
  CHECK(*avro::CanonicalForm(**again) == *form) << *form;
  const auto resolution = avro::Resolution::Compile(*schema, *schema, {{{}, 0}});
  CHECK(resolution.ok()) << resolution.status();
  return 0;
}
