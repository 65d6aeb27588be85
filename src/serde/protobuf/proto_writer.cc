// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/protobuf/proto_writer.h"

#include "serde/protobuf/value_encoder.h"

namespace sidestream::serde::protobuf {

Status ProtoWriter::Encode(const Value& value, std::string& out) const {
  ValueEncoder encoder(out);
  return encoder.PutMessage(message_, value, 0) ? Status::Ok() : encoder.error();
}

}  // namespace sidestream::serde::protobuf
