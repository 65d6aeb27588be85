// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Names and settings of the topics that an application owns, and fingerprints of stores.
// The only place that knows them. Persistent: a changed name loses state.
//
// Threading: free functions.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "topology/plan.h"

namespace sidestream::topology {

std::string RepartitionTopicName(std::string_view application, std::string_view step);
std::string ChangelogTopicName(std::string_view application, std::string_view store);
std::string ControlTopicName(std::string_view application);
std::string PresenceTopicName(std::string_view application);
/// Unless `errors.dlq.topic` names another.
std::string DeadLetterTopicName(std::string_view application);
/// Of the store with the held keys of a stream.
std::string HeldStoreName(std::string_view stream);

/// Whether `topic` can only be the repartition or changelog topic of a step of `application`, also
/// of one that is not in the plan. Strict: the step's name holds no '-'. With one,
/// "shop-eu-totals-changelog" may be of the step eu-totals of shop, or of totals of shop-eu.
bool IsStepTopicOf(std::string_view application, std::string_view topic);

/// With all settings that the engine relies on.
InternalTopic MakeInternalTopic(InternalTopic::Kind kind, std::string name, int32_t partitions);

/// Adds what all stores have to the layout of `store`, in front of what its step has put there.
/// Requires all other fields of the store.
void CompleteLayout(Store& store);

}  // namespace sidestream::topology
