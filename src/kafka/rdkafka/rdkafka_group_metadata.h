// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The library's own proof of membership behind the port's GroupMetadata: the consumer makes it,
// producers send it.

#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "kafka/consumer.h"
#include "kafka/rdkafka/handle.h"

namespace sidestream::kafka::rdkafka {

class RdkafkaGroupMetadata final : public GroupMetadata {
 public:
  /// Takes `metadata` over.
  explicit RdkafkaGroupMetadata(rd_kafka_consumer_group_metadata_t* metadata)
      : metadata_(metadata),
        generation_(rd_kafka_consumer_group_metadata_generation_id(metadata)),
        member_id_(rd_kafka_consumer_group_metadata_member_id(metadata)) {}

  int32_t generation() const override { return generation_; }
  const std::string& member_id() const override { return member_id_; }
  const rd_kafka_consumer_group_metadata_t* get() const { return metadata_.get(); }

 private:
  const std::unique_ptr<rd_kafka_consumer_group_metadata_t,
                        Deleter<rd_kafka_consumer_group_metadata_destroy>>
      metadata_;
  const int32_t generation_;
  const std::string member_id_;
};

}  // namespace sidestream::kafka::rdkafka
