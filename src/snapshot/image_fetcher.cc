// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/image_fetcher.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "base/log.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;
using statestore::ImageFetched;
using statestore::ImagesFound;

// Unfinished images are looked through so often.
constexpr Milliseconds kRest{60'000};
// What the stores need beside, to go on when the image has come.
constexpr int64_t kSpareBytes = int64_t{64} << 20;

Status DiskError(const fs::path& path, const std::string& error) {
  return Status::Fatal(
      fmt::format("an image of state cannot be written: path={} error={}", path.string(), error));
}

Status Sync(const fs::path& path, int flags) {
  const int descriptor = open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return DiskError(path, std::strerror(errno));
  const bool synced = fsync(descriptor) == 0;
  const int error = errno;
  close(descriptor);
  return synced ? Status() : DiskError(path, std::strerror(error));
}

}  // namespace

ImageFetcher::ImageFetcher(LocationSurroundings surroundings, FetcherOptions options, Open open)
    : surroundings_(UntilTheEnd(std::move(surroundings))),
      options_(std::move(options)),
      open_(std::move(open)),
      images_(options_.state_dir / options_.application / kImageFolder) {}

ImageFetcher::ImageFetcher(LocationSurroundings surroundings, FetcherOptions options)
    : ImageFetcher(std::move(surroundings), std::move(options),
                   [this] { return OpenLocation(options_.location, surroundings_); }) {}

LocationSurroundings ImageFetcher::UntilTheEnd(LocationSurroundings surroundings) {
  surroundings.ending = [this] {
    const std::lock_guard lock(mutex_);
    return ending_;
  };
  return surroundings;
}

ImageFetcher::~ImageFetcher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    questions_.clear();
  }
  woken_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ImageFetcher::RunThreads(size_t threads) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      for (;;) {
        {
          std::unique_lock lock(mutex_);
          woken_.wait_for(lock, kRest, [this] { return ending_ || HasJob(); });
          if (ending_) return;
        }
        Work();
      }
    });
  }
}

void ImageFetcher::Ask(const TaskId& task, Question question) {
  {
    const std::lock_guard lock(mutex_);
    question.number = ++questions_asked_;
    if (distrusted_until_ && surroundings_.clock->Now() < *distrusted_until_) {
      question.answer = ImagesFound{.status = distrusted_because_, .images = {}};
    } else {
      waiting_.emplace_back(task, question.number);
    }
    questions_[task] = std::move(question);
  }
  woken_.notify_one();
}

void ImageFetcher::Find(const TaskId& task, bool anew) {
  Question question;
  question.anew = anew;
  Ask(task, std::move(question));
}

void ImageFetcher::Fetch(const TaskId& task, const std::string& snapshot) {
  Question question;
  question.snapshot = snapshot;
  Ask(task, std::move(question));
}

std::optional<statestore::ImageAnswer> ImageFetcher::Poll(const TaskId& task) {
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(task);
  if (found == questions_.end() || !found->second.answer) return std::nullopt;
  auto answer = std::move(found->second.answer);
  questions_.erase(found);
  return answer;
}

int64_t ImageFetcher::FetchedBytes(const TaskId& task) const {
  const std::lock_guard lock(mutex_);
  const auto found = questions_.find(task);
  return found == questions_.end() ? 0 : found->second.fetched_bytes;
}

void ImageFetcher::Cancel(const TaskId& task) {
  const std::lock_guard lock(mutex_);
  questions_.erase(task);
}

void ImageFetcher::Distrust(const Status& why) {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = surroundings_.clock->Now();
  if (distrusted_until_ && now < *distrusted_until_) return;
  distrusted_until_ = now + options_.distrust_for;
  distrusted_because_ = why;
  log::Warning("snapshot",
               "tasks are not restored from the checkpoints' location for {} s, but from their "
               "changelogs: {}",
               options_.distrust_for.count() / 1000, why.message());
}

ImageFetcher::Progress ImageFetcher::progress() const {
  const std::lock_guard lock(mutex_);
  Progress progress{.fetched_bytes = fetched_bytes_};
  for (const auto& [task, question] : questions_) {
    if (question.answer) continue;
    progress.remaining_bytes += std::max<int64_t>(0, question.total_bytes - question.fetched_bytes);
  }
  return progress;
}

bool ImageFetcher::HasJob() const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [this](const auto& waiting) { return !running_.contains(waiting.first); });
}

