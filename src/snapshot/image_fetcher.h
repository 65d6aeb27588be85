// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// ImageFetcher: brings images of task states from the checkpoints' location onto the local disk,
// for tasks that would have much to read of their changelogs. Beside everything else: on threads of
// its own, a question each.
//
//   <state.dir>/<application>/images/<random>/<number>-<digits of the task>/    an image on its way
//
// Place in the flow: statestore/image_source.h. One for each instance.
//
// Invariants
//  - A folder is answered only when each of its files was compared by size and checksum, and files
//    and folder are synced. A crash before leaves it where the next process removes it
//    (ImageDirectory), never where a state is looked for.
//  - A file is streamed; none is in memory whole. There is room for the image before it begins.
//  - Files that were compared stay for kKeepUnfinished when nobody waits any more, and are not
//    fetched again when the same image is asked for.
//
// Threading: thread-safe. What blocks runs in Work(): on the threads of RunThreads(), or in the
// caller's where everything is stepped by hand.

#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "snapshot/catalog.h"
#include "snapshot/image_directory.h"
#include "snapshot/image_index.h"
#include "snapshot/location.h"
#include "statestore/image_source.h"

namespace sidestream::snapshot {

struct FetcherOptions {
  std::string application;
  /// Setting application.state.dir.
  std::filesystem::path state_dir;
  /// Setting checkpoint.location.
  std::string location;
  /// How long what was read of manifests may be used.
  Milliseconds index_age_max{30'000};
  /// A fetch that brings less than `slow_bytes` in `slow_window` is given up.
  Milliseconds slow_window{30'000};
  int64_t slow_bytes = int64_t{8} << 20;
  /// Tries of a file while the place does not answer, and the pause behind the first, which
  /// doubles.
  int tries = 3;
  Milliseconds first_pause{500};
  /// How long a place is not asked that was distrusted.
  Milliseconds distrust_for{300'000};
};

class ImageFetcher final : public statestore::ImageSource {
 public:
  static constexpr Milliseconds kKeepUnfinished{600'000};
  using Open = std::function<Result<std::unique_ptr<Location>>()>;

  /// `open` opens the location, once for each thread; what `surroundings` borrows outlives the
  /// fetcher.
  ImageFetcher(LocationSurroundings surroundings, FetcherOptions options, Open open);
  /// At options.location.
  ImageFetcher(LocationSurroundings surroundings, FetcherOptions options);
  /// Gives up what is under way, and what waits.
  ~ImageFetcher() override;

  /// Works on threads of its own from now on. Once.
  void RunThreads(size_t threads);
  /// Answers one question. False: there is none.
  bool Work();

  void Find(const TaskId& task, bool anew) override;
  void Fetch(const TaskId& task, const std::string& snapshot) override;
  std::optional<statestore::ImageAnswer> Poll(const TaskId& task) override;
  int64_t FetchedBytes(const TaskId& task) const override;
  void Cancel(const TaskId& task) override;
  void Distrust(const Status& why) override;
  Progress progress() const override;

 private:
  /// A question, until it is cancelled or its answer was taken.
  struct Question {
    uint64_t number = 0;
    /// Empty: which images are there?
    std::string snapshot;
    bool anew = false;
    std::optional<statestore::ImageAnswer> answer;
    int64_t total_bytes = 0;
    int64_t fetched_bytes = 0;
  };
  /// What a fetch has brought that was not taken.
  struct Unfinished {
    std::string snapshot;
    std::filesystem::path folder;
    /// Names of files that were compared.
    std::set<std::string> files;
    MonotonicTime left_at;
  };
  struct Place {
    std::unique_ptr<Location> location;
    std::unique_ptr<Catalog> catalog;
  };
  struct Job {
    TaskId task;
    Question question;
  };

  /// Those, and the end of this fetcher for that of the process.
  LocationSurroundings UntilTheEnd(LocationSurroundings surroundings);
  void Ask(const TaskId& task, Question question);
  /// Requires: the lock is held.
  bool HasJob() const;
  std::optional<Job> TakeJob();
  void Answer(const Job& job, statestore::ImageAnswer answer);
  Result<std::unique_ptr<Place>> TakePlace();
  void GiveBack(std::unique_ptr<Place> place);
  Result<std::shared_ptr<const ImageIndex>> Index(Catalog& catalog, bool anew);
  statestore::ImagesFound FindImages(const Job& job);
  statestore::ImageFetched FetchImage(const Job& job);
  Status FetchFiles(const Job& job, Catalog& catalog, const KeptTask& image,
                    Unfinished& unfinished);
  Status FetchFile(const Job& job, Catalog& catalog, const StoredFile& file,
                   const std::filesystem::path& to, int64_t before);
  Result<Unfinished> TakeUnfinished(const Job& job);
  Status CheckRoom(const KeptTask& image, const Unfinished& unfinished) const;
  bool IsWanted(const Job& job) const;
  void NoteFetched(const Job& job, int64_t bytes);
  void RemoveOld();

  const LocationSurroundings surroundings_;
  const FetcherOptions options_;
  const Open open_;
  ImageDirectory images_;

  mutable std::mutex mutex_;
  std::condition_variable woken_;
  // Guarded by mutex_.
  uint64_t questions_asked_ = 0;
  std::map<TaskId, Question> questions_;
  std::deque<std::pair<TaskId, uint64_t>> waiting_;
  /// Tasks of which a job runs; the next one of the same task waits for it.
  std::set<TaskId> running_;
  std::map<TaskId, Unfinished> unfinished_;
  std::vector<std::unique_ptr<Place>> places_;
  std::shared_ptr<const ImageIndex> index_;
  MonotonicTime index_read_at_;
  std::optional<MonotonicTime> distrusted_until_;
  Status distrusted_because_;
  int64_t fetched_bytes_ = 0;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace sidestream::snapshot
