// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CSV: one record is one line, cut as RFC 4180 says; its columns have names and types that the
// topology gives.
//
// Place in the flow: Reader, Writer and TypeOfFormat come here for FormatKind::kCsv.
//
// Reading:
// - A value is a map with all columns in their order. A column is a string, or what `fields:` says:
//   int, double, bool (true, false), timestamp (epoch milliseconds or RFC 3339), duration ("1.5s"),
//   decimal, bytes (base64). A field without quotes that is CsvLayout::null_text is null.
// - A field in quotes may hold delimiters, line breaks and doubled quotes; white space counts.
//   One line break at the end is dropped.
// - Errors, with column and byte: too few or too many fields, a quote inside of a field without
//   quotes, text behind a closing quote, a quote that is not closed, a second line, a
//   field that does not fit its type, text that is not UTF-8.
// - No allocation per record but from the arena, except where bytes are decoded.
//
// Writing: a map; an entry that is no column is an error, a column without entry is null. A column
// with a type takes what fits it, one without takes any scalar as its JSON text without quotes.
// Quotes stand only where they are needed. There is no line break at the end.
//
// Threading: free functions; a reader is confined to one thread.

#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/status.h"
#include "serde/format.h"
#include "serde/reader.h"
#include "serde/schema_type.h"
#include "serde/writer.h"

namespace sidestream::serde {

inline constexpr size_t kCsvColumns = 10'000;

/// All fail with kInvalidConfig: no columns, one twice, a type for none of them, delimiter and
/// quote that cannot be told apart.
Result<std::unique_ptr<Reader>> CreateCsvReader(const FormatSpec& format,
                                                std::vector<WantedPath> wanted);
Result<std::shared_ptr<const Writer::Codec>> CreateCsvCodec(const FormatSpec& format);
Result<SchemaType> TypeOfCsv(const FormatSpec& format);

}  // namespace sidestream::serde
