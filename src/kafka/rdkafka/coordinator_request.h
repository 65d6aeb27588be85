// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Admin requests to a group's coordinator, and the client that they go through. It goes with the first
// of them that ends without an answer, for librdkafka (2.14.2 to 2.16.0)
// - frees such a request twice when it has timed out before the coordinator is there, and then it comes:
//   the process aborts (rd_kafka_enq_once_del_source_return, `eonce->refcnt > 0'), or goes on with damaged
//   memory where the library was built without its assertions (its issue 4605, open). So the library gets
//   its longest time-out, ours ends the request, and a client may be destroyed with requests that wait;
// - goes on asking the broker that it remembers as the coordinator until metadata.max.age.ms (15 minutes)
//   is over: after a move only a new handle gets an answer (fault 6).
//
// Threading: GroupClients is thread-safe, a request confined to its holder.

#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/clock.h"
#include "kafka/rdkafka/admin_request.h"
#include "kafka/rdkafka/client.h"

namespace sidestream::kafka::rdkafka {

/// The longest that librdkafka allows; nobody waits as long.
inline constexpr int kCoordinatorTimeoutMs = 3'600'000;

class GroupClients {
 public:
  /// `patience`: how long a request may wait for its answer.
  GroupClients(Properties properties, Milliseconds patience)
      : properties_(std::move(properties)), patience_(patience) {}

  /// A consumer of `group` that never joins it; the one of before if it was of this group.
  Result<std::shared_ptr<Client>> Of(const std::string& group);
  /// Of() does not give `client` again.
  void GiveUp(const std::shared_ptr<Client>& client);
  Milliseconds patience() const { return patience_; }

 private:
  const Properties properties_;
  const Milliseconds patience_;
  std::mutex mutex_;
  std::string group_;               // guarded by mutex_
  std::shared_ptr<Client> client_;  // guarded by mutex_; of the group asked for last
};

template <typename T>
class CoordinatorRequest final : public Pending<T> {
 public:
  CoordinatorRequest(std::shared_ptr<GroupClients> clients, std::shared_ptr<Client> client,
                     std::unique_ptr<AdminRequest<T>> request)
      : clients_(std::move(clients)),
        client_(std::move(client)),
        request_(std::move(request)),
        deadline_(std::chrono::steady_clock::now() + clients_->patience()) {}
  ~CoordinatorRequest() override {
    if (request_ != nullptr) clients_->GiveUp(client_);
  }

  std::optional<Result<T>> Poll() override {
    if (request_ == nullptr) return std::nullopt;
    std::optional<Result<T>> answer = request_->Poll();
    if (!answer && std::chrono::steady_clock::now() >= deadline_) {
      answer = client_->Explain(Status::Unavailable("the coordinator of the group does not answer"));
    }
    if (!answer) return std::nullopt;
    if (answer->status().code() == StatusCode::kUnavailable) clients_->GiveUp(client_);
    request_.reset();
    client_.reset();
    return answer;
  }

 private:
  const std::shared_ptr<GroupClients> clients_;
  std::shared_ptr<Client> client_;
  std::unique_ptr<AdminRequest<T>> request_;  // absent: it has ended
  const MonotonicTime deadline_;
};

/// `ask(handle, options, queue)` sends the request about `group`, `handler` reads its answer.
template <typename T, typename Ask>
Admin::Reply<T> AskCoordinator(const std::shared_ptr<GroupClients>& clients,
                               const std::string& group, rd_kafka_admin_op_t operation,
                               typename AdminRequest<T>::Handler handler, Ask ask) {
  Result<std::shared_ptr<Client>> client = clients->Of(group);
  if (!client.ok()) return Answer<T>(client.status());
  auto request = std::make_unique<AdminRequest<T>>(*client, std::move(handler));
  const AdminOptions options =
      NewAdminOptions(request->handle(), operation, kCoordinatorTimeoutMs);
  ask(request->handle(), options.get(), request->queue());
  return std::make_unique<CoordinatorRequest<T>>(clients, *std::move(client), std::move(request));
}

}  // namespace sidestream::kafka::rdkafka
