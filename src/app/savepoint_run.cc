// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_run.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/savepoint_fit.h"
#include "app/savepoint_place.h"
#include "app/savepoint_start.h"
#include "app/startup_check.h"
#include "base/log.h"

namespace sidestream::app {
namespace {

// How long another instance may take to start the application from the savepoint.
constexpr Milliseconds kOtherMax = std::chrono::minutes(30);
constexpr Milliseconds kOtherLook{1'000};

Status CheckFit(const snapshot::Manifest& manifest, const tasks::ApplicationSpec& application,
                bool allow_dropped_state) {
  const SavepointFit fit = FitSavepoint(manifest, application);
  for (const std::string& problem : fit.problems) log::Error("app", "{}", problem);
  for (const auto& [topic, counts] : SpreadTopics(manifest, application)) {
    log::Info("app", "state and records in flight are spread anew: topic={} partitions={} before={}",
              topic, counts.now, counts.before);
  }
  for (const std::string& dropped : fit.dropped) {
    if (allow_dropped_state) {
      log::Warning("app", "left behind: {}", dropped);
    } else {
      log::Error("app", "would be left behind: {}", dropped);
    }
  }
  if (!fit.problems.empty()) {
    return Status::InvalidConfig(fmt::format("the application does not fit the savepoint {}/{}",
                                             manifest.application, manifest.name));
  }
  if (!fit.dropped.empty() && !allow_dropped_state) {
    return Status::InvalidConfig(fmt::format(
        "the application has no place for some of the state of savepoint {}/{}; if it may be lost: "
        "--allow-dropped-state",
        manifest.application, manifest.name));
  }
  return {};
}

Status CheckFiles(snapshot::Catalog& catalog, const snapshot::Manifest& manifest) {
  ASSIGN_OR_RETURN(const std::vector<std::string> missing, catalog.MissingFiles(manifest));
  if (missing.empty()) return {};
  return Status::Stopped("the savepoint is damaged, a file is missing: " + missing.front());
}

/// What the application was started from already; empty: nothing. kInvalidConfig: another savepoint.
Result<std::optional<std::string>> MadeFrom(const std::string& wanted,
                                            const tasks::ApplicationSpec& application,
                                            kafka::Cluster& cluster, kafka::Admin& admin,
                                            Waiting& waiting, const Patience& patience) {
  ASSIGN_OR_RETURN(const std::optional<checkpoint::OriginRecord> origin,
                   ReadOrigin(application, cluster, admin, waiting, patience));
  if (!origin) return std::optional<std::string>();
  if (origin->name == wanted || origin->name.ends_with("/" + wanted)) {
    log::Info("app", "the application was started from savepoint {} already and goes on",
              origin->name);
    return std::optional<std::string>(origin->name);
  }
  return Status::InvalidConfig(fmt::format(
      "application {} was started from another savepoint: {}; for {} it needs another id",
      application.id, origin->name, wanted));
}

/// Another start was faster, or is at it.
Status AwaitOther(const std::string& wanted, const tasks::ApplicationSpec& application,
                  kafka::Cluster& cluster, kafka::Admin& admin, Waiting& waiting,
                  const Patience& patience) {
  log::Info("app", "another instance starts the application from the savepoint, waiting for it");
  const MonotonicTime deadline = waiting.clock().Now() + kOtherMax;
  for (;;) {
    ASSIGN_OR_RETURN(const std::optional<std::string> made,
                     MadeFrom(wanted, application, cluster, admin, waiting, patience));
    if (made) return {};
    if (waiting.stopping()) return Status::Unavailable("interrupted");
    if (waiting.clock().Now() >= deadline) {
      return Status::Unavailable(
          "another instance began to start the application from the savepoint, and did not come "
          "to an end; start again");
    }
    waiting.Pass(kOtherLook);
  }
}

}  // namespace

Status StartFromSavepoint(const topology::Model& model, const topology::Plan& plan,
                          const tasks::ApplicationSpec& application, kafka::Cluster& cluster,
                          statestore::TaskStateFactory& states, const Arguments& arguments,
                          CommandContext& context) {
  const std::string& text = arguments.savepoint.name;
  const Patience patience{.total = arguments.connect_timeout};
  ASSIGN_OR_RETURN(const auto admin, cluster.NewAdmin(application.id + "-savepoint"));
  ASSIGN_OR_RETURN(const std::optional<std::string> made,
                   MadeFrom(text, application, cluster, *admin, context.waiting, patience));
  if (made) return {};
  ASSIGN_OR_RETURN(const auto place, SavepointPlace::Open(model, arguments, context));
  ASSIGN_OR_RETURN(const SnapshotName name, place->Find(text));
  snapshot::Catalog catalog = place->CatalogOf(name.application);
  ASSIGN_OR_RETURN(const snapshot::Manifest manifest, catalog.Read(name.name));
  RETURN_IF_ERROR(CheckFit(manifest, application, arguments.allow_dropped_state));
  RETURN_IF_ERROR(CheckFiles(catalog, manifest));
  log::Info("app", "starting from savepoint {}: tasks={} size={}", name.text(),
            manifest.tasks.size(), BytesText(BytesOf(manifest)));
  std::vector<kafka::NewTopic> internal_topics;
  for (const topology::InternalTopic& topic : plan.internal_topics) {
    internal_topics.push_back(NewTopicOf(topic));
  }
  SavepointStart start(
      application, std::move(internal_topics),
      {cluster, *admin, states, catalog, context.waiting, patience},
      std::filesystem::path(model.application.state_dir) / application.id / "images",
      [](const SavepointProgress& progress) {
        log::Info("app", "starting from a savepoint: tasks={}/{} rows={} in_flight_records={}",
                  progress.tasks_done, progress.tasks, progress.rows, progress.in_flight_records);
      });
  const Status written =
      start.Run(manifest, {.location = place->location(), .name = name.text()});
  if (written.code() == StatusCode::kFenced) {
    return AwaitOther(text, application, cluster, *admin, context.waiting, patience);
  }
  RETURN_IF_ERROR(written);
  log::Info("app", "the state of savepoint {} is in the topics of {}", name.text(),
            application.id);
  return {};
}

}  // namespace sidestream::app
