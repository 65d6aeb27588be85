// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/schema_type.h"

#include "serde/avro/avro_format.h"
#include "serde/csv_format.h"
#include "serde/json_schema_format.h"
#include "serde/protobuf/proto_format.h"

namespace sidestream::serde {

SchemaType SchemaType::Scalar(Value::Kind kind) {
  SchemaType type;
  type.kind = Kind::kScalar;
  type.scalar = kind;
  return type;
}

SchemaType SchemaType::List(SchemaType element) {
  SchemaType type;
  type.kind = Kind::kList;
  type.element.push_back(std::move(element));
  return type;
}

SchemaType SchemaType::Map(Value::Kind key, SchemaType value) {
  SchemaType type;
  type.kind = Kind::kMap;
  type.scalar = key;
  type.element.push_back(std::move(value));
  return type;
}

Result<std::shared_ptr<const SchemaType>> TypeOfFormat(const FormatSpec& format) {
  SchemaType type;
  switch (format.kind) {
    case FormatKind::kAvro: {
      ASSIGN_OR_RETURN(type, avro::TypeOfSchema(format.schema));
      break;
    }
    case FormatKind::kProtobuf: {
      ASSIGN_OR_RETURN(type, protobuf::TypeOfSchema(format.schema, format.message));
      break;
    }
    case FormatKind::kJsonSchema: {
      ASSIGN_OR_RETURN(type, TypeOfJsonSchema(format.schema));
      break;
    }
    case FormatKind::kCsv: {
      ASSIGN_OR_RETURN(type, TypeOfCsv(format));
      break;
    }
    default:
      return std::shared_ptr<const SchemaType>();
  }
  return std::make_shared<const SchemaType>(std::move(type));
}

}  // namespace sidestream::serde
