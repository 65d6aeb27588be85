// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/schema_source.h"

#include "base/check.h"

namespace sidestream::serde {

std::string_view SchemaLanguageName(SchemaLanguage language) {
  switch (language) {
    case SchemaLanguage::kAvro:
      return "AVRO";
    case SchemaLanguage::kProtobuf:
      return "PROTOBUF";
    case SchemaLanguage::kJson:
      return "JSON";
  }
  return "";
}

SchemaLanguage LanguageOf(FormatKind kind) {
  CHECK(HasSchema(kind)) << FormatName(kind);
  if (kind == FormatKind::kProtobuf) return SchemaLanguage::kProtobuf;
  return kind == FormatKind::kAvro ? SchemaLanguage::kAvro : SchemaLanguage::kJson;
}

}  // namespace sidestream::serde