std::optional<ImageFetcher::Job> ImageFetcher::TakeJob() {
  const std::lock_guard lock(mutex_);
  for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
    const auto question = questions_.find(waiting->first);
    if (question == questions_.end() || question->second.number != waiting->second) {
      waiting = waiting_.erase(waiting);
      continue;
    }
    if (running_.insert(waiting->first).second) {
      Job job{.task = waiting->first, .question = question->second};
      waiting_.erase(waiting);
      return job;
    }
    ++waiting;
  }
  return std::nullopt;
}

bool ImageFetcher::Work() {
  RemoveOld();
  const std::optional<Job> job = TakeJob();
  if (!job) return false;
  if (job->question.snapshot.empty()) {
    Answer(*job, FindImages(*job));
  } else {
    Answer(*job, FetchImage(*job));
  }
  return true;
}

void ImageFetcher::Answer(const Job& job, statestore::ImageAnswer answer) {
  {
    const std::lock_guard lock(mutex_);
    running_.erase(job.task);
    const auto question = questions_.find(job.task);
    if (question != questions_.end() && question->second.number == job.question.number) {
      question->second.answer = std::move(answer);
    }
  }
  // The next question of the task may wait.
  woken_.notify_all();
}

bool ImageFetcher::IsWanted(const Job& job) const {
  const std::lock_guard lock(mutex_);
  const auto question = questions_.find(job.task);
  return question != questions_.end() && question->second.number == job.question.number;
}

void ImageFetcher::NoteFetched(const Job& job, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto question = questions_.find(job.task);
  if (question == questions_.end() || question->second.number != job.question.number) return;
  fetched_bytes_ += std::max<int64_t>(0, bytes - question->second.fetched_bytes);
  question->second.fetched_bytes = bytes;
}

Result<std::unique_ptr<ImageFetcher::Place>> ImageFetcher::TakePlace() {
  {
    const std::lock_guard lock(mutex_);
    if (!places_.empty()) {
      std::unique_ptr<Place> place = std::move(places_.back());
      places_.pop_back();
      return place;
    }
  }
  auto place = std::make_unique<Place>();
  ASSIGN_OR_RETURN(place->location, open_());
  place->catalog = std::make_unique<Catalog>(*place->location, options_.application,
                                             *surroundings_.clock, surroundings_.pause);
  return place;
}

void ImageFetcher::GiveBack(std::unique_ptr<Place> place) {
  const std::lock_guard lock(mutex_);
  places_.push_back(std::move(place));
}

Result<std::shared_ptr<const ImageIndex>> ImageFetcher::Index(Catalog& catalog, bool anew) {
  const MonotonicTime now = surroundings_.clock->Now();
  {
    const std::lock_guard lock(mutex_);
    const bool young = index_ != nullptr && now - index_read_at_ < options_.index_age_max;
    if (young && !anew) return index_;
  }
  ASSIGN_OR_RETURN(ImageIndex read, ImageIndex::Read(catalog));
  const std::lock_guard lock(mutex_);
  index_ = std::make_shared<const ImageIndex>(std::move(read));
  index_read_at_ = now;
  return index_;
}

ImagesFound ImageFetcher::FindImages(const Job& job) {
  auto place = TakePlace();
  if (!place.ok()) return {.status = place.status(), .images = {}};
  const auto index = Index(*(*place)->catalog, job.question.anew);
  GiveBack(std::move(place).value());
  if (!index.ok()) return {.status = index.status(), .images = {}};
  return {.status = {}, .images = (*index)->ImagesOf(job.task)};
}

/// What is there of the same image, or a new folder.
Result<ImageFetcher::Unfinished> ImageFetcher::TakeUnfinished(const Job& job) {
  std::optional<Unfinished> left;
  {
    const std::lock_guard lock(mutex_);
    if (auto node = unfinished_.extract(job.task); !node.empty()) left = std::move(node.mapped());
  }
  std::error_code error;
  if (left && left->snapshot == job.question.snapshot && fs::exists(left->folder, error)) {
    return std::move(*left);
  }
  if (left) RemoveImage(left->folder);
  Unfinished fresh{.snapshot = job.question.snapshot};
  ASSIGN_OR_RETURN(fresh.folder, images_.Prepare(0, job.task));
  fs::create_directories(fresh.folder, error);
  if (error) return DiskError(fresh.folder, error.message());
  return fresh;
}

