// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Catalog: the snapshots of one application at a location.
//
//   manifests/<application>/<snapshot>      written last: what makes a snapshot one
//   files/<application>/<sha-256>           named by what they hold, shared by snapshots
//   parts/<application>/<number>/<task>     what a task stored, until the manifest holds it
//   deleting/<application>                  while somebody deletes files
//
// Invariants
//  C1. A snapshot that List() shows is whole: every file that its manifest names is there.
//  C2. A file is copied once, however many snapshots name it, and deleted only when none does.
//  C3. Nothing that a crash leaves is shown; CollectOrphans() removes it.
//
// C1 while another process deletes: who publishes writes its manifest, waits until nobody deletes,
// and then looks whether all its files are there; who deletes says so before it reads the
// manifests. So one of them sees the other.
//
// Threading: as Location.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "snapshot/location.h"
#include "snapshot/manifest.h"

namespace sidestream::snapshot {

/// What a writer copied, and what it found there.
struct CopiedBytes {
  int64_t copied = 0;
  int64_t referenced = 0;
  int64_t copied_files = 0;
  int64_t referenced_files = 0;
};

class Catalog {
 public:
  /// Location and clock are borrowed and outlive the catalog. `application`: part of an object's
  /// name. `ending`: LocationSurroundings.
  Catalog(Location& location, std::string application, const Clock& clock,
          std::function<void(Milliseconds)> pause, std::function<bool()> ending = {});

  // ---- to write a snapshot
  /// Looks what is there already, before the first file of each snapshot.
  Status Begin();
  Result<StoredFile> AddFile(const std::filesystem::path& file, const std::string& name);
  Result<StoredFile> AddBytes(std::string_view bytes, const std::string& name);
  /// What the task stored for snapshot `number`; the digest is that of the part.
  Result<Digest> AddPart(int64_t number, const KeptTask& task);
  /// Name of the part, for people.
  std::string PartOf(int64_t number, const TaskId& task) const;
  Result<KeptTask> ReadPart(int64_t number, const TaskId& task, const Digest& digest);
  /// Makes the snapshot one (C1). One of this name that answers the same request, an attempt that
  /// was given up, is replaced; where it is a later one: kStopped. kInvalidConfig: another one of
  /// this name is there already; kUnavailable: a file was deleted meanwhile: store it anew.
  Status Publish(const Manifest& manifest);
  /// Since Begin().
  const CopiedBytes& copied() const { return copied_; }

  // ---- to use one
  Result<std::vector<std::string>> Names();
  Result<Manifest> Read(const std::string& name);
  /// Checked against size and digest: kStopped when it is another.
  Status Fetch(const StoredFile& file, const std::filesystem::path& to,
               const Location::GoOn& go_on = {});
  Result<std::string> FetchBytes(const StoredFile& file);
  /// The files of it that are not there, or not of their size.
  Result<std::vector<std::string>> MissingFiles(const Manifest& manifest);

  // ---- to delete one
  /// With the files that no other names. kStopped: there is none of this name.
  Status Delete(const std::string& name);
  /// Deletes the oldest periodic ones beyond `keep`, and what nobody names (C3). No snapshot of
  /// the application may be under way. Returns how many objects went.
  Result<int64_t> Clean(size_t keep);

 private:
  std::string ManifestOf(const std::string& name) const;
  std::string FileOf(const Digest& digest) const;
  Result<StoredFile> Keep(const std::string& name, const Digest& digest, int64_t bytes,
                          const std::function<Status(const std::string& object)>& put);
  /// What a file of ours holds; one that did not change since the last time is not read again.
  Result<Digest> DigestOf(const std::filesystem::path& file);
  Status CheckName(const Manifest& manifest);
  Status AwaitDeletions();
  Result<std::set<std::string>> NamedFiles();
  /// Deletes `objects` but what a manifest names by then.
  Result<int64_t> DeleteUnnamed(const std::vector<std::string>& objects);

  Location& location_;
  const std::string application_;
  const Clock& clock_;
  const std::function<void(Milliseconds)> pause_;
  const std::function<bool()> ending_;
  std::map<std::string, int64_t> present_;
  CopiedBytes copied_;
  /// Device, inode, size, time of the last change: files of state never change.
  using FileKey = std::tuple<uint64_t, uint64_t, int64_t, int64_t>;
  std::map<FileKey, Digest> digests_;
  std::map<FileKey, Digest> digests_before_;
};

/// The applications and snapshots at a location, as "application/snapshot".
Result<std::vector<std::string>> AllSnapshots(Location& location);

/// Whether `name` may be that of a savepoint.
bool IsSnapshotName(std::string_view name);

}  // namespace sidestream::snapshot
