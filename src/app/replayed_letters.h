// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which letters of a partition have been put back: what the group <application>-dlq-replay commits.
// The committed offset is that of the first letter that has not; its metadata names the runs of
// letters behind it that have, because a filter takes some and leaves others.
//
// Persistent: docs/formats/dead-letter.md.
//
// Threading: values.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::app {

/// Offsets first to last: every letter among them has been put back.
struct LetterRun {
  Offset first;
  Offset last;
  friend bool operator==(const LetterRun&, const LetterRun&) = default;
};

/// "1:12-40,57-57": a version, then the runs in order. Empty for no runs.
std::string EncodeRuns(const std::vector<LetterRun>& runs);
/// Fails with kInvalidConfig: a newer release wrote the text, or another program.
Result<std::vector<LetterRun>> DecodeRuns(std::string_view text);

class ReplayedLetters {
 public:
  /// What was committed: every letter below `base`, and `runs`.
  ReplayedLetters(Offset base, std::vector<LetterRun> runs) : base_(base), runs_(std::move(runs)) {}

  Offset base() const { return base_; }
  bool Contains(Offset offset) const;

  /// Says which letters there are: in order, from base() on.
  void Saw(Offset offset) { seen_.emplace_hint(seen_.end(), offset, Contains(offset)); }
  /// Requires that it was seen.
  void Add(Offset offset) { seen_.at(offset) = true; }

  /// What is to be committed now.
  Offset NextBase() const;
  std::vector<LetterRun> NextRuns() const;

 private:
  Offset base_;
  std::vector<LetterRun> runs_;
  std::map<Offset, bool> seen_;
};

}  // namespace sidestream::app
