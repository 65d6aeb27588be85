// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// schema: the JSON Schema of topology files.

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "topology/json_schema.h"

namespace sidestream::app {

int Schema(const Arguments& arguments, CommandContext& context) {
  context.out << topology::JsonSchema(arguments.part_of_file ? topology::SchemaFor::kPart
                                                             : topology::SchemaFor::kWholeFile);
  return kExitOk;
}

}  // namespace sidestream::app
