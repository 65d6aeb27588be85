// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A cluster in front of another: remembers with which options producers were made, and can hide
// partitions from the descriptions of a group, as if nobody owned them.

#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "kafka/cluster.h"

namespace sidestream::tasks {

class ObservedCluster final : public kafka::Cluster {
 public:
  explicit ObservedCluster(kafka::Cluster& inner) : inner_(inner) {}

  std::vector<kafka::ProducerOptions> producers;
  std::set<TopicPartition> hidden;

  Result<std::unique_ptr<kafka::Consumer>> NewConsumer(
      const kafka::ConsumerOptions& options) override {
    return inner_.NewConsumer(options);
  }
  Result<std::unique_ptr<kafka::Producer>> NewProducer(
      const kafka::ProducerOptions& options) override {
    producers.push_back(options);
    return inner_.NewProducer(options);
  }
  Result<std::unique_ptr<kafka::LogReader>> NewLogReader(const std::string& client_id) override {
    return inner_.NewLogReader(client_id);
  }
  Result<std::unique_ptr<kafka::Admin>> NewAdmin(const std::string& client_id) override {
    ASSIGN_OR_RETURN(std::unique_ptr<kafka::Admin> admin, inner_.NewAdmin(client_id));
    return std::unique_ptr<kafka::Admin>(std::make_unique<HidingAdmin>(std::move(admin), hidden));
  }

 private:
  using Group = kafka::GroupDescription;

  class HidingReply final : public kafka::Pending<Group> {
   public:
    HidingReply(std::unique_ptr<kafka::Pending<Group>> inner, const std::set<TopicPartition>& hidden)
        : inner_(std::move(inner)), hidden_(hidden) {}
    std::optional<Result<Group>> Poll() override {
      std::optional<Result<Group>> answer = inner_->Poll();
      if (!answer || !answer->ok()) return answer;
      for (kafka::GroupMember& member : (*answer)->members) {
        std::erase_if(member.assignment,
                      [this](const TopicPartition& p) { return hidden_.contains(p); });
      }
      return answer;
    }

   private:
    const std::unique_ptr<kafka::Pending<Group>> inner_;
    const std::set<TopicPartition>& hidden_;
  };

  class HidingAdmin final : public kafka::Admin {
   public:
    HidingAdmin(std::unique_ptr<kafka::Admin> inner, const std::set<TopicPartition>& hidden)
        : inner_(std::move(inner)), hidden_(hidden) {}
    Reply<kafka::Done> CreateTopics(std::vector<kafka::NewTopic> topics) override {
      return inner_->CreateTopics(std::move(topics));
    }
    Reply<std::vector<kafka::TopicDescription>> DescribeTopics(
        std::vector<std::string> names) override {
      return inner_->DescribeTopics(std::move(names));
    }
    Reply<std::vector<kafka::TopicDescription>> ListTopics(std::string prefix) override {
      return inner_->ListTopics(std::move(prefix));
    }
    Reply<std::map<std::string, std::string>> DescribeTopicSettings(std::string topic) override {
      return inner_->DescribeTopicSettings(std::move(topic));
    }
    Reply<std::map<std::string, std::string>> DescribeBrokerSettings() override {
      return inner_->DescribeBrokerSettings();
    }
    Reply<kafka::Done> DeleteTopics(std::vector<std::string> names) override {
      return inner_->DeleteTopics(std::move(names));
    }
    Reply<kafka::Done> DeleteRecords(std::vector<kafka::PartitionOffset> below) override {
      return inner_->DeleteRecords(std::move(below));
    }
    Reply<std::vector<kafka::PartitionOffset>> ListOffsets(
        std::vector<TopicPartition> partitions, kafka::OffsetSpec spec,
        kafka::IsolationLevel isolation) override {
      return inner_->ListOffsets(std::move(partitions), spec, isolation);
    }
    Reply<std::vector<kafka::CommittedOffset>> CommittedOffsets(
        std::string group, std::vector<TopicPartition> partitions, bool require_stable) override {
      return inner_->CommittedOffsets(std::move(group), std::move(partitions), require_stable);
    }
    Reply<std::vector<kafka::CommittedOffset>> AllCommittedOffsets(std::string group) override {
      return inner_->AllCommittedOffsets(std::move(group));
    }
    Reply<Group> DescribeGroup(std::string group) override {
      return std::make_unique<HidingReply>(inner_->DescribeGroup(std::move(group)), hidden_);
    }
    Reply<kafka::Done> CommitOffsets(std::string group,
                                     std::vector<kafka::CommittedOffset> offsets) override {
      return inner_->CommitOffsets(std::move(group), std::move(offsets));
    }
    Reply<kafka::Done> DeleteGroup(std::string group) override {
      return inner_->DeleteGroup(std::move(group));
    }

   private:
    const std::unique_ptr<kafka::Admin> inner_;
    const std::set<TopicPartition>& hidden_;
  };

  kafka::Cluster& inner_;
};

}  // namespace sidestream::tasks
