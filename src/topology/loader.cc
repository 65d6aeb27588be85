// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Loading: read, parse, merge, check, model, references.

#include "topology/loader.h"

#include <utility>

#include "topology/field_checker.h"
#include "topology/model_reader.h"
#include "topology/references.h"
#include "topology/yaml_node.h"

namespace sidestream::topology {
namespace {

void ReadTexts(std::vector<NamedText> texts, const Surroundings& surroundings,
               LoadedTopology& loaded, Findings& findings) {
  std::vector<YamlNode> roots;
  for (NamedText& text : texts) {
    const int32_t file = loaded.files.Add(std::move(text.name), std::move(text.text));
    roots.push_back(ParseYaml(loaded.files, file, findings));
  }
  // What a half-read file lacks is not missing: one error of the parser must not bring ten more.
  if (findings.has_errors()) return;
  loaded.root = MergeFiles(std::move(roots), loaded.files, findings);
  YamlNode& root = loaded.root;
  const bool all_known = CheckFields(root, surroundings, loaded.files, findings);
  const YamlNode* streams = root.Find("streams");
  const YamlNode* pipelines = root.Find("pipelines");
  const bool names_lost = !all_known || (streams != nullptr && streams->damaged) ||
                          (pipelines != nullptr && pipelines->damaged) || root.damaged;
  loaded.model = ReadModel(root, names_lost, findings);
  CheckReferences(loaded.model, names_lost, loaded.files, findings);
}

}  // namespace

LoadedTopology LoadTopology(std::span<const std::string> paths, const Surroundings& surroundings) {
  LoadedTopology loaded;
  Findings findings(loaded.files);
  std::vector<NamedText> texts;
  for (const std::string& path : paths) {
    Result<std::string> text = surroundings.ReadFile(path);
    if (text.ok()) {
      texts.push_back({path == "-" ? "<stdin>" : path, std::move(*text)});
    } else {
      findings.Error("SS1011", Position{}, text.status().message());
    }
  }
  if (!findings.has_errors()) ReadTexts(std::move(texts), surroundings, loaded, findings);
  loaded.findings = findings.Take();
  return loaded;
}

LoadedTopology LoadTopologyTexts(std::vector<NamedText> texts, const Surroundings& surroundings) {
  LoadedTopology loaded;
  Findings findings(loaded.files);
  ReadTexts(std::move(texts), surroundings, loaded, findings);
  loaded.findings = findings.Take();
  return loaded;
}

}  // namespace sidestream::topology
