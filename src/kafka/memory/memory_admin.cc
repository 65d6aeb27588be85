// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/memory_admin.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace sidestream::kafka::memory {

namespace {

/// There is no authorizer.
std::set<Right> AllRights() {
  return {Right::kRead, Right::kWrite, Right::kDelete, Right::kDescribe, Right::kDescribeConfigs};
}

using Guard = std::lock_guard<std::recursive_mutex>;

template <typename T>
class MemoryPending final : public Pending<T> {
 public:
  explicit MemoryPending(Broker& broker) : broker_(broker) {}
  ~MemoryPending() override {
    // An answer may be on its way from another thread.
    const Guard lock(broker_.mutex());
    *slot_ = std::nullopt;
    slot_.reset();
  }

  void Send(ApiKey api, const Sender& sender, std::function<Result<T>(Broker&)> question) {
    deadline_ = broker_.clock().Now() + broker_.options().request_timeout;
    broker_.network().Request<Result<T>>(
        api, sender,
        [&broker = broker_, question = std::move(question)](memory::Reply<Result<T>> reply) {
          reply(question(broker));
        },
        [slot = slot_](Result<T> answer) { *slot = std::move(answer); });
  }

  std::optional<Result<T>> Poll() override {
    const Guard lock(broker_.mutex());
    if (answered_) return std::nullopt;
    broker_.Step();
    if (!*slot_ && broker_.clock().Now() >= deadline_) {
      *slot_ = Result<T>(Status::Unavailable("the broker did not answer"));
    }
    answered_ = slot_->has_value();
    return std::exchange(*slot_, std::nullopt);
  }

 private:
  Broker& broker_;
  MonotonicTime deadline_;
  bool answered_ = false;
  std::shared_ptr<std::optional<Result<T>>> slot_ = std::make_shared<std::optional<Result<T>>>();
};

TopicDescription Describe(Broker& broker, const std::string& name) {
  TopicDescription description{.name = name};
  if (const Topic* topic = broker.topics().Find(name)) {
    description.exists = true;
    description.id = topic->id;
    description.partitions = static_cast<int32_t>(topic->partitions.size());
  }
  return description;
}

}  // namespace

MemoryAdmin::MemoryAdmin(Broker& broker, std::string client_id)
    : broker_(broker), client_id_(std::move(client_id)) {}

MemoryAdmin::~MemoryAdmin() {
  const Guard lock(broker_.mutex());
  alive_.reset();
}

template <typename T>
Admin::Reply<T> MemoryAdmin::Ask(ApiKey api, std::function<Result<T>(Broker&)> question) {
  const Guard lock(broker_.mutex());
  auto pending = std::make_unique<MemoryPending<T>>(broker_);
  pending->Send(api, {client_id_, alive_}, std::move(question));
  return pending;
}

Admin::Reply<Done> MemoryAdmin::CreateTopics(std::vector<NewTopic> topics) {
  return Ask<Done>(ApiKey::kAdmin, [topics = std::move(topics)](Broker& broker) -> Result<Done> {
    for (const NewTopic& topic : topics) RETURN_IF_ERROR(broker.topics().Create(topic));
    return Done{};
  });
}

Admin::Reply<Done> MemoryAdmin::MayCreateTopics(std::vector<NewTopic> topics) {
  return Ask<Done>(ApiKey::kAdmin, [topics = std::move(topics)](Broker& broker) -> Result<Done> {
    for (const NewTopic& topic : topics) RETURN_IF_ERROR(broker.topics().Validate(topic));
    return Done{};
  });
}

Admin::Reply<std::vector<TopicDescription>> MemoryAdmin::DescribeTopics(
    std::vector<std::string> names) {
  using Answer = std::vector<TopicDescription>;
  return Ask<Answer>(ApiKey::kAdmin, [names = std::move(names)](Broker& broker) -> Result<Answer> {
    Answer descriptions;
    for (const std::string& name : names) descriptions.push_back(Describe(broker, name));
    return descriptions;
  });
}

