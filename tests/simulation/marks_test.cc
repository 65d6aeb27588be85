// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The protocol by which tasks tell their time over a repartition topic, without the rest of the
// engine: MarkSchedule writes, UpstreamVector reads, and between them are logs in which
// transactions of several upstream tasks lie interleaved, aborted ones and ones of owners that have
// been replaced. Each rule switched off is caught by an oracle.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tasks/mark_schedule.h"
#include "time/upstream_vector.h"

namespace sidestream::simulation {
namespace {

using tasks::MarkSchedule;
using time::Progress;

constexpr uint32_t kUpstreams = 3;
constexpr int32_t kPartitions = 2;
constexpr int64_t kLate = 50;
/// So far may the records of a task be behind the clock.
constexpr int64_t kBehind = 2'000;

struct Rules {
  tasks::MarkRules marks;
  time::UpstreamRules upstreams;
};

/// What lies in one partition. Data: `dated`; a mark: `mark`.
struct Entry {
  int64_t transaction = 0;
  uint32_t upstream = 0;
  std::optional<Timestamp> dated;
  /// Of a data record: where its task's time stood when it was written.
  Timestamp watermark = kNoWatermark;
  time::Mark mark;
};

class MarkProtocol {
 public:
  MarkProtocol(uint64_t seed, const Rules& rules) : random_(seed), rules_(rules) {
    for (uint32_t u = 0; u < kUpstreams; ++u) TakeOver(u);
  }

  /// What is wrong, "" if nothing is.
  std::string Run() {
    for (int step = 0; step < 400; ++step) {
      clock_.Advance(Milliseconds(random_.Below(40)));
      Act(static_cast<uint32_t>(random_.Below(kUpstreams)));
    }
    // The first one is silent from now on, and its time stands; the others go on.
    Commit(0);
    owners_[0].progress = Progress::kIdle;
    Commit(0);
    for (int step = 0; step < 100; ++step) {
      clock_.Advance(Milliseconds(40));
      for (uint32_t u = 1; u < kUpstreams; ++u) {
        Receive(u);
        Commit(u);
      }
    }
    std::string wrong;
    for (int32_t p = 0; p < kPartitions && wrong.empty(); ++p) wrong = ReadAll(p);
    return wrong;
  }

 private:
  struct Owner {
    uint32_t generation = 0;
    int64_t transaction = 0;
    Progress progress = Progress::kActive;
    Timestamp watermark = kNoWatermark;
    // As of the last commit.
    Progress committed_progress = Progress::kActive;
    Timestamp committed_watermark = kNoWatermark;
    std::optional<MarkSchedule> schedule;
  };

  void Act(uint32_t u) {
    const int64_t what = random_.Below(20);
    if (what < 12) {
      Receive(u);
    } else if (what < 16) {
      Commit(u);
    } else if (what < 17) {
      Abort(u);
    } else if (what < 19) {
      // Idle, and its time follows the clock.
      owners_[u].progress = Progress::kIdle;
      owners_[u].watermark = std::max(owners_[u].watermark, clock_.WallTime() - kLate);
    } else {
      // At least once nothing fences what the former owner still says when the next one has spoken.
      Owner former = owners_[u];
      Abort(u);
      TakeOver(u);
      Receive(u);
      Commit(u);
      former.transaction = ++transactions_;
      former.progress = Progress::kIdle;
      former.watermark = clock_.WallTime();
      Tell(former, u);
    }
  }

  void TakeOver(uint32_t u) {
    Owner& owner = owners_[u];
    ++owner.generation;
    owner.transaction = ++transactions_;
    owner.progress = Progress::kActive;
    owner.schedule.emplace(std::vector<int32_t>{kPartitions}, tasks::MarkIntervals{}, clock_.Now(),
                           rules_.marks);
  }

  void Append(int32_t partition, Entry entry) { logs_[partition].push_back(std::move(entry)); }
  void AppendMark(int32_t partition, const Owner& owner, uint32_t u, MarkSchedule::Said said) {
    Entry entry{.transaction = owner.transaction, .upstream = u};
    entry.mark = {kUpstreams, {{u, owner.generation, said.progress, said.watermark}}};
    Append(partition, std::move(entry));
  }

  /// A record that is not late for its upstream task goes to one of the partitions.
  void Receive(uint32_t u) {
    Owner& owner = owners_[u];
    owner.progress = Progress::kActive;
    if (owner.schedule->MustOpen()) {
      const MarkSchedule::Said said = owner.schedule->Open(owner.watermark, clock_.Now());
      for (int32_t p = 0; p < kPartitions; ++p) AppendMark(p, owner, u, said);
    }
    const Timestamp dated =
        std::max(clock_.WallTime() - random_.Below(kBehind),
                 owner.watermark == kNoWatermark ? Timestamp(0) : owner.watermark + 1);
    const auto partition = static_cast<int32_t>(random_.Below(kPartitions));
    owner.schedule->Touch(0, partition);
    Append(partition, {.transaction = owner.transaction,
                       .upstream = u,
                       .dated = dated,
                       .watermark = owner.watermark,
                       .mark = {}});
    owner.watermark = std::max(owner.watermark, dated - kLate);
  }

