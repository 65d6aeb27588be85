// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/connected_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/load.h"
#include "app/rights_check.h"
#include "app/settings.h"
#include "app/startup_check.h"

namespace sidestream::app {
namespace {

using topology::Findings;
using topology::Position;

/// Where the file declares `topic`.
Position PlaceOf(const topology::Model& model, const std::string& topic) {
  for (const topology::StreamModel& stream : model.streams) {
    for (const topology::Named& name : stream.topics) {
      if (name.text == topic) return name.position;
    }
  }
  return {};
}

void Unanswered(const Status& status, ConnectedCheck& check, Findings& findings) {
  check.unreachable = status.code() == StatusCode::kUnavailable;
  findings.Error("SS5006", Position{}, status.message(),
                 check.unreachable
                     ? "check kafka.bootstrap.servers, the network, and --connect-timeout"
                     : "check the credentials and rights of the user");
}

/// A group that we may not describe is one that we may not join.
void CheckGroup(const std::string& group, kafka::Admin& admin, Waiting& waiting,
                const Patience& patience, Findings& findings) {
  const auto described = Await<kafka::GroupDescription>(
      admin.DescribeGroup(group), waiting, std::min(patience.total, patience.per_request));
  if (described.ok() || described.status().code() == StatusCode::kUnavailable) return;
  findings.Error("SS5007", Position{},
                 fmt::format("the user may not describe the consumer group {}: {}", group,
                             described.status().message()),
                 fmt::format("grant READ and DESCRIBE on the group {}", group));
}

void Report(const topology::LoadedTopology& loaded, const StartReport& report, Findings& findings) {
  for (const StartProblem& problem : report.missing) {
    findings.Error("SS5001", PlaceOf(loaded.model, problem.topic), problem.what, problem.mend);
  }
  for (const StartProblem& problem : report.problems) {
    findings.Error("SS5005", Position{}, problem.what, problem.mend);
  }
  for (const std::string& warning : report.warnings) {
    findings.Warning("SS5008", Position{}, warning);
  }
}

}  // namespace

ConnectedCheck CheckConnected(const topology::LoadedTopology& loaded, kafka::Cluster& cluster,
                              Waiting& waiting, Milliseconds timeout,
                              const std::string& file_words) {
  ConnectedCheck check;
  Findings findings(loaded.files);
  const Patience patience{.total = timeout};
  const std::string& application = loaded.model.application.id;
  const auto admin = cluster.NewAdmin(application + "-validate");
  if (!admin.ok()) {
    Unanswered(admin.status(), check, findings);
    check.findings = findings.Take();
    return check;
  }
  const CommandHints hints{.files = file_words, .bootstrap = BootstrapServers(loaded.model.kafka)};
  const TopicPlaces places = [&](const std::string& topic) { return PlaceOf(loaded.model, topic); };
  const Milliseconds limit = std::min(timeout, patience.per_request);
  auto* reader = dynamic_cast<kafka::RightsReader*>(admin->get());
  // Whose rights are looked at.
  std::shared_ptr<const topology::Plan> plan;
  auto report = CheckStart(loaded, **admin, waiting, patience, hints);
  if (report.ok()) {
    check.plan = plan = report->plan;
    check.findings = std::move(report->findings);
    Report(loaded, *report, findings);
  } else {
    if (report.status().code() == StatusCode::kInvalidConfig) plan = PlanOf(loaded).plan;
    if (plan == nullptr || reader == nullptr ||
        !CheckVisible(*plan, **admin, *reader, waiting, limit, places, findings)) {
      plan = nullptr;
      Unanswered(report.status(), check, findings);
    }
  }
  if (report.ok() || plan != nullptr) {
    CheckGroup(application, **admin, waiting, patience, findings);
  }
  if (plan != nullptr && reader != nullptr) {
    CheckRights(*plan, *reader, waiting, limit, places, findings);
    if (report.ok()) {
      CheckCreation(report->missing_internal, *reader, waiting, limit, findings);
    }
    CheckTransactionalIds(*plan, cluster, waiting, limit, findings);
  }
  std::vector<topology::Finding> more = findings.Take();
  check.findings.insert(check.findings.end(), std::make_move_iterator(more.begin()),
                        std::make_move_iterator(more.end()));
  if (topology::HasErrors(check.findings)) check.plan = nullptr;
  return check;
}

}  // namespace sidestream::app
