// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs commands as main() would: files in memory, an in-process cluster in virtual time,
// output caught.

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "app/command.h"
#include "base/clock.h"
#include "kafka/memory/memory_broker.h"
#include "kafka/memory/memory_cluster.h"
#include "topology/loader.h"

namespace sidestream::app {

/// Files and variables of a test.
class FakeSurroundings final : public topology::Surroundings {
 public:
  std::optional<std::string> Variable(const std::string& name) const override;
  Result<std::string> ReadFile(const std::string& path) const override;

  std::map<std::string, std::string> files;
  std::map<std::string, std::string> variables;
};

/// Virtual time: passing it moves the clock and lets the broker work.
class FakeWaiting final : public Waiting {
 public:
  FakeWaiting(ManualClock& clock, kafka::memory::Broker& broker) : clock_(clock), broker_(broker) {}
  const Clock& clock() const override { return clock_; }
  void Pass(Milliseconds time) override;
  bool stopping() const override { return stop_after_ && waited_ >= *stop_after_; }

  Milliseconds waited() const { return waited_; }
  void StopAfter(Milliseconds time) { stop_after_ = time; }

 private:
  ManualClock& clock_;
  kafka::memory::Broker& broker_;
  Milliseconds waited_{0};
  std::optional<Milliseconds> stop_after_;
};

class CommandFixture : public ::testing::Test {
 protected:
  CommandFixture();

  /// A topology with a rekey, an aggregate and a sink: every kind of internal topic.
  static std::string Counting();

  /// Puts a file where -f finds it, and adds it to the command line.
  void File(const std::string& name, const std::string& text);
  /// Runs a command; its output is in out() and err().
  int Run(CommandFunction command);
  const std::string& out() const { return out_; }
  const std::string& err() const { return err_; }

  void CreateTopic(const std::string& name, int32_t partitions,
                   std::map<std::string, std::string> settings = {});
  /// Topics of the cluster now.
  std::set<std::string> TopicNames();

  ManualClock clock_;
  kafka::memory::Broker broker_;
  std::unique_ptr<kafka::Cluster> cluster_;
  FakeSurroundings surroundings_;
  FakeWaiting waiting_;
  Arguments arguments_;
  /// Standard input.
  std::string in_;
  /// What stands below a directory.
  FileLister list_files_ = &FilesBelow;
  /// Standard output takes colors.
  bool color_out_ = false;
  /// What connecting says; the in-process cluster when empty.
  std::optional<Status> connect_error_;

 private:
  std::string out_;
  std::string err_;
};

/// A cluster that borrows another, since a command owns the one it connects to.
std::unique_ptr<kafka::Cluster> Borrow(kafka::Cluster& cluster);

}  // namespace sidestream::app
