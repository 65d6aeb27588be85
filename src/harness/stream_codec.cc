// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/stream_codec.h"

#include <utility>

#include "operators/dead_letter/letter_headers.h"
#include "serde/ndjson.h"

namespace sidestream::harness {

Result<SideCodec> SideCodec::Create(const serde::FormatSpec& format) {
  ASSIGN_OR_RETURN(auto reader, serde::Reader::Create(format, {{.fields = {}, .slot = 0}}));
  ASSIGN_OR_RETURN(auto writer, serde::Writer::Create(format));
  return SideCodec(std::move(writer), std::move(reader));
}

Result<std::optional<std::string>> SideCodec::Encode(const serde::Value& value) const {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool present, serde::EncodeText(writer_, value, bytes));
  return present ? std::optional(std::move(bytes)) : std::nullopt;
}

serde::Value SideCodec::Decode(const std::optional<std::string>& bytes, Arena& arena) {
  std::string text;
  serde::AppendText(bytes, *reader_, text);
  const Result<serde::Value> value = parser_.Parse(arena.Copy(text), arena);
  // A text in JSON's clothes parses; only nesting deeper than the parser's could not.
  return value.ok() ? *value : serde::Value::String(arena.Copy(text));
}

bool SideCodec::Holds(const std::optional<std::string>& bytes, const serde::Value& decoded,
                      const serde::Value& expected) const {
  if (serde::Value::Equal(decoded, expected)) return true;
  if (writer_.format() == serde::FormatKind::kJson) return false;
  const auto encoded = Encode(expected);
  return encoded.ok() && *encoded == bytes;
}

Result<StreamCodec> StreamCodec::Create(const topology::StreamModel& stream) {
  ASSIGN_OR_RETURN(SideCodec key, SideCodec::Create(stream.key));
  ASSIGN_OR_RETURN(SideCodec value, SideCodec::Create(stream.value));
  return StreamCodec{std::move(key), std::move(value)};
}

Result<LetterCodec> LetterCodec::Create(const topology::Model& model) {
  const auto codec_of = [](serde::FormatSpec key, serde::FormatSpec value) -> Result<StreamCodec> {
    key.fields.clear();
    value.fields.clear();
    ASSIGN_OR_RETURN(SideCodec key_codec, SideCodec::Create(key));
    ASSIGN_OR_RETURN(SideCodec value_codec, SideCodec::Create(value));
    return StreamCodec{std::move(key_codec), std::move(value_codec)};
  };
  serde::FormatSpec text;
  text.kind = serde::FormatKind::kString;
  ASSIGN_OR_RETURN(StreamCodec others, codec_of(text, text));
  LetterCodec letters(std::move(others));
  for (const topology::StreamModel& stream : model.streams) {
    for (const topology::Named& topic : stream.topics) {
      ASSIGN_OR_RETURN(StreamCodec codec, codec_of(stream.key, stream.value));
      letters.by_topic_.emplace(topic.text, std::move(codec));
    }
  }
  return letters;
}

StreamCodec& LetterCodec::Of(const CollectedRecord& letter) {
  for (const auto& [name, value] : letter.headers) {
    if (name != operators::kErrorTopic || !value) continue;
    if (const auto found = by_topic_.find(*value); found != by_topic_.end()) return found->second;
  }
  return text_;
}

}  // namespace sidestream::harness
