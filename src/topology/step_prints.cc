// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/step_prints.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

#include "base/fnv.h"
#include "expression/program.h"

namespace sidestream::topology {
namespace {

const std::set<std::string_view> kNoVerbs = {"name", "on_error"};

/// One spelling. Entries named in `without` are left out at the top.
void AppendText(const YamlNode& node, const std::set<std::string_view>& without,
                std::string& out) {
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      out += "~;";
      return;
    case YamlNode::Kind::kScalar:
      out += expression::CanonicalText(node.text) + ";";
      return;
    case YamlNode::Kind::kList:
      out += "[";
      for (const YamlNode& item : node.items) AppendText(item, {}, out);
      out += "]";
      return;
    case YamlNode::Kind::kMap:
      out += "{";
      for (const YamlEntry& entry : node.entries) {
        if (without.contains(entry.key)) continue;
        out += entry.key + ":";
        AppendText(entry.value, {}, out);
      }
      out += "}";
      return;
  }
}

StepPrint Print(std::string name, const YamlNode& node,
                const std::set<std::string_view>& without) {
  std::string text;
  AppendText(node, without, text);
  return {std::move(name), Fnv1a(text)};
}

std::string StepName(const std::string& pipeline, const YamlNode& step, size_t index) {
  if (const YamlNode* name = step.Find("name")) return pipeline + "." + name->text;
  for (const YamlEntry& entry : step.entries) {
    if (!kNoVerbs.contains(entry.key)) return fmt::format("{}.{}_{}", pipeline, entry.key, index);
  }
  return fmt::format("{}.{}", pipeline, index);
}

void AddSteps(const std::string& pipeline, const YamlNode& owner,
              std::vector<StepPrint>& prints) {
  const YamlNode* const steps = owner.Find("steps");
  if (steps == nullptr) return;
  for (size_t i = 0; i < steps->items.size(); ++i) {
    const YamlNode& step = steps->items[i];
    prints.push_back(Print(StepName(pipeline, step, i + 1), step, {}));
    const YamlNode* const branches = step.Find("branch");
    if (branches == nullptr) continue;
    for (const YamlNode& branch : branches->items) {
      const YamlNode* const name = branch.Find("name");
      if (name != nullptr) AddSteps(pipeline + "." + name->text, branch, prints);
    }
  }
}

}  // namespace

std::vector<StepPrint> StepPrints(const YamlNode& root) {
  std::vector<StepPrint> prints;
  if (const YamlNode* streams = root.Find("streams")) {
    for (const YamlEntry& stream : streams->entries) {
      prints.push_back(Print("stream " + stream.key, stream.value, {}));
    }
  }
  if (const YamlNode* pipelines = root.Find("pipelines")) {
    for (const YamlEntry& pipeline : pipelines->entries) {
      prints.push_back(Print("pipeline " + pipeline.key, pipeline.value, {"steps"}));
      AddSteps(pipeline.key, pipeline.value, prints);
    }
  }
  return prints;
}

}  // namespace sidestream::topology
