// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// run: an instance of the application on a real cluster, until it is told to stop, fails, or
// its bounded inputs have ended.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <utility>

#include "app/application_change.h"
#include "app/change_report.h"
#include "app/commands/commands.h"
#include "app/event_time_report.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/memory_fit.h"
#include "app/metered_cluster.h"
#include "app/metered_programs.h"
#include "app/run_health.h"
#include "app/run_watch.h"
#include "app/savepoint_run.h"
#include "app/schemas.h"
#include "app/settings.h"
#include "app/startup_check.h"
#include "base/cgroup.h"
#include "base/fnv.h"
#include "base/log.h"
#include "harness/application_spec.h"
#include "http/server.h"
#include "metrics/scopes.h"
#include "registry/client_thread.h"
#include "snapshot/image_fetcher.h"
#include "snapshot/snapshot_storage.h"
#include "statestore/rocksdb_task_state.h"
#include "tasks/anchor_choice.h"
#include "tasks/instance.h"
#include "topology/plan_text.h"

namespace sidestream::app {
namespace {

// Some commits may be late: of a slow cluster, or of an instance that stood still.
constexpr int kRecommitsPerRetention = 4;

int Failed(const Status& status) {
  log::Error("app", "{}", status.message());
  return ExitCodeOf(status);
}

std::string HostName(const std::string& otherwise) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0 || host[0] == '\0') return otherwise;
  return host.data();
}

/// Unique without being asked for: two processes of one name would fence each other.
std::string InstanceName(const Arguments& arguments) {
  if (!arguments.instance.empty()) return arguments.instance;
  std::random_device random;
  return fmt::format("{}-{:08x}", HostName("instance"), random());
}

