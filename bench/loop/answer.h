// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The right answer, recomputed from generator.h, and how far an output topic is on the way
// to it. No figure counts without it: a fast wrong answer is no figure.
//
// Threading: one thread.

#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sidestream::bench {

class Answer {
 public:
  virtual ~Answer() = default;
  virtual void Add(const rd_kafka_message_t& record) = 0;
  /// Input records that the output reflects.
  virtual uint64_t progress() const = 0;
  virtual bool complete() const = 0;
  /// Empty, or what is wrong.
  virtual std::string Problem() const = 0;
};

/// For the kinds of loops.h. Of the records [from, from + records); those before were processed
/// by an earlier run (windows and dedup: there is none). `partitions` of the input. Dies when there
/// is no such kind.
std::unique_ptr<Answer> AnswerOf(std::string_view kind, uint64_t from, uint64_t records,
                                 int partitions);

}  // namespace sidestream::bench