ImageFetched ImageFetcher::FetchImage(const Job& job) {
  auto place = TakePlace();
  if (!place.ok()) return {.status = place.status(), .folder = {}};
  Catalog& catalog = *(*place)->catalog;
  ImageFetched fetched;
  const auto fetch = [&]() -> Status {
    ASSIGN_OR_RETURN(const auto index, Index(catalog, /*anew=*/false));
    const KeptTask* const image = index->Find(job.task, job.question.snapshot);
    if (image == nullptr) return Status::Stopped("the snapshot has gone");
    ASSIGN_OR_RETURN(Unfinished unfinished, TakeUnfinished(job));
    const Status status = FetchFiles(job, catalog, *image, unfinished);
    fetched.folder = unfinished.folder;
    unfinished.left_at = surroundings_.clock->Now();
    const std::lock_guard lock(mutex_);
    unfinished_[job.task] = std::move(unfinished);
    return status;
  };
  fetched.status = fetch();
  GiveBack(std::move(place).value());
  return fetched;
}

Status ImageFetcher::CheckRoom(const KeptTask& image, const Unfinished& unfinished) const {
  int64_t needed = kSpareBytes;
  for (const StoredFile& file : image.image) {
    if (!unfinished.files.contains(file.name)) needed += file.bytes;
  }
  struct statvfs volume {};
  if (statvfs(unfinished.folder.c_str(), &volume) != 0) return {};
  const uint64_t free = uint64_t{volume.f_bavail} * volume.f_frsize;
  if (free >= static_cast<uint64_t>(needed)) return {};
  return Status::Fatal(
      fmt::format("there is no room for an image of state: path={} free_bytes={} "
                  "needed_bytes={}",
                  unfinished.folder.string(), free, needed));
}

Status ImageFetcher::FetchFiles(const Job& job, Catalog& catalog, const KeptTask& image,
                                Unfinished& unfinished) {
  RETURN_IF_ERROR(CheckRoom(image, unfinished));
  int64_t total = 0;
  for (const StoredFile& file : image.image) total += file.bytes;
  {
    const std::lock_guard lock(mutex_);
    const auto question = questions_.find(job.task);
    if (question != questions_.end()) question->second.total_bytes = total;
  }
  int64_t before = 0;
  for (const StoredFile& file : image.image) {
    if (!unfinished.files.contains(file.name)) {
      RETURN_IF_ERROR(FetchFile(job, catalog, file, unfinished.folder / file.name, before));
      unfinished.files.insert(file.name);
    }
    before += file.bytes;
  }
  return Sync(unfinished.folder, O_RDONLY | O_DIRECTORY);
}

Status ImageFetcher::FetchFile(const Job& job, Catalog& catalog, const StoredFile& file,
                               const fs::path& to, int64_t before) {
  const Clock& clock = *surroundings_.clock;
  Milliseconds pause = options_.first_pause;
  for (int tries = 1;; ++tries, pause *= 2) {
    MonotonicTime window_begin = clock.Now();
    int64_t window_bytes = 0;
    bool slow = false;
    const Status fetched = catalog.Fetch(file, to, [&](int64_t bytes) {
      NoteFetched(job, before + bytes);
      const MonotonicTime now = clock.Now();
      if (now - window_begin >= options_.slow_window) {
        slow = bytes - window_bytes < options_.slow_bytes;
        window_begin = now;
        window_bytes = bytes;
      }
      return !slow && IsWanted(job);
    });
    if (fetched.ok()) return Sync(to, O_RDONLY);
    if (!IsWanted(job)) return Status::Unavailable("nobody waits for it any more");
    if (slow) return Status::Unavailable("the location is too slow");
    if (fetched.code() != StatusCode::kUnavailable || tries >= options_.tries) return fetched;
    log::Info("snapshot", "fetching an image again in {} ms: {}", pause.count(), fetched.message());
    surroundings_.pause(pause);
  }
}

void ImageFetcher::RemoveOld() {
  std::vector<fs::path> old;
  {
    const std::lock_guard lock(mutex_);
    const MonotonicTime now = surroundings_.clock->Now();
    std::erase_if(unfinished_, [&](const auto& entry) {
      // One that is asked for may be answered, and not be taken yet.
      if (questions_.contains(entry.first) || running_.contains(entry.first)) return false;
      if (now - entry.second.left_at < kKeepUnfinished) return false;
      old.push_back(entry.second.folder);
      return true;
    });
  }
  for (const fs::path& folder : old) RemoveImage(folder);
}

}  // namespace sidestream::snapshot
