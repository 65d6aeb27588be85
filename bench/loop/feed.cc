// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Fills a topic with the records [--from, --from + --records) of generator.h, or only creates
// it (--records 0). Done before a run starts: nothing is measured while the input is produced.
//
//   feed_bench --bootstrap HOST:PORT --topic NAME --partitions 2 --records 2000000 [--from 0]
//              [--policy delete|compact] [--format json|avro]

#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/loop/generator.h"
#include "bench/loop/handles.h"

namespace sidestream::bench {
namespace {

int64_t failures = 0;

void OnDelivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++failures;
}

void Fill(rd_kafka_t* producer, const std::string& name, int partitions, bool avro, uint64_t from,
          uint64_t records) {
  const Topic topic(rd_kafka_topic_new(producer, name.c_str(), nullptr));
  for (uint64_t i = from; i < from + records; ++i) {
    const Bid bid = BidOf(i);
    const std::string key = KeyOf(bid);
    std::string value = avro ? AvroOf(bid) : JsonOf(bid);
    while (rd_kafka_produce(topic.get(), PartitionOf(key, partitions), RD_KAFKA_MSG_F_COPY,
                            value.data(), value.size(), key.data(), key.size(), nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        Die(rd_kafka_err2str(rd_kafka_last_error()));
      }
      rd_kafka_poll(producer, 10);
    }
    if (i % 1'000 == 0) rd_kafka_poll(producer, 0);
  }
  if (rd_kafka_flush(producer, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR || failures > 0) {
    Die("not all records were delivered");
  }
}

int Main(int argc, char** argv) {
  const std::string name = Option(argc, argv, "topic");
  const Handle producer =
      NewHandle(RD_KAFKA_PRODUCER,
                {{"bootstrap.servers", Option(argc, argv, "bootstrap")},
                 {"acks", "all"},
                 {"retries", "0"},
                 {"linger.ms", "5"},
                 {"message.timeout.ms", "60000"},
                 {"queue.buffering.max.messages", "100000"}},
                [](rd_kafka_conf_t* conf) { rd_kafka_conf_set_dr_msg_cb(conf, &OnDelivery); });
  const int partitions = std::atoi(Option(argc, argv, "partitions", "2").c_str());
  CreateTopic(producer.get(), name, partitions,
              Option(argc, argv, "policy", "delete") == "compact");
  const uint64_t records = std::strtoull(Option(argc, argv, "records").c_str(), nullptr, 10);
  const uint64_t from = std::strtoull(Option(argc, argv, "from", "0").c_str(), nullptr, 10);
  const bool avro = Option(argc, argv, "format", "json") == "avro";
  if (records > 0) Fill(producer.get(), name, partitions, avro, from, records);
  return 0;
}

}  // namespace
}  // namespace sidestream::bench

int main(int argc, char** argv) { return sidestream::bench::Main(argc, argv); }
