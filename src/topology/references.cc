// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Checks of names and references.

#include "topology/references.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>

#include "expression/text.h"

namespace sidestream::topology {
namespace {

// Endings of the names of internal topics where a step has several.
constexpr std::string_view kReservedEndings[] = {"-changelog", "-repartition",  "-left",
                                                 "-right",     "-subscription", "-response",
                                                 "-unmatched", "-timers",       "-held"};
// What can be read of a step or table under `<name>.<word>`.
constexpr std::string_view kReservedBranches[] = {"changes", "late", "duplicates"};

template <typename Visit>
void ForEachStep(const std::vector<StepModel>& steps, Visit& visit) {
  for (const StepModel& step : steps) {
    visit(step);
    if (const auto* branch = std::get_if<BranchModel>(&step.operation)) {
      for (const BranchModel::Entry& entry : branch->entries) ForEachStep(entry.steps, visit);
    }
  }
}

/// Streams that a pipeline writes, through its branches too.
std::vector<const Named*> Targets(const PipelineModel& pipeline) {
  std::vector<const Named*> targets;
  if (pipeline.to) targets.push_back(&*pipeline.to);
  for (const BranchModel::Entry* entry : BranchesOf(pipeline.steps)) {
    if (entry->to) targets.push_back(&*entry->to);
  }
  return targets;
}

/// Whether what `step` puts aside can be read as "<its name>.<side>".
std::vector<std::string_view> SideNames(const StepModel& step) {
  const auto* aggregate = std::get_if<AggregateModel>(&step.operation);
  if (aggregate != nullptr && aggregate->window && HasBounds(*aggregate->window)) return {kLate};
  std::vector<std::string_view> names;
  if (std::holds_alternative<DedupModel>(step.operation)) names.push_back("duplicates");
  if (const auto* process = std::get_if<ProcessModel>(&step.operation)) {
    for (const Named& output : process->outputs) names.push_back(output.text);
  }
  return names;
}

/// "<step>.<side>" of all steps.
std::vector<std::string> SidesOf(const std::vector<StepModel>& steps) {
  std::vector<std::string> sides;
  auto collect = [&](const StepModel& step) {
    if (!step.name) return;
    for (const std::string_view side : SideNames(step)) {
      sides.push_back(fmt::format("{}.{}", step.name->text, side));
    }
  };
  ForEachStep(steps, collect);
  return sides;
}

class ReferenceChecker {
 public:
  ReferenceChecker(const Model& model, bool names_lost, const SourceFiles& files,
                   Findings& findings)
      : model_(model), names_lost_(names_lost), files_(files), findings_(findings) {}

  void Check() {
    CheckNames();
    CheckStepNames();
    CheckTopics();
    for (const PipelineModel& pipeline : model_.pipelines) {
      std::set<std::string> read;
      for (const Named& from : pipeline.from) {
        CheckFrom(from);
        if (read.insert(from.text).second) continue;
        findings_.Error("SS3001", from.position, fmt::format("{} is listed twice", from.text));
      }
      for (const Named* to : Targets(pipeline)) CheckTo(*to);
    }
    CheckCycles();
    CheckUse();
  }

 private:
  void CheckNames() {
    std::map<std::string, Position> seen;
    const auto check = [&](const Named& name) {
      const auto [first, is_new] = seen.emplace(name.text, name.position);
      if (is_new) return;
      findings_.Error("SS3001", name.position,
                      fmt::format("{} is already the name of a stream or pipeline ({})", name.text,
                                  files_.Location(first->second)),
                      "streams and pipelines share one name space");
    };
    for (const StreamModel& stream : model_.streams) check(stream.name);
    for (const PipelineModel& pipeline : model_.pipelines) check(pipeline.name);
  }

