// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Whether an application can start from a snapshot, and where each part of it goes there. Pure.
//
// Sources keep their names, topics of ours take the new application's; stores are found by name.
//
// Threading: free functions.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "snapshot/manifest.h"
#include "tasks/sub_topology.h"

namespace sidestream::app {

/// Of a topic: at the savepoint, and of the same one here.
struct PartitionCounts {
  int32_t before = 0;
  int32_t now = 0;
};

/// Repartition topics of the application that have another number of partitions than in the snapshot.
std::map<std::string, PartitionCounts> SpreadTopics(const snapshot::Manifest& manifest,
                                                    const tasks::ApplicationSpec& application);
/// Those of the tasks of `part`; null: they are as many as before. `spread`: SpreadTopics().
const PartitionCounts* CountsOf(const tasks::SubTopologySpec& part,
                                const std::map<std::string, PartitionCounts>& spread);

struct SavepointFit {
  /// Why not; each says what mends it.
  std::vector<std::string> problems;
  /// State that the application has no place for.
  std::vector<std::string> dropped;
};

SavepointFit FitSavepoint(const snapshot::Manifest& manifest,
                          const tasks::ApplicationSpec& application);

/// What a topic of the snapshot is called in the application that starts from it.
std::string NameHere(const snapshot::Manifest& manifest, const std::string& topic, bool ours,
                     const tasks::ApplicationSpec& application);

/// The sub-topology that reads `topic`; null: none.
const tasks::SubTopologySpec* ReaderOf(const tasks::ApplicationSpec& application,
                                       const std::string& topic);

/// A store of the application, and the sub-topology that has it.
struct StorePlace {
  const tasks::SubTopologySpec* part = nullptr;
  const statestore::StoreSpec* spec = nullptr;
};
/// Null pointers: there is none of this name.
StorePlace StoreOf(const tasks::ApplicationSpec& application, const std::string& name);

}  // namespace sidestream::app
