// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/session.h"

#include <algorithm>
#include <array>
#include <csignal>

namespace sidestream::bench {
namespace {

constexpr size_t kBatch = 4096;
constexpr int kWaitMs = 20;
constexpr int kOperationMs = 30'000;

volatile std::sig_atomic_t stop_asked = 0;

void Check(rd_kafka_error_t* error) {
  if (error != nullptr) Die(rd_kafka_error_string(error));
}

}  // namespace

Session::Session(SessionOptions options) : options_(std::move(options)) {
  consumer_ = NewHandle(RD_KAFKA_CONSUMER,
                        {{"bootstrap.servers", options_.bootstrap},
                         {"group.id", options_.group},
                         {"partition.assignment.strategy", "cooperative-sticky"},
                         {"isolation.level", "read_committed"},
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"auto.offset.reset", "earliest"},
                         {"fetch.wait.max.ms", "100"},
                         {"fetch.queue.backoff.ms", "10"},
                         {"queued.min.messages", "10000"},
                         {"queued.max.messages.kbytes", "16384"},
                         {"socket.nagle.disable", "true"},
                         {"enable.metrics.push", "false"}},
                        [this](rd_kafka_conf_t* conf) {
                          rd_kafka_conf_set_opaque(conf, this);
                          rd_kafka_conf_set_rebalance_cb(conf, &Session::OnRebalance);
                        });
  rd_kafka_poll_set_consumer(consumer_.get());
  producer_ = NewHandle(RD_KAFKA_PRODUCER,
                        {{"bootstrap.servers", options_.bootstrap},
                         {"enable.idempotence", "true"},
                         {"acks", "all"},
                         {"linger.ms", "5"},
                         {"queue.buffering.max.messages", "50000"},
                         {"queue.buffering.max.kbytes", "16384"},
                         {"socket.nagle.disable", "true"},
                         {"enable.metrics.push", "false"}},
                        [this](rd_kafka_conf_t* conf) {
                          rd_kafka_conf_set_dr_msg_cb(conf, &Session::OnDelivery);
                          if (!options_.exactly_once) return;
                          rd_kafka_conf_set(conf, "transactional.id",
                                            (options_.group + "-0").c_str(), nullptr, 0);
                          rd_kafka_conf_set(conf, "transaction.timeout.ms", "10000", nullptr, 0);
                          rd_kafka_conf_set(conf, "message.timeout.ms", "10000", nullptr, 0);
                          rd_kafka_conf_set(conf, "socket.timeout.ms", "5000", nullptr, 0);
                        });
  positions_.resize(options_.inputs.size());
}

Topic Session::Output(const std::string& name) {
  return Topic(rd_kafka_topic_new(producer_.get(), name.c_str(), nullptr));
}

void Session::OnDelivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message,
                         void* /*opaque*/) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_err2str(message->err));
}

void Session::OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                          rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto& self = *static_cast<Session*>(opaque);
  if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    for (int i = 0; i < partitions->cnt; ++i) {
      const auto& names = self.options_.inputs;
      const auto input = std::find(names.begin(), names.end(), partitions->elems[i].topic);
      self.hooks_.assigned(static_cast<size_t>(input - names.begin()),
                           partitions->elems[i].partition);
    }
    Check(rd_kafka_incremental_assign(handle, partitions));
    return;
  }
  if (rd_kafka_assignment_lost(handle)) Die("the group took the partitions");
  self.Commit();
  for (std::vector<int64_t>& offsets : self.positions_) offsets.clear();
  Check(rd_kafka_incremental_unassign(handle, partitions));
}

size_t Session::InputOf(const rd_kafka_message_t& record) {
  for (const auto& [topic, input] : known_inputs_) {
    if (topic == record.rkt) return input;
  }
  const auto& names = options_.inputs;
  const auto found = std::find(names.begin(), names.end(), rd_kafka_topic_name(record.rkt));
  known_inputs_.emplace_back(record.rkt, static_cast<size_t>(found - names.begin()));
  return known_inputs_.back().second;
}

void Session::Advance(std::span<rd_kafka_message_t* const> records) {
  for (const rd_kafka_message_t* record : records) {
    std::vector<int64_t>& offsets = positions_[InputOf(*record)];
    const auto partition = static_cast<size_t>(record->partition);
    if (offsets.size() <= partition) offsets.resize(partition + 1, -1);
    offsets[partition] = record->offset + 1;
  }
}

void Session::Flush() {
  while (rd_kafka_outq_len(producer_.get()) > 0) rd_kafka_flush(producer_.get(), kOperationMs);
}

void Session::Commit() {
  if (!open_) return;
  hooks_.before_commit();
  Flush();
  const PartitionList list(rd_kafka_topic_partition_list_new(8));
  for (size_t input = 0; input < positions_.size(); ++input) {
    for (size_t partition = 0; partition < positions_[input].size(); ++partition) {
      if (positions_[input][partition] < 0) continue;
      rd_kafka_topic_partition_list_add(list.get(), options_.inputs[input].c_str(),
                                        static_cast<int32_t>(partition))
          ->offset = positions_[input][partition];
    }
  }
  if (options_.exactly_once) {
    const GroupMetadata metadata(rd_kafka_consumer_group_metadata(consumer_.get()));
    Check(rd_kafka_send_offsets_to_transaction(producer_.get(), list.get(), metadata.get(),
                                               kOperationMs));
    Check(rd_kafka_commit_transaction(producer_.get(), kOperationMs));
  } else if (rd_kafka_commit(consumer_.get(), list.get(), /*async=*/1) !=
             RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die("the commit failed");
  }
  open_ = false;
}

