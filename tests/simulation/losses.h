// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Disks that are lost for good, and what there is to come back from: copies on other instances, images
// among the checkpoints, changelogs.

#pragma once

#include "rollout.h"
#include "simulated_cluster.h"

namespace sidestream::simulation {

/// Longer than a session: until others have the tasks of whoever is gone.
inline constexpr Milliseconds kTakeOver{10'000};

/// All instances die and come back on empty disks, or each of them may.
enum class LostDisks { kAll, kSome };
void LoseDisks(SimulatedCluster& cluster, LostDisks which);

/// An instance dies with its disk, and stays away until others have its tasks. False: there never were
/// as many copies as there should be.
bool CopiesTakeOver(SimulatedCluster& cluster, Rollout& rollout);

/// A checkpoint, some records behind it, and then some disks are lost, or all. `unreliable`: the place
/// of the images has its faults while they come back. Requires: there are images.
void LoseDisksBehindACheckpoint(SimulatedCluster& cluster, Rollout& rollout, bool unreliable);

/// One more; true too where there are no periodic ones.
bool ACheckpointCompletes(SimulatedCluster& cluster, Rollout& rollout);
/// A checkpoint of an instance that died is given up, and the next one completes.
inline constexpr Milliseconds kCheckpointMax{120'000};

}  // namespace sidestream::simulation
