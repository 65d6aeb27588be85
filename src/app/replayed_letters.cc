// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/replayed_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sidestream::app {
namespace {

constexpr std::string_view kVersion = "1:";

std::optional<Offset> TakeNumber(std::string_view& text) {
  int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(parsed.ptr - text.data()));
  return Offset(number);
}

bool Take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string EncodeRuns(const std::vector<LetterRun>& runs) {
  if (runs.empty()) return "";
  std::string text(kVersion);
  for (const LetterRun& run : runs) {
    if (text.size() > kVersion.size()) text += ',';
    text += fmt::format("{}-{}", run.first.value(), run.last.value());
  }
  return text;
}

Result<std::vector<LetterRun>> DecodeRuns(std::string_view text) {
  std::vector<LetterRun> runs;
  if (text.empty()) return runs;
  const auto foreign = [] {
    return Status::InvalidConfig(
        "the group of the replays holds metadata that this release does not read");
  };
  if (!text.starts_with(kVersion)) return foreign();
  text.remove_prefix(kVersion.size());
  do {
    const auto first = TakeNumber(text);
    if (!first || !Take(text, '-')) return foreign();
    const auto last = TakeNumber(text);
    if (!last || *last < *first || (!runs.empty() && *first <= runs.back().last)) return foreign();
    runs.push_back({*first, *last});
  } while (Take(text, ','));
  if (!text.empty()) return foreign();
  return runs;
}

bool ReplayedLetters::Contains(Offset offset) const {
  if (offset < base_) return true;
  const auto run = std::find_if(runs_.begin(), runs_.end(),
                                [&](const LetterRun& each) { return offset <= each.last; });
  return run != runs_.end() && run->first <= offset;
}

Offset ReplayedLetters::NextBase() const {
  const auto left =
      std::find_if(seen_.begin(), seen_.end(), [](const auto& letter) { return !letter.second; });
  if (left != seen_.end()) return left->first;
  return seen_.empty() ? base_ : seen_.rbegin()->first + 1;
}

std::vector<LetterRun> ReplayedLetters::NextRuns() const {
  std::vector<LetterRun> runs;
  bool open = false;
  // Offsets between two letters are those of transaction markers: a run goes over them.
  for (auto it = seen_.lower_bound(NextBase()); it != seen_.end(); ++it) {
    if (it->second && open) runs.back().last = it->first;
    if (it->second && !open) runs.push_back({it->first, it->first});
    open = it->second;
  }
  // What was not looked at this time stays as it was.
  const Offset after = seen_.empty() ? base_ : seen_.rbegin()->first + 1;
  for (const LetterRun& run : runs_) {
    if (run.last >= after) runs.push_back({std::max(run.first, after), run.last});
  }
  return runs;
}

}  // namespace sidestream::app