  void CheckStepNames() {
    std::map<std::string, Position> seen;
    auto check = [&](const StepModel& step) {
      if (!step.name) return;
      const Named& name = *step.name;
      const auto [first, is_new] = seen.emplace(name.text, name.position);
      if (!is_new) {
        findings_.Error("SS3001", name.position,
                        fmt::format("{} is already the name of a step ({})", name.text,
                                    files_.Location(first->second)),
                        "names of steps are unique in the application");
      }
      for (const std::string_view ending : kReservedEndings) {
        if (!name.text.ends_with(ending)) continue;
        findings_.Error("SS3004", name.position,
                        fmt::format("the name of a step may not end in {}", ending),
                        "internal topics are named so; use _ in place of -");
      }
    };
    for (const PipelineModel& pipeline : model_.pipelines) {
      ForEachStep(pipeline.steps, check);
      auto check_outputs = [&](const StepModel& step) { CheckOutputNames(step); };
      ForEachStep(pipeline.steps, check_outputs);
      CheckBranchNames(pipeline);
    }
  }

  void CheckOutputNames(const StepModel& step) {
    const auto* process = std::get_if<ProcessModel>(&step.operation);
    if (process == nullptr) return;
    std::set<std::string> seen;
    for (const Named& name : process->outputs) {
      if (!seen.insert(name.text).second) {
        findings_.Error("SS3001", name.position,
                        fmt::format("{} is listed twice in outputs", name.text));
      }
      if (std::find(std::begin(kReservedBranches), std::end(kReservedBranches), name.text) !=
          std::end(kReservedBranches)) {
        findings_.Error("SS3004", name.position,
                        fmt::format("{} is reserved and no name of an output", name.text));
      }
      if (name.text.find('.') == std::string::npos) continue;
      findings_.Error("SS3005", name.position, fmt::format("{} is no name", name.text),
                      "names of outputs have no dots");
    }
  }

  void CheckBranchNames(const PipelineModel& pipeline) {
    std::set<std::string> seen;
    for (const BranchModel::Entry* entry : BranchesOf(pipeline.steps)) {
      const Named& name = entry->name;
      if (!name.text.empty() && !seen.insert(name.text).second) {
        findings_.Error("SS3001", name.position,
                        fmt::format("{} has two branches {}", pipeline.name.text, name.text));
      }
      if (std::find(std::begin(kReservedBranches), std::end(kReservedBranches), name.text) !=
          std::end(kReservedBranches)) {
        findings_.Error("SS3004", name.position,
                        fmt::format("{} is reserved and no name of a branch", name.text));
      }
    }
  }

  void CheckTopics() {
    std::map<std::string, const StreamModel*> seen;
    for (const StreamModel& stream : model_.streams) {
      for (const Named& topic : stream.topics) {
        const auto [first, is_new] = seen.emplace(topic.text, &stream);
        if (is_new) continue;
        findings_.Error("SS3001", topic.position,
                        fmt::format("the topic {} is already declared by {}", topic.text,
                                    first->second->name.text),
                        "one topic is declared once: use that name in both places");
      }
    }
  }

  void Unknown(const Named& reference, std::string_view what,
               const std::vector<std::string>& names) {
    if (names_lost_) return;
    const std::string nearest = expression::NearestName(reference.text, names);
    std::string hint;
    if (!nearest.empty()) {
      hint = fmt::format("did you mean {}?", nearest);
    } else if (!names.empty() && names.size() <= 12) {
      hint = fmt::format("there are {}", fmt::join(names, ", "));
    }
    findings_.Error("SS3002", reference.position,
                    fmt::format("there is no {} {}", what, reference.text), std::move(hint));
  }

