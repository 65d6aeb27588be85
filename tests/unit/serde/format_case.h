// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writes values, given as JSON, through a Writer: what the tests of formats compare.

#pragma once

#include <string>
#include <string_view>

#include "serde/json_text.h"
#include "serde/writer.h"

namespace sidestream::serde {

/// The bytes of the value that `json` stands for; or the error.
inline std::string WriteText(const FormatSpec& format, std::string_view json) {
  const Result<Writer> writer = Writer::Create(format);
  if (!writer.ok()) return writer.status().ToString();
  Arena arena;
  JsonParser parser;
  std::string out = "before";
  const Status status = writer->Write(*parser.Parse(json, arena), out);
  if (!status.ok()) return out == "before" ? status.ToString() : "not left as it was: " + out;
  return out.substr(6);
}

}  // namespace sidestream::serde
