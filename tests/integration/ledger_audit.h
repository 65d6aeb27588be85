// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What must hold of the ledger once it is at rest, computed from nothing but the number of ids fed
// (ledger_entry.h) and what lies on Kafka and on the disk.
//
// Threading: confined to one thread.

#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/ledger_entry.h"

namespace sidestream::integration {

/// Waits until the group has committed every input and repartition partition to its end, no
/// transaction is open, and the control topic's position has come to where its end was then; periodic
/// checkpoints may go on. Returns what is missing, which is nothing in the good case.
std::vector<std::string> AwaitRest(ClusterView& view, const std::string& application,
                                   uint64_t records, Milliseconds limit);

class LedgerAudit {
 public:
  enum class Run {
    kExactly,
    /// At least once: an id may come out again, and an old result too.
    kRepeats,
    /// Exactly once, from a savepoint on: what came out before it lies elsewhere.
    kRestored,
  };
  /// `application` as in LedgerTopics. `state_dir`: of a stopped instance that had all tasks last.
  LedgerAudit(ClusterView& view, const std::string& application, uint64_t records,
              std::filesystem::path state_dir, Run run);

  /// Reads everything and returns each rule that does not hold, with an example.
  std::vector<std::string> Check();
  /// What was read, for people.
  std::string Summary() const;

 private:
  struct Total {
    int64_t records = 0;
    int64_t sum = 0;
    friend bool operator==(const Total&, const Total&) = default;
  };
  using Totals = std::map<std::string, Total>;

  void Find(std::string what);
  void Recompute();
  void CheckNoOpenTransaction();
  void CheckPassed();
  /// Each id came out; of a restored run, each behind the first of its partition.
  void CheckAllPassed(const std::vector<uint8_t>& seen);
  void CheckCounts();
  void FoldChangelog();
  void CheckStores();
  void Compare(const Totals& found, const std::string& where);
  Totals DecodeRows(const std::map<std::string, std::string>& rows, const std::string& where);

  ClusterView& view_;
  const LedgerTopics topics_;
  const uint64_t records_;
  const std::filesystem::path state_dir_;
  const Run run_;
  const bool exactly_;

  Totals expected_;
  /// Rows of each changelog partition, folded: newest value, deletes applied.
  std::map<Partition, std::map<std::string, std::string>> changelog_;
  std::vector<std::string> findings_;
  uint64_t passed_ = 0;
  uint64_t results_ = 0;
  uint64_t changelog_records_ = 0;
  uint64_t store_rows_ = 0;
};

}  // namespace sidestream::integration
