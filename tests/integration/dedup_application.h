// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// An application that lets each key out once, in instances with a disk each: what its log says of
// restores and how many records came out tells whether an instance had the state that it had to
// have.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/integration/cluster_edit.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/integration/wanted_variable.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {

class DedupApplication {
 public:
  struct Options {
    int32_t partitions = 1;
    int standby_replicas = 0;
    /// Of snapshots; empty: it keeps none.
    std::string location = {};
    /// Of all that is run.
    Variables variables = {};
  };
  /// `name` is the id, which no other application has had. Makes its topics.
  DedupApplication(const std::string& name, const Options& options);

  std::unique_ptr<BackgroundProgram> Start(const std::string& instance);
  /// Runs another verb of the program, which has a disk of its own, to its end.
  ToolResult Run(const Command& verb, const Command& options);

  /// One record for each number from `from` up to `to`, whose key it is.
  void Feed(int64_t from, int64_t to);
  /// Waits until all that was fed is committed; false when it takes too long.
  bool AwaitAllRead();
  /// How many records came out.
  int64_t CountOut();

 private:
  Command Program(const Command& verb, const Command& options) const;
  Variables VariablesOf(const std::string& instance) const;

  const std::string bootstrap_ = WantedVariable("SIDESTREAM_TEST_BOOTSTRAP");
  const std::string program_ = WantedVariable("SIDESTREAM_PROGRAM");
  const std::string name_;
  const std::string in_ = name_ + "-in";
  const std::string out_ = name_ + "-out";
  const int32_t partitions_;
  const Variables variables_;
  const testing::TempDir directory_;
  ClusterView view_{bootstrap_};
  ClusterEdit edit_{view_, {{"bootstrap.servers", bootstrap_}}};
};

/// What `pattern` names first, of every line of the log that has it.
std::vector<std::string> Found(const BackgroundProgram& program, const std::string& pattern);

}  // namespace sidestream::integration