void Session::WaitForRoom() {
  if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
    Die(rd_kafka_err2str(rd_kafka_last_error()));
  }
  rd_kafka_poll(producer_.get(), 1);
}

void Session::Produce(rd_kafka_topic_t* topic, int32_t partition, std::string_view key,
                      std::string_view value) {
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()),
                          value.size(), key.data(), key.size(), nullptr) != 0) {
    WaitForRoom();
  }
}

void Session::Delete(rd_kafka_topic_t* topic, int32_t partition, std::string_view key) {
  while (rd_kafka_produce(topic, partition, RD_KAFKA_MSG_F_COPY, nullptr, 0, key.data(), key.size(),
                          nullptr) != 0) {
    WaitForRoom();
  }
}

void Session::Forward(rd_kafka_topic_t* topic, const rd_kafka_message_t& record) {
  Forward(topic, record, {static_cast<const char*>(record.payload), record.len});
}

void Session::Forward(rd_kafka_topic_t* topic, const rd_kafka_message_t& record,
                      std::string_view value) {
  std::array<rd_kafka_vu_t, 6> arguments;
  arguments[0].vtype = RD_KAFKA_VTYPE_RKT;
  arguments[0].u.rkt = topic;
  arguments[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  arguments[1].u.i32 = record.partition;
  arguments[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  arguments[2].u.i = RD_KAFKA_MSG_F_COPY;
  arguments[3].vtype = RD_KAFKA_VTYPE_VALUE;
  arguments[3].u.mem = {const_cast<char*>(value.data()), value.size()};
  arguments[4].vtype = RD_KAFKA_VTYPE_KEY;
  arguments[4].u.mem = {record.key, record.key_len};
  arguments[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  arguments[5].u.i64 = rd_kafka_message_timestamp(&record, nullptr);
  while (rd_kafka_error_t* error =
             rd_kafka_produceva(producer_.get(), arguments.data(), arguments.size())) {
    if (rd_kafka_error_code(error) != RD_KAFKA_RESP_ERR__QUEUE_FULL) Check(error);
    rd_kafka_error_destroy(error);
    rd_kafka_poll(producer_.get(), 1);
  }
}

void Session::ProduceBatch(rd_kafka_topic_t* topic, std::span<rd_kafka_message_t> records) {
  rd_kafka_produce_batch(topic, RD_KAFKA_PARTITION_UA,
                         RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION, records.data(),
                         static_cast<int>(records.size()));
  // A full queue refuses the rest; those go one by one, as there is room.
  for (const rd_kafka_message_t& record : records) {
    if (record.err == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    if (record.err != RD_KAFKA_RESP_ERR__QUEUE_FULL) Die(rd_kafka_err2str(record.err));
    Produce(topic, record.partition, {static_cast<const char*>(record.key), record.key_len},
            {static_cast<const char*>(record.payload), record.len});
  }
}

void Session::Run(Hooks hooks) {
  hooks_ = std::move(hooks);
  std::signal(SIGTERM, [](int) { stop_asked = 1; });
  std::signal(SIGINT, [](int) { stop_asked = 1; });
  if (options_.exactly_once) Check(rd_kafka_init_transactions(producer_.get(), kOperationMs));

  const PartitionList topics(rd_kafka_topic_partition_list_new(2));
  for (const std::string& name : options_.inputs) {
    rd_kafka_topic_partition_list_add(topics.get(), name.c_str(), RD_KAFKA_PARTITION_UA);
  }
  if (rd_kafka_subscribe(consumer_.get(), topics.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    Die("the subscription failed");
  }
  const Queue queue(rd_kafka_queue_get_consumer(consumer_.get()));
  std::vector<rd_kafka_message_t*> batch(kBatch);
  while (stop_asked == 0) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue.get(), kWaitMs, batch.data(), kBatch);
    std::span<rd_kafka_message_t*> records(batch.data(),
                                           count > 0 ? static_cast<size_t>(count) : 0);
    for (const rd_kafka_message_t* record : records) {
      if (record->err != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_message_errstr(record));
    }
    const auto now = std::chrono::steady_clock::now();
    if (!records.empty()) {
      if (!open_) {
        if (options_.exactly_once) Check(rd_kafka_begin_transaction(producer_.get()));
        begun_at_ = now;
        open_ = true;
      }
      hooks_.process(records);
      Advance(records);
      for (rd_kafka_message_t* record : records) rd_kafka_message_destroy(record);
    }
    rd_kafka_poll(producer_.get(), 0);
    if (open_ && now - begun_at_ >= options_.commit_interval) Commit();
  }
  Commit();
  rd_kafka_consumer_close(consumer_.get());
}

}  // namespace sidestream::bench
