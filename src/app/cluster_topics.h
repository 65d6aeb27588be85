// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reading and making topics: what the start-up checks, `topics` and `reset` share.
//
// Threading: confined to the command's thread.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "app/waiting.h"
#include "base/status.h"
#include "kafka/admin.h"

namespace sidestream::app {

/// A topic as the cluster has it.
struct TopicState {
  kafka::TopicDescription description;
  /// Effective settings; empty for a topic that does not exist.
  std::map<std::string, std::string> settings;
};
using TopicStates = std::map<std::string, TopicState>;

/// Asks for all of `names`. Errors as Ask().
Result<TopicStates> ReadTopics(kafka::Admin& admin, std::vector<std::string> names,
                               Waiting& waiting, const Patience& patience);

/// Creates topics and returns when every broker knows them. A topic that exists is left as it is.
Status CreateTopics(kafka::Admin& admin, std::vector<kafka::NewTopic> topics, Waiting& waiting,
                    const Patience& patience);

/// Deletes topics and returns when they are gone. Absent ones are no error.
Status DeleteTopics(kafka::Admin& admin, std::vector<std::string> names, Waiting& waiting,
                    const Patience& patience);

}  // namespace sidestream::app