  void Tell(Owner& owner, uint32_t u) {
    const MarkSchedule::Said said = MarkSchedule::SaidOf(owner.progress, owner.watermark);
    const MarkSchedule::Audience audience = owner.schedule->AudienceOf(said, clock_.Now());
    for (int32_t p = 0; p < kPartitions; ++p) {
      if (audience == MarkSchedule::Audience::kNobody) break;
      if (audience != MarkSchedule::Audience::kAll && !owner.schedule->Touched(0, p)) continue;
      AppendMark(p, owner, u, said);
    }
    owner.schedule->Tell(said, audience, clock_.Now());
  }

  void Commit(uint32_t u) {
    Owner& owner = owners_[u];
    Tell(owner, u);
    owner.schedule->Committed();
    owner.committed_progress = owner.progress;
    owner.committed_watermark = owner.watermark;
    owner.transaction = ++transactions_;
  }

  void Abort(uint32_t u) {
    Owner& owner = owners_[u];
    aborted_.insert(owner.transaction);
    owner.schedule->Aborted();
    owner.progress = owner.committed_progress;
    owner.watermark = owner.committed_watermark;
    owner.transaction = ++transactions_;
  }

  /// One reader: no record of a task that has said that it is active is late for it, and its time
  /// gets as far as the tasks' that are not idle.
  std::string ReadAll(int32_t partition) {
    time::UpstreamVector vector(kUpstreams, {}, sidestream::Read(clock_), rules_.upstreams);
    Timestamp time = kNoWatermark;
    // Where the reader's time stood when the task was heard to be active.
    std::map<uint32_t, Timestamp> woken_at;
    for (const Entry& entry : logs_[partition]) {
      if (aborted_.contains(entry.transaction)) continue;
      if (!entry.dated) {
        vector.Take(entry.mark, sidestream::Read(clock_));
        time = std::max(time, vector.watermark());
        const time::UpstreamTime& said = entry.mark.entries.front();
        if (said.generation < newest_[entry.upstream]) continue;
        newest_[entry.upstream] = said.generation;
        if (said.progress == Progress::kIdle) {
          woken_at.erase(entry.upstream);
        } else {
          woken_at.try_emplace(entry.upstream, time);
        }
        continue;
      }
      const Timestamp woken = woken_at.try_emplace(entry.upstream, time).first->second;
      if (time >= *entry.dated && time > std::max(woken, entry.watermark)) {
        return "a record of task " + std::to_string(entry.upstream) + " is late";
      }
    }
    newest_.clear();
    Timestamp slowest = kEndOfTime;
    for (uint32_t u = 1; u < kUpstreams; ++u) slowest = std::min(slowest, owners_[u].watermark);
    // Those that got no data hear of an advance once a second.
    return time + 2'000 < slowest ? "time stands still" : "";
  }

  Random random_;
  const Rules rules_;
  ManualClock clock_;
  std::map<uint32_t, Owner> owners_;
  std::map<int32_t, std::vector<Entry>> logs_;
  std::set<int64_t> aborted_;
  std::map<uint32_t, uint32_t> newest_;
  int64_t transactions_ = 0;
};

constexpr uint64_t kSeeds = 200;

TEST(MarksTest, NoRecordIsLateAndTimeGoesOn) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    ASSERT_EQ(MarkProtocol(seed, {}).Run(), "") << "seed " << seed;
  }
}

/// The first finding of all seeds.
std::string Finding(const Rules& rules) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const std::string wrong = MarkProtocol(seed, rules).Run();
    if (!wrong.empty()) return wrong;
  }
  return "";
}

bool ARecordIsLate(const std::string& wrong) { return wrong.ends_with(" is late"); }

TEST(MarksTest, HearingFormerOwnersIsCaught) {
  Rules rules;
  rules.upstreams.newest_owner = false;
  EXPECT_TRUE(ARecordIsLate(Finding(rules)));
}

TEST(MarksTest, WaitingForIdleTasksIsCaught) {
  Rules rules;
  rules.upstreams.leave_out_idle = false;
  EXPECT_EQ(Finding(rules), "time stands still");
}

TEST(MarksTest, DataBeforeTheOpeningMarkIsCaught) {
  Rules rules;
  rules.marks.open_first = false;
  EXPECT_TRUE(ARecordIsLate(Finding(rules)));
}

TEST(MarksTest, CountingWhatWasAbortedAsSaidIsCaught) {
  Rules rules;
  rules.marks.forget_aborted = false;
  EXPECT_TRUE(ARecordIsLate(Finding(rules)));
}

}  // namespace
}  // namespace sidestream::simulation
