// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// JSON text from and to Value, with the rules of reader.h and writer.h, and RFC 3339 and
// duration texts. For keys, tests, messages and json.parse / json.encode; records on the way
// go through Reader and Writer.
//
// Threading: a JsonParser is confined to one thread; the functions are free.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "serde/utf8.h"
#include "serde/value.h"

namespace sidestream::serde {

/// Parses one JSON value per call; keeps its buffers between calls.
class JsonParser {
 public:
  JsonParser();
  ~JsonParser();
  JsonParser(JsonParser&&) noexcept;
  JsonParser& operator=(JsonParser&&) noexcept;

  /// The result points into `text` and `arena`. Fails with kBadRecord, with the position.
  Result<Value> Parse(std::string_view text, Arena& arena);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Appends `value` as JSON without spaces. Fails with kBadRecord (NaN, infinity, missing,
/// type, a timestamp out of range, two map keys with the same text, too deep) and leaves `out` as
/// it was.
Status AppendJson(const Value& value, std::string& out);

/// Appends `text` as a JSON string with its quotes. Requires valid UTF-8.
void AppendJsonString(std::string_view text, std::string& out);

/// Appends the shortest digits that give the same double back. Requires a finite number.
void AppendJsonNumber(double value, std::string& out);

/// "2026-01-01T00:00:00Z", with 3, 6 or 9 digits of fraction where needed. Fails with
/// kBadRecord outside of the years 1 to 9999.
Status AppendTimestamp(Nanos since_epoch, std::string& out);
/// RFC 3339, years 1 to 9999, any offset; digits of fraction beyond the ninth are an error.
std::optional<Nanos> ParseTimestamp(std::string_view text);

/// protobuf's JSON form: "1s", "-0.500s", "3.000001s".
void AppendDuration(Nanos length, std::string& out);
/// What AppendDuration writes, and CEL's sums of units: "1h30m", "-1.5ms"; h m s ms us ns.
std::optional<Nanos> ParseDuration(std::string_view text);

}  // namespace sidestream::serde
