// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/schemas.h"

#include <fmt/format.h>

#include <random>
#include <utility>

#include "app/load.h"
#include "harness/local_schemas.h"
#include "registry/curl_transport.h"
#include "topology/schemas.h"

namespace sidestream::app {
namespace {

constexpr Milliseconds kStep{50};

}  // namespace

std::shared_ptr<registry::Client> NewRegistryClient(const topology::SchemaRegistryModel& model,
                                                    const Clock& clock) {
  if (model.urls.empty()) return nullptr;
  registry::ClientOptions options{.urls = model.urls,
                                  .auto_register = model.auto_register,
                                  .cache_ttl = model.cache_ttl,
                                  .outage_max = model.max_wait};
  registry::TransportOptions transport{.username = model.username,
                                       .password = model.password,
                                       .bearer_token = model.token,
                                       .ca_file = model.ca_file,
                                       .certificate_file = model.certificate_file,
                                       .key_file = model.key_file,
                                       .key_password = model.key_password,
                                       .timeout = model.timeout};
  return std::make_shared<registry::Client>(std::move(options),
                                            registry::NewCurlTransport(std::move(transport)), clock,
                                            std::random_device()());
}

Status ResolveFromRegistry(topology::LoadedTopology& loaded,
                           const std::shared_ptr<registry::Client>& client, Milliseconds timeout,
                           Waiting& waiting, std::vector<topology::Finding>& findings) {
  if (client == nullptr) return Status::Ok();
  const MonotonicTime deadline = waiting.clock().Now() + timeout;
  for (;;) {
    topology::Findings found(loaded.files);
    const Status resolved =
        topology::ResolveSchemas(loaded.model, client, topology::IdsFor::kWritten, found);
    findings = found.Take();
    if (resolved.code() != StatusCode::kUnavailable) return resolved;
    if (waiting.stopping()) return Status::Unavailable("interrupted");
    if (waiting.clock().Now() >= deadline) {
      return Status::Fatal(
          fmt::format("{}: gave up after {} ms", resolved.message(), timeout.count()));
    }
    client->Step(kStep);
  }
}

Status ResolveLocally(topology::LoadedTopology& loaded, const Arguments& arguments,
                      CommandContext& context) {
  topology::Findings findings(loaded.files);
  RETURN_IF_ERROR(topology::ResolveSchemas(loaded.model, std::make_shared<harness::LocalSchemas>(),
                                           topology::IdsFor::kAll, findings));
  const std::vector<topology::Finding> found = findings.Take();
  ReportFindings(found, arguments, context);
  return topology::HasErrors(found) ? Status::InvalidConfig("schemas are missing") : Status::Ok();
}

}  // namespace sidestream::app
