// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Location: the port to a place where snapshots lie, outside of Kafka and of the machine: a
// directory (a network volume) or S3-compatible storage. A flat space of objects by name; a name
// is parts of letters, digits and "._-~=" with slashes between them.
//
// Invariants
//  L1. An object is there whole or not at all, whatever crashes; List() never shows a part of one.
//  L2. What Put() or Delete() has answered, every later List() and Get() of any process sees.
//  L3. Nothing is tried without a bound. Credentials are in no message and no log line.
//  L4. A server that does not answer holds the end of the process up for seconds at most
//      (LocationSurroundings::ending).
//
// Errors: kUnavailable: tried often enough for now, the same call may succeed later. kInvalidConfig:
// address, rights or credentials are wrong. kStopped: there is no such object, or it is not what
// was put there. kFatal: the local disk.
//
// Threading: confined to one thread at a time; calls block. Open one for each thread.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"

namespace sidestream::snapshot {

struct StoredObject {
  std::string name;
  int64_t bytes = 0;
  friend bool operator==(const StoredObject&, const StoredObject&) = default;
};

class Location {
 public:
  /// Asked now and then, over a network also while no byte comes, with how many are there; false:
  /// give the call up, which is then kUnavailable.
  using GoOn = std::function<bool(int64_t bytes)>;

  virtual ~Location() = default;

  /// Replaces an object of the same name.
  virtual Status Put(const std::string& name, std::string_view bytes) = 0;
  virtual Status PutFile(const std::string& name, const std::filesystem::path& file) = 0;
  /// kStopped, too, when the object is longer than `bytes_max`.
  virtual Result<std::string> Get(const std::string& name, size_t bytes_max) = 0;
  /// Replaces `file`; after an error it holds anything. `go_on` may be empty.
  virtual Status GetFile(const std::string& name, const std::filesystem::path& file,
                         const GoOn& go_on) = 0;
  /// The objects whose names begin with `prefix`, by name.
  virtual Result<std::vector<StoredObject>> List(const std::string& prefix) = 0;
  /// Absent is success.
  virtual Status Delete(const std::string& name) = 0;
};

/// What opening a location may ask of its process.
struct LocationSurroundings {
  /// An environment variable; empty: not set.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  /// Whole text of a file; empty: cannot be read.
  std::function<std::optional<std::string>(const std::string& path)> read_file;
  /// Borrowed.
  const Clock* clock = nullptr;
  /// Waits between two tries.
  std::function<void(Milliseconds)> pause;
  /// Whether the process ends: a call that is under way is given up then, with kUnavailable. Those
  /// behind it, which take back what it left, have a moment. Thread-safe; may be empty.
  std::function<bool()> ending;
};
/// Those of the operating system. `clock` is borrowed.
LocationSurroundings SystemSurroundings(const Clock& clock);

/// `text`: a path, or "s3://bucket/prefix?endpoint=…&region=…&path_style=true"
/// (docs/operations/savepoints.md). Talks to nobody yet. kInvalidConfig: it is neither.
Result<std::unique_ptr<Location>> OpenLocation(const std::string& text,
                                               const LocationSurroundings& surroundings);

/// Whether `name` may be that of an object.
bool IsObjectName(std::string_view name);

}  // namespace sidestream::snapshot
