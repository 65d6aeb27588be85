// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "command_fixture.h"

#include <utility>

namespace sidestream::app {
namespace {

class BorrowedCluster final : public kafka::Cluster {
 public:
  explicit BorrowedCluster(kafka::Cluster& cluster) : cluster_(cluster) {}
  Result<std::unique_ptr<kafka::Consumer>> NewConsumer(
      const kafka::ConsumerOptions& options) override {
    return cluster_.NewConsumer(options);
  }
  Result<std::unique_ptr<kafka::Producer>> NewProducer(
      const kafka::ProducerOptions& options) override {
    return cluster_.NewProducer(options);
  }
  Result<std::unique_ptr<kafka::LogReader>> NewLogReader(const std::string& client_id) override {
    return cluster_.NewLogReader(client_id);
  }
  Result<std::unique_ptr<kafka::Admin>> NewAdmin(const std::string& client_id) override {
    return cluster_.NewAdmin(client_id);
  }

 private:
  kafka::Cluster& cluster_;
};

}  // namespace

std::unique_ptr<kafka::Cluster> Borrow(kafka::Cluster& cluster) {
  return std::make_unique<BorrowedCluster>(cluster);
}

std::optional<std::string> FakeSurroundings::Variable(const std::string& name) const {
  const auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : std::optional(found->second);
}

Result<std::string> FakeSurroundings::ReadFile(const std::string& path) const {
  const auto found = files.find(path);
  if (found == files.end()) return Status::InvalidConfig("cannot read the file: path=" + path);
  return found->second;
}

void FakeWaiting::Pass(Milliseconds time) {
  waited_ += time;
  clock_.Advance(time);
  broker_.Step();
}

CommandFixture::CommandFixture()
    : broker_(clock_),
      cluster_(kafka::memory::NewMemoryCluster(broker_)),
      waiting_(clock_, broker_) {}

std::string CommandFixture::Counting() {
  return R"(version: 1
application: { id: counting }
kafka: { bootstrap.servers: "broker:9092" }
streams:
  clicks: { topic: clicks, key: string, value: json, partitions: 4 }
  totals: { topic: totals, key: string, value: int64 }
pipelines:
  count_clicks:
    from: clicks
    steps:
      - name: per_user
        aggregate:
          group_by: value.user
          value: count()
    to: totals
)";
}

void CommandFixture::File(const std::string& name, const std::string& text) {
  surroundings_.files[name] = text;
  arguments_.files.push_back(name);
}

int CommandFixture::Run(CommandFunction command) {
  std::istringstream in(in_);
  std::ostringstream out;
  std::ostringstream err;
  CommandContext context{
      .in = in,
      .out = out,
      .err = err,
      .color_out = color_out_,
      .surroundings = surroundings_,
      .waiting = waiting_,
      .connect = [this](const topology::KafkaModel&) -> Result<std::unique_ptr<kafka::Cluster>> {
        if (connect_error_) return *connect_error_;
        return Borrow(*cluster_);
      },
      .list_files = list_files_};
  const int exit_code = command(arguments_, context);
  out_ = out.str();
  err_ = err.str();
  return exit_code;
}

void CommandFixture::CreateTopic(const std::string& name, int32_t partitions,
                                 std::map<std::string, std::string> settings) {
  const Status created = broker_.CreateTopic(
      {.name = name, .partitions = partitions, .settings = std::move(settings)});
  ASSERT_TRUE(created.ok()) << created;
}

std::set<std::string> CommandFixture::TopicNames() {
  const std::vector<std::string> topics = broker_.Topics();
  return {topics.begin(), topics.end()};
}

}  // namespace sidestream::app