Admin::Reply<std::vector<TopicDescription>> MemoryAdmin::ListTopics(std::string prefix) {
  using Answer = std::vector<TopicDescription>;
  return Ask<Answer>(ApiKey::kAdmin,
                     [prefix = std::move(prefix)](Broker& broker) -> Result<Answer> {
                       Answer descriptions;
                       for (const std::string& name : broker.topics().names()) {
                         if (!name.starts_with(prefix)) continue;
                         TopicDescription topic = Describe(broker, name);
                         if (topic.exists) descriptions.push_back(std::move(topic));
                       }
                       return descriptions;
                     });
}

Admin::Reply<std::map<std::string, std::string>> MemoryAdmin::DescribeTopicSettings(
    std::string topic) {
  using Answer = std::map<std::string, std::string>;
  return Ask<Answer>(ApiKey::kAdmin, [topic = std::move(topic)](Broker& broker) -> Result<Answer> {
    const Topic* found = broker.topics().Find(topic);
    if (found == nullptr) return Status::Unavailable("unknown topic: " + topic);
    return found->settings;
  });
}

Admin::Reply<std::map<std::string, std::string>> MemoryAdmin::DescribeBrokerSettings() {
  using Answer = std::map<std::string, std::string>;
  return Ask<Answer>(ApiKey::kAdmin, [](Broker& broker) -> Result<Answer> {
    const BrokerOptions& options = broker.options();
    const auto ms = [](Milliseconds value) { return std::to_string(value.count()); };
    return Answer{
        {"auto.create.topics.enable", "false"},
        {"default.replication.factor", "1"},
        {"group.initial.rebalance.delay.ms", ms(options.initial_rebalance_delay)},
        {"log.cleaner.backoff.ms", ms(options.cleaner_backoff)},
        {"log.retention.check.interval.ms", ms(options.retention_check_interval)},
        {"message.max.bytes", "1048588"},
        {"num.partitions", "1"},
        {"offset.metadata.max.bytes", "4096"},
        {"offsets.retention.minutes", "10080"},
        {"transaction.abort.timed.out.transaction.cleanup.interval.ms",
         ms(options.transaction_cleanup_interval)},
        {"transaction.max.timeout.ms", ms(options.transaction_timeout_max)},
    };
  });
}

Admin::Reply<Done> MemoryAdmin::DeleteTopics(std::vector<std::string> names) {
  return Ask<Done>(ApiKey::kAdmin, [names = std::move(names)](Broker& broker) -> Result<Done> {
    for (const std::string& name : names) broker.DeleteTopic(name);
    return Done{};
  });
}

Admin::Reply<Done> MemoryAdmin::DeleteRecords(std::vector<PartitionOffset> below) {
  return Ask<Done>(ApiKey::kAdmin, [below = std::move(below)](Broker& broker) -> Result<Done> {
    for (const PartitionOffset& p : below) {
      if (broker.topics().FindLog(p.partition) == nullptr) {
        return Status::Unavailable("unknown partition: " + ToString(p.partition));
      }
      if (broker.topics().ChangeLog(p.partition)->DeleteRecords(p.offset) != ErrorCode::kNone) {
        return Status::Stopped(
            "offset is out of the log's range: partition=" + ToString(p.partition) +
            " offset=" + std::to_string(p.offset.value()));
      }
    }
    return Done{};
  });
}

Admin::Reply<std::vector<PartitionOffset>> MemoryAdmin::ListOffsets(
    std::vector<TopicPartition> partitions, OffsetSpec spec, IsolationLevel isolation) {
  using Answer = std::vector<PartitionOffset>;
  return Ask<Answer>(
      ApiKey::kListOffsets,
      [partitions = std::move(partitions), spec, isolation](Broker& broker) -> Result<Answer> {
        Answer offsets;
        for (const TopicPartition& p : partitions) {
          const PartitionLog* log = broker.topics().FindLog(p);
          if (log == nullptr) return Status::Unavailable("unknown partition: " + ToString(p));
          const Offset end =
              isolation == IsolationLevel::kReadCommitted ? log->last_stable() : log->end();
          Offset offset = log->start();
          if (spec.kind == OffsetSpec::Kind::kLatest) {
            offset = end;
          } else if (spec.kind == OffsetSpec::Kind::kTime) {
            offset = log->FirstAt(spec.time);
            if (offset >= end) offset = Offset(-1);
          }
          offsets.push_back({p, offset});
        }
        return offsets;
      });
}

