// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/snapshot_storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/log.h"
#include "base/overloaded.h"
#include "snapshot/image_index.h"
#include "snapshot/in_flight_copy.h"
#include "statestore/task_state.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;

int64_t BytesOf(const KeptTask& task) {
  int64_t bytes = 0;
  for (const StoredFile& file : task.image) bytes += file.bytes;
  for (const KeptInput& input : task.inputs) {
    for (const StoredFile& file : input.in_flight) bytes += file.bytes;
  }
  return bytes;
}

std::string NameOf(const checkpoint::BeginRecord& begin) {
  return begin.savepoint ? begin.name : CheckpointName(begin.at, begin.number.value());
}

/// Not of another attempt of the same request, nor of another application of the same name.
bool IsOf(const Manifest& manifest, const checkpoint::BeginRecord& begin) {
  return manifest.number == begin.number.value() && manifest.request == begin.request &&
         manifest.created_at == begin.at;
}

/// What the cut says of a task; files are still to come.
KeptTask TaskOf(const checkpoint::CutRecord& cut, const std::vector<checkpoint::CutEnd>& ends) {
  KeptTask task{.id = cut.task, .sequence = cut.sequence};
  for (const checkpoint::CutInput& from : cut.inputs) {
    KeptInput input{.partition = from.partition};
    input.position = from.position;
    input.stamp = from.stamp;
    const auto end = std::find_if(ends.begin(), ends.end(), [&](const checkpoint::CutEnd& each) {
      return each.partition == from.partition;
    });
    if (end != ends.end()) {
      input.repartition = true;
      input.end = end->end;
    }
    task.inputs.push_back(std::move(input));
  }
  return task;
}

std::vector<statestore::ImageStore> StoresOf(const statestore::TaskState& state) {
  std::vector<statestore::ImageStore> stores;
  for (size_t i = 0; i < state.store_count(); ++i) {
    const statestore::StorePosition position = state.position(i);
    if (state.spec(i).changelog_topic.empty() || !position.changelog_position) continue;
    stores.push_back({.name = state.spec(i).name,
                      .fingerprint = state.spec(i).fingerprint,
                      .changelog_id = position.changelog_id,
                      .position = *position.changelog_position});
  }
  return stores;
}

/// Of a drained cut only where a task is at least once: an owner that does not know of its end.
bool HasInFlight(const KeptTask& task) {
  return std::any_of(task.inputs.begin(), task.inputs.end(),
                     [](const KeptInput& input) { return input.in_flight_records > 0; });
}

}  // namespace

SnapshotStorage::SnapshotStorage(kafka::Cluster& cluster, LocationSurroundings surroundings,
                                 StorageOptions options)
    : cluster_(cluster),
      surroundings_(UntilTheEnd(std::move(surroundings))),
      options_(std::move(options)),
      images_(options_.state_dir / options_.application / kImageFolder) {}

LocationSurroundings SnapshotStorage::UntilTheEnd(LocationSurroundings surroundings) {
  surroundings.ending = [this] {
    const std::lock_guard lock(mutex_);
    return ending_;
  };
  return surroundings;
}

SnapshotStorage::~SnapshotStorage() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void SnapshotStorage::RunThread() {
  thread_ = std::thread([this] {
    for (;;) {
      {
        std::unique_lock lock(mutex_);
        woken_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (ending_) return;
      }
      Work();
    }
  });
}

int64_t SnapshotStorage::NumberOf(const Job& job) {
  return std::visit([](const auto& each) { return each.begin.number.value(); }, job);
}

bool SnapshotStorage::Work() {
  Job job;
  {
    const std::lock_guard lock(mutex_);
    if (jobs_.empty()) return false;
    job = std::move(jobs_.front());
    jobs_.pop_front();
    running_ = NumberOf(job);
    running_forgotten_ = false;
  }
  checkpoint::StorageAnswer answer = std::visit(
      Overloaded{[this](const checkpoint::TaskPart& part) -> checkpoint::StorageAnswer {
                   return StorePart(part);
                 },
                 [this](const checkpoint::StoredCut& cut) -> checkpoint::StorageAnswer {
                   return WriteManifest(cut);
                 }},
      job);
  bool forgotten = false;
  {
    const std::lock_guard lock(mutex_);
    running_.reset();
    forgotten = running_forgotten_;
    if (!forgotten) answers_.push_back(std::move(answer));
  }
  if (forgotten) TakeBack(job);
  return true;
}

void SnapshotStorage::TakeBack(const Job& job) {
  const auto* cut = std::get_if<checkpoint::StoredCut>(&job);
  if (cut == nullptr) return;
  const auto delete_it = [&]() -> Status {
    ASSIGN_OR_RETURN(Place* const place, PlaceOf(cut->begin));
    const Result<Manifest> manifest = place->catalog->Read(NameOf(cut->begin));
    if (!manifest.ok() || !IsOf(*manifest, cut->begin)) return {};
    return place->catalog->Delete(manifest->name);
  };
  const Status deleted = delete_it();
  if (deleted.ok()) return;
  log::Warning("snapshot", "a snapshot that was given up stays: checkpoint={}: {}",
               cut->begin.number.value(), deleted.message());
}

