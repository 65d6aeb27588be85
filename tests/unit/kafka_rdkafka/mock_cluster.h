// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The cluster that librdkafka mocks, whose answers can be chosen.

#pragma once

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <memory>
#include <utility>

#include "kafka/rdkafka/rdkafka_cluster.h"

namespace sidestream::kafka {

/// Outlives the clients of it.
class MockCluster {
 public:
  explicit MockCluster(int brokers) {
    char text[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    host_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
    EXPECT_NE(host_, nullptr) << text;
    mock_ = rd_kafka_mock_cluster_new(host_, brokers);
  }
  ~MockCluster() {
    rd_kafka_mock_cluster_destroy(mock_);
    rd_kafka_destroy(host_);
  }
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  rd_kafka_mock_cluster_t* get() const { return mock_; }
  /// What clients are made of; `options` lacks where the cluster is.
  std::unique_ptr<Cluster> Connect(RdkafkaOptions options = {}) const {
    options.common["bootstrap.servers"] = rd_kafka_mock_cluster_bootstraps(mock_);
    return NewRdkafkaCluster(std::move(options)).value();
  }

 private:
  rd_kafka_t* host_ = nullptr;
  rd_kafka_mock_cluster_t* mock_ = nullptr;
};

}  // namespace sidestream::kafka
