// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Fills a topic with the records [--from, --from + --records) of generator.h, or only creates
// it (--records 0). Done before a run starts: nothing is measured while the input is produced.
//
//   feed_bench --bootstrap HOST:PORT --topic NAME --partitions 2 --records 2000000 [--from 0]
//              [--policy delete|compact] [--format
//              json|avro|by_bidder|uniform|ids|bid|auction|person]
//
// json and avro are the bids of generator.h. bid, auction and person are Nexmark's own, of that
// many events of all three kinds; their key is the id of the auction or person, 8 bytes.

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <variant>

#include "bench/loop/generator.h"
#include "bench/loop/handles.h"

namespace sidestream::bench {
namespace {

int64_t failures = 0;

void OnDelivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++failures;
}

std::string KeyBytesOf(int64_t id) {
  const uint64_t big_endian = __builtin_bswap64(static_cast<uint64_t>(id));
  std::string bytes(sizeof(big_endian), '\0');
  std::memcpy(bytes.data(), &big_endian, sizeof(big_endian));
  return bytes;
}

template <typename Kind>
std::optional<Keyed> EventOf(uint64_t number, int64_t Kind::*key) {
  const nexmark::Event event = nexmark::Generator({}).At(number);
  const Kind* wanted = std::get_if<Kind>(&event);
  if (wanted == nullptr) return std::nullopt;
  return Keyed{KeyBytesOf(wanted->*key), nexmark::JsonOf(*wanted)};
}

/// None: the event is of another kind.
std::optional<Keyed> InputOf(const std::string& format, uint64_t number) {
  if (format == "bid") return EventOf(number, &nexmark::Bid::auction);
  if (format == "auction") return EventOf(number, &nexmark::Auction::id);
  if (format == "person") return EventOf(number, &nexmark::Person::id);
  return RecordOf(format, number);
}

void Fill(rd_kafka_t* producer, const std::string& name, int partitions, const std::string& format,
          uint64_t from, uint64_t records) {
  const Topic topic(rd_kafka_topic_new(producer, name.c_str(), nullptr));
  // Librdkafka keeps records of a topic apart that it does not know yet, and may put them behind
  // later ones; the loops rely on the order.
  if (PartitionCount(producer, name) != partitions) Die(name + " has other partitions");
  for (uint64_t i = from; i < from + records; ++i) {
    std::optional<Keyed> record = InputOf(format, i);
    if (!record) continue;
    while (rd_kafka_produce(topic.get(), PartitionOf(record->key, partitions), RD_KAFKA_MSG_F_COPY,
                            record->value.data(), record->value.size(), record->key.data(),
                            record->key.size(), nullptr) != 0) {
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
  const std::string format = Option(argc, argv, "format", "json");
  if (records > 0) Fill(producer.get(), name, partitions, format, from, records);
  return 0;
}

}  // namespace
}  // namespace sidestream::bench

int main(int argc, char** argv) { return sidestream::bench::Main(argc, argv); }