/// Where other instances reach the listener.
std::string AddressOf(const http::ServerOptions& http, int port) {
  const bool everywhere = http.address == "0.0.0.0" || http.address == "::";
  const std::string host = everywhere ? HostName("localhost") : http.address;
  const bool v6 = host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

void LogProblems(const StartReport& report) {
  for (const auto* problems : {&report.missing, &report.problems}) {
    for (const StartProblem& problem : *problems) {
      log::Error("app", "{}; to mend it: {}", problem.what, problem.mend);
    }
  }
  for (const std::string& warning : report.warnings) log::Warning("app", "{}", warning);
}

harness::TopicLimits LimitsOf(const TopicStates& topics) {
  harness::TopicLimits limits;
  for (const auto& [name, state] : topics) {
    if (state.description.exists) limits[name] = harness::OutputLimitsOf(state.settings);
  }
  return limits;
}

uint64_t HashOf(std::string text, const std::vector<checkpoint::PlannedStep>& steps) {
  for (const checkpoint::PlannedStep& step : steps) {
    text += fmt::format("\n{} {}", step.name, step.fingerprint);
  }
  return Fnv1a(text);
}

snapshot::StorageOptions StorageOptionsOf(const topology::Model& model, const Settings& settings,
                                          const std::string& instance) {
  return {.application = model.application.id,
          .client_id = fmt::format("{}-{}-snapshots", model.application.id, instance),
          .state_dir = settings.state.dir,
          .location = model.checkpoint.location,
          .retain = static_cast<size_t>(model.checkpoint.retain)};
}

/// Null: there is no state, or no location to restore it from.
std::unique_ptr<snapshot::ImageFetcher> NewImageFetcher(const topology::Model& model,
                                                        const topology::Plan& plan,
                                                        const Settings& settings, size_t threads,
                                                        const Clock& clock) {
  const bool has_state = std::ranges::any_of(plan.sub_topologies,
                                             [](const auto& part) { return !part.stores.empty(); });
  if (model.checkpoint.location.empty() || !has_state) return nullptr;
  auto images = std::make_unique<snapshot::ImageFetcher>(
      snapshot::SystemSurroundings(clock),
      snapshot::FetcherOptions{.application = model.application.id,
                               .state_dir = settings.state.dir,
                               .location = model.checkpoint.location});
  images->RunThreads(threads);
  return images;
}

/// The cluster as the application needs it, or the reason why not.
struct Prepared {
  std::unique_ptr<kafka::Cluster> cluster;
  StartReport report;
  MemoryFit fit;
  ApplicationChange change;
};

/// The changelogs of stores whose bytes mean something else from now on begin anew, before anything
/// says so on the control topic.
Status EmptyReplaced(const Prepared& prepared, kafka::Admin& admin, Waiting& waiting,
                     const Patience& patience) {
  std::vector<std::string> gone;
  std::vector<kafka::NewTopic> anew;
  const std::set<std::string> replaced = prepared.change.Stores(Fate::kReplaced);
  for (const StoreFate& store : prepared.change.stores) {
    if (replaced.contains(store.store)) gone.push_back(store.changelog);
  }
  for (const topology::InternalTopic& topic : prepared.report.plan->internal_topics) {
    if (std::ranges::find(gone, topic.name) != gone.end()) anew.push_back(NewTopicOf(topic));
  }
  RETURN_IF_ERROR(DeleteTopics(admin, gone, waiting, patience));
  for (const std::string& topic : gone) log::Info("app", "emptied a changelog: topic={}", topic);
  return CreateTopics(admin, std::move(anew), waiting, patience);
}

/// What the application and its instances in the cluster say to this start.
Status CheckChange(const topology::LoadedTopology& loaded, bool may_lose_state, kafka::Admin& admin,
                   Waiting& waiting, const Patience& patience, Prepared& prepared) {
  ASSIGN_OR_RETURN(prepared.change, FindChange(loaded, prepared.report, *prepared.cluster, admin,
                                               waiting, patience));
  RETURN_IF_ERROR(RefuseChange(prepared.change, may_lose_state));
  for (const std::string& loss : prepared.change.Losses()) {
    log::Warning("app", "giving up state: {}", loss);
  }
  return EmptyReplaced(prepared, admin, waiting, patience);
}

Status SettleAnchors(kafka::Cluster& cluster, const ApplicationChange& change, Waiting& waiting,
                     const Patience& patience, tasks::ApplicationSpec& application) {
  ASSIGN_OR_RETURN(const auto admin, cluster.NewAdmin(application.id + "-start"));
  const auto committed = Ask<std::vector<kafka::CommittedOffset>>(
      [&] {
        return admin->CommittedOffsets(application.id, tasks::InputPartitions(application), false);
      },
      "committed offsets", waiting, patience);
  if (!committed.ok()) return committed.status();
  return tasks::SettleAnchors(*committed, change.members > 0, application);
}

Result<Prepared> Prepare(const topology::LoadedTopology& loaded, const Settings& settings,
                         const Arguments& arguments, CommandContext& context) {
  Prepared prepared;
  ASSIGN_OR_RETURN(prepared.cluster, context.connect(loaded.model.kafka));
  ASSIGN_OR_RETURN(const auto admin,
                   prepared.cluster->NewAdmin(loaded.model.application.id + "-start"));
  const Patience patience{.total = arguments.connect_timeout};
  const CommandHints hints{.files = FileWords(arguments),
                           .bootstrap = BootstrapServers(loaded.model.kafka)};
  ASSIGN_OR_RETURN(prepared.report, CheckStart(loaded, *admin, context.waiting, patience, hints));
  ReportFindings(prepared.report.findings, arguments, context);
  LogProblems(prepared.report);
  if (!prepared.report.ok()) {
    return Status::InvalidConfig(
        "the cluster is not as the topology needs it; nothing was started");
  }
  prepared.fit = FitMemory(loaded.model, *prepared.report.plan, settings, UsableMemoryBytes());
  RETURN_IF_ERROR(prepared.fit.status);
  RETURN_IF_ERROR(CheckChange(loaded, arguments.allow_dropped_state, *admin, context.waiting,
                              patience, prepared));
  RETURN_IF_ERROR(
      CreateTopics(*admin, prepared.report.missing_internal, context.waiting, patience));
  for (const kafka::NewTopic& topic : prepared.report.missing_internal) {
    log::Info("app", "created an internal topic: topic={} partitions={}", topic.name,
              topic.partitions);
  }
  return prepared;
}

/// Gives the clients and the instance the bounds with which all buffers fit.
Status BoundMemory(topology::KafkaModel kafka, CommandContext& context, Prepared& prepared,
                   tasks::InstanceOptions& options) {
  const MemoryBounds& bounds = prepared.fit.bounds;
  options.input_bytes_max = static_cast<size_t>(bounds.fetch_bytes);
  options.restore_lanes = static_cast<size_t>(bounds.restore_lanes);
  options.restore_bytes = static_cast<size_t>(bounds.restore_bytes);
  if (!prepared.fit.lowered) return Status::Ok();
  log::Info("app",
            "memory: so that all buffers fit, each queue holds at most {} KiB of fetched records, "
            "and the broker answers {} KiB for a partition",
            bounds.fetch_bytes / 1024, bounds.answer_bytes / 1024);
  ApplyFit(prepared.fit, kafka);
  ASSIGN_OR_RETURN(prepared.cluster, context.connect(kafka));
  return Status::Ok();
}

}  // namespace

