// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/explain/expressions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>

#include "base/overloaded.h"
#include "expression/type.h"

namespace sidestream::topology::explain {
namespace {

class Lister {
 public:
  explicit Lister(const Plan& plan) {
    for (const ProgramSource& source : plan.sources) sources_[source.program.get()] = &source;
    for (const SubTopology& sub : plan.sub_topologies) {
      // The inputs of a topic list share their expression.
      std::set<const expression::Program*> seen;
      for (const Input& input : sub.inputs) {
        node_ = input.alias;
        const auto add = [&](const char* role, const ProgramPtr& program) {
          if (seen.insert(program.get()).second) Add(role, program);
        };
        add("timestamp", input.timestamp);
        add("watermark when", input.watermark.when);
        add("watermark", input.watermark.value);
      }
      for (const Node& node : sub.nodes) AddNode(node);
    }
  }

  std::vector<ExplainedExpression> Take() { return std::move(expressions_); }

 private:
  void Add(std::string role, const ProgramPtr& program, const std::string& call = "") {
    if (program == nullptr) return;
    const auto source = sources_.find(program.get());
    const bool known = source != sources_.end();
    expressions_.push_back({.node = node_,
                            .role = std::move(role),
                            .text = known ? source->second->text : call,
                            .type = expression::TypeText(program->type()),
                            .location = known ? source->second->location : location_,
                            .cost = program->cost()});
  }

  void AddFields(const std::vector<FieldExpression>& fields) {
    for (const FieldExpression& field : fields) {
      Add(fmt::format("field {}", fmt::join(field.path, ".")), field.program);
    }
  }

  void AddNode(const Node& node) {
    node_ = node.name;
    location_ = node.location;
    std::visit(Overloaded{
                   [&](const FilterNode& filter) { Add("condition", filter.condition); },
                   [&](const MapNode& map) {
                     Add("value", map.program);
                     AddFields(map.fields);
                   },
                   [&](const SetNode& set) { AddFields(set.fields); },
                   [&](const UnsetNode&) {},
                   [&](const HeadersNode& headers) {
                     for (const auto& [name, program] : headers.set) Add("header " + name, program);
                   },
                   [&](const FlatMapNode& flat_map) { Add("list", flat_map.program); },
                   [&](const RekeyNode& rekey) {
                     Add("key", rekey.program);
                     AddFields(rekey.fields);
                   },
                   [&](const PeekNode& peek) { Add("log", peek.program); },
                   [&](const BranchNode& branch) {
                     for (const BranchNode::Branch& entry : branch.branches) {
                       Add("branch " + entry.name, entry.when);
                     }
                   },
                   [&](const MergeNode&) {},
                   [&](const AggregateNode& aggregate) {
                     for (const AggregateCall& call : aggregate.calls) {
                       for (const ProgramPtr& argument : call.arguments) {
                         Add("argument", argument, call.text);
                       }
                       Add("where", call.condition, call.text);
                       if (call.fold != nullptr) {
                         Add("init", call.fold->init);
                         Add("step", call.fold->step);
                         Add("merge", call.fold->merge);
                       }
                     }
                     Add("value", aggregate.value);
                     AddFields(aggregate.fields);
                   },
                   [&](const DedupNode& dedup) { Add("id", dedup.id); },
                   [&](const ProcessNode&) {},
                   [&](const SinkNode&) {},
                   [&](const RepartitionNode&) {},
               },
               node.operation);
  }

  std::map<const expression::Program*, const ProgramSource*> sources_;
  std::vector<ExplainedExpression> expressions_;
  std::string node_;
  std::string location_;
};

}  // namespace

std::vector<ExplainedExpression> ListExpressions(const Plan& plan) { return Lister(plan).Take(); }

}  // namespace sidestream::topology::explain