Admin::Reply<std::vector<CommittedOffset>> MemoryAdmin::CommittedOffsets(
    std::string group, std::vector<TopicPartition> partitions, bool require_stable) {
  using Answer = std::vector<CommittedOffset>;
  return Ask<Answer>(ApiKey::kOffsetFetch,
                     [group = std::move(group), partitions = std::move(partitions),
                      require_stable](Broker& broker) -> Result<Answer> {
                       Answer offsets;
                       const ErrorCode error =
                           broker.groups().Read(group, partitions, require_stable, &offsets);
                       if (error != ErrorCode::kNone) {
                         return Status::Unavailable("offsets are pending: group=" + group);
                       }
                       return offsets;
                     });
}

Admin::Reply<std::vector<CommittedOffset>> MemoryAdmin::AllCommittedOffsets(std::string group) {
  using Answer = std::vector<CommittedOffset>;
  return Ask<Answer>(ApiKey::kOffsetFetch,
                     [group = std::move(group)](Broker& broker) -> Result<Answer> {
                       if (broker.groups().HasPending(group)) {
                         return Status::Unavailable("offsets are pending: group=" + group);
                       }
                       return broker.groups().AllOffsets(group);
                     });
}

Admin::Reply<GroupDescription> MemoryAdmin::DescribeGroup(std::string group) {
  return Ask<GroupDescription>(
      ApiKey::kAdmin, [group = std::move(group)](Broker& broker) -> Result<GroupDescription> {
        return broker.groups().Describe(group);
      });
}

Admin::Reply<Done> MemoryAdmin::CommitOffsets(std::string group,
                                              std::vector<CommittedOffset> offsets) {
  return Ask<Done>(ApiKey::kAdmin, [group = std::move(group), offsets = std::move(offsets)](
                                       Broker& broker) -> Result<Done> {
    const ErrorCode error = broker.groups().Commit({.group = group}, offsets);
    if (error == ErrorCode::kUnknownMemberId) {
      return Status::Stopped("the group has members: group=" + group);
    }
    if (error != ErrorCode::kNone) {
      return Status::InvalidConfig("the offsets are refused: group=" + group);
    }
    return Done{};
  });
}

Admin::Reply<Done> MemoryAdmin::DeleteGroup(std::string group) {
  return Ask<Done>(ApiKey::kAdmin, [group = std::move(group)](Broker& broker) -> Result<Done> {
    if (broker.groups().Delete(group) != ErrorCode::kNone) {
      return Status::Stopped("the group has members: group=" + group);
    }
    return Done{};
  });
}

Admin::Reply<std::map<std::string, std::set<Right>>> MemoryAdmin::TopicRights(
    std::vector<std::string> names) {
  using Answer = std::map<std::string, std::set<Right>>;
  return Ask<Answer>(ApiKey::kAdmin, [names = std::move(names)](Broker& broker) -> Result<Answer> {
    const std::vector<std::string> topics = broker.Topics();
    Answer rights;
    for (const std::string& name : names) {
      if (std::find(topics.begin(), topics.end(), name) != topics.end()) rights[name] = AllRights();
    }
    return rights;
  });
}

Admin::Reply<std::set<Right>> MemoryAdmin::GroupRights(std::string /*group*/) {
  using Answer = std::set<Right>;
  return Ask<Answer>(ApiKey::kAdmin, [](Broker&) -> Result<Answer> { return AllRights(); });
}

}  // namespace sidestream::kafka::memory
