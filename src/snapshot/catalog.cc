// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/catalog.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "snapshot/in_flight.h"

namespace sidestream::snapshot {
namespace {

constexpr char kManifests[] = "manifests/";
constexpr size_t kManifestBytesMax = size_t{256} << 20;
constexpr size_t kPartBytesMax = size_t{16} << 20;
// A mark that is older is of a process that died.
constexpr Milliseconds kDeletingMax = std::chrono::minutes(10);
// Objects deleted before the manifests are read and the mark is renewed again.
constexpr size_t kDeletedAtOnce = 500;
constexpr Milliseconds kLookAgain{500};
constexpr int kLooksMax = 240;

std::string TimeText(Timestamp time) { return std::to_string(time.value()); }

}  // namespace

Catalog::Catalog(Location& location, std::string application, const Clock& clock,
                 std::function<void(Milliseconds)> pause, std::function<bool()> ending)
    : location_(location),
      application_(std::move(application)),
      clock_(clock),
      pause_(std::move(pause)),
      ending_(std::move(ending)) {
  CHECK(IsSnapshotName(application_)) << application_;
}

std::string Catalog::ManifestOf(const std::string& name) const {
  return fmt::format("{}{}/{}", kManifests, application_, name);
}

std::string Catalog::FileOf(const Digest& digest) const {
  return fmt::format("files/{}/{}", application_, Hex(digest));
}

// A task's name may be too long for a part of a name.
std::string Catalog::PartOf(int64_t number, const TaskId& task) const {
  return fmt::format("parts/{}/{}/{}", application_, number,
                     Hex(Sha256(ToString(task))).substr(0, 32));
}

Status Catalog::Begin() {
  ASSIGN_OR_RETURN(const auto objects, location_.List(fmt::format("files/{}/", application_)));
  present_.clear();
  for (const StoredObject& object : objects) present_[object.name] = object.bytes;
  copied_ = {};
  digests_before_ = std::exchange(digests_, {});
  return {};
}

Result<Digest> Catalog::DigestOf(const std::filesystem::path& file) {
  struct stat status {};
  if (stat(file.c_str(), &status) != 0) {
    return Status::Fatal(fmt::format("a file of the snapshot cannot be read: path={} error={}",
                                     file.string(), std::strerror(errno)));
  }
  const FileKey key(status.st_dev, status.st_ino, status.st_size,
                    int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec);
  const auto before = digests_before_.find(key);
  if (before != digests_before_.end()) return digests_[key] = before->second;
  ASSIGN_OR_RETURN(const Digest digest, Sha256OfFile(file));
  return digests_[key] = digest;
}

Result<StoredFile> Catalog::Keep(const std::string& name, const Digest& digest, int64_t bytes,
                                 const std::function<Status(const std::string&)>& put) {
  const std::string object = FileOf(digest);
  const auto found = present_.find(object);
  if (found != present_.end() && found->second == bytes) {
    copied_.referenced += bytes;
    ++copied_.referenced_files;
  } else {
    RETURN_IF_ERROR(put(object));
    present_[object] = bytes;
    copied_.copied += bytes;
    ++copied_.copied_files;
  }
  return StoredFile{.name = name, .digest = digest, .bytes = bytes};
}

Result<StoredFile> Catalog::AddFile(const std::filesystem::path& file, const std::string& name) {
  ASSIGN_OR_RETURN(const Digest digest, DigestOf(file));
  std::error_code error;
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(file, error));
  if (error) return Status::Fatal("a file of the snapshot cannot be read: path=" + file.string());
  return Keep(name, digest, bytes,
              [&](const std::string& object) { return location_.PutFile(object, file); });
}

Result<StoredFile> Catalog::AddBytes(std::string_view bytes, const std::string& name) {
  return Keep(name, Sha256(bytes), static_cast<int64_t>(bytes.size()),
              [&](const std::string& object) { return location_.Put(object, bytes); });
}

Result<Digest> Catalog::AddPart(int64_t number, const KeptTask& task) {
  const std::string bytes = EncodePart(task);
  RETURN_IF_ERROR(location_.Put(PartOf(number, task.id), bytes));
  return Sha256(bytes);
}

Result<KeptTask> Catalog::ReadPart(int64_t number, const TaskId& task, const Digest& digest) {
  ASSIGN_OR_RETURN(const std::string bytes, location_.Get(PartOf(number, task), kPartBytesMax));
  if (Sha256(bytes) != digest) {
    return Status::Stopped("the part of a snapshot is another than its task stored: task=" +
                           ToString(task));
  }
  return DecodePart(bytes);
}

