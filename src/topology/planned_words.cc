// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/planned_words.h"

#include <algorithm>
#include <array>

namespace sidestream::topology {
namespace {

struct PlannedWord {
  std::string_view path;
  std::string_view word;
};

constexpr std::string_view kStep = "pipelines.<name>.steps[]";

constexpr auto kKeys = std::to_array<PlannedWord>({
    {"", "tables"},
    {"pipelines.<name>", "as"},
    {kStep, "join"},
    {"pipelines.<name>.steps[].branch[]", "as"},
    {"pipelines.<name>.steps[].aggregate.fold", "undo"},
});

template <typename Words>
bool Contains(const Words& words, std::string_view path, std::string_view word) {
  return std::any_of(words.begin(), words.end(), [&](const PlannedWord& planned) {
    return planned.path == path && planned.word == word;
  });
}

}  // namespace

bool IsPlannedKey(std::string_view path, std::string_view key) {
  return Contains(kKeys, path, key);
}

}  // namespace sidestream::topology
