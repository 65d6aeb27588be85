// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/explain/access.h"

#include <fmt/format.h>

namespace sidestream::topology::explain {
namespace {

AccessNeed NeedOf(const InternalTopic& topic) {
  AccessNeed need{.resource = ResourceKind::kTopic,
                  .name = topic.name,
                  .operations = {"Read", "Write", "Create", "DescribeConfigs"}};
  switch (topic.kind) {
    case InternalTopic::Kind::kControl:
      need.why = "control topic";
      break;
    case InternalTopic::Kind::kPresence:
      need.why = "presence of the instances";
      break;
    case InternalTopic::Kind::kChangelog:
      need.why = "changelog";
      break;
    case InternalTopic::Kind::kRepartition:
      need.why = "repartition topic; what was read is deleted from it";
      break;
    case InternalTopic::Kind::kDeadLetters:
      need.why = "dead letters; Read is for `dlq`";
      break;
  }
  // For `reset`; repartition topics are also purged while the application runs.
  need.operations.emplace_back("Delete");
  return need;
}

}  // namespace

std::string_view ResourceKindName(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kTopic:
      return "topic";
    case ResourceKind::kGroup:
      return "group";
    case ResourceKind::kTransactionalId:
      return "transactional-id";
  }
  return "";
}

std::vector<AccessNeed> AccessNeeds(const Plan& plan) {
  std::vector<AccessNeed> needs;
  needs.push_back({.resource = ResourceKind::kGroup,
                   .name = plan.group_id,
                   .operations = {"Read", "Delete"},
                   .why = "membership and offsets; Delete is for `reset`"});
  needs.push_back({.resource = ResourceKind::kTransactionalId,
                   .name = plan.transactional_id_prefix,
                   .prefixed = true,
                   .operations = {"Write"},
                   .why = "transactions of the workers and of the leader"});
  for (const UserTopic& topic : plan.user_topics) {
    AccessNeed need{.resource = ResourceKind::kTopic,
                    .name = topic.name,
                    .operations = {},
                    .why = fmt::format("stream {}", topic.alias)};
    if (topic.read) need.operations.emplace_back("Read");
    if (topic.written) need.operations.emplace_back("Write");
    need.operations.emplace_back("DescribeConfigs");
    needs.push_back(std::move(need));
  }
  for (const InternalTopic& topic : plan.internal_topics) needs.push_back(NeedOf(topic));
  return needs;
}

std::string AclOptions(const AccessNeed& need) {
  std::string text;
  for (const std::string& operation : need.operations) text += " --operation " + operation;
  text += fmt::format(" --{} {}", ResourceKindName(need.resource), need.name);
  if (need.prefixed) text += " --resource-pattern-type prefixed";
  return text.substr(1);
}

}  // namespace sidestream::topology::explain
