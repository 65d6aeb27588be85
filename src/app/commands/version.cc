// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/settings.h"
#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream::app {

int Version(const Arguments&, CommandContext& context) {
  context.out << fmt::format("sidestream {} (librdkafka {})\n", ProgramVersion(),
                             kafka::RdkafkaVersion());
  return kExitOk;
}

}  // namespace sidestream::app
