// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/coordinator_request.h"

namespace sidestream::kafka::rdkafka {

// Of the group itself: the library answers NOT_COORDINATOR by asking for the coordinator of the
// handle's own group, and ends in a null pointer where the handle has none (seen with 2.14.2).
Result<std::shared_ptr<Client>> GroupClients::Of(const std::string& group) {
  const std::lock_guard lock(mutex_);
  if (client_ == nullptr || group_ != group) {
    Properties properties = properties_;
    properties["group.id"] = group;
    ASSIGN_OR_RETURN(client_, Client::Make(RD_KAFKA_CONSUMER, properties, {}));
    group_ = group;
  }
  return client_;
}

void GroupClients::GiveUp(const std::shared_ptr<Client>& client) {
  const std::lock_guard lock(mutex_);
  if (client_ == client) client_.reset();
}

}  // namespace sidestream::kafka::rdkafka