Status SnapshotStorage::TakeImage(checkpoint::CheckpointNumber number, const TaskId& task,
                                  statestore::TaskState* state, Timestamp now) {
  if (state == nullptr || state->store_count() == 0) return {};
  ASSIGN_OR_RETURN(const fs::path path, images_.Prepare(number.value(), task));
  RETURN_IF_ERROR(state->SaveImage(path, now));
  const std::lock_guard lock(mutex_);
  image_stores_[{number.value(), task}] = StoresOf(*state);
  return {};
}

std::vector<statestore::ImageStore> SnapshotStorage::TakeImageStores(int64_t number,
                                                                     const TaskId& task) {
  const std::lock_guard lock(mutex_);
  const auto node = image_stores_.extract({number, task});
  return node.empty() ? std::vector<statestore::ImageStore>() : std::move(node.mapped());
}

Status SnapshotStorage::CheckWanted() {
  const std::lock_guard lock(mutex_);
  return ending_ || running_forgotten_ ? Status::Unavailable("given up") : Status();
}

void SnapshotStorage::Push(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  woken_.notify_all();
}

void SnapshotStorage::Store(checkpoint::TaskPart part) { Push(std::move(part)); }

void SnapshotStorage::Complete(checkpoint::StoredCut cut) { Push(std::move(cut)); }

void SnapshotStorage::Forget(checkpoint::CheckpointNumber number) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(jobs_, [&](const Job& job) { return NumberOf(job) == number.value(); });
    std::erase_if(image_stores_,
                  [&](const auto& image) { return image.first.first == number.value(); });
    if (running_ == number.value()) running_forgotten_ = true;
  }
  images_.RemoveAll(number.value());
}

std::vector<checkpoint::StorageAnswer> SnapshotStorage::Poll() {
  const std::lock_guard lock(mutex_);
  return std::exchange(answers_, {});
}

Result<SnapshotStorage::Place*> SnapshotStorage::PlaceOf(const checkpoint::BeginRecord& begin) {
  const std::string& text = begin.location.empty() ? options_.location : begin.location;
  if (text.empty()) {
    return Status::InvalidConfig(
        "there is no place for snapshots: set checkpoint.location, or name one with --location");
  }
  Place& place = places_[text];
  if (place.location == nullptr) {
    ASSIGN_OR_RETURN(place.location, OpenLocation(text, surroundings_));
    place.catalog = std::make_unique<Catalog>(*place.location, options_.application,
                                              *surroundings_.clock, surroundings_.pause,
                                              surroundings_.ending);
  }
  if (place.begun != begin.number.value()) {
    RETURN_IF_ERROR(place.catalog->Begin());
    place.begun = begin.number.value();
  }
  return &place;
}

checkpoint::PartStored SnapshotStorage::StorePart(const checkpoint::TaskPart& part) {
  checkpoint::PartStored answer{.number = part.begin.number, .task = part.cut.task};
  answer.status = StoreFiles(part, answer);
  images_.Remove(part.begin.number.value(), part.cut.task);
  if (answer.status.ok()) {
    log::Debug("snapshot", "stored: checkpoint={} task={} bytes={}", part.begin.number.value(),
               ToString(part.cut.task), answer.bytes);
  } else {
    log::Warning("snapshot", "cannot be stored: checkpoint={} task={}: {}",
                 part.begin.number.value(), ToString(part.cut.task), answer.status.message());
  }
  return answer;
}

Status SnapshotStorage::StoreFiles(const checkpoint::TaskPart& part,
                                   checkpoint::PartStored& answer) {
  const int64_t number = part.begin.number.value();
  ASSIGN_OR_RETURN(Place* const place, PlaceOf(part.begin));
  Catalog& catalog = *place->catalog;
  KeptTask task = TaskOf(part.cut, part.ends);
  if (!part.cut.stores.empty()) {
    ASSIGN_OR_RETURN(task.image, StoreImage(catalog, images_.PathOf(number, task.id)));
    task.stores = TakeImageStores(number, task.id);
  }
  for (KeptInput& input : task.inputs) {
    if (!input.repartition) continue;
    RETURN_IF_ERROR(CheckWanted());
    ASSIGN_OR_RETURN(kafka::LogReader* const reader, Reader());
    const Status copied = CopyInFlight(
        *reader, surroundings_.pause, [this] { return CheckWanted(); }, catalog, input);
    // What it was assigned is not known any more.
    if (!copied.ok()) reader_.reset();
    RETURN_IF_ERROR(copied);
  }
  ASSIGN_OR_RETURN(const Digest digest, catalog.AddPart(number, task));
  answer.part = catalog.PartOf(number, task.id);
  answer.digest = Hex(digest);
  answer.bytes = BytesOf(task);
  return {};
}