Status Catalog::Publish(const Manifest& manifest) {
  CHECK(IsSnapshotName(manifest.name) && manifest.application == application_) << manifest.name;
  const std::string object = ManifestOf(manifest.name);
  RETURN_IF_ERROR(CheckName(manifest));
  RETURN_IF_ERROR(location_.Put(object, EncodeManifest(manifest)));
  Status whole = AwaitDeletions();
  if (whole.ok()) {
    const auto missing = MissingFiles(manifest);
    whole = missing.status();
    if (missing.ok() && !missing->empty()) {
      whole = Status::Unavailable("a file of the snapshot was deleted before it was complete: file=" +
                                  missing->front());
    }
  }
  if (whole.ok()) return whole;
  // Meanwhile a later attempt may have come, which is not ours to take back.
  const Result<Manifest> there = Read(manifest.name);
  if (there.ok() && there->number > manifest.number) return whole;
  const Status taken_back = location_.Delete(object);
  if (!taken_back.ok()) {
    log::Error("snapshot", "snapshot {} is not whole and cannot be deleted: {}", manifest.name,
               taken_back.message());
  }
  return whole;
}

Status Catalog::CheckName(const Manifest& manifest) {
  const std::string object = ManifestOf(manifest.name);
  ASSIGN_OR_RETURN(const auto objects, location_.List(object));
  if (objects.empty() || objects.front().name != object) return {};
  const Result<Manifest> there = Read(manifest.name);
  if (there.ok() && manifest.request != 0 && there->request == manifest.request) {
    if (there->number <= manifest.number) return {};
    return Status::Stopped("a later attempt of this snapshot is there already: name=" +
                           manifest.name);
  }
  // A leader that was replaced wrote it, and did not come to say so.
  if (there.ok() && *there == manifest) return {};
  return Status::InvalidConfig("a snapshot of this name is there already: name=" + manifest.name);
}

Status Catalog::AwaitDeletions() {
  const std::string mark = "deleting/" + application_;
  for (int looks = 0; looks < kLooksMax; ++looks) {
    if (ending_ && ending_()) return Status::Unavailable("given up");
    const Result<std::string> text = location_.Get(mark, 100);
    if (text.status().code() == StatusCode::kStopped) return {};
    if (!text.ok()) return text.status();
    int64_t since = 0;
    std::from_chars(text->data(), text->data() + text->size(), since);
    if (clock_.WallTime() - Timestamp(since) > kDeletingMax.count()) return location_.Delete(mark);
    pause_(kLookAgain);
  }
  return Status::Unavailable("somebody deletes snapshots of the application and does not end");
}

Result<std::vector<std::string>> Catalog::Names() {
  const std::string prefix = ManifestOf("");
  ASSIGN_OR_RETURN(const auto objects, location_.List(prefix));
  std::vector<std::string> names;
  for (const StoredObject& object : objects) names.push_back(object.name.substr(prefix.size()));
  return names;
}

Result<Manifest> Catalog::Read(const std::string& name) {
  if (!IsSnapshotName(name)) return Status::InvalidConfig("no name of a snapshot: " + name);
  const Result<std::string> bytes = location_.Get(ManifestOf(name), kManifestBytesMax);
  if (bytes.status().code() == StatusCode::kStopped) {
    return Status::Stopped(fmt::format("application {} has no snapshot {}", application_, name));
  }
  if (!bytes.ok()) return bytes.status();
  Result<Manifest> manifest = DecodeManifest(*bytes);
  if (!manifest.ok()) return manifest.status().WithContext("snapshot " + name);
  return manifest;
}

Status Catalog::Fetch(const StoredFile& file, const std::filesystem::path& to,
                      const Location::GoOn& go_on) {
  bool too_long = false;
  const Status got = location_.GetFile(FileOf(file.digest), to, [&](int64_t bytes) {
    too_long = bytes > file.bytes;
    return !too_long && (!go_on || go_on(bytes));
  });
  if (!too_long) {
    RETURN_IF_ERROR(got);
    ASSIGN_OR_RETURN(const Digest digest, Sha256OfFile(to));
    if (digest == file.digest) return {};
  }
  return Status::Stopped("a file of the snapshot is damaged: file=" + FileOf(file.digest));
}

Result<std::string> Catalog::FetchBytes(const StoredFile& file) {
  ASSIGN_OR_RETURN(std::string bytes,
                   location_.Get(FileOf(file.digest), InFlightFile::kReadBytesMax));
  if (Sha256(bytes) == file.digest) return bytes;
  return Status::Stopped("a file of the snapshot is damaged: file=" + FileOf(file.digest));
}

