// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Fuzz entry of the expression folder: any bytes as the text of an expression. Compiles
// it, evaluates it over a small record and extracts aggregate calls from
// it. Run with libFuzzer, or for 20,000 seeded mutations by the unit tests.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "expression/call_extraction.h"
#include "expression/program.h"
#include "serde/protobuf/message_catalog.h"
#include "tests/unit/expression/test_scope.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sidestream;              // NOLINT: one function
  using namespace sidestream::expression;  // NOLINT
  using serde::Value;
  if (size > 4096) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Arena arena;
  const std::span<serde::MapEntry> fields = arena.NewArray<serde::MapEntry>(2);
  const std::span<Value> items = arena.NewArray<Value>(2);
  items[0] = Value::Int(1);
  items[1] = Value::String("two");
  fields[0] = {Value::String("id"), Value::Int(7)};
  fields[1] = {Value::String("items"), Value::List(items)};
  TestScope scope;
  scope.set_message_types(&serde::WellKnownTypes());
  scope.Set("value", Value::Map(fields));
  scope.Set("key", Value::String("k\xC3\xA9y"));
  const CompileResult compiled = Compile(text, scope);
  CHECK((compiled.program == nullptr) == !compiled.errors.empty());
  CallExtractor extractor({{"count", ParseSignature("-> int"), "count()"},
                           {"sum", ParseSignature("int -> int | double -> double"), "sum(x)"}},
                          scope, scope);
  const CompileResult extracted = extractor.Extract(text);
  CHECK((extracted.program == nullptr) == !extracted.errors.empty());
  if (!compiled.program) return 0;
  TestEnvironment environment;
  const Result<Value> result = compiled.program->Evaluate(scope.Row(), environment, arena);
  if (result.ok()) {
    CHECK(!result->missing());
    serde::DebugString(*result);
  }
  return 0;
}
