// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Cuts a line of CSV into its fields. Internal to csv_format.
//
// Threading: free functions.

#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "serde/format.h"

namespace sidestream::serde {

struct CsvField {
  /// Between the quotes; doubled quotes are still there.
  std::string_view raw;
  size_t position = 0;  // in the line
  bool quoted = false;
  bool doubled = false;  // has doubled quotes
};

/// Replaces `fields`. Fails with kBadRecord; the message has the byte. At most one field more than
/// there are columns is cut.
Status CutCsvLine(std::string_view line, const CsvLayout& layout, std::vector<CsvField>& fields);

/// The text of a field, in `arena` where quotes were doubled.
std::string_view CsvFieldText(const CsvField& field, char quote, Arena& arena);

}  // namespace sidestream::serde
