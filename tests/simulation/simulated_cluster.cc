// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "simulated_cluster.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <tuple>

#include "base/check.h"
#include "base/internal_record.h"
#include "programs.h"
#include "tasks/anchor_choice.h"

namespace sidestream::simulation {
namespace {

kafka::memory::BrokerOptions BrokerOptionsOf(const ClusterOptions& cluster) {
  kafka::memory::BrokerOptions options;
  options.seed = cluster.seed;
  options.refuse_unusable_membership = cluster.refuse_unusable_membership;
  options.drop_outdated_records = cluster.drop_outdated_records;
  options.transaction_cleanup_interval = Milliseconds(1'000);
  options.request_timeout = Milliseconds(1'000);
  return options;
}

bool AnotherVersionRuns(const Status& status) {
  return status.code() == StatusCode::kInvalidConfig &&
         status.message().find("another version of th") != std::string::npos;
}

bool FencedByPredecessor(const Status& status) {
  return status.message().find("same instance name") != std::string::npos;
}

/// Data records of a repartition partition: marks are made anew at a restore.
testing::ReadRange InFlightOf(kafka::memory::Broker& broker) {
  return [&broker](const TopicPartition& partition, Offset from, Offset to)
             -> std::optional<std::vector<std::pair<std::string, std::string>>> {
    // Markers may come late.
    if (broker.LastStableOffset(partition) < to) return std::nullopt;
    std::vector<std::pair<std::string, std::string>> records;
    for (const kafka::memory::InspectedRecord& record : broker.ReadCommitted(partition)) {
      if (record.kind != kafka::memory::LogEntry::Kind::kData) continue;
      if (record.offset < from || record.offset >= to) continue;
      if (KindOfRepartitionValue(*record.value).value() != RepartitionKind::kData) continue;
      records.emplace_back(record.key.value_or(""), *record.value);
    }
    return records;
  };
}

}  // namespace

SimulatedCluster::SimulatedCluster(ClusterOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      broker_(clock_, BrokerOptionsOf(options_)),
      cluster_(kafka::memory::NewMemoryCluster(broker_)),
      location_(InFlightOf(broker_)),
      slots_(options_.instances) {
  application_ = options_.windows ? CountWindows(options_) : CountAndMerge(options_, options_.version);
  if (options_.seek_images_from > 0) {
    // Numbers of its own, so that none but its own faults come of them.
    images_ = std::make_unique<testing::MemoryImagePlace>(location_, ~options_.seed,
                                                          options_.images_retained);
  }
  MakeTopics(TopicsOf(options_));
  MakeTopics(Sources());
  for (Slot& slot : slots_) {
    PutDisk(slot);
    slot.clock = std::make_unique<MachineClock>(clock_);
  }
  kafka::ProducerOptions feeder;
  feeder.client_id = "feeder";
  feeder_ = cluster_->NewProducer(feeder).value();
  for (const char* topic : {"orders", "left", "right", "clicks", "sim-control"}) {
    feed_topics_[topic] = feeder_->RegisterTopic(topic);
  }
  feeder_->StartInit();
  while (!feeder_->Poll(Milliseconds(0))) clock_.Advance(Milliseconds(1));
}

SimulatedCluster::~SimulatedCluster() = default;

void SimulatedCluster::PutDisk(Slot& slot) {
  statestore::MemoryTaskStateOptions disk;
  disk.application = application_.id;
  disk.atomic_flush = options_.atomic_flush;
  // Some commits are kept back from the disk, some are not.
  if (options_.atomic_flush) disk.cache_bytes = 16 << 10;
  slot.disk = std::make_unique<statestore::MemoryTaskStateFactory>(disk);
}

void SimulatedCluster::MakeTopics(const std::vector<std::pair<std::string, int32_t>>& topics) {
  for (const auto& [name, partitions] : topics) {
    kafka::NewTopic topic;
    topic.name = name;
    topic.partitions = partitions;
    topic.settings["message.timestamp.after.max.ms"] = "9223372036854775807";
    const Status created = broker_.CreateTopic(topic);
    CHECK(created.ok()) << created;
  }
}

void SimulatedCluster::Feed(const std::string& topic) {
  const auto partition = static_cast<Partition>(random_.Below(broker_.PartitionCount(topic)));
  FeedAt(topic, partition, clock_.WallTime());
}

void SimulatedCluster::FeedAt(const std::string& topic, Partition partition, Timestamp timestamp) {
  const int64_t id = next_id_++;
  const std::string text = std::to_string(id);
  kafka::OutgoingRecord record;
  record.topic = feed_topics_.at(topic);
  record.partition = partition;
  record.key = text;
  record.value = text;
  record.timestamp = timestamp;
  const Status produced = feeder_->Produce(record);
  CHECK(produced.ok()) << produced;
  fed_[topic].insert(id);
}

bool SimulatedCluster::FedToOtherThan(const std::set<std::string>& topics, int64_t id) const {
  return std::ranges::any_of(fed_, [&](const auto& fed) {
    return !topics.contains(fed.first) && fed.second.contains(id);
  });
}

Status SimulatedCluster::StartVersion(size_t index, const Version& version) {
  tasks::ApplicationSpec application = CountAndMerge(options_, version);
  const std::vector<kafka::CommittedOffset> committed = broker_.CommittedOffsets(application.id);
  RETURN_IF_ERROR(tasks::SettleAnchors(
      committed, !broker_.Group(application.id).members.empty(), application));
  if (version == options_.version) application_.sub_topologies = application.sub_topologies;
  slots_[index].application = std::make_unique<tasks::ApplicationSpec>(std::move(application));
  StartInstance(index);
  return Status::Ok();
}

void SimulatedCluster::AimAt(const Version& version) {
  options_.version = version;
  application_.sub_topologies = CountAndMerge(options_, version).sub_topologies;
}

void SimulatedCluster::StartInstance(size_t index) {
  Slot& slot = slots_[index];
  CHECK(slot.instance == nullptr);
  tasks::InstanceOptions options;
  options.name = "i" + std::to_string(index);
  if (!options_.stable_names) options.name += "-" + std::to_string(slot.lives);
  ++slot.lives;
  slot.name = options.name;
  options.stable_name = options_.stable_names;
  options.workers = options_.workers;
  options.consumer.strategy = options_.strategy;
  options.consumer.session_timeout = Milliseconds(6'000);
  options.consumer.heartbeat_interval = Milliseconds(1'000);
  options.consumer.max_poll_interval = options_.max_poll_interval;
  options.transaction_timeout = Milliseconds(5'000);
  options.rules = options_.rules;
  const tasks::ApplicationSpec& application =
      slot.application ? *slot.application : application_;
  slot.cuts = std::make_unique<testing::MemoryCutStorage>(location_);
  if (images_ != nullptr) {
    slot.images = std::make_unique<testing::MemoryImageSource>(*images_, *slot.clock);
    options.seek_images_from = options_.seek_images_from;
  }
  auto made = tasks::Instance::Create(
      application, {*cluster_, *slot.disk, *slot.clock, slot.cuts.get(), slot.images.get()},
      options, random_.Next());
  CHECK(made.ok()) << made.status();
  slot.instance = std::move(made).value();
  slot.stopping = false;
  slot.lag.clear();
  slot.committed.assign(options_.workers, 0);
  const Status started = slot.instance->Start();
  CHECK(started.ok()) << started;
}

void SimulatedCluster::BecomeAnother(const std::string& id, int32_t hop_partitions) {
  for (size_t i = 0; i < size(); ++i) StopInstance(i);
  while (AnyStops() && !failure_) Tick();
  options_.application = id;
  options_.outputs = id + "-";
  options_.hop_partitions = hop_partitions;
  options_.checkpoint_interval = Milliseconds(0);
  application_ =
      options_.windows ? CountWindows(options_) : CountAndMerge(options_, options_.version);
  MakeTopics(TopicsOf(options_));
  for (Slot& slot : slots_) {
    slot.application.reset();
    PutDisk(slot);
  }
}

void SimulatedCluster::KillInstance(size_t index) {
  Slot& slot = slots_[index];
  if (!slot.instance) return;
  slot.disk->Crash(&random_);
  EndInstance(slot);
}

void SimulatedCluster::KillInstanceLosingUnflushed(size_t index) {
  slots_[index].disk->Crash();
  EndInstance(slots_[index]);
}

void SimulatedCluster::EndInstance(Slot& slot) {
  const tasks::RegistryCounters& counters = slot.instance->registry().counters();
  for (size_t from = 0; from < restores_.size(); ++from) restores_[from] += counters.restores[from];
  slot.instance.reset();
}

int64_t SimulatedCluster::Restores(tasks::RestoreSource from) const {
  const auto source = static_cast<size_t>(from);
  int64_t restores = restores_[source];
  for (const Slot& slot : slots_) {
    if (slot.instance) restores += slot.instance->registry().counters().restores[source];
  }
  return restores;
}

void SimulatedCluster::WipeDisk(size_t index) {
  CHECK(slots_[index].instance == nullptr);
  slots_[index].disk->Wipe();
}

void SimulatedCluster::StopInstance(size_t index) {
  Slot& slot = slots_[index];
  if (!slot.instance) return;
  slot.instance->RequestStop();
  slot.stopping = true;
}

bool SimulatedCluster::AnyStops() const {
  return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
    return slot.instance != nullptr && slot.stopping;
  });
}

uint64_t SimulatedCluster::RequestSavepoint(const std::string& name, bool stop, bool drain) {
  const auto id = static_cast<uint64_t>(++next_request_);
  const checkpoint::EncodedControlRecord encoded = checkpoint::EncodeControlRecord(
      checkpoint::CheckpointRecord(checkpoint::RequestRecord{id, name, "", stop, drain}));
  kafka::OutgoingRecord record;
  record.topic = feed_topics_.at(application_.control_topic);
  record.key = encoded.key;
  record.value = encoded.value;
  const Status produced = feeder_->Produce(record);
  CHECK(produced.ok()) << produced;
  return id;
}

std::shared_ptr<const checkpoint::Checkpoint> SimulatedCluster::LatestCheckpoint() {
  const auto far = [](const checkpoint::Checkpoint& c) {
    return std::tuple(c.number(), c.stage, c.cuts.size() + c.stored.size());
  };
  std::shared_ptr<const checkpoint::Checkpoint> newest;
  for (const Slot& slot : slots_) {
    if (!slot.instance || !slot.instance->started()) continue;
    auto read = slot.instance->control().LatestCheckpoint();
    if (read && (!newest || far(*read) > far(*newest))) newest = std::move(read);
  }
  return newest;
}

void SimulatedCluster::EndLags() {
  options_.lag_ticks_max = options_.slow_disk_ticks_max = 0;
  for (Slot& slot : slots_) slot.lag.clear();
}

void SimulatedCluster::ExpireSession(size_t index) {
  broker_.ExpireSession(application_.id, application_.id + "-" + slots_[index].name);
}

bool SimulatedCluster::Runs(Slot& slot, size_t part) {
  constexpr int64_t kLagOneIn = 200;
  int64_t& lag = slot.lag[part];
  if (lag > 0) {
    --lag;
    return false;
  }
  if (options_.lag_ticks_max > 0 && random_.OneIn(kLagOneIn)) {
    lag = random_.Below(options_.lag_ticks_max);
  }
  return true;
}

void SimulatedCluster::WaitForDisk(Slot& slot) {
  constexpr size_t kFirstWorkerPart = 1;
  for (size_t i = 0; i < slot.committed.size(); ++i) {
    const int64_t committed = slot.instance->worker(i).writer_counters().committed;
    if (committed == slot.committed[i]) continue;
    slot.committed[i] = committed;
    slot.lag[kFirstWorkerPart + i] = random_.Below(options_.slow_disk_ticks_max);
  }
}

void SimulatedCluster::Tick() {
  std::vector<size_t> order(slots_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (size_t i = order.size(); i > 1; --i) {
    std::swap(order[i - 1], order[static_cast<size_t>(random_.Below(static_cast<int64_t>(i)))]);
  }
  feeder_->Poll(Milliseconds(0));
  for (const size_t index : order) {
    Slot& slot = slots_[index];
    if (!slot.instance) continue;
    slot.instance->StepSome([&](size_t part) { return Runs(slot, part); });
    if (options_.slow_disk_ticks_max > 0) WaitForDisk(slot);
    if (const Status status = slot.instance->failure(); !status.ok()) {
      // A late request of the dead predecessor took the name; the process ends and is restarted.
      if (FencedByPredecessor(status) ||
          (options_.versions_end && AnotherVersionRuns(status))) {
        KillInstance(index);
        continue;
      }
      if (!failure_) failure_ = "instance " + std::to_string(index) + ": " + status.ToString();
    }
    if (slot.stopping && slot.instance->stopped()) EndInstance(slot);
  }
  clock_.Advance(Milliseconds(1 + random_.Below(tick_max_.count())));
}

bool SimulatedCluster::CaughtUp() {
  std::map<TopicPartition, Offset> committed;
  for (const kafka::CommittedOffset& offset : broker_.CommittedOffsets(application_.id)) {
    if (offset.offset) committed[offset.partition] = *offset.offset;
  }
  for (const tasks::SubTopologySpec& spec : application_.sub_topologies) {
    for (const tasks::InputSpec& input : spec.inputs) {
      for (Partition p = 0; p < input.partitions; ++p) {
        const auto found = committed.find({input.topic, p});
        if (found == committed.end() || found->second != broker_.LogEnd({input.topic, p})) {
          return false;
        }
      }
    }
  }
  return broker_.OpenTransactions().empty();
}

std::string SimulatedCluster::Lag() {
  std::string text;
  for (const kafka::CommittedOffset& committed : broker_.CommittedOffsets(application_.id)) {
    const Offset end = broker_.LogEnd(committed.partition);
    if (committed.partition.topic == application_.control_topic || committed.offset == end) continue;
    text += "lag: " + ToString(committed.partition) + " committed " +
            (committed.offset ? std::to_string(committed.offset->value()) : "nothing") +
            " log end " + std::to_string(end.value()) + "\n";
  }
  for (const auto& open : broker_.OpenTransactions()) {
    text += "lag: an open transaction of " + open.transactional_id + "\n";
  }
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!slots_[i].instance) continue;
    for (size_t w = 0; w < slots_[i].instance->worker_count(); ++w) {
      slots_[i].instance->worker(w).ForEachTask([&](tasks::StreamTask& task) {
        for (size_t input = 0; input < task.input_count(); ++input) {
          const TopicPartition& partition = task.input(input);
          if (task.position(input) == broker_.LogEnd(partition)) continue;
          text += "lag: instance " + std::to_string(i) + " worker " + std::to_string(w) + " task " +
                  ToString(task.id()) + " " + ToString(partition) + " position " +
                  std::to_string(task.position(input).value()) + " log end " +
                  std::to_string(broker_.LogEnd(partition).value()) + " buffered " +
                  std::to_string(task.buffered_bytes(input)) + "\n";
        }
      });
    }
    text += "instance " + std::to_string(i) + ": held " +
            std::to_string(slots_[i].instance->member().held_tasks()) + " running " +
            std::to_string(slots_[i].instance->member().running_tasks()) +
            (slots_[i].stopping ? " stopping" : "") + "\n";
  }
  return text;
}

bool SimulatedCluster::RunUntilCaughtUp(Milliseconds limit) {
  const MonotonicTime deadline = clock_.Now() + limit;
  while (clock_.Now() < deadline && !failure_) {
    for (int i = 0; i < 20; ++i) Tick();
    if (CaughtUp()) return true;
  }
  return CaughtUp();
}

std::vector<std::pair<std::string, std::string>> SimulatedCluster::Read(const std::string& topic) {
  std::vector<std::pair<std::string, std::string>> records;
  for (Partition p = 0; p < broker_.PartitionCount(topic); ++p) {
    for (const kafka::memory::InspectedRecord& record : broker_.ReadCommitted({topic, p})) {
      if (record.kind != kafka::memory::LogEntry::Kind::kData) continue;
      records.emplace_back(record.key.value_or(""), record.value.value_or(""));
    }
  }
  return records;
}

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoll(text);
}

int64_t SeedCount(int64_t usual) {
#ifdef SIDESTREAM_SANITIZED
  usual = std::max<int64_t>(usual / 5, 1);
#endif
  return FromEnvironment("SIDESTREAM_SEEDS", usual);
}

}  // namespace sidestream::simulation