  void CheckFrom(const Named& from) {
    const auto [name, branch] = SplitReference(from.text);
    const PipelineModel* pipeline = model_.FindPipeline(name);
    if (pipeline == nullptr && (!branch.empty() || model_.FindStream(name) == nullptr)) {
      std::vector<std::string> names;
      for (const StreamModel& stream : model_.streams) names.push_back(stream.name.text);
      for (const PipelineModel& other : model_.pipelines) {
        names.push_back(other.name.text);
        for (const BranchModel::Entry* entry : BranchesOf(other.steps)) {
          names.push_back(other.name.text + "." + entry->name.text);
        }
        for (const std::string& side : SidesOf(other.steps)) {
          names.push_back(other.name.text + "." + side);
        }
      }
      Unknown(from, "stream or pipeline", names);
      return;
    }
    if (pipeline == nullptr) return;
    std::vector<std::string> branches;
    for (const BranchModel::Entry* entry : BranchesOf(pipeline->steps)) {
      if (entry->name.text == branch) {
        CheckReadable(from, entry->steps);
        return;
      }
      branches.push_back(pipeline->name.text + "." + entry->name.text);
    }
    for (const std::string& side : SidesOf(pipeline->steps)) {
      if (side == branch) return;
      branches.push_back(pipeline->name.text + "." + side);
    }
    if (!branch.empty()) {
      Unknown(from, branch.find('.') == std::string_view::npos ? "branch" : "side output",
              branches);
    } else {
      CheckReadable(from, pipeline->steps);
    }
  }

  /// Nothing comes out behind a branch; its branches can be read.
  void CheckReadable(const Named& from, const std::vector<StepModel>& steps) {
    if (steps.empty() || !std::holds_alternative<BranchModel>(steps.back().operation)) return;
    const auto [name, _] = SplitReference(from.text);
    std::vector<std::string> names;
    for (const auto& entry : std::get<BranchModel>(steps.back().operation).entries) {
      names.push_back(fmt::format("{}.{}", name, entry.name.text));
    }
    findings_.Error("SS3002", from.position, fmt::format("{} ends in a branch", from.text),
                    fmt::format("read its branches: {}", fmt::join(names, ", ")));
  }

  void CheckTo(const Named& to) {
    const StreamModel* stream = model_.FindStream(to.text);
    if (stream == nullptr) {
      std::vector<std::string> names;
      for (const StreamModel& other : model_.streams) names.push_back(other.name.text);
      Unknown(to, "stream", names);
    } else if (stream->topic_list) {
      findings_.Error("SS3002", to.position,
                      fmt::format("{} has several topics and can only be read", to.text));
    }
  }

  /// Edges between pipelines; a cycle is reported once, where it closes.
  void CheckCycles() {
    std::map<const PipelineModel*, int> state;  // 1: on the way, 2: done
    std::vector<std::string> path;
    const std::function<void(const PipelineModel&)> visit = [&](const PipelineModel& pipeline) {
      state[&pipeline] = 1;
      path.push_back(pipeline.name.text);
      for (const Named& from : pipeline.from) {
        const PipelineModel* next = model_.FindPipeline(SplitReference(from.text).first);
        if (next == nullptr || state[next] == 2) continue;
        if (state[next] == 0) {
          visit(*next);
          continue;
        }
        const auto start = std::find(path.begin(), path.end(), next->name.text);
        findings_.Error("SS3003", from.position,
                        fmt::format("a cycle: {} reads {}", fmt::join(start, path.end(), " reads "),
                                    next->name.text));
      }
      path.pop_back();
      state[&pipeline] = 2;
    };
    for (const PipelineModel& pipeline : model_.pipelines) {
      if (state[&pipeline] == 0) visit(pipeline);
    }
  }

  /// Streams that `pipeline` reads, directly or through other pipelines.
  void CollectSources(const PipelineModel& pipeline, std::set<const PipelineModel*>& visited,
                      std::set<std::string>& streams) const {
    if (!visited.insert(&pipeline).second) return;
    for (const Named& from : pipeline.from) {
      const std::string_view name = SplitReference(from.text).first;
      if (const PipelineModel* next = model_.FindPipeline(name)) {
        CollectSources(*next, visited, streams);
      } else {
        streams.emplace(name);
      }
    }
  }

