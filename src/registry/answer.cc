// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "registry/answer.h"

#include <fmt/format.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace sidestream::registry {
namespace {

using nlohmann::json;
using serde::SchemaLanguage;

/// Of what a registry says in words; the rest is cut off.
constexpr size_t kWordsMax = 300;

/// The object in `body`, or null. Deep nesting has no place in any answer.
json ParseObject(const std::string& body) {
  constexpr int kDepthMax = 16;
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= kDepthMax; };
  json parsed = json::parse(body, shallow, /*allow_exceptions=*/false);
  return parsed.is_object() ? parsed : json();
}

std::optional<std::string> TextAt(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<int64_t> NumberAt(const json& object, const char* name, int64_t min, int64_t max) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  if (found->is_number_unsigned() && found->get<uint64_t>() > static_cast<uint64_t>(max)) {
    return std::nullopt;
  }
  const auto number = found->get<int64_t>();
  return number < min || number > max ? std::nullopt : std::optional(number);
}

std::optional<serde::SchemaId> IdAt(const json& object) {
  const auto id = NumberAt(object, "id", 0, std::numeric_limits<int32_t>::max());
  return id ? std::optional(static_cast<serde::SchemaId>(*id)) : std::nullopt;
}

/// "HTTP 404: subject not found (40401)".
std::string WordsOf(int http_status, const json& error) {
  std::string words = fmt::format("HTTP {}", http_status);
  if (const auto message = TextAt(error, "message")) words += ": " + message->substr(0, kWordsMax);
  if (const auto code = NumberAt(error, "error_code", 0, 1'000'000)) {
    words += fmt::format(" ({})", *code);
  }
  return words;
}

Status NotARegistry(int http_status) {
  return Status::Unavailable(fmt::format(
      "HTTP {}, but not the answer of a schema registry; is the URL's path right?", http_status));
}

/// ok: the answer has a document, which is in `document`.
Status Open(const HttpAnswer& answer, json& document) {
  if (!answer.status.ok()) return answer.status;
  document = ParseObject(answer.body);
  const int code = answer.http_status;
  if (code >= 200 && code < 300) return document.is_null() ? NotARegistry(code) : Status::Ok();
  const std::string words = WordsOf(code, document);
  switch (code) {
    case 404:
      // A proxy or a wrong path says 404 too; only a registry has its error codes.
      return NumberAt(document, "error_code", 40400, 40499) ? Status::BadRecord(words)
                                                            : NotARegistry(code);
    case 409:
    case 422:
      return Status::BadRecord(words);
    case 408:
    case 429:
      return Status::Unavailable(words);
    case 401:
    case 403:
      return Status::InvalidConfig("the schema registry refuses us: " + words);
    default:
      return code >= 500 ? Status::Unavailable(words)
                         : Status::InvalidConfig("the schema registry answers " + words);
  }
}

Result<SchemaLanguage> LanguageOf(const json& document) {
  const std::string name = TextAt(document, "schemaType").value_or("AVRO");
  for (const auto language :
       {SchemaLanguage::kAvro, SchemaLanguage::kProtobuf, SchemaLanguage::kJson}) {
    if (name == serde::SchemaLanguageName(language)) return language;
  }
  return Status::BadRecord("the schema is in a language that is not known here: " +
                           name.substr(0, kWordsMax));
}

Status ReadReferences(const json& list, std::vector<SchemaDocument::Reference>& references) {
  if (list.is_null()) return Status::Ok();
  if (!list.is_array()) return Status::BadRecord("the schema's references are no list");
  if (list.size() > kReferencesMax) {
    return Status::BadRecord(fmt::format("the schema has {} references, at most {} are followed",
                                         list.size(), kReferencesMax));
  }
  for (const json& entry : list) {
    const auto name = entry.is_object() ? TextAt(entry, "name") : std::nullopt;
    const auto subject = entry.is_object() ? TextAt(entry, "subject") : std::nullopt;
    const auto version = entry.is_object()
                             ? NumberAt(entry, "version", 1, std::numeric_limits<int32_t>::max())
                             : std::nullopt;
    if (!name || !subject || !version) {
      return Status::BadRecord("a reference of the schema lacks name, subject or version");
    }
    references.push_back({*name, *subject, static_cast<int32_t>(*version)});
  }
  return Status::Ok();
}

}  // namespace

Result<SchemaDocument> ReadSchemaAnswer(const HttpAnswer& answer) {
  json body;
  RETURN_IF_ERROR(Open(answer, body));
  SchemaDocument document;
  const auto text = TextAt(body, "schema");
  if (!text) return NotARegistry(answer.http_status);
  document.text = *text;
  document.id = IdAt(body);
  ASSIGN_OR_RETURN(document.language, LanguageOf(body));
  RETURN_IF_ERROR(ReadReferences(body.value("references", json()), document.references));
  return document;
}

Result<serde::SchemaId> ReadIdAnswer(const HttpAnswer& answer) {
  json body;
  RETURN_IF_ERROR(Open(answer, body));
  const auto id = IdAt(body);
  if (!id) return NotARegistry(answer.http_status);
  return *id;
}

std::string SchemaBody(SchemaLanguage language, std::string_view text) {
  json body = {{"schema", text}};
  // Registries before 5.5 know Avro only, and refuse the field.
  if (language != SchemaLanguage::kAvro) body["schemaType"] = serde::SchemaLanguageName(language);
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string EscapePathPart(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    if (plain) {
      escaped += c;
    } else {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return escaped;
}

}  // namespace sidestream::registry
