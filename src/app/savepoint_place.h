// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The place where an application's snapshots lie, as commands find it, and what people read there.
//
// Threading: confined to the command's thread.

#pragma once

#include <memory>
#include <string>

#include "app/command.h"
#include "base/status.h"
#include "snapshot/catalog.h"
#include "topology/loader.h"

namespace sidestream::app {

/// A snapshot by its full name.
struct SnapshotName {
  std::string application;
  std::string name;
  std::string text() const { return application + "/" + name; }
};

class SavepointPlace {
 public:
  /// At --location, else at the topology's checkpoint.location. `context` is borrowed.
  /// kInvalidConfig: neither is there, or it is wrong.
  static Result<std::unique_ptr<SavepointPlace>> Open(const topology::Model& model,
                                                      const Arguments& arguments,
                                                      CommandContext& context);

  /// "name" or "application/name". A name alone is that of this application, or of the only
  /// application that has it. kInvalidConfig: there is none, or there are several.
  Result<SnapshotName> Find(const std::string& text);
  /// Of this application, or of all at the place, by application and name.
  Result<std::vector<SnapshotName>> List(bool all);
  snapshot::Catalog CatalogOf(const std::string& application);

  const std::string& location() const { return text_; }

 private:
  SavepointPlace(std::string application, std::string text,
                 snapshot::LocationSurroundings surroundings)
      : application_(std::move(application)),
        text_(std::move(text)),
        surroundings_(std::move(surroundings)) {}

  const std::string application_;
  const std::string text_;
  const snapshot::LocationSurroundings surroundings_;
  std::unique_ptr<snapshot::Location> location_;
};

/// Files of state and records in flight together.
int64_t BytesOf(const snapshot::Manifest& manifest);
/// "2026-01-31T10:00:00Z"
std::string TimeText(Timestamp time);
/// "3.4 MiB"
std::string BytesText(int64_t bytes);
/// "savepoint" or "checkpoint".
std::string_view KindText(snapshot::SnapshotKind kind);

}  // namespace sidestream::app
