// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as lines of a few layouts of CSV; the first byte chooses one. Columns alone are what
// they are in the whole, and what was read can be written and reads the same again.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "serde/reader.h"
#include "serde/value_codec.h"
#include "serde/writer.h"

using namespace sidestream;
using namespace sidestream::serde;

namespace {

struct Case {
  std::unique_ptr<Reader> column;
  std::unique_ptr<Reader> whole;
  std::unique_ptr<Writer> writer;
};

Case MakeCase(char delimiter, char quote, std::string null_text, std::vector<FieldSpec> fields) {
  FormatSpec format{.kind = FormatKind::kCsv, .fields = std::move(fields)};
  format.csv = {{"a", "b", "c"}, delimiter, quote, std::move(null_text)};
  Case made;
  made.column = std::move(Reader::Create(format, {{{"b"}, 0}})).value();
  made.whole = std::move(Reader::Create(format, {{{}, 1}, {{"b"}, 0}})).value();
  made.writer = std::make_unique<Writer>(std::move(Writer::Create(format)).value());
  return made;
}

std::string Bytes(const Value& value) {
  std::string bytes;
  CHECK(EncodeValue(value, bytes).ok());
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto cases = std::make_unique<const std::array<Case, 3>>(std::array<Case, 3>{
      MakeCase(',', '"', "", {}),
      MakeCase(';', '\'', "NULL", {{"a", FieldType::kInt}, {"b", FieldType::kDouble}}),
      MakeCase(
          '\t', '"', "-",
          {{"a", FieldType::kTimestamp}, {"b", FieldType::kDuration}, {"c", FieldType::kBytes}})});
  if (size == 0) return 0;
  const Case& chosen = (*cases)[data[0] % cases->size()];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  Arena arena;
  std::vector<Value> column(1);
  std::vector<Value> whole(2);
  const bool read_column = chosen.column->Read(bytes, column, arena).ok();
  if (!chosen.whole->Read(bytes, whole, arena).ok()) return 0;
  CHECK(read_column) << "a column alone refused it";
  CHECK(Bytes(column[0]) == Bytes(whole[0]));
  std::string written;
  // A time beyond the years that have a text.
  if (!chosen.writer->Write(whole[1], written).ok()) return 0;
  std::vector<Value> again(2);
  const Status read = chosen.whole->Read(written, again, arena);
  CHECK(read.ok()) << read << written;
  CHECK(Bytes(again[1]) == Bytes(whole[1])) << written;
  return 0;
}
