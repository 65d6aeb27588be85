// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Asks a running application for a savepoint, through its control topic, and follows there what
// becomes of it. The topic rather than an instance's HTTP: whoever leads reads it, no address has to
// be found, and what the command needs to be allowed is what the application is allowed anyway.
//
// Threading: confined to the command's thread.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "app/waiting.h"
#include "base/status.h"
#include "checkpoint/checkpoint_record.h"
#include "checkpoint/outcome.h"
#include "kafka/cluster.h"

namespace sidestream::app {

class SavepointRequest {
 public:
  /// All borrowed.
  SavepointRequest(kafka::Cluster& cluster, kafka::Admin& admin, Waiting& waiting,
                   const Patience& patience, std::string application, std::string control_topic);

  /// Asks, and waits until it is complete, at most `limit`. `tell` gets a line at each step of it.
  /// kStopped: nobody runs the application, or its leader refuses; the message says why.
  /// kUnavailable: not complete within `limit`; it may still become so.
  Result<checkpoint::CompleteRecord> Run(const checkpoint::RequestRecord& request,
                                         Milliseconds limit,
                                         const std::function<void(const std::string&)>& tell);

 private:
  Status RequireMembers();
  Status BeginReading();
  Status Write(const checkpoint::RequestRecord& request);
  /// Reads on; kStopped: the request is refused.
  Status Follow(uint64_t request);

  kafka::Cluster& cluster_;
  kafka::Admin& admin_;
  Waiting& waiting_;
  const Patience patience_;
  const std::string application_;
  const TopicPartition control_;
  std::unique_ptr<kafka::LogReader> reader_;
  checkpoint::CheckpointHistory history_;
};

}  // namespace sidestream::app
