// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "checkpoint/leader.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/log.h"

namespace sidestream::checkpoint {
namespace {
constexpr Milliseconds kRetryDelay{1'000};
constexpr Milliseconds kInitTimeout{60'000};
constexpr Milliseconds kUnrecordedMax{5'000};

ConductorOptions OptionsOf(const LeaderOptions& leader) {
  ConductorOptions options = leader.checkpoints;
  options.application_id = leader.application_id;
  options.plan_hash = leader.plan_hash;
  options.plan_text = leader.plan_text;
  return options;
}
}  // namespace

class Leader::Impl {
 public:
  Impl(kafka::Cluster& cluster, kafka::Admin& admin, const ControlLog& log, PartKeeper& keeper,
       const Clock& clock, LeaderOptions options)
      : cluster_(cluster),
        admin_(admin),
        log_(log),
        clock_(clock),
        options_(std::move(options)),
        conductor_(admin, log, keeper, clock, OptionsOf(options_)) {}

  std::atomic<bool> wanted{false};
  std::atomic<bool> leading{false};

  void Step() {
    WatchStores();
    Advance();
    leading = wanted && (state_ == State::kLeading || state_ == State::kWriting);
  }

  void Advance() {
    // A write that is under way is finished: an open transaction would hold up every reader.
    if (!wanted && state_ != State::kWriting && !MustRecordItself()) return Rest();
    switch (state_) {
      case State::kResting:
        if (clock_.Now() >= retry_at_) Begin();
        return;
      case State::kInitializing:
      case State::kWriting:
        return PollProducer();
      case State::kReading:
        return ReadOn();
      case State::kLeading:
        return Lead();
    }
  }

  Status failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
  }

  const ConductorCounters& checkpoint_counters() const { return conductor_.counters(); }

 private:
  enum class State { kResting, kInitializing, kReading, kLeading, kWriting };
  /// What a write in flight is at.
  enum class Write { kNone, kFlushing, kCommitting };

  void Rest() {
    producer_.reset();
    state_ = State::kResting;
    write_ = Write::kNone;
    offsets_reply_.reset();
    ends_reply_.reset();
    topics_reply_.reset();
    target_reply_.reset();
    target_.reset();
    written_.clear();
    stores_checked_ = Offset(-1);
    unread_ = false;
  }

  void Retry(const Status& why) {
    log::Info("checkpoint", "leader starts over: {}", why.ToString());
    if (why.code() == StatusCode::kInvalidConfig || why.code() == StatusCode::kFatal) {
      const std::lock_guard lock(mutex_);
      failure_ = why.WithContext("leader");
    }
    Rest();
    retry_at_ = clock_.Now() + kRetryDelay;
  }

  void StopFor(const Status& why) {
    {
      const std::lock_guard lock(mutex_);
      failure_ = why;
    }
    Rest();
  }

  void Begin() {
    kafka::ProducerOptions producer;
    producer.client_id = options_.client_id;
    producer.transactional_id = options_.application_id + "-leader";
    producer.transaction_timeout = options_.transaction_timeout;
    auto made = cluster_.NewProducer(producer);
    if (!made.ok()) return Retry(made.status());
    producer_ = std::move(made).value();
    topic_ = producer_->RegisterTopic(options_.control_topic);
    state_ = State::kInitializing;
    deadline_ = clock_.Now() + kInitTimeout;
    producer_->StartInit();
  }

  void PollProducer() {
    const std::optional<Status> answer = producer_->Poll(Milliseconds(0));
    if (!answer) {
      if (clock_.Now() >= deadline_) Retry(Status::Unavailable("timed out"));
      return;
    }
    if (state_ == State::kInitializing) {
      if (!answer->ok()) return Retry(*answer);
      state_ = State::kReading;
      return;
    }
    // Fenced, unknown or torn: written or not, the log says it after the next start.
    if (!answer->ok()) return Retry(*answer);
    if (write_ == Write::kFlushing) {
      if (producer_->first_failure()) return Retry(producer_->first_failure()->status);
      write_ = Write::kCommitting;
      producer_->StartCommit();
      return;
    }
    write_ = Write::kNone;
    state_ = State::kLeading;
    look_at_ = clock_.Now();
    unread_ = true;
    if (producer_->tainted()) Retry(Status::Unavailable("a transactional request was repeated"));
  }

  /// Everything that an earlier leader committed is read before anything is decided.
  void ReadOn() {
    if (!ReadToEnd()) return;
    state_ = State::kLeading;
    look_at_ = clock_.Now();
    conductor_.StartTerm();
    log::Info("checkpoint", "leading application {}", options_.application_id);
  }

  /// True once all that stood on the topic when this was first asked has been read.
  bool ReadToEnd() {
    if (!target_reply_ && !target_) {
      target_reply_ = admin_.ListOffsets({{options_.control_topic, 0}}, kafka::OffsetSpec::kLatest,
                                         kafka::IsolationLevel::kReadUncommitted);
    }
    if (target_reply_) {
      const auto answer = target_reply_->Poll();
      if (!answer) return false;
      target_reply_.reset();
      if (!answer->ok()) {
        Retry(answer->status());
        return false;
      }
      target_ = (**answer).front().offset;
    }
    if (!log_.caught_up() || log_.position() < *target_) return false;
    target_.reset();
    return true;
  }

  std::vector<std::string> RepartitionTopics() const {
    std::vector<std::string> topics;
    for (const LedInput& input : options_.inputs) {
      if (input.repartition) topics.push_back(input.topic);
    }
    return topics;
  }

  void Lead() {
    if (unread_ && !ReadToEnd()) return;
    unread_ = false;
    if (RecordStores() || !wanted) return;
    if (log_.plan_hash() != options_.plan_hash && written_.insert("plan").second) {
      return WriteAll({PlanRecord{options_.plan_hash, options_.plan_text, options_.plan_steps,
                                  RepartitionTopics()}});
    }
    if (DecideEnds()) return;
    if (const ControlWrites of_checkpoints = conductor_.Step(); !of_checkpoints.empty()) {
      return WriteAll(of_checkpoints.records, of_checkpoints.outdated_keys);
    }
    if (clock_.Now() < look_at_) return;
    LookAtOffsets();
  }

  /// True when something was written, or when the instance must not go on.
  bool RecordStores() {
    if (log_.position() == stores_checked_) return false;
    std::vector<ControlRecord> records;
    const auto write = [&](StoreRecord record) {
      if (written_.insert("store/" + record.store).second) records.push_back(std::move(record));
    };
    for (const LedStore& store : options_.stores) {
      const std::optional<StoreRecord> recorded = log_.Store(store.name);
      if (recorded) {
        const LayoutChange change = ChangeOf(*recorded, store.layout);
        if (change.kind == LayoutChange::Kind::kSame) continue;
        if (!Agreed(store.name, change)) {
          Retry(RefuseLoss(store.name, Describe(change)));
          return true;
        }
      }
      write({store.name, store.layout});
    }
    for (const std::string& name : options_.dropped_stores) {
      const std::optional<StoreRecord> recorded = log_.Store(name);
      if (recorded && !recorded->dropped) write({name, recorded->layout, /*dropped=*/true});
    }
    stores_checked_ = log_.position();
    if (!records.empty()) WriteAll(records);
    return !records.empty();
  }

  bool Agreed(const std::string& store, const LayoutChange& change) const {
    if (change.kind == LayoutChange::Kind::kOther) return options_.emptied_stores.contains(store);
    return change.removed.empty() || options_.may_lose_state;
  }

  /// The leader, if there is one, had time to record our stores, and did not.
  bool MustRecordItself() {
    if (all_recorded_ || !log_.caught_up()) return false;
    all_recorded_ = std::ranges::all_of(
        options_.stores, [&](const LedStore& store) { return log_.Store(store.name).has_value(); });
    if (all_recorded_) return false;
    if (!unrecorded_since_) unrecorded_since_ = clock_.Now();
    return clock_.Now() - *unrecorded_since_ >= kUnrecordedMax;
  }

  /// What this instance went on to write would not be read as it is meant.
  void WatchStores() {
    if (!log_.caught_up() || log_.position() == watched_) return;
    watched_ = log_.position();
    for (const LedStore& store : options_.stores) {
      const std::optional<StoreRecord> recorded = log_.Store(store.name);
      if (!recorded) continue;
      if (ChangeOf(*recorded, store.layout).kind == LayoutChange::Kind::kSame) {
        ours_.insert(store.name);
      } else if (ours_.contains(store.name)) {
        StopFor(Status::InvalidConfig(
            "another version of the topology was started, with other state: step=" + store.name));
      }
    }
  }

  /// True while an end position is being found or written.
  bool DecideEnds() {
    for (const LedInput& input : options_.inputs) {
      if (!input.bounded || log_.End({input.topic, 0})) continue;
      if (written_.contains("end/" + input.topic)) continue;
      if (!ends_reply_) {
        ends_reply_ = admin_.ListOffsets(PartitionsOf(input), kafka::OffsetSpec::kLatest,
                                         kafka::IsolationLevel::kReadUncommitted);
      }
      const auto answer = ends_reply_->Poll();
      if (!answer) return true;
      ends_reply_.reset();
      if (!answer->ok()) {
        Retry(answer->status());
        return true;
      }
      EndRecord record{input.topic, {}};
      for (const kafka::PartitionOffset& end : **answer) record.ends.push_back(end.offset);
      written_.insert("end/" + input.topic);
      WriteAll({record});
      return true;
    }
    return false;
  }

  static std::vector<TopicPartition> PartitionsOf(const LedInput& input) {
    std::vector<TopicPartition> partitions;
    for (Partition p = 0; p < input.partitions; ++p) partitions.push_back({input.topic, p});
    return partitions;
  }

  void LookAtOffsets() {
    if (!offsets_reply_) {
      std::vector<TopicPartition> all;
      std::vector<TopicPartition> hops;
      std::vector<std::string> topics;
      for (const LedInput& input : options_.inputs) {
        for (TopicPartition& partition : PartitionsOf(input)) {
          if (input.repartition) hops.push_back(partition);
          all.push_back(std::move(partition));
        }
        topics.push_back(input.topic);
      }
      offsets_reply_ = admin_.CommittedOffsets(options_.application_id, all, false);
      topics_reply_ = admin_.DescribeTopics(topics);
      hops_ = hops;
      committed_.reset();
      described_.reset();
      hop_ends_.reset();
      if (hops.empty()) hop_ends_.emplace();
    }
    if (!Take(offsets_reply_, committed_) || !Take(topics_reply_, described_)) return;
    // The ends are asked after the offsets: what is committed to a hop by then is in them.
    if (!hop_ends_) {
      if (!ends_reply_) {
        ends_reply_ = admin_.ListOffsets(hops_, kafka::OffsetSpec::kLatest,
                                         kafka::IsolationLevel::kReadUncommitted);
      }
      if (!Take(ends_reply_, hop_ends_)) return;
    }
    look_at_ = clock_.Now() + options_.look_interval;
    offsets_reply_.reset();
    topics_reply_.reset();
    ends_reply_.reset();
    Conclude();
  }

  /// True when the answer is there. A failed request is asked again at the next look.
  template <typename Reply, typename Value>
  bool Take(Reply& reply, std::optional<Value>& into) {
    if (into) return true;
    if (!reply) return false;
    auto answer = reply->Poll();
    if (!answer) return false;
    if (answer->ok()) {
      into = std::move(*answer).value();
      return true;
    }
    offsets_reply_.reset();
    topics_reply_.reset();
    ends_reply_.reset();
    look_at_ = clock_.Now() + options_.look_interval;
    return false;
  }

  void Conclude() {
    std::map<TopicPartition, Offset> committed;
    for (const kafka::CommittedOffset& offset : *committed_) {
      if (offset.offset) committed[offset.partition] = *offset.offset;
    }
    for (size_t i = 0; i < options_.inputs.size(); ++i) {
      const LedInput& input = options_.inputs[i];
      const kafka::TopicDescription& topic = (*described_)[i];
      if (input.repartition || !topic.exists) continue;
      if (const std::optional<TopicId> adopted = log_.AdoptedId(input.topic)) {
        if (!topic.id.known() || topic.id == *adopted) continue;
        // The client reads on at its old offset, and would pass over what lies below it.
        return StopFor(
            Status::Stopped("an input topic was deleted and created again: topic=" + input.topic +
                            " adopted id=" + ToString(*adopted) + " id=" + ToString(topic.id) +
                            "; stop all instances and run `sidestream reset`"));
      }
      const std::vector<TopicPartition> partitions = PartitionsOf(input);
      const bool complete =
          std::all_of(partitions.begin(), partitions.end(),
                      [&](const TopicPartition& p) { return committed.contains(p); });
      if (!complete || !written_.insert("adopted/" + input.topic).second) continue;
      return WriteAll({AdoptedRecord{input.topic, topic.id}});
    }
    if (!log_.finished() && AllProcessed(committed) && written_.insert("finished").second) {
      WriteAll({FinishedRecord{}});
    }
  }

  bool AllProcessed(const std::map<TopicPartition, Offset>& committed) const {
    const auto reached = [&](const TopicPartition& partition, Offset end) {
      const auto found = committed.find(partition);
      return found != committed.end() && found->second >= end;
    };
    for (const LedInput& input : options_.inputs) {
      if (input.repartition) continue;
      for (const TopicPartition& partition : PartitionsOf(input)) {
        const std::optional<Offset> end = log_.End(partition);
        if (!input.bounded || !end || !reached(partition, *end)) return false;
      }
    }
    return std::all_of(hop_ends_->begin(), hop_ends_->end(), [&](const auto& hop) {
      return reached(hop.partition, hop.offset);
    });
  }

  void WriteAll(const std::vector<ControlRecord>& records,
                const std::vector<std::string>& outdated_keys = {}) {
    if (Status begun = producer_->Begin(); !begun.ok()) return Retry(begun);
    for (const ControlRecord& record : records) {
      const EncodedControlRecord encoded = EncodeControlRecord(record);
      kafka::OutgoingRecord outgoing;
      outgoing.topic = topic_;
      outgoing.key = encoded.key;
      outgoing.value = encoded.value;
      if (Status produced = producer_->Produce(outgoing); !produced.ok()) return Retry(produced);
      log::Info("checkpoint", "leader writes {}", encoded.key);
    }
    for (const std::string& key : outdated_keys) {
      kafka::OutgoingRecord outgoing;
      outgoing.topic = topic_;
      outgoing.key = key;
      if (Status produced = producer_->Produce(outgoing); !produced.ok()) return Retry(produced);
    }
    state_ = State::kWriting;
    write_ = Write::kFlushing;
    deadline_ = clock_.Now() + options_.transaction_timeout;
    producer_->StartFlush();
  }

  kafka::Cluster& cluster_;
  kafka::Admin& admin_;
  const ControlLog& log_;
  const Clock& clock_;
  const LeaderOptions options_;

  Conductor conductor_;
  State state_ = State::kResting;
  Write write_ = Write::kNone;
  std::unique_ptr<kafka::Producer> producer_;
  kafka::TopicHandle topic_;
  MonotonicTime retry_at_{};
  MonotonicTime deadline_{};
  MonotonicTime look_at_{};
  std::optional<Offset> target_;
  /// What was written last is still to be read.
  bool unread_ = false;
  /// Written by this leader; the log shows it a moment later.
  std::set<std::string> written_;
  /// Stores that were recorded with our layout, as of `watched_`.
  std::set<std::string> ours_;
  Offset watched_{-1};
  Offset stores_checked_{-1};
  std::optional<MonotonicTime> unrecorded_since_;
  bool all_recorded_ = false;
  std::vector<TopicPartition> hops_;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> target_reply_;
  kafka::Admin::Reply<std::vector<kafka::PartitionOffset>> ends_reply_;
  kafka::Admin::Reply<std::vector<kafka::CommittedOffset>> offsets_reply_;
  kafka::Admin::Reply<std::vector<kafka::TopicDescription>> topics_reply_;
  std::optional<std::vector<kafka::CommittedOffset>> committed_;
  std::optional<std::vector<kafka::TopicDescription>> described_;
  std::optional<std::vector<kafka::PartitionOffset>> hop_ends_;

  mutable std::mutex mutex_;
  Status failure_;  // guarded by mutex_
};

Leader::Leader(kafka::Cluster& cluster, kafka::Admin& admin, const ControlLog& log,
               PartKeeper& keeper, const Clock& clock, LeaderOptions options)
    : impl_(std::make_unique<Impl>(cluster, admin, log, keeper, clock, std::move(options))) {}
Leader::~Leader() = default;
void Leader::StartLeading() { impl_->wanted = true; }
void Leader::StopLeading() { impl_->wanted = false; }
void Leader::Step() { impl_->Step(); }
bool Leader::leading() const { return impl_->leading; }
const ConductorCounters& Leader::checkpoint_counters() const {
  return impl_->checkpoint_counters();
}
Status Leader::failure() const { return impl_->failure(); }

}  // namespace sidestream::checkpoint
