// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/csv_line.h"

#include <algorithm>
#include <string>

namespace sidestream::serde {
namespace {

Status BadLine(std::string_view reason, size_t column, size_t position) {
  return Status::BadRecord("not a line of CSV: " + std::string(reason) + " in column " +
                           std::to_string(column + 1) + " at byte " + std::to_string(position));
}

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

}  // namespace

Status CutCsvLine(std::string_view line, const CsvLayout& layout, std::vector<CsvField>& fields) {
  fields.clear();
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  const char quote = layout.quote;
  for (size_t at = 0;; ++at) {
    CsvField field;
    field.position = at;
    if (at < line.size() && line[at] == quote) {
      field.quoted = true;
      const size_t begin = ++at;
      while (true) {
        at = std::min(line.find(quote, at), line.size());
        if (at == line.size()) {
          return BadLine("a quote is not closed", fields.size(), field.position);
        }
        if (at + 1 == line.size() || line[at + 1] != quote) break;
        field.doubled = true;
        at += 2;
      }
      field.raw = line.substr(begin, at - begin);
      ++at;
      if (at < line.size() && line[at] != layout.delimiter) {
        return BadLine(IsLineBreak(line[at]) ? "a second line" : "text behind a closing quote",
                       fields.size(), at);
      }
    } else {
      const size_t begin = at;
      for (; at < line.size() && line[at] != layout.delimiter; ++at) {
        if (line[at] == quote) {
          return BadLine("a quote inside of a field without quotes", fields.size(), at);
        }
        if (IsLineBreak(line[at])) return BadLine("a second line", fields.size(), at);
      }
      field.raw = line.substr(begin, at - begin);
    }
    fields.push_back(field);
    if (at >= line.size() || fields.size() > layout.columns.size()) return Status::Ok();
  }
}

std::string_view CsvFieldText(const CsvField& field, char quote, Arena& arena) {
  if (!field.doubled) return field.raw;
  char* const text = static_cast<char*>(arena.Allocate(field.raw.size(), 1));
  size_t size = 0;
  for (size_t i = 0; i < field.raw.size(); ++i) {
    text[size++] = field.raw[i];
    if (field.raw[i] == quote) ++i;
  }
  return {text, size};
}

}  // namespace sidestream::serde
