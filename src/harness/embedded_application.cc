// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/embedded_application.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <span>
#include <utility>

#include "harness/application_spec.h"
#include "kafka/memory/memory_cluster.h"
#include "kafka/partitioner.h"
#include "operators/plan_program.h"

namespace sidestream::harness {
namespace {

constexpr size_t kStateCacheBytes = 64 << 10;

// Clients must outlast every jump of the clock (memory_broker.h).
constexpr Milliseconds kForever = std::chrono::hours(24 * 365 * 100);
constexpr Milliseconds kTick{1};
// A member learns of a rebalance by its heartbeat, and Settle() waits for that.
constexpr Milliseconds kHeartbeat{20};
// Virtual time; a commit takes some hundred ticks at most.
constexpr int kTicksToSettleMax = 600'000;

kafka::memory::BrokerOptions BrokerOptionsOf(const EmbeddedOptions& options) {
  kafka::memory::BrokerOptions broker;
  broker.seed = options.seed;
  broker.transaction_timeout_max = kForever;
  return broker;
}

std::vector<std::pair<std::string, std::optional<std::string>>> CopyHeaders(
    std::span<const kafka::Header> headers) {
  std::vector<std::pair<std::string, std::optional<std::string>>> copy;
  for (const kafka::Header& header : headers) {
    copy.emplace_back(std::string(header.name),
                      header.value ? std::optional(std::string(*header.value)) : std::nullopt);
  }
  return copy;
}

std::optional<std::string> Copy(std::optional<std::string_view> bytes) {
  return bytes ? std::optional(std::string(*bytes)) : std::nullopt;
}

std::optional<std::string_view> View(const std::optional<std::string>& bytes) {
  return bytes ? std::optional(std::string_view(*bytes)) : std::nullopt;
}

}  // namespace

std::vector<EmbeddedApplication::OutputTopic> EmbeddedApplication::OutputTopicsOf(
    const topology::Plan& plan) {
  std::vector<OutputTopic> outputs;
  for (const topology::UserTopic& topic : plan.user_topics) {
    if (topic.written) outputs.push_back({topic.name, topic.partitions});
  }
  for (const topology::InternalTopic& topic : plan.internal_topics) {
    if (topic.kind != topology::InternalTopic::Kind::kDeadLetters) continue;
    outputs.push_back({topic.name, topic.partitions});
  }
  return outputs;
}

EmbeddedApplication::EmbeddedApplication(const topology::Model& model,
                                         std::shared_ptr<const topology::Plan> plan,
                                         EmbeddedOptions options)
    : plan_(std::move(plan)),
      options_(options),
      outputs_(OutputTopicsOf(*plan_)),
      clock_(options.start),
      broker_(clock_, BrokerOptionsOf(options)),
      cluster_(kafka::memory::NewMemoryCluster(broker_)),
      random_(options.seed) {
  MakeApplication(model);
  for (int32_t i = 0; i < options_.instances; ++i) AddSlot();
}

void EmbeddedApplication::MakeApplication(const topology::Model& model) {
  application_ = MakeApplicationSpec(plan_, model.application, {});
  // One process has one disk.
  application_.standby_replicas = 0;
  if (options_.commit_interval) {
    application_.commit_interval = *options_.commit_interval;
    application_.mark_interval = *options_.commit_interval;
  }
  for (size_t i = 0; i < application_.sub_topologies.size(); ++i) {
    tasks::SubTopologySpec& part = application_.sub_topologies[i];
    // Here the feeder says when the input ends.
    for (tasks::InputSpec& input : part.inputs) input.bounded = false;
    if (options_.visits == nullptr) continue;
    part.programs = std::make_shared<operators::PlanProgramFactory>(plan_, i, options_.visits);
  }
}

EmbeddedApplication::~EmbeddedApplication() = default;

Result<std::unique_ptr<EmbeddedApplication>> EmbeddedApplication::Start(
    const topology::Model& model, std::shared_ptr<const topology::Plan> plan,
    EmbeddedOptions options) {
  std::unique_ptr<EmbeddedApplication> application(
      new EmbeddedApplication(model, std::move(plan), options));
  RETURN_IF_ERROR(application->MakeTopics());
  RETURN_IF_ERROR(application->MakeFeeder());
  RETURN_IF_ERROR(application->MakeReader());
  RETURN_IF_ERROR(application->StartInstances());
  return application;
}

Status EmbeddedApplication::MakeTopics() {
  for (const topology::UserTopic& topic : plan_->user_topics) {
    if (broker_.PartitionCount(topic.name) > 0) continue;
    RETURN_IF_ERROR(broker_.CreateTopic({.name = topic.name, .partitions = topic.partitions}));
  }
  for (const topology::InternalTopic& topic : plan_->internal_topics) {
    if (broker_.PartitionCount(topic.name) > 0) continue;
    RETURN_IF_ERROR(broker_.CreateTopic({.name = topic.name,
                                         .partitions = topic.partitions,
                                         .replication_factor = -1,
                                         .settings = topic.settings}));
  }
  return Status::Ok();
}

Status EmbeddedApplication::MakeFeeder() {
  ASSIGN_OR_RETURN(feeder_, cluster_->NewProducer({.client_id = "feeder"}));
  feed_topics_.clear();
  for (const topology::UserTopic& topic : plan_->user_topics) {
    feed_topics_[topic.name] = feeder_->RegisterTopic(topic.name);
  }
  feeder_->StartInit();
  for (;;) {
    if (const std::optional<Status> done = feeder_->Poll(Milliseconds(0))) return *done;
    Step();
  }
}

Status EmbeddedApplication::MakeReader() {
  ASSIGN_OR_RETURN(reader_, cluster_->NewLogReader("output"));
  for (const OutputTopic& topic : outputs_) {
    for (Partition partition = 0; partition < topic.partitions; ++partition) {
      RETURN_IF_ERROR(reader_->Assign({{topic.name, partition}, Offset(0)}));
    }
  }
  return Status::Ok();
}

void EmbeddedApplication::AddSlot() {
  Slot slot;
  // The same name at every start: its producer then ends the predecessor's transaction.
  slot.name = fmt::format("embedded-{}", slots_.size());
  slot.disk = std::make_unique<statestore::MemoryTaskStateFactory>(
      // A cache in front of memory, so that reads, writes and crashes meet it as they do on a disk.
      statestore::MemoryTaskStateOptions{.application = application_.id,
                                         .cache_bytes = kStateCacheBytes});
  turns_.push_back(slots_.size());
  slots_.push_back(std::move(slot));
}

Status EmbeddedApplication::StartInstances() {
  for (Slot& slot : slots_) {
    if (slot.disk != nullptr) RETURN_IF_ERROR(StartInstance(slot));
  }
  return Status::Ok();
}

Status EmbeddedApplication::StartInstance(Slot& slot) {
  ++starts_;
  tasks::InstanceOptions options;
  options.name = slot.name;
  options.consumer.heartbeat_interval = kHeartbeat;
  options.consumer.session_timeout = kForever;
  options.consumer.max_poll_interval = kForever;
  options.transaction_timeout = kForever;
  ASSIGN_OR_RETURN(slot.instance,
                   tasks::Instance::Create(application_, {*cluster_, *slot.disk, clock_},
                                           std::move(options), options_.seed + starts_));
  return slot.instance->Start();
}

void EmbeddedApplication::Step() {
  for (size_t i = turns_.size(); i > 1; --i) {
    std::swap(turns_[i - 1], turns_[static_cast<size_t>(random_.Below(static_cast<int64_t>(i)))]);
  }
  for (const size_t turn : turns_) {
    if (slots_[turn].instance != nullptr) slots_[turn].instance->Step();
  }
  broker_.Step();
  clock_.Advance(kTick);
}

Status EmbeddedApplication::Failure() const {
  for (const Slot& slot : slots_) {
    if (slot.instance != nullptr) RETURN_IF_ERROR(slot.instance->failure());
  }
  return Status::Ok();
}

Status EmbeddedApplication::Feed(const FedRecord& record) {
  const auto topic = feed_topics_.find(record.topic);
  const int32_t partitions = broker_.PartitionCount(record.topic);
  const Partition partition = record.partition.value_or(
      record.key && partitions > 0 ? kafka::PartitionOf(*record.key, partitions) : 0);
  if (topic == feed_topics_.end() || partition < 0 || partition >= partitions) {
    return Status::BadRecord(fmt::format("no such partition: topic={} partition={} partitions={}",
                                         record.topic, partition, partitions));
  }
  std::vector<kafka::Header> headers;
  for (const auto& [name, value] : record.headers) headers.push_back({name, View(value)});
  for (;;) {
    const Status produced =
        feeder_->Produce({.topic = topic->second,
                          .partition = partition,
                          .key = View(record.key),
                          .value = View(record.value),
                          .timestamp = record.timestamp.value_or(clock_.WallTime()),
                          .headers = headers});
    if (produced.code() != StatusCode::kUnavailable) return produced;
    feeder_->Poll(Milliseconds(0));
    Step();
  }
}

bool EmbeddedApplication::Settled() {
  if (feeder_->in_flight() > 0 || !broker_.OpenTransactions().empty()) return false;
  size_t members = 0;
  size_t running = 0;
  for (const Slot& slot : slots_) {
    if (slot.instance == nullptr) continue;
    ++members;
    running += slot.instance->member().running_tasks();
  }
  // Who joins later would take tasks over in the middle of what the caller does next.
  const kafka::GroupDescription group = broker_.Group(application_.id);
  if (group.state != "Stable" || group.members.size() != members) return false;
  size_t wanted = 0;
  for (const tasks::SubTopologySpec& part : application_.sub_topologies) {
    wanted += static_cast<size_t>(part.task_count());
  }
  // After a crash all may be committed long before the tasks are open again.
  if (running < wanted) return false;
  for (Slot& slot : slots_) {
    for (size_t i = 0; slot.instance != nullptr && i < slot.instance->worker_count(); ++i) {
      tasks::Worker& worker = slot.instance->worker(i);
      // The broker knows of a commit before the worker has applied it to its stores.
      if (!worker.quiet()) return false;
      bool rests = true;
      worker.ForEachTask([&](const tasks::StreamTask& task) {
        rests =
            rests && !task.HasEffects() && task.looked_at() >= clock_.WallTime() - kTick.count();
      });
      if (!rests) return false;
    }
  }
  std::map<TopicPartition, Offset> committed;
  for (const kafka::CommittedOffset& offset : broker_.CommittedOffsets(application_.id)) {
    if (offset.offset) committed[offset.partition] = *offset.offset;
  }
  for (const tasks::SubTopologySpec& part : application_.sub_topologies) {
    for (const tasks::InputSpec& input : part.inputs) {
      for (Partition partition = 0; partition < input.partitions; ++partition) {
        const auto found = committed.find({input.topic, partition});
        // Every task has committed its start positions, so a missing one is still to come.
        if (found == committed.end()) return false;
        if (found->second < broker_.LogEnd({input.topic, partition})) return false;
      }
    }
  }
  return true;
}

Status EmbeddedApplication::Settle() {
  for (int tick = 0; tick < kTicksToSettleMax; ++tick) {
    feeder_->Poll(Milliseconds(0));
    if (const auto& failed = feeder_->first_failure()) {
      return failed->status.WithContext("the input cannot be written");
    }
    RETURN_IF_ERROR(Failure());
    if (Settled()) return Status::Ok();
    Step();
  }
  return Status::Fatal("the application does not come to rest");
}

Result<std::vector<CollectedRecord>> EmbeddedApplication::TakeOutput() {
  std::vector<CollectedRecord> records;
  for (;;) {
    bool at_end = true;
    for (const OutputTopic& topic : outputs_) {
      for (Partition partition = 0; partition < topic.partitions; ++partition) {
        const auto position = reader_->Position({topic.name, partition});
        if (position.value_or(Offset(0)) < broker_.LogEnd({topic.name, partition})) at_end = false;
      }
    }
    if (at_end) break;
    auto chunks = reader_->Poll(10'000, Milliseconds(0));
    if (!chunks.ok() && chunks.status().code() != StatusCode::kUnavailable) return chunks.status();
    for (size_t i = 0; chunks.ok() && i < chunks->size(); ++i) {
      const kafka::RecordChunk& chunk = *(*chunks)[i];
      for (size_t j = 0; j < chunk.records().size(); ++j) {
        const kafka::Record& record = chunk.records()[j];
        records.push_back({.partition = chunk.partition(),
                           .key = Copy(record.key),
                           .value = Copy(record.value),
                           .timestamp = record.timestamp,
                           .headers = CopyHeaders(chunk.Headers(j))});
      }
    }
    Step();
  }
  std::map<std::string, size_t> order;
  for (const OutputTopic& topic : outputs_) order.emplace(topic.name, order.size());
  std::stable_sort(records.begin(), records.end(),
                   [&](const CollectedRecord& a, const CollectedRecord& b) {
                     return std::pair(order[a.partition.topic], a.partition.partition) <
                            std::pair(order[b.partition.topic], b.partition.partition);
                   });
  return records;
}

void EmbeddedApplication::AdvanceTo(Timestamp time) {
  const int64_t ahead = time - clock_.WallTime();
  if (ahead > 0) clock_.Advance(Milliseconds(ahead));
}

Status EmbeddedApplication::End() {
  for (tasks::SubTopologySpec& part : application_.sub_topologies) {
    for (tasks::InputSpec& input : part.inputs) input.bounded = !input.repartition;
  }
  return CrashAndRestart();
}

Status EmbeddedApplication::CrashAndRestart() {
  for (Slot& slot : slots_) {
    if (slot.disk == nullptr) continue;
    slot.disk->Crash();
    slot.instance.reset();
    broker_.ExpireSession(application_.id, application_.id + "-" + slot.name);
  }
  return StartInstances();
}

Status EmbeddedApplication::ChangeTo(const topology::Model& model,
                                     std::shared_ptr<const topology::Plan> plan) {
  for (Slot& slot : slots_) {
    if (slot.disk != nullptr) RETURN_IF_ERROR(Stop(slot));
  }
  std::set<std::string> dropped;
  for (const tasks::SubTopologySpec& part : application_.sub_topologies) {
    for (const statestore::StoreSpec& store : part.stores) dropped.insert(store.name);
  }
  plan_ = std::move(plan);
  MakeApplication(model);
  for (const tasks::SubTopologySpec& part : application_.sub_topologies) {
    for (const statestore::StoreSpec& store : part.stores) dropped.erase(store.name);
  }
  application_.may_lose_state = true;
  application_.dropped_stores = std::move(dropped);
  RETURN_IF_ERROR(MakeTopics());
  RETURN_IF_ERROR(MakeFeeder());
  const std::vector<OutputTopic> before = std::exchange(outputs_, OutputTopicsOf(*plan_));
  for (const OutputTopic& topic : outputs_) {
    const bool read = std::ranges::any_of(
        before, [&](const OutputTopic& known) { return known.name == topic.name; });
    for (Partition partition = 0; !read && partition < topic.partitions; ++partition) {
      RETURN_IF_ERROR(reader_->Assign({{topic.name, partition}, Offset(0)}));
    }
  }
  return StartInstances();
}

Result<size_t> EmbeddedApplication::Join() {
  AddSlot();
  RETURN_IF_ERROR(StartInstance(slots_.back()));
  return slots_.size() - 1;
}

Status EmbeddedApplication::Leave(size_t instance) {
  Slot& slot = slots_[instance];
  RETURN_IF_ERROR(Stop(slot));
  slot.disk.reset();
  return Status::Ok();
}

Status EmbeddedApplication::Stop(Slot& slot) {
  slot.instance->RequestStop();
  for (int tick = 0; !slot.instance->stopped(); ++tick) {
    if (tick == kTicksToSettleMax) return Status::Fatal("the instance does not stop");
    RETURN_IF_ERROR(Work(kTick));
  }
  slot.instance.reset();
  return Status::Ok();
}

void EmbeddedApplication::Kill(size_t instance) {
  Slot& slot = slots_[instance];
  slot.instance.reset();
  slot.disk.reset();
  const std::string client = application_.id + "-" + slot.name;
  broker_.ExpireSession(application_.id, client);
  for (const kafka::memory::OpenTransaction& open : broker_.OpenTransactions()) {
    // A new producer of that name ends it.
    if (open.transactional_id.starts_with(client + "-")) {
      (void)broker_.transactions().Init(open.transactional_id, kForever, {});
    }
  }
}

Status EmbeddedApplication::Work(Milliseconds time) {
  for (const Timestamp end = now() + time.count(); now() < end;) {
    feeder_->Poll(Milliseconds(0));
    Step();
    RETURN_IF_ERROR(Failure());
  }
  return Status::Ok();
}

Result<std::vector<TaskRows>> EmbeddedApplication::StoreRows(const std::string& store) {
  std::vector<TaskRows> tasks;
  for (Slot& slot : slots_) {
    for (size_t i = 0; slot.instance != nullptr && i < slot.instance->worker_count(); ++i) {
      Status status;
      slot.instance->worker(i).ForEachTask([&](tasks::StreamTask& task) {
        statestore::TaskState* state = task.state();
        for (size_t s = 0; state != nullptr && s < state->store_count(); ++s) {
          if (state->spec(s).name != store || !status.ok()) continue;
          TaskRows& of_task = tasks.emplace_back();
          of_task.watermark = task.EventTimeReport().state.watermark.value_or(kNoWatermark);
          status = state->Scan(s, [&](std::string_view key, std::string_view row) {
            of_task.rows.emplace(key, row);
          });
        }
      });
      RETURN_IF_ERROR(status);
    }
  }
  return tasks;
}

}  // namespace sidestream::harness