Result<std::vector<std::string>> Catalog::MissingFiles(const Manifest& manifest) {
  ASSIGN_OR_RETURN(const auto objects, location_.List(fmt::format("files/{}/", application_)));
  std::map<std::string, int64_t> present;
  for (const StoredObject& object : objects) present[object.name] = object.bytes;
  std::vector<std::string> missing;
  for (const StoredFile& file : FilesOf(manifest)) {
    const auto found = present.find(FileOf(file.digest));
    if (found == present.end() || found->second != file.bytes) {
      missing.push_back(FileOf(file.digest));
    }
  }
  return missing;
}

Result<std::set<std::string>> Catalog::NamedFiles() {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, Names());
  std::set<std::string> named;
  for (const std::string& name : names) {
    const Result<Manifest> manifest = Read(name);
    if (manifest.status().code() == StatusCode::kStopped) {
      ASSIGN_OR_RETURN(const std::vector<std::string> left, Names());
      if (std::find(left.begin(), left.end(), name) == left.end()) continue;
    }
    // One that cannot be read may name anything.
    if (!manifest.ok()) return manifest.status();
    for (const StoredFile& file : FilesOf(*manifest)) named.insert(FileOf(file.digest));
  }
  return named;
}

Result<int64_t> Catalog::DeleteUnnamed(const std::vector<std::string>& objects) {
  const std::string mark = "deleting/" + application_;
  int64_t deleted = 0;
  for (size_t begin = 0; begin < objects.size(); begin += kDeletedAtOnce) {
    // Before the manifests are read: see above.
    RETURN_IF_ERROR(location_.Put(mark, TimeText(clock_.WallTime())));
    ASSIGN_OR_RETURN(const std::set<std::string> named, NamedFiles());
    const size_t end = std::min(begin + kDeletedAtOnce, objects.size());
    for (size_t i = begin; i < end; ++i) {
      if (named.contains(objects[i])) continue;
      RETURN_IF_ERROR(location_.Delete(objects[i]));
      ++deleted;
    }
  }
  RETURN_IF_ERROR(location_.Delete(mark));
  return deleted;
}

Status Catalog::Delete(const std::string& name) {
  const Result<Manifest> manifest = Read(name);
  // A damaged one goes, too; what it named is left to Clean().
  const bool readable = manifest.ok();
  if (!readable && manifest.status().code() != StatusCode::kStopped) return manifest.status();
  if (!readable) {
    ASSIGN_OR_RETURN(const auto names, Names());
    if (std::find(names.begin(), names.end(), name) == names.end()) return manifest.status();
  }
  RETURN_IF_ERROR(location_.Delete(ManifestOf(name)));
  if (!readable) return {};
  std::vector<std::string> objects;
  for (const StoredFile& file : FilesOf(*manifest)) objects.push_back(FileOf(file.digest));
  return DeleteUnnamed(objects).status();
}

Result<int64_t> Catalog::Clean(size_t keep) {
  ASSIGN_OR_RETURN(const std::vector<std::string> names, Names());
  std::vector<std::pair<Timestamp, std::string>> periodic;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const Manifest manifest, Read(name));
    if (manifest.kind == SnapshotKind::kCheckpoint) periodic.push_back({manifest.created_at, name});
  }
  std::sort(periodic.begin(), periodic.end());
  for (size_t i = 0; i + keep < periodic.size(); ++i) {
    RETURN_IF_ERROR(location_.Delete(ManifestOf(periodic[i].second)));
  }
  std::vector<std::string> objects;
  for (const char* kind : {"files", "parts"}) {
    ASSIGN_OR_RETURN(const auto listed, location_.List(fmt::format("{}/{}/", kind, application_)));
    for (const StoredObject& object : listed) objects.push_back(object.name);
  }
  ASSIGN_OR_RETURN(const std::set<std::string> named, NamedFiles());
  std::erase_if(objects, [&](const std::string& object) { return named.contains(object); });
  return DeleteUnnamed(objects);
}

Result<std::vector<std::string>> AllSnapshots(Location& location) {
  ASSIGN_OR_RETURN(const auto objects, location.List(kManifests));
  std::vector<std::string> names;
  for (const StoredObject& object : objects) {
    names.push_back(object.name.substr(std::strlen(kManifests)));
  }
  return names;
}

bool IsSnapshotName(std::string_view name) {
  return name.find('/') == std::string_view::npos && name.size() <= 200 && IsObjectName(name);
}

}  // namespace sidestream::snapshot