int Run(const Arguments& arguments, CommandContext& context) {
  if (arguments.embedded) return RunEmbedded(arguments, context);
  topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const Settings settings = MakeSettings(loaded.model);
  const auto properties = KafkaOptions(loaded.model.kafka);
  if (!properties.ok()) return Failed(properties.status());
  const Clock& clock = context.waiting.clock();

  metrics::Registry registry;
  const metrics::BuildMetrics build(registry, ProgramVersion(),
                                    ConfigHash(loaded.files, arguments.files.size()));
  tasks::InstanceOptions options;
  options.name = InstanceName(arguments);
  options.stable_name = !arguments.instance.empty();
  options.workers = static_cast<size_t>(settings.workers);
  options.consumer = kafka::ConsumerOptionsFrom(*properties);
  RunHealth health(clock, options.consumer.max_poll_interval);
  const auto server = http::Server::Start(settings.http, registry, health, health);
  if (!server.ok()) return Failed(server.status());
  log::Info("app", "starting: application={} instance={} workers={} http_port={} version={}",
            loaded.model.application.id, options.name, options.workers, (*server)->port(),
            ProgramVersion());

  const std::shared_ptr<registry::Client> schemas =
      NewRegistryClient(loaded.model.schema_registry, clock);
  std::vector<topology::Finding> schema_findings;
  const Status resolved = ResolveFromRegistry(loaded, schemas, arguments.connect_timeout,
                                              context.waiting, schema_findings);
  if (context.waiting.stopping()) return kExitOk;
  ReportFindings(schema_findings, arguments, context);
  if (!resolved.ok()) return Failed(resolved);
  if (topology::HasErrors(schema_findings)) return kExitConfig;
  auto prepared = Prepare(loaded, settings, arguments, context);
  if (context.waiting.stopping()) return kExitOk;
  if (!prepared.ok()) return Failed(prepared.status());
  const Status bounded = BoundMemory(loaded.model.kafka, context, *prepared, options);
  if (!bounded.ok()) return Failed(bounded);
  const std::shared_ptr<const topology::Plan>& plan = prepared->report.plan;
  options.address = AddressOf(settings.http, (*server)->port());
  options.plan_text = topology::ToText(*plan);
  options.plan_steps = PlannedSteps(loaded);
  options.plan_hash = HashOf(options.plan_text, options.plan_steps);
  tasks::ApplicationSpec application = harness::MakeApplicationSpec(
      plan, loaded.model.application, LimitsOf(prepared->report.topics));
  if (const auto retention = prepared->report.offsets_retention) {
    application.recommit_interval =
        std::min(application.recommit_interval, Milliseconds(*retention) / kRecommitsPerRetention);
  }
  application.may_lose_state = arguments.allow_dropped_state;
  application.emptied_stores = prepared->change.Stores(Fate::kReplaced);
  application.dropped_stores = prepared->change.Stores(Fate::kDropped);
  const Status settled = SettleAnchors(*prepared->cluster, prepared->change, context.waiting,
                                       Patience{.total = arguments.connect_timeout}, application);
  if (context.waiting.stopping()) return kExitOk;
  if (!settled.ok()) return Failed(settled);
  for (tasks::SubTopologySpec& part : application.sub_topologies) {
    part.programs = NewMeteredPrograms(std::move(part.programs), registry);
  }
  application.checkpoint_interval = loaded.model.checkpoint.interval;
  statestore::RocksdbTaskStateFactory states(settings.state, clock);
  const std::unique_ptr<kafka::Cluster> cluster =
      NewMeteredCluster(*prepared->cluster, registry, clock);
  if (!arguments.savepoint.name.empty()) {
    const Status made = StartFromSavepoint(loaded.model, *plan, application, *prepared->cluster,
                                           states, arguments, context);
    if (context.waiting.stopping()) return kExitOk;
    if (!made.ok()) return Failed(made);
  }
  snapshot::SnapshotStorage cuts(*cluster, snapshot::SystemSurroundings(clock),
                                 StorageOptionsOf(loaded.model, settings, options.name));
  cuts.RunThread();
  const std::unique_ptr<snapshot::ImageFetcher> images =
      NewImageFetcher(loaded.model, *plan, settings, options.restore_lanes, clock);
  auto instance = tasks::Instance::Create(
      application, {*cluster, states, clock, &cuts, images.get()}, options, std::random_device()());
  if (!instance.ok()) return Failed(instance.status());
  if (const Status started = (*instance)->Start(); !started.ok()) return Failed(started);

  EventTimeReport event_times(registry, *plan, application);
  health.Watch(instance->get());
  health.StageIs(RunHealth::Stage::kRunning);
  std::optional<registry::ClientThread> registry_thread;
  if (schemas != nullptr) registry_thread.emplace(*schemas);
  Status ended;
  {
    const RunWatch watch({**instance, states, schemas.get(), images.get()}, health, event_times,
                         registry, context.waiting);
    ended = (*instance)->RunThreads(arguments.stop_timeout);
  }
  health.Watch(nullptr);
  if (!ended.ok()) return Failed(ended);
  log::Info("app", "stopped: application={} instance={}", loaded.model.application.id,
            options.name);
  return kExitOk;
}

}  // namespace sidestream::app
