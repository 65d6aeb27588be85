// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/changelog.h"

namespace sidestream::bench {
namespace {

constexpr int kTimeoutMs = 1'000;

}  // namespace

void ReadChangelog(const SessionOptions& options, const std::string& topic, int32_t partition,
                   const std::function<void(const rd_kafka_message_t&)>& visit) {
  const Handle reader = NewHandle(RD_KAFKA_CONSUMER, {{"bootstrap.servers", options.bootstrap},
                                                      {"group.id", options.group + "-restore"},
                                                      {"isolation.level", "read_committed"},
                                                      {"enable.auto.commit", "false"},
                                                      {"enable.partition.eof", "true"},
                                                      {"fetch.wait.max.ms", "50"}});
  if (EndOffset(reader.get(), topic, partition) == 0) return;
  const PartitionList list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = 0;
  rd_kafka_assign(reader.get(), list.get());
  bool ended = false;
  while (!ended) {
    rd_kafka_message_t* record = rd_kafka_consumer_poll(reader.get(), kTimeoutMs);
    if (record == nullptr) continue;
    if (record->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      ended = true;
    } else if (record->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Die(rd_kafka_message_errstr(record));
    } else {
      visit(*record);
    }
    rd_kafka_message_destroy(record);
  }
  rd_kafka_consumer_close(reader.get());
}

}  // namespace sidestream::bench
