// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A librdkafka handle: made from a property list, its logs and client-level errors led to our
// log, destroyed when the last holder goes.
//
// shared_ptr, because record chunks and fetch queues hold references into the handle, and
// rd_kafka_destroy() would wait for them on whichever thread came first.
//
// Threading: LastProblem(), SetWanted(), KeepConnected() and rebootstraps() from any thread; the rest
// as librdkafka.

#pragma once

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "kafka/rdkafka/broker_watch.h"
#include "kafka/rdkafka/errors.h"
#include "kafka/rdkafka/settings.h"

namespace sidestream::kafka::rdkafka {

class Rebootstrap;

class Client {
 public:
  /// What a client adds to its configuration before it is made; empty callbacks stay unset.
  struct Hooks {
    /// Called inside rd_kafka_poll() and rd_kafka_flush(), on their thread.
    std::function<void(const rd_kafka_message_t&)> on_delivery;
    /// Where interceptors are added; `on_new_opaque` must outlive the client.
    rd_kafka_interceptor_f_on_new_t* on_new = nullptr;
    void* on_new_opaque = nullptr;
    /// Kept until the client is gone: what `on_new_opaque` points to, where nothing else keeps it.
    std::shared_ptr<void> kept;
    /// Events instead of callbacks (RD_KAFKA_EVENT_…); client-level errors then come as events.
    int events = 0;
  };

  /// kInvalidConfig with librdkafka's own words when it refuses the properties.
  static Result<std::shared_ptr<Client>> Make(rd_kafka_type_t type, const Properties& properties,
                                              const Hooks& hooks);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* get() const { return handle_; }

  /// The last client-level problem ("broker away", "authentication failed"), so that a time-out
  /// can say why. kInvalidConfig stays: credentials do not heal.
  std::optional<Status> LastProblem() const;
  /// Notes a client-level error and logs it, at most one line a second and kind.
  void NoteProblem(const ErrorFacts& error);
  /// Whether somebody wants something of the cluster, which is so until this is called. A client
  /// that nobody wants may be without a connection.
  void SetWanted(bool wanted) { wanted_.store(wanted, std::memory_order_relaxed); }
  /// Gives the bootstrap addresses anew if the client has lost all nodes. Rebootstrap calls it.
  void KeepConnected();
  /// How often it did.
  int64_t rebootstraps() const { return rebootstraps_.load(std::memory_order_relaxed); }
  /// LastProblem() when it is a wrong configuration, else `status` with the problem's text.
  Status Explain(Status status) const;

 private:
  Client() = default;
  static void OnError(rd_kafka_t* handle, int code, const char* reason, void* opaque);
  static void OnDelivery(rd_kafka_t* handle, const rd_kafka_message_t* message, void* opaque);
  static rd_kafka_resp_err_t OnNew(rd_kafka_t* handle, const rd_kafka_conf_t* conf, void* opaque,
                                   char* text, size_t size);
  static rd_kafka_resp_err_t OnBrokerState(rd_kafka_t* handle, int32_t id, const char* protocol,
                                           const char* name, int port, const char* state,
                                           void* opaque);
  static void OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text);

  bool MayLog();

  rd_kafka_t* handle_ = nullptr;
  std::string bootstrap_;
  BrokerWatch watch_{std::chrono::steady_clock::now()};
  std::atomic<bool> wanted_{true};
  std::atomic<int64_t> rebootstraps_{0};
  std::shared_ptr<Rebootstrap> rebootstrap_;
  std::shared_ptr<void> kept_;
  std::function<void(const rd_kafka_message_t&)> on_delivery_;
  mutable std::mutex mutex_;
  std::optional<Status> problem_;   // guarded by mutex_
  MonotonicTime last_log_;          // guarded by mutex_
  int64_t unlogged_ = 0;            // guarded by mutex_
};

}  // namespace sidestream::kafka::rdkafka
