// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/loops.h"

namespace sidestream::bench {

void RunPassLoop(SessionOptions options, const std::string& output) {
  Session session(std::move(options));
  const Topic topic = session.Output(output);
  session.Run({.process = [&](std::span<rd_kafka_message_t* const> records) {
    for (const rd_kafka_message_t* record : records) session.Forward(topic.get(), *record);
  }});
}

}  // namespace sidestream::bench
