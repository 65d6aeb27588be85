// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// savepoint list: what lies at the place of an application's snapshots.

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/savepoint_place.h"

namespace sidestream::app {
namespace {

struct Row {
  std::string name;
  snapshot::Manifest manifest;
};

void PrintText(const std::vector<Row>& rows, std::ostream& out) {
  size_t width = 4;
  for (const Row& row : rows) width = std::max(width, row.name.size());
  out << fmt::format("{:<{}}  {:<10}  {:<7}  {:<20}  {:>5}  {:>10}\n", "NAME", width, "KIND",
                     "DRAINED", "TAKEN", "TASKS", "SIZE");
  for (const Row& row : rows) {
    out << fmt::format("{:<{}}  {:<10}  {:<7}  {:<20}  {:>5}  {:>10}\n", row.name, width,
                       KindText(row.manifest.kind), row.manifest.drained ? "yes" : "no",
                       TimeText(row.manifest.created_at), row.manifest.tasks.size(),
                       BytesText(BytesOf(row.manifest)));
  }
}

void PrintJson(const std::vector<Row>& rows, std::ostream& out) {
  for (const Row& row : rows) {
    nlohmann::ordered_json line;
    line["name"] = row.manifest.name;
    line["application"] = row.manifest.application;
    line["kind"] = KindText(row.manifest.kind);
    line["drained"] = row.manifest.drained;
    line["taken_at"] = TimeText(row.manifest.created_at);
    line["tasks"] = row.manifest.tasks.size();
    line["bytes"] = BytesOf(row.manifest);
    out << line.dump() << "\n";
  }
}

}  // namespace

int SavepointList(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const auto place = SavepointPlace::Open(loaded.model, arguments, context);
  if (!place.ok()) return Failed(place.status(), context);
  const auto names = (*place)->List(arguments.savepoint.all);
  if (!names.ok()) return Failed(names.status(), context);
  std::vector<Row> rows;
  bool damaged = false;
  for (const SnapshotName& name : *names) {
    auto manifest = (*place)->CatalogOf(name.application).Read(name.name);
    if (!manifest.ok()) {
      damaged = true;
      context.err << fmt::format("sidestream: {}: {}\n", name.text(), manifest.status().message());
      continue;
    }
    rows.push_back({arguments.savepoint.all ? name.text() : name.name, std::move(*manifest)});
  }
  if (arguments.format == "json") {
    PrintJson(rows, context.out);
  } else if (rows.empty() && !damaged) {
    context.err << fmt::format("there is no savepoint of {} at {}\n", loaded.model.application.id,
                               (*place)->location());
  } else {
    PrintText(rows, context.out);
  }
  return damaged ? kExitFailed : kExitOk;
}

}  // namespace sidestream::app
