// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/property/windows/naive_functions.h"

#include <algorithm>
#include <functional>
#include <set>

namespace sidestream::testing {
namespace {

std::string ListOf(const std::vector<int64_t>& numbers) {
  std::string text = "[";
  for (const int64_t number : numbers)
    text += (text.size() > 1 ? "," : "") + std::to_string(number);
  return text + "]";
}

std::vector<int64_t> Numbers(const Content& content) {
  std::vector<int64_t> numbers;
  for (const Fact* fact : content) numbers.push_back(fact->n);
  return numbers;
}

/// The first `count` by `rank`, which the content's own order decides among equals.
std::vector<int64_t> FirstBy(const Content& content, size_t count, int64_t (*rank)(int64_t n)) {
  Content ordered = content;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [rank](const Fact* a, const Fact* b) { return rank(a->n) < rank(b->n); });
  ordered.resize(std::min(ordered.size(), count));
  return Numbers(ordered);
}

std::string NumberOrNull(const std::vector<int64_t>& numbers, bool last = false) {
  if (numbers.empty()) return "null";
  return std::to_string(last ? numbers.back() : numbers.front());
}

constexpr NaiveFunction kFunctions[] = {
    {"n", "count()", [](const Content& c) { return std::to_string(c.size()); }},
    {"sum", "sum(value.n)",
     [](const Content& c) {
       int64_t sum = 0;
       for (const Fact* fact : c) sum += fact->n;
       return std::to_string(sum);
     }},
    {"low", "min(value.n)",
     [](const Content& c) { return NumberOrNull(FirstBy(c, 1, [](int64_t n) { return n; })); }},
    {"high", "max(value.n)",
     [](const Content& c) { return NumberOrNull(FirstBy(c, 1, [](int64_t n) { return -n; })); }},
    {"first", "first(value.n)", [](const Content& c) { return NumberOrNull(Numbers(c)); }},
    {"last", "last(value.n)", [](const Content& c) { return NumberOrNull(Numbers(c), true); }},
    {"even", "count().where(value.n % 2 == 0)",
     [](const Content& c) {
       return std::to_string(
           std::count_if(c.begin(), c.end(), [](const Fact* fact) { return fact->n % 2 == 0; }));
     }},
    {"large", "sum(value.n).where(value.n >= 20)",
     [](const Content& c) {
       int64_t sum = 0;
       bool any = false;
       for (const Fact* fact : c) {
         if (fact->n < 20) continue;
         sum += fact->n;
         any = true;
       }
       return any ? std::to_string(sum) : std::string("null");
     }},
    {"kinds", "count_distinct(value.n % 7)",
     [](const Content& c) {
       std::set<int64_t> kinds;
       for (const Fact* fact : c) kinds.insert(fact->n % 7);
       return std::to_string(kinds.size());
     }},
    {"all", "collect(value.n, 1000)", [](const Content& c) { return ListOf(Numbers(c)); }},
    {"set", "collect_set(value.n % 5, 1000)",
     [](const Content& c) {
       std::set<int64_t> kinds;
       for (const Fact* fact : c) kinds.insert(fact->n % 5);
       return ListOf({kinds.begin(), kinds.end()});
     }},
    {"nearest", "min_by(value.n, value.n % 7)",
     [](const Content& c) { return NumberOrNull(FirstBy(c, 1, [](int64_t n) { return n % 7; })); }},
    {"farthest", "max_by(value.n, value.n % 7)",
     [](const Content& c) {
       return NumberOrNull(FirstBy(c, 1, [](int64_t n) { return -(n % 7); }));
     }},
    {"top", "top(value.n, 3, value.n % 5)",
     [](const Content& c) { return ListOf(FirstBy(c, 3, [](int64_t n) { return -(n % 5); })); }},
    {"bottom", "bottom(value.n, 2, value.n % 5)",
     [](const Content& c) { return ListOf(FirstBy(c, 2, [](int64_t n) { return n % 5; })); }},
    {"any_large", "bool_or(value.n > 30)",
     [](const Content& c) -> std::string {
       const bool any =
           std::any_of(c.begin(), c.end(), [](const Fact* fact) { return fact->n > 30; });
       return any ? "true" : "false";
     }},
};

}  // namespace

std::span<const NaiveFunction> NaiveFunctions() { return kFunctions; }

}  // namespace sidestream::testing
