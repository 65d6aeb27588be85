// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A place with a savepoint of an application that counted before, and the cluster on which another
// one is to go on: for the tests of the commands and of the start.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/ids.h"
#include "command_fixture.h"
#include "kafka/admin.h"
#include "snapshot/catalog.h"
#include "snapshot/manifest.h"
#include "tasks/sub_topology.h"
#include "tests/support/temp_dir.h"

namespace sidestream::app {

/// The application that the savepoint was taken of. The one that starts is "counting".
inline constexpr char kOld[] = "counting-old";

class SavepointFixture : public CommandFixture {
 protected:
  void SetUp() override;

  std::filesystem::path place() const { return dir_.path() / "place"; }

  /// The application that the arguments name.
  tasks::ApplicationSpec Application();
  /// Topics of it that are not the user's.
  static std::vector<kafka::NewTopic> InternalTopics();
  void CreateInternalTopics();

  static std::string Stamp(const std::string& anchor, TopicId id = {});
  TopicId IdOf(const std::string& topic);

  /// What lies in flight.
  static std::string Data();
  static std::string Mark();
  /// A string as a computed key of a row.
  static std::string UserRow() { return "\x01" + std::string("u1"); }

  static std::string Hop() { return std::string(kOld) + "-per_user-repartition"; }

  /// Two tasks: one that reads clicks, one behind the hop with a row and two records in flight.
  /// `anchor`: of the task that has the row. `partitions`: of the hop.
  snapshot::Manifest Made(const std::string& name, const std::string& anchor = Hop(),
                          int32_t partitions = 4);

  testing::TempDir dir_;

 private:
  void SaveState(const TaskId& task, uint64_t fingerprint, snapshot::Catalog& catalog,
                 snapshot::KeptTask& into);
};

}  // namespace sidestream::app
