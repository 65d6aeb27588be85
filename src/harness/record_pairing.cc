// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "harness/record_pairing.h"

#include <algorithm>
#include <numeric>

namespace sidestream::harness {
namespace {

using topology::MatchMode;
using Numbers = std::vector<size_t>;

/// Cells of the table behind an alignment; beyond it records are paired by their place alone.
constexpr size_t kCellsMax = 4'000'000;

class Pairer {
 public:
  explicit Pairer(const PairingTask& task) : task_(task), partner_(task.expected) {}

  std::vector<Pairing> Pair(MatchMode mode) {
    Numbers expected(task_.expected);
    std::iota(expected.begin(), expected.end(), size_t{0});
    Numbers actual(task_.actual);
    std::iota(actual.begin(), actual.end(), size_t{0});
    if (mode == MatchMode::kLastPerKey) KeepLast(actual);
    used_.assign(task_.actual, false);
    if (mode == MatchMode::kOrdered) {
      Align(expected, actual);
    } else if (mode == MatchMode::kExact) {
      PairInOrderPerKey(expected, actual);
    } else {
      for (const size_t e : expected) {
        std::vector<bool> tried(task_.actual, false);
        Augment(e, actual, tried);
      }
    }
    PairLeftovers(actual);
    return Listed(actual);
  }

 private:
  struct Partner {
    std::optional<size_t> actual;
    bool fits = false;
  };

  void Set(size_t expected, size_t actual, bool fits) {
    partner_[expected] = {actual, fits};
    used_[actual] = true;
  }

  void KeepLast(Numbers& actual) const {
    Numbers kept;
    for (const size_t a : actual) {
      std::erase_if(kept, [&](size_t earlier) { return task_.equal_keys(earlier, a); });
      kept.push_back(a);
    }
    actual = std::move(kept);
  }

  /// Takes a record for `expected`, and moves others to another one of theirs if it must.
  bool Augment(size_t expected, const Numbers& actual, std::vector<bool>& tried) {
    for (const size_t a : actual) {
      if (tried[a] || !task_.matches(expected, a)) continue;
      tried[a] = true;
      const auto owner = std::find_if(partner_.begin(), partner_.end(),
                                      [&](const Partner& partner) { return partner.actual == a; });
      if (owner != partner_.end() &&
          !Augment(static_cast<size_t>(owner - partner_.begin()), actual, tried)) {
        continue;
      }
      Set(expected, a, true);
      return true;
    }
    return false;
  }

  void PairInOrderPerKey(const Numbers& expected, const Numbers& actual) {
    if (!std::all_of(expected.begin(), expected.end(), task_.has_key)) {
      TakeFirstOfAKey(expected, actual);
      return;
    }
    Numbers open = expected;
    while (!open.empty()) {
      // The records of one key. Two that expect it may write it in two ways (1 and 1.0).
      Numbers of_key;
      for (const size_t a : actual) {
        if (!used_[a] && task_.same_key(open.front(), a)) of_key.push_back(a);
      }
      const auto same = [&](size_t e) {
        return e == open.front() || (!of_key.empty() && task_.same_key(e, of_key.front()));
      };
      Numbers wanted;
      std::copy_if(open.begin(), open.end(), std::back_inserter(wanted), same);
      std::erase_if(open, [&](size_t e) {
        return std::find(wanted.begin(), wanted.end(), e) != wanted.end();
      });
      Align(wanted, of_key);
    }
  }

  void TakeFirstOfAKey(const Numbers& expected, const Numbers& actual) {
    for (const size_t e : expected) {
      const auto found = std::find_if(actual.begin(), actual.end(), [&](size_t a) {
        return !used_[a] && task_.matches(e, a) &&
               std::none_of(actual.begin(), actual.end(), [&](size_t earlier) {
                 return earlier < a && !used_[earlier] && task_.equal_keys(earlier, a);
               });
      });
      if (found != actual.end()) Set(e, *found, true);
    }
  }

  /// Pairs two sequences: the longest common one fits, what stands between is paired by place.
  void Align(Numbers expected, Numbers actual) {
    size_t front = 0;
    while (front < std::min(expected.size(), actual.size()) &&
           task_.matches(expected[front], actual[front])) {
      Set(expected[front], actual[front], true);
      ++front;
    }
    expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(front));
    actual.erase(actual.begin(), actual.begin() + static_cast<std::ptrdiff_t>(front));
    if (expected.empty() || actual.empty()) return;
    if (expected.size() * actual.size() > kCellsMax) {
      PairGap(expected, actual);
      return;
    }
    AlignByTable(expected, actual);
  }

  void AlignByTable(const Numbers& expected, const Numbers& actual) {
    const size_t width = actual.size() + 1;
    std::vector<bool> match(expected.size() * actual.size());
    std::vector<uint32_t> longest((expected.size() + 1) * width, 0);
    for (size_t e = expected.size(); e-- > 0;) {
      for (size_t a = actual.size(); a-- > 0;) {
        const bool fits = task_.matches(expected[e], actual[a]);
        match[e * actual.size() + a] = fits;
        longest[e * width + a] =
            fits ? longest[(e + 1) * width + a + 1] + 1
                 : std::max(longest[(e + 1) * width + a], longest[e * width + a + 1]);
      }
    }
    Numbers expected_gap;
    Numbers actual_gap;
    size_t e = 0;
    size_t a = 0;
    while (e < expected.size() && a < actual.size()) {
      if (match[e * actual.size() + a]) {
        PairGap(expected_gap, actual_gap);
        Set(expected[e++], actual[a++], true);
      } else if (longest[(e + 1) * width + a] >= longest[e * width + a + 1]) {
        expected_gap.push_back(expected[e++]);
      } else {
        actual_gap.push_back(actual[a++]);
      }
    }
    expected_gap.insert(expected_gap.end(), expected.begin() + static_cast<std::ptrdiff_t>(e),
                        expected.end());
    actual_gap.insert(actual_gap.end(), actual.begin() + static_cast<std::ptrdiff_t>(a),
                      actual.end());
    PairGap(expected_gap, actual_gap);
  }

  void PairGap(Numbers& expected, Numbers& actual) {
    for (size_t i = 0; i < std::min(expected.size(), actual.size()); ++i) {
      Set(expected[i], actual[i], task_.matches(expected[i], actual[i]));
    }
    expected.clear();
    actual.clear();
  }

  /// A record of the same key is shown beside what was expected of it.
  void PairLeftovers(const Numbers& actual) {
    for (size_t e = 0; e < task_.expected; ++e) {
      if (partner_[e].actual) continue;
      const auto found = std::find_if(actual.begin(), actual.end(), [&](size_t a) {
        return !used_[a] && (task_.same_key(e, a) || !task_.has_key(e));
      });
      if (found != actual.end()) Set(e, *found, false);
    }
  }

  std::vector<Pairing> Listed(const Numbers& actual) const {
    std::vector<Pairing> list;
    for (size_t e = 0; e < task_.expected; ++e) {
      list.push_back({e, partner_[e].actual, partner_[e].fits});
    }
    for (const size_t a : actual) {
      if (!used_[a]) list.push_back({std::nullopt, a, false});
    }
    return list;
  }

  const PairingTask& task_;
  std::vector<Partner> partner_;  // of each expected record
  std::vector<bool> used_;        // which actual ones have one
};

}  // namespace

std::vector<Pairing> PairRecords(const PairingTask& task, MatchMode mode) {
  return Pairer(task).Pair(mode);
}

}  // namespace sidestream::harness
