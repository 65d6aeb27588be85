// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/schema_name.h"

#include <nlohmann/json.hpp>

#include "serde/avro/avro_format.h"
#include "serde/protobuf/proto_format.h"

namespace sidestream::serde {

Result<std::string> NameOfSchema(const FormatSpec& format) {
  std::string name;
  if (format.schema.text.empty()) return Status::InvalidConfig("no schema is declared");
  if (format.kind == FormatKind::kAvro) {
    ASSIGN_OR_RETURN(name, avro::NameOf(format.schema));
  } else if (format.kind == FormatKind::kProtobuf) {
    ASSIGN_OR_RETURN(name, protobuf::NameOf(format.schema, format.message));
  } else {
    const auto document = nlohmann::json::parse(format.schema.text, nullptr, false);
    if (document.is_object() && document.contains("title") && document["title"].is_string()) {
      name = document["title"].get<std::string>();
    }
  }
  if (name.empty()) return Status::InvalidConfig("the schema has no name");
  return name;
}

}  // namespace sidestream::serde
