// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What commands write with: each operation of a producer goes on to its end, or until the cluster has
// not answered for too long.
//
// With a transactional id the records are committed every few megabytes and in Finish(), and making
// one takes the id over: an earlier process with it can write no more.
//
// Threading: confined to the command's thread.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/waiting.h"
#include "base/status.h"
#include "kafka/cluster.h"

namespace sidestream::app {

class PatientProducer {
 public:
  /// `waiting` is borrowed. `silence_max`: how long one operation may take.
  static Result<std::unique_ptr<PatientProducer>> Make(kafka::Cluster& cluster,
                                                       const kafka::ProducerOptions& options,
                                                       Waiting& waiting, Milliseconds silence_max);

  /// kFenced, as in Finish(): another process took the transactional id.
  Status Write(const TopicPartition& to, std::optional<std::string_view> key,
               std::optional<std::string_view> value);
  /// Everything written is in the logs, and committed.
  Status Finish();

 private:
  PatientProducer(std::unique_ptr<kafka::Producer> producer, bool transactional, Waiting& waiting,
                  Milliseconds silence_max)
      : producer_(std::move(producer)),
        transactional_(transactional),
        waiting_(waiting),
        silence_max_(silence_max) {}

  /// Starts an operation, and again while it is kUnavailable.
  Status Do(const std::function<void()>& start);
  /// kUnavailable: it is time to give up.
  Status Pass(MonotonicTime deadline);

  const std::unique_ptr<kafka::Producer> producer_;
  const bool transactional_;
  Waiting& waiting_;
  const Milliseconds silence_max_;
  std::map<std::string, kafka::TopicHandle> topics_;
  bool open_ = false;
  size_t open_bytes_ = 0;
};

}  // namespace sidestream::app