Result<std::vector<StoredFile>> SnapshotStorage::StoreImage(Catalog& catalog,
                                                            const fs::path& image) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (const fs::directory_entry& entry : fs::directory_iterator(image, error)) {
    paths.push_back(entry.path());
  }
  if (error || paths.empty()) {
    return Status::Fatal("there is no image of the state to store: path=" + image.string());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<StoredFile> files;
  for (const fs::path& path : paths) {
    RETURN_IF_ERROR(CheckWanted());
    ASSIGN_OR_RETURN(StoredFile file, catalog.AddFile(path, path.filename().string()));
    files.push_back(std::move(file));
  }
  return files;
}

Result<kafka::LogReader*> SnapshotStorage::Reader() {
  if (reader_ == nullptr) {
    ASSIGN_OR_RETURN(reader_, cluster_.NewLogReader(options_.client_id));
  }
  return reader_.get();
}

Result<Manifest> SnapshotStorage::MakeManifest(Catalog& catalog,
                                               const checkpoint::StoredCut& cut) {
  const checkpoint::BeginRecord& begin = cut.begin;
  Manifest manifest{.kind = begin.savepoint ? SnapshotKind::kSavepoint : SnapshotKind::kCheckpoint,
                    .application = options_.application};
  manifest.name = NameOf(begin);
  // The name is somebody else's.
  if (!IsSnapshotName(manifest.name)) {
    return Status::InvalidConfig("no name of a savepoint: " + manifest.name);
  }
  manifest.number = begin.number.value();
  manifest.request = begin.request;
  manifest.created_at = begin.at;
  manifest.plan_hash = begin.plan_hash;
  manifest.plan_text = cut.plan_text;
  manifest.drained = begin.drain;
  std::map<std::string, KeptTopic> topics;
  std::map<std::string, KeptStore> stores;
  for (size_t i = 0; i < cut.cuts.size(); ++i) {
    const std::optional<Digest> digest = DigestOfHex(cut.parts.at(i).digest);
    if (!digest) return Status::Stopped("the checksum of a stored part is none");
    ASSIGN_OR_RETURN(KeptTask task,
                     catalog.ReadPart(begin.number.value(), cut.cuts[i].task, *digest));
    for (const KeptInput& input : task.inputs) {
      KeptTopic& topic = topics[input.partition.topic];
      topic.topic = input.partition.topic;
      topic.repartition = input.repartition;
      topic.partitions = std::max(topic.partitions, input.partition.partition + 1);
    }
    for (const checkpoint::CutStore& store : cut.cuts[i].stores) {
      stores[store.name] = {.name = store.name, .fingerprint = store.fingerprint};
    }
    if (manifest.drained && HasInFlight(task)) {
      return Status::Stopped("records came behind the cut of their writer, task=" +
                             ToString(task.id));
    }
    manifest.tasks.push_back(std::move(task));
  }
  for (const checkpoint::CutInput& input : cut.done.unread) {
    manifest.unread.push_back(
        {.partition = input.partition, .position = input.position, .stamp = input.stamp});
  }
  for (auto& [name, topic] : topics) manifest.topics.push_back(std::move(topic));
  for (auto& [name, store] : stores) manifest.stores.push_back(std::move(store));
  return manifest;
}

/// What a task stored is there until somebody has written the manifest. That may have been a leader
/// that was replaced while it did, and cleaned the parts up behind it.
Result<Manifest> SnapshotStorage::ManifestOf(Catalog& catalog, const checkpoint::StoredCut& cut) {
  Result<Manifest> made = MakeManifest(catalog, cut);
  if (made.ok()) return made;
  Result<Manifest> written = catalog.Read(NameOf(cut.begin));
  return written.ok() && IsOf(*written, cut.begin) ? std::move(written) : std::move(made);
}

checkpoint::CheckpointCompleted SnapshotStorage::WriteManifest(const checkpoint::StoredCut& cut) {
  checkpoint::CheckpointCompleted answer{.number = cut.begin.number};
  const auto write = [&]() -> Status {
    ASSIGN_OR_RETURN(Place* const place, PlaceOf(cut.begin));
    ASSIGN_OR_RETURN(const Manifest manifest, ManifestOf(*place->catalog, cut));
    RETURN_IF_ERROR(place->catalog->Publish(manifest));
    answer.manifest = manifest.application + "/" + manifest.name;
    for (const KeptTask& task : manifest.tasks) answer.bytes += BytesOf(task);
    // What is complete stays so, whatever becomes of the older ones.
    const Result<int64_t> cleaned = place->catalog->Clean(options_.retain);
    if (!cleaned.ok()) {
      log::Warning("snapshot", "older snapshots are not cleaned up: {}", cleaned.status().message());
    }
    return {};
  };
  answer.status = write();
  if (answer.status.ok()) {
    log::Info("snapshot", "complete: checkpoint={} snapshot={} bytes={}", cut.begin.number.value(),
              answer.manifest, answer.bytes);
  } else {
    log::Warning("snapshot", "cannot be completed: checkpoint={}: {}", cut.begin.number.value(),
                 answer.status.message());
  }
  return answer;
}

}  // namespace sidestream::snapshot
