// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which edits of a topology keep a store's fingerprint, and so its state, and which do not.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/topology/fake_surroundings.h"
#include "topology/build_plan.h"
#include "topology/internal_topics.h"
#include "topology/loader.h"

namespace sidestream::topology {
namespace {

constexpr const char* kTopology = R"(version: 1
application: { id: app, vars: { rate: 3, unused: 1 } }
streams:
  in: { topic: in, key: string, value: json }
  out: { topic: out, key: json, value: json }
pipelines:
  main:
    from: in
    steps:
      - filter: value.ok
      - name: totals
        aggregate:
          group_by: { user: value.user, item: value.item }
          fields:
            a: sum(value.a * vars.rate)
            b: sum(value.b).where(value.b > 0)
            mean: sum(value.b) / count()
          emit: changes
    to: out
  keyed:
    from: in
    steps:
      - rekey: value.user
      - { name: seen, aggregate: { group_by: key, value: count(), emit: changes } }
    to: out
)";

struct Edit {
  const char* from;
  const char* to;
};

std::vector<uint64_t> FingerprintsAfter(const std::vector<Edit>& edits) {
  std::string text = kTopology;
  for (const Edit& edit : edits) {
    const size_t at = text.find(edit.from);
    if (at == std::string::npos) {
      ADD_FAILURE() << "not in the topology: " << edit.from;
      return {};
    }
    text.replace(at, std::string(edit.from).size(), edit.to);
  }
  const LoadedTopology loaded = LoadTopologyTexts({{"a.yaml", text}}, FakeSurroundings());
  EXPECT_TRUE(loaded.ok()) << Render(loaded.findings);
  const PlanResult result = BuildPlan(loaded.model, loaded.files, {{"in", 2}, {"out", 1}});
  if (result.plan == nullptr) {
    ADD_FAILURE() << Render(result.findings);
    return {};
  }
  std::vector<uint64_t> fingerprints(2);
  for (const SubTopology& sub : result.plan->sub_topologies) {
    for (const Store& store : sub.stores) {
      fingerprints[store.name == "totals" ? 0 : 1] = store.fingerprint;
    }
  }
  return fingerprints;
}

struct Case {
  const char* what;
  std::vector<Edit> edits;
};

TEST(FingerprintTest, EditsThatLeaveTheStoredBytesTheirMeaningKeepIt) {
  const std::vector<uint64_t> before = FingerprintsAfter({});
  ASSERT_NE(before[0], before[1]);
  const std::vector<Case> cases = {
      {"blanks", {{"sum(value.a * vars.rate)", "sum( value.a*vars.rate )"}}},
      {"parentheses", {{"sum(value.a * vars.rate)", "sum((value.a) * (vars.rate))"}}},
      {"spelling", {{"where(value.b > 0)", "where(value.b > 0x0)"}}},
      {"comment", {{"      - filter: value.ok", "      # why\n      - filter: value.ok"}}},
      {"blanks in a key", {{"user: value.user,", "user: ( value.user ),"}}},
      {"another step", {{"filter: value.ok", "filter: value.ok && value.a > 0"}}},
      {"a new step", {{"- rekey: value.user", "- filter: value.ok\n      - rekey: value.user"}}},
      {"another variable", {{"unused: 1", "unused: 2"}}},
      {"the formula of a result", {{"sum(value.b) / count()", "sum(value.b) / count() * 100"}}},
      {"the pipeline's name", {{"  main:", "  renamed:"}}},
  };
  for (const Case& c : cases) EXPECT_EQ(FingerprintsAfter(c.edits), before) << c.what;
}

TEST(FingerprintTest, EditsThatChangeTheMeaningOfStoredBytesChangeIt) {
  const std::vector<uint64_t> before = FingerprintsAfter({});
  const std::vector<Case> totals = {
      {"sums swapped", {{"value.a * vars.rate", "value.b"}, {"sum(value.b).", "sum(value.a)."}}},
      {"argument", {{"value.a * vars.rate", "value.c * vars.rate"}}},
      {"value of a constant", {{"rate: 3", "rate: 4"}}},
      {"condition", {{"value.b > 0", "value.b >= 0"}}},
      {"condition dropped", {{".where(value.b > 0)", ""}}},
      {"function", {{"a: sum(", "a: max("}}},
      {"a further call", {{"mean: sum(value.b) / count()", "mean: max(value.z)"}}},
      {"order of the calls",
       {{"a: sum(value.a * vars.rate)", "m: count()\n            a: sum(value.a * vars.rate)"}}},
      {"name of a result", {{"mean:", "average:"}}},
      {"expression of the key", {{"user: value.user,", "user: value.owner,"}}},
      {"name in the key", {{"user: value.user,", "owner: value.user,"}}},
      {"order in the key",
       {{"user: value.user, item: value.item", "item: value.item, user: value.user"}}},
      {"the stream's own key",
       {{"group_by: { user: value.user, item: value.item }", "group_by: key"}}},
  };
  for (const Case& c : totals) {
    const std::vector<uint64_t> after = FingerprintsAfter(c.edits);
    EXPECT_NE(after[0], before[0]) << c.what;
    EXPECT_EQ(after[1], before[1]) << c.what << " concerns one store";
  }
  const std::vector<Case> seen = {
      {"key made by an earlier step", {{"- rekey: value.user", "- rekey: value.item"}}},
      {"own key", {{"- rekey: value.user", "- filter: value.ok"}}},
      {"fields in place of a value", {{"value: count(), emit", "fields: { n: count() }, emit"}}},
      {"the store's name", {{"name: seen", "name: met"}}},
  };
  for (const Case& c : seen) {
    const std::vector<uint64_t> after = FingerprintsAfter(c.edits);
    EXPECT_NE(after[1], before[1]) << c.what;
    EXPECT_EQ(after[0], before[0]) << c.what << " concerns one store";
  }
}

TEST(FingerprintTest, FormatOfTheOwnKeyBelongsToIt) {
  const std::vector<Edit> own = {{"- rekey: value.user", "- filter: value.ok"}};
  std::vector<Edit> bytes = own;
  bytes.push_back({"key: string", "key: bytes"});
  EXPECT_NE(FingerprintsAfter(own)[1], FingerprintsAfter(bytes)[1]);
}

TEST(FingerprintTest, RowsOfSlicesAreNotThoseOfWindows) {
  const auto with = [](const char* rest) {
    return FingerprintsAfter({{"value: count(), emit: changes", rest}})[1];
  };
  const uint64_t slices = with("value: count(), window: { hopping: 20s, every: 5s }");
  const uint64_t windows = with("value: count(), window: { hopping: 20s, every: 5s }, emit: each");
  EXPECT_NE(slices, windows);
  EXPECT_EQ(windows, with("value: count(), window: { hopping: 20s, every: 5s }, emit: changes"));
  EXPECT_EQ(with("value: count(), window: { tumbling: 5s }"),
            with("value: count(), window: { tumbling: 5s }, emit: each"));
  EXPECT_EQ(with("value: count()"), with("value: count(), emit: { every: 5s }"));
}

// Written into state directories and control topics: a change here refuses the state of every user.
TEST(FingerprintTest, NumbersAreTheSameInEveryRelease) {
  Store store;
  store.name = "per_user";
  store.key.computed = true;
  store.key_meaning = "value.user";
  store.value_layout = "[count()] as value";
  store.partitions = 4;
  EXPECT_EQ(FingerprintOf(store), 7477549184076568991U);
}

}  // namespace
}  // namespace sidestream::topology