  void CheckUse() {
    std::set<std::string, std::less<>> used;
    for (const PipelineModel& pipeline : model_.pipelines) {
      std::set<const PipelineModel*> visited;
      std::set<std::string> sources;
      CollectSources(pipeline, visited, sources);
      used.insert(sources.begin(), sources.end());
      for (const Named* to : Targets(pipeline)) {
        used.insert(to->text);
        if (!sources.contains(to->text)) continue;
        findings_.Warning("SS3007", to->position,
                          fmt::format("{} writes to {}, which it reads: records may go round for "
                                      "ever",
                                      pipeline.name.text, to->text));
      }
    }
    // A misspelt name leaves the one that it meant without a use: that is no news beside it.
    if (names_lost_ || findings_.has_errors()) return;
    CheckPipelinesUsed();
    for (const StreamModel& stream : model_.streams) {
      if (used.contains(stream.name.text)) continue;
      findings_.Warning("SS3006", stream.name.position,
                        fmt::format("nobody reads or writes {}", stream.name.text));
    }
  }

  /// State can be looked at, and a log line is seen, without a reader.
  static bool LeavesTraces(const std::vector<StepModel>& steps) {
    bool leaves = false;
    auto look = [&](const StepModel& step) {
      leaves = leaves || step.verb == "aggregate" || step.verb == "peek";
    };
    ForEachStep(steps, look);
    return leaves;
  }

  void CheckPipelinesUsed() {
    std::set<std::string_view> read;
    for (const PipelineModel& pipeline : model_.pipelines) {
      for (const Named& from : pipeline.from) read.insert(SplitReference(from.text).first);
    }
    for (const PipelineModel& pipeline : model_.pipelines) {
      const std::string& name = pipeline.name.text;
      if (read.contains(name) || !Targets(pipeline).empty() || LeavesTraces(pipeline.steps)) {
        continue;
      }
      // A hop at its end has an error of its own.
      if (!pipeline.steps.empty() && pipeline.steps.back().verb == "repartition") continue;
      findings_.Warning("SS3010", pipeline.name.position,
                        fmt::format("nobody reads {}, and it writes nothing", name),
                        "add to:, or read it from another pipeline");
    }
  }

  const Model& model_;
  bool names_lost_;
  const SourceFiles& files_;
  Findings& findings_;
};

}  // namespace

std::pair<std::string_view, std::string_view> SplitReference(std::string_view reference) {
  const size_t dot = reference.find('.');
  if (dot == std::string_view::npos) return {reference, {}};
  return {reference.substr(0, dot), reference.substr(dot + 1)};
}

std::vector<const BranchModel::Entry*> BranchesOf(const std::vector<StepModel>& steps) {
  std::vector<const BranchModel::Entry*> branches;
  auto collect = [&](const StepModel& step) {
    if (const auto* branch = std::get_if<BranchModel>(&step.operation)) {
      for (const BranchModel::Entry& entry : branch->entries) branches.push_back(&entry);
    }
  };
  ForEachStep(steps, collect);
  return branches;
}

std::vector<size_t> PipelineOrder(const Model& model) {
  std::vector<size_t> order;
  std::vector<bool> visited(model.pipelines.size());
  const std::function<void(size_t)> visit = [&](size_t index) {
    if (visited[index]) return;
    visited[index] = true;
    for (const Named& from : model.pipelines[index].from) {
      const PipelineModel* next = model.FindPipeline(SplitReference(from.text).first);
      if (next != nullptr) visit(static_cast<size_t>(next - model.pipelines.data()));
    }
    order.push_back(index);
  };
  for (size_t i = 0; i < model.pipelines.size(); ++i) visit(i);
  return order;
}

void CheckReferences(const Model& model, bool names_lost, const SourceFiles& files,
                     Findings& findings) {
  ReferenceChecker(model, names_lost, files, findings).Check();
}

}  // namespace sidestream::topology
