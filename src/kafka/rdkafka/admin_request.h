// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// One admin request under way: a queue of its own for the answers, and what to make of them.
// Dropping it gives the request up: librdkafka discards answers to a queue that is gone.
//
// Threading: confined to its holder; requests of one Admin may live on different threads.

#pragma once

#include <librdkafka/rdkafka.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "kafka/admin.h"
#include "kafka/rdkafka/client.h"
#include "kafka/rdkafka/errors.h"
#include "kafka/rdkafka/handle.h"

namespace sidestream::kafka::rdkafka {

using AdminOptions =
    std::unique_ptr<rd_kafka_AdminOptions_t, Deleter<rd_kafka_AdminOptions_destroy>>;
using TopicNames =
    std::unique_ptr<rd_kafka_TopicCollection_t, Deleter<rd_kafka_TopicCollection_destroy>>;

/// Longest wait for one answer, connection included.
inline constexpr int kAdminTimeoutMs = 10'000;

inline AdminOptions NewAdminOptions(rd_kafka_t* handle, rd_kafka_admin_op_t operation,
                                    int timeout_ms = kAdminTimeoutMs) {
  AdminOptions options(rd_kafka_AdminOptions_new(handle, operation));
  char text[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout_ms, text, sizeof(text));
  return options;
}

/// An answer that is known already.
template <typename T>
class Answered final : public Pending<T> {
 public:
  explicit Answered(Result<T> answer) : answer_(std::move(answer)) {}
  std::optional<Result<T>> Poll() override { return std::exchange(answer_, std::nullopt); }

 private:
  std::optional<Result<T>> answer_;
};

template <typename T>
Admin::Reply<T> Answer(Result<T> answer) {
  return std::make_unique<Answered<T>>(std::move(answer));
}

template <typename T>
class AdminRequest final : public Pending<T> {
 public:
  /// Empty: more answers are awaited.
  using Handler = std::function<std::optional<Result<T>>(rd_kafka_event_t&, AdminRequest&)>;

  AdminRequest(std::shared_ptr<Client> client, Handler handler)
      : client_(std::move(client)),
        queue_(rd_kafka_queue_new(client_->get())),
        handler_(std::move(handler)) {}

  rd_kafka_t* handle() const { return client_->get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }

  std::optional<Result<T>> Poll() override {
    if (answered_) return std::nullopt;
    rd_kafka_poll(client_->get(), 0);  // client-level errors
    const Event event(rd_kafka_queue_poll(queue_.get(), 0));
    if (event == nullptr) return std::nullopt;
    std::optional<Result<T>> answer = Handle(*event);
    answered_ = answer.has_value();
    return answer;
  }

 private:
  std::optional<Result<T>> Handle(rd_kafka_event_t& event) {
    if (const rd_kafka_resp_err_t code = rd_kafka_event_error(&event);
        code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      Status status = AdminStatus(code, rd_kafka_event_error_string(&event));
      if (status.code() != StatusCode::kUnavailable) return status;
      return client_->Explain(std::move(status));
    }
    return handler_(event, *this);
  }

  const std::shared_ptr<Client> client_;
  const Queue queue_;
  const Handler handler_;
  bool answered_ = false;
};

}  // namespace sidestream::kafka::rdkafka
