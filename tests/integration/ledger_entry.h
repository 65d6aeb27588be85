// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The entries of the ledger: ids 0, 1, 2 ... and what each of them looks like on Kafka. Feeder and
// auditor work both from this page, so what must come out is computed and never remembered.
//
// Threading: pure functions.

#pragma once

#include <cstdint>
#include <string>

namespace sidestream::integration {

inline constexpr uint64_t kLedgerKeys = 5'000;
inline constexpr uint64_t kLedgerGroups = 1'000;

/// Spreads neighbouring ids (the finalizer of splitmix64).
inline uint64_t Spread(uint64_t id, uint64_t salt) {
  uint64_t x = id + salt * 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

/// The record's own key, which places it in the input.
inline std::string LedgerKey(uint64_t id) {
  return "key-" + std::to_string(Spread(id, 1) % kLedgerKeys);
}

/// The key by which it is counted. Half of all ids fall on ten groups: hot keys.
inline std::string LedgerGroup(uint64_t id) {
  const uint64_t spread = Spread(id, 2);
  const uint64_t groups = (spread >> 32) % 2 == 0 ? 10 : kLedgerGroups;
  return "group-" + std::to_string(spread % groups);
}

inline std::string LedgerValue(uint64_t id) {
  return R"({"id":)" + std::to_string(id) + R"(,"group":")" + LedgerGroup(id) + R"("})";
}

/// Topics of the ledger's application, as ledger.yaml names them.
struct LedgerTopics {
  /// `name` is the application's, or "application:source" where it reads what was fed to another.
  explicit LedgerTopics(const std::string& name)
      : application(name.substr(0, name.find(':'))),
        ids(name.substr(name.find(':') + 1) + "-ids"),
        passed(application + "-passed"),
        counts(application + "-counts"),
        repartition(application + "-totals-repartition"),
        changelog(application + "-totals-changelog"),
        control(application + "-control") {}

  std::string application;
  std::string ids;
  std::string passed;
  std::string counts;
  std::string repartition;
  std::string changelog;
  std::string control;
};

}  // namespace sidestream::integration
