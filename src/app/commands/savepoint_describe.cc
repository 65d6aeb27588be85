// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// savepoint describe: what one snapshot holds, and whether all of it is there.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/savepoint_place.h"

namespace sidestream::app {
namespace {

int64_t ImageBytes(const snapshot::KeptTask& task) {
  int64_t bytes = 0;
  for (const snapshot::StoredFile& file : task.image) bytes += file.bytes;
  return bytes;
}

void PrintText(const snapshot::Manifest& manifest, std::ostream& out) {
  out << fmt::format("{} {}/{}\n", KindText(manifest.kind), manifest.application, manifest.name);
  out << fmt::format("  taken      {}, checkpoint {}{}\n", TimeText(manifest.created_at),
                     manifest.number, manifest.drained ? ", drained" : "");
  out << fmt::format("  plan       {:016x}\n", manifest.plan_hash);
  out << fmt::format("  size       {} in {} files\n", BytesText(BytesOf(manifest)),
                     snapshot::FilesOf(manifest).size());
  out << "topics\n";
  for (const snapshot::KeptTopic& topic : manifest.topics) {
    out << fmt::format("  {}, {} partitions{}\n", topic.topic, topic.partitions,
                       topic.repartition ? ", of ours" : "");
  }
  out << (manifest.stores.empty() ? "no stores\n" : "stores\n");
  for (const snapshot::KeptStore& store : manifest.stores) {
    out << fmt::format("  {}, fingerprint {:016x}\n", store.name, store.fingerprint);
  }
  out << "tasks\n";
  for (const snapshot::KeptTask& task : manifest.tasks) {
    out << fmt::format("  {}  commit {}, state {}\n", ToString(task.id), task.sequence.value(),
                       BytesText(ImageBytes(task)));
    for (const snapshot::KeptInput& input : task.inputs) {
      out << fmt::format("    {} at {}", ToString(input.partition), input.position.value());
      if (input.repartition) out << fmt::format(", {} records in flight", input.in_flight_records);
      out << "\n";
    }
  }
}

void PrintJson(const snapshot::Manifest& manifest, const std::vector<std::string>& missing,
               std::ostream& out) {
  nlohmann::ordered_json root;
  root["name"] = manifest.name;
  root["application"] = manifest.application;
  root["kind"] = KindText(manifest.kind);
  root["drained"] = manifest.drained;
  root["checkpoint"] = manifest.number;
  root["taken_at"] = TimeText(manifest.created_at);
  root["plan_hash"] = fmt::format("{:016x}", manifest.plan_hash);
  root["bytes"] = BytesOf(manifest);
  root["missing_files"] = missing;
  root["topics"] = nlohmann::ordered_json::array();
  for (const snapshot::KeptTopic& topic : manifest.topics) {
    root["topics"].push_back({{"name", topic.topic},
                              {"partitions", topic.partitions},
                              {"repartition", topic.repartition}});
  }
  root["stores"] = nlohmann::ordered_json::array();
  for (const snapshot::KeptStore& store : manifest.stores) {
    root["stores"].push_back(
        {{"name", store.name}, {"fingerprint", fmt::format("{:016x}", store.fingerprint)}});
  }
  root["tasks"] = nlohmann::ordered_json::array();
  for (const snapshot::KeptTask& task : manifest.tasks) {
    nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
    for (const snapshot::KeptInput& input : task.inputs) {
      inputs.push_back({{"topic", input.partition.topic},
                        {"partition", input.partition.partition},
                        {"position", input.position.value()},
                        {"in_flight_records", input.in_flight_records}});
    }
    root["tasks"].push_back({{"task", ToString(task.id)},
                             {"commit", task.sequence.value()},
                             {"state_bytes", ImageBytes(task)},
                             {"inputs", std::move(inputs)}});
  }
  out << root.dump(2) << "\n";
}

}  // namespace

int SavepointDescribe(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const auto place = SavepointPlace::Open(loaded.model, arguments, context);
  if (!place.ok()) return Failed(place.status(), context);
  const auto name = (*place)->Find(arguments.savepoint.name);
  if (!name.ok()) return Failed(name.status(), context);
  snapshot::Catalog catalog = (*place)->CatalogOf(name->application);
  const auto manifest = catalog.Read(name->name);
  if (!manifest.ok()) return Failed(manifest.status(), context);
  const auto missing = catalog.MissingFiles(*manifest);
  if (!missing.ok()) return Failed(missing.status(), context);
  if (arguments.format == "json") {
    PrintJson(*manifest, *missing, context.out);
  } else {
    PrintText(*manifest, context.out);
  }
  for (const std::string& file : *missing) {
    context.err << fmt::format("sidestream: the snapshot is damaged, a file is missing: {}\n", file);
  }
  return missing->empty() ? kExitOk : kExitFailed;
}

}  // namespace sidestream::app
