// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/fields.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace sidestream::topology {
namespace {

TEST(FieldsTest, EveryFieldHasAParentAndHelpAndStandsOnce) {
  std::set<std::string_view> seen;
  for (const Field& field : AllFields()) {
    EXPECT_TRUE(seen.insert(field.path).second) << field.path;
    EXPECT_FALSE(field.help.empty()) << field.path;
    std::string_view parent = field.path;
    if (parent.ends_with("[]")) {
      parent.remove_suffix(2);
    } else if (const size_t dot = parent.rfind('.'); dot != std::string_view::npos) {
      parent = parent.substr(0, dot);
    } else {
      continue;
    }
    EXPECT_TRUE(seen.contains(parent)) << field.path << " stands before or without " << parent;
  }
}

TEST(FieldsTest, DefaultsOfChoicesAreChoices) {
  for (const Field& field : AllFields()) {
    if (field.type != FieldType::kChoice || field.default_text.empty()) continue;
    const auto choices = Choices(field);
    EXPECT_NE(std::find(choices.begin(), choices.end(), field.default_text), choices.end())
        << field.path;
  }
}

TEST(FieldsTest, OnlyWhatWorksIsThere) {
  for (const char* path :
       {"tables", "pipelines.<name>.as", "pipelines.<name>.steps[].join"}) {
    EXPECT_EQ(FindField(path), nullptr) << path;
  }
}

}  // namespace
}  // namespace sidestream::topology
