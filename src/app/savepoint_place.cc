// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/savepoint_place.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace sidestream::app {
namespace {

std::vector<std::string> Sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

SnapshotName Split(const std::string& text) {
  const size_t slash = text.find('/');
  return {.application = text.substr(0, slash), .name = text.substr(slash + 1)};
}

}  // namespace

Result<std::unique_ptr<SavepointPlace>> SavepointPlace::Open(const topology::Model& model,
                                                             const Arguments& arguments,
                                                             CommandContext& context) {
  const std::string& text = arguments.savepoint.location.empty() ? model.checkpoint.location
                                                                  : arguments.savepoint.location;
  if (text.empty()) {
    return Status::InvalidConfig(
        "where are the savepoints? Set checkpoint.location in the topology, or give --location");
  }
  snapshot::LocationSurroundings surroundings =
      snapshot::SystemSurroundings(context.waiting.clock());
  const topology::Surroundings& outside = context.surroundings;
  surroundings.environment = [&outside](const std::string& name) { return outside.Variable(name); };
  Waiting& waiting = context.waiting;
  surroundings.pause = [&waiting](Milliseconds time) { waiting.Pass(time); };
  surroundings.ending = [&waiting] { return waiting.stopping(); };
  std::unique_ptr<SavepointPlace> place(
      new SavepointPlace(model.application.id, text, std::move(surroundings)));
  ASSIGN_OR_RETURN(place->location_, snapshot::OpenLocation(text, place->surroundings_));
  return place;
}

snapshot::Catalog SavepointPlace::CatalogOf(const std::string& application) {
  return {*location_, application, *surroundings_.clock, surroundings_.pause, surroundings_.ending};
}

Result<std::vector<SnapshotName>> SavepointPlace::List(bool all) {
  ASSIGN_OR_RETURN(std::vector<std::string> texts, snapshot::AllSnapshots(*location_));
  std::vector<SnapshotName> names;
  for (const std::string& text : Sorted(std::move(texts))) {
    SnapshotName name = Split(text);
    if (all || name.application == application_) names.push_back(std::move(name));
  }
  return names;
}

Result<SnapshotName> SavepointPlace::Find(const std::string& text) {
  ASSIGN_OR_RETURN(const std::vector<SnapshotName> all, List(/*all=*/true));
  std::vector<SnapshotName> found;
  for (const SnapshotName& name : all) {
    if (name.text() == text) return name;
    if (name.name == text && name.application == application_) return name;
    if (name.name == text) found.push_back(name);
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    return Status::InvalidConfig(fmt::format(
        "there is no savepoint {} at {}; `sidestream savepoint list --all` shows what is there",
        text, text_));
  }
  return Status::InvalidConfig(fmt::format("several applications have a savepoint {}: say {} or {}",
                                           text, found[0].text(), found[1].text()));
}

int64_t BytesOf(const snapshot::Manifest& manifest) {
  int64_t bytes = 0;
  for (const snapshot::StoredFile& file : snapshot::FilesOf(manifest)) bytes += file.bytes;
  return bytes;
}

std::string TimeText(Timestamp time) {
  const std::time_t seconds = static_cast<std::time_t>(time.value() / 1000);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text.data();
}

std::string BytesText(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  while (amount >= 1024 && unit + 1 < kUnits.size()) {
    amount /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string_view KindText(snapshot::SnapshotKind kind) {
  return kind == snapshot::SnapshotKind::kSavepoint ? "savepoint" : "checkpoint";
}

}  // namespace sidestream::app
