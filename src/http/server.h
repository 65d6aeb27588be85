// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The one HTTP listener: /metrics in Prometheus' text format, and the probes /livez, /readyz,
// /startupz (and /healthz, which is /livez) with Kubernetes' meaning: 200 or 503, reasons
// as JSON. /api/event-time says where event time stands, and what holds it.
//
// Place in the flow: app starts it before the engine, so that a start that takes long can be
// watched, and stops it last.
//
// Threading: Start() and the destructor on one thread; requests run on a few threads of the
// server's own. A request is bounded in size and time; a connection serves one request, so
// that an idle client cannot hold a thread.

#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "http/health_view.h"
#include "metrics/registry.h"
#include "tasks/event_time_view.h"

namespace sidestream::http {

struct ServerOptions {
  std::string address = "0.0.0.0";
  /// 0 takes a free one: see port().
  int port = 8080;
  int threads = 2;
  /// Connections that wait for a thread; more wait in the kernel.
  size_t waiting_max = 32;
  /// Longest pause of a client within a request.
  Milliseconds read_timeout{2'000};
};

class Server {
 public:
  /// Listens when it returns. What it asks is borrowed and outlives the server.
  /// Fails with kInvalidConfig when the address cannot be taken; the message says which.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                               const metrics::Registry& registry,
                                               const HealthView& health,
                                               const tasks::EventTimeView& event_times);
  /// Closes the listener and waits for running requests, at most their read timeout.
  virtual ~Server() = default;
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// The port it listens on.
  virtual int port() const = 0;

 protected:
  Server() = default;
};

}  // namespace sidestream::http
