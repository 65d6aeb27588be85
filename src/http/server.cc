// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "http/server.h"

#include <httplib.h>
#include <prometheus/text_serializer.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "http/bounded_task_queue.h"
#include "http/event_time_json.h"
#include "http/health_json.h"
#include "metrics/collectable.h"

namespace sidestream::http {
namespace {

constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr const char* kJsonType = "application/json";
constexpr const char* kTextType = "text/plain; charset=utf-8";
constexpr size_t kRequestBytesMax = 16 * 1024;

class HttplibServer final : public Server {
 public:
  HttplibServer(const ServerOptions& options, const metrics::Registry& registry,
                const HealthView& health, const tasks::EventTimeView& event_times)
      : options_(options), collectable_(registry), health_(health), event_times_(event_times) {
    server_.new_task_queue = [this]() -> httplib::TaskQueue* {
      return new BoundedTaskQueue(options_.threads, options_.waiting_max);
    };
    // The library's default also sets SO_REUSEPORT, under which a second process would share
    // the port silently instead of being told that it is taken.
    server_.set_socket_options([](socket_t socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server_.set_keep_alive_max_count(1);
    server_.set_read_timeout(options_.read_timeout);
    server_.set_write_timeout(options_.read_timeout);
    server_.set_payload_max_length(kRequestBytesMax);
    AddRoutes();
  }

  ~HttplibServer() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Status Listen() {
    errno = 0;
    if (options_.port == 0) {
      port_ = server_.bind_to_any_port(options_.address);
    } else {
      port_ = server_.bind_to_port(options_.address, options_.port) ? options_.port : -1;
    }
    if (port_ <= 0) {
      const int error = errno;
      return Status::InvalidConfig(
          fmt::format("cannot listen for HTTP (http.address, http.port): address={} port={}: {}",
                      options_.address, options_.port,
                      error != 0 ? std::strerror(error) : "no such address on this machine"));
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // stop() does nothing before the accept loop runs, and the destructor would then wait for ever.
    while (!server_.is_running()) std::this_thread::yield();
    return Status::Ok();
  }

  int port() const override { return port_; }

 private:
  void AddRoutes() {
    server_.Get("/metrics", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(prometheus::TextSerializer().Serialize(collectable_.Collect()),
                           kMetricsType);
    });
    AddProbe("/livez", &HealthView::Liveness);
    AddProbe("/healthz", &HealthView::Liveness);
    AddProbe("/readyz", &HealthView::Readiness);
    AddProbe("/startupz", &HealthView::Startup);
    server_.Get("/api/event-time", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(EventTimeJson(event_times_.EventTimes()), kJsonType);
    });
    server_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (response.status == 404) {
        response.set_content(
            "not found; there are /metrics /livez /readyz /startupz /api/event-time\n", kTextType);
      }
    });
    server_.set_exception_handler(
        [](const httplib::Request& request, httplib::Response& response, std::exception_ptr) {
          log::Error("http", "a request failed: path={}", request.path);
          response.status = 500;
        });
  }

  void AddProbe(const char* path, std::vector<HealthCheck> (HealthView::*ask)() const) {
    server_.Get(path, [this, ask](const httplib::Request&, httplib::Response& response) {
      const std::vector<HealthCheck> checks = (health_.*ask)();
      response.status = AllOk(checks) ? 200 : 503;
      response.set_content(HealthJson(checks), kJsonType);
    });
  }

  const ServerOptions options_;
  const metrics::RegistryCollectable collectable_;
  const HealthView& health_;
  const tasks::EventTimeView& event_times_;
  httplib::Server server_;
  int port_ = -1;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                              const metrics::Registry& registry,
                                              const HealthView& health,
                                              const tasks::EventTimeView& event_times) {
  auto server = std::make_unique<HttplibServer>(options, registry, health, event_times);
  RETURN_IF_ERROR(server->Listen());
  return {std::unique_ptr<Server>(std::move(server))};
}

}  // namespace sidestream::http
