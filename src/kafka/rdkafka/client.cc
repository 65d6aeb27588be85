// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/client.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "kafka/rdkafka/rebootstrap.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr int kErrorTextSize = 512;
constexpr Milliseconds kLogInterval{1000};
// Levels of syslog, as librdkafka uses them.
constexpr int kSyslogError = 3;
constexpr int kSyslogWarning = 4;
constexpr int kSyslogInfo = 6;

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};

// Properties have more than one name each.
std::string PropertyOf(const rd_kafka_conf_t* conf, const char* name) {
  size_t size = 0;
  if (rd_kafka_conf_get(conf, name, nullptr, &size) != RD_KAFKA_CONF_OK) return "";
  std::string text(size, '\0');
  rd_kafka_conf_get(conf, name, text.data(), &size);
  text.resize(size - 1);  // the size counts the end of the text
  return text;
}

}  // namespace

Result<std::shared_ptr<Client>> Client::Make(rd_kafka_type_t type, const Properties& properties,
                                             const Hooks& hooks) {
  std::shared_ptr<Client> client(new Client);
  client->on_delivery_ = hooks.on_delivery;
  client->kept_ = hooks.kept;
  std::unique_ptr<rd_kafka_conf_t, ConfDeleter> conf(rd_kafka_conf_new());
  char text[kErrorTextSize];
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof(text)) !=
        RD_KAFKA_CONF_OK) {
      return Status::InvalidConfig(fmt::format("Kafka property {}: {}", name, text));
    }
  }
  rd_kafka_conf_set_opaque(conf.get(), client.get());
  rd_kafka_conf_set_log_cb(conf.get(), &Client::OnLog);
  if (hooks.events == 0) {
    rd_kafka_conf_set_error_cb(conf.get(), &Client::OnError);
  } else {
    rd_kafka_conf_set_events(conf.get(), hooks.events);
  }
  if (hooks.on_delivery) rd_kafka_conf_set_dr_msg_cb(conf.get(), &Client::OnDelivery);
  client->bootstrap_ = PropertyOf(conf.get(), "bootstrap.servers");
  rd_kafka_conf_interceptor_add_on_new(conf.get(), "sidestream-brokers", &Client::OnNew,
                                       client.get());
  if (hooks.on_new != nullptr) {
    rd_kafka_conf_interceptor_add_on_new(conf.get(), "sidestream", hooks.on_new,
                                         hooks.on_new_opaque);
  }
  client->handle_ = rd_kafka_new(type, conf.get(), text, sizeof(text));
  if (client->handle_ == nullptr) {
    return Status::InvalidConfig(fmt::format("the Kafka client refuses its properties: {}", text));
  }
  conf.release();  // rd_kafka_new() took it
  client->rebootstrap_ = Rebootstrap::Shared();
  client->rebootstrap_->Add(client.get());
  return client;
}

Client::~Client() {
  // A consumer that wanted to leave its group has been closed; one that was not vanishes.
  if (handle_ != nullptr) {
    rebootstrap_->Remove(this);
    rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
  }
}

rd_kafka_resp_err_t Client::OnNew(rd_kafka_t* handle, const rd_kafka_conf_t*, void* opaque, char*,
                                  size_t) {
  return rd_kafka_interceptor_add_on_broker_state_change(handle, "sidestream-brokers",
                                                         &Client::OnBrokerState, opaque);
}

rd_kafka_resp_err_t Client::OnBrokerState(rd_kafka_t*, int32_t, const char*, const char* name,
                                          int port, const char* state, void* opaque) {
  static_cast<Client*>(opaque)->watch_.OnState(name, port, state, std::chrono::steady_clock::now());
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

void Client::KeepConnected() {
  const bool wanted = wanted_.load(std::memory_order_relaxed);
  if (!watch_.AddressesAreDue(std::chrono::steady_clock::now(), wanted)) return;
  log::Debug("kafka", "{}: no node is known, back to {}", rd_kafka_name(handle_), bootstrap_);
  rebootstraps_.fetch_add(1, std::memory_order_relaxed);
  rd_kafka_brokers_add(handle_, bootstrap_.c_str());
}

std::optional<Status> Client::LastProblem() const {
  std::lock_guard lock(mutex_);
  return problem_;
}

bool Client::MayLog() {
  std::lock_guard lock(mutex_);
  const MonotonicTime now = std::chrono::steady_clock::now();
  if (now - last_log_ < kLogInterval) {
    ++unlogged_;
    return false;
  }
  last_log_ = now;
  return true;
}

void Client::NoteProblem(const ErrorFacts& error) {
  Status status = ConsumerStatus(error);
  {
    std::lock_guard lock(mutex_);
    if (!problem_ || problem_->code() != StatusCode::kInvalidConfig) problem_ = status;
  }
  if (MayLog()) log::Warning("kafka", "{}: {}", rd_kafka_name(handle_), status.message());
}

Status Client::Explain(Status status) const {
  const std::optional<Status> problem = LastProblem();
  if (!problem) return status;
  if (problem->code() == StatusCode::kInvalidConfig) return *problem;
  return {status.code(), fmt::format("{} (last problem: {})", status.message(),
                                     problem->message())};
}

void Client::OnError(rd_kafka_t* handle, int code, const char* reason, void* opaque) {
  auto* client = static_cast<Client*>(opaque);
  ErrorFacts error{.code = code, .text = reason};
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    char text[kErrorTextSize];
    error.code = rd_kafka_fatal_error(handle, text, sizeof(text));
    error.text = text;
    error.fatal = true;
    // The operation that meets it reports it with its flags; here it is only told.
    log::Warning("kafka", "{}: {}", rd_kafka_name(handle), error.text);
    return;
  }
  client->NoteProblem(error);
}

void Client::OnDelivery(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* opaque) {
  static_cast<Client*>(opaque)->on_delivery_(*message);
}

void Client::OnLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  // Errors of connections repeat for as long as a broker is away; what matters of them comes as
  // error callbacks too.
  auto* client = static_cast<Client*>(rd_kafka_opaque(handle));
  if (level > kSyslogInfo) {
    log::Debug("kafka", "{} {}: {}", rd_kafka_name(handle), facility, text);
  } else if (client == nullptr || client->MayLog()) {
    if (level <= kSyslogError) {
      log::Warning("kafka", "{} {}: {}", rd_kafka_name(handle), facility, text);
    } else if (level == kSyslogWarning) {
      log::Info("kafka", "{} {}: {}", rd_kafka_name(handle), facility, text);
    } else {
      log::Debug("kafka", "{} {}: {}", rd_kafka_name(handle), facility, text);
    }
  }
}

}  // namespace sidestream::kafka::rdkafka
