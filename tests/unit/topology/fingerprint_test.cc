// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Which edits of a topology keep a store's layout, and so its state, which let fields come and go,
// and which make another store of it.

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

std::vector<StoreLayout> LayoutsAfter(const std::vector<Edit>& edits) {
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
  std::vector<StoreLayout> layouts(2);
  for (const SubTopology& sub : result.plan->sub_topologies) {
    for (const Store& store : sub.stores) {
      layouts[store.name == "totals" ? 0 : 1] = store.layout;
    }
  }
  return layouts;
}

struct Case {
  const char* what;
  std::vector<Edit> edits;
};

using Kind = LayoutChange::Kind;
using Fields = std::vector<std::string>;

TEST(LayoutTest, EditsThatLeaveTheStoredBytesTheirMeaningKeepIt) {
  const std::vector<StoreLayout> before = LayoutsAfter({});
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
      {"name of a result", {{"mean:", "average:"}}},
      {"fields in place of a value", {{"value: count(), emit", "fields: { n: count() }, emit"}}},
      {"order of the results",
       {{"a: sum(value.a * vars.rate)", "m: count()\n            a: sum(value.a * vars.rate)"}}},
  };
  for (const Case& c : cases) {
    const std::vector<StoreLayout> after = LayoutsAfter(c.edits);
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(CompareLayouts(before[i], after[i]).kind, Kind::kSame) << c.what;
    }
  }
}

struct Evolution {
  const char* what;
  std::vector<Edit> edits;
  Fields removed;
  Fields added;
};

TEST(LayoutTest, CallsThatComeAndGoLeaveTheOthersTheirs) {
  const std::vector<StoreLayout> before = LayoutsAfter({});
  const std::string scaled = "sum((value.a * vars.rate)) with vars.rate=3";
  const std::string positive = "sum(value.b).where((value.b > 0))";
  const std::vector<Evolution> cases = {
      {"a further call", {{"mean: sum(value.b) / count()", "mean: sum(value.b) / count()\n"
                           "            top: max(value.z)"}}, {}, {"max(value.z)"}},
      {"a call less", {{"            b: sum(value.b).where(value.b > 0)\n", ""}}, {positive}, {}},
      {"argument", {{"value.a * vars.rate", "value.c * vars.rate"}}, {scaled},
       {"sum((value.c * vars.rate)) with vars.rate=3"}},
      {"value of a constant", {{"rate: 3", "rate: 4"}}, {scaled},
       {"sum((value.a * vars.rate)) with vars.rate=4"}},
      {"condition", {{"value.b > 0", "value.b >= 0"}}, {positive},
       {"sum(value.b).where((value.b >= 0))"}},
      {"function", {{"a: sum(", "a: max("}}, {scaled},
       {"max((value.a * vars.rate)) with vars.rate=3"}},
  };
  for (const Evolution& c : cases) {
    const std::vector<StoreLayout> after = LayoutsAfter(c.edits);
    const LayoutChange change = CompareLayouts(before[0], after[0]);
    EXPECT_EQ(change.kind, Kind::kEvolved) << c.what;
    EXPECT_EQ(change.removed, c.removed) << c.what;
    EXPECT_EQ(change.added, c.added) << c.what;
    EXPECT_EQ(change.loses(), !c.removed.empty()) << c.what;
    EXPECT_EQ(PartsFingerprint("totals", before[0]), PartsFingerprint("totals", after[0]));
    EXPECT_EQ(CompareLayouts(before[1], after[1]).kind, Kind::kSame) << c.what;
  }
}

TEST(LayoutTest, EditsThatGiveAllRowsAnotherMeaningMakeAnotherStore) {
  const std::vector<StoreLayout> before = LayoutsAfter({});
  const auto expect_other = [&](const Case& c, size_t store) {
    const std::vector<StoreLayout> after = LayoutsAfter(c.edits);
    const LayoutChange change = CompareLayouts(before[store], after[store]);
    EXPECT_EQ(change.kind, Kind::kOther) << c.what;
    EXPECT_NE(change.reason, "") << c.what;
    EXPECT_NE(PartsFingerprint("s", before[store]), PartsFingerprint("s", after[store])) << c.what;
    EXPECT_EQ(CompareLayouts(before[1 - store], after[1 - store]).kind, Kind::kSame)
        << c.what << " concerns one store";
  };
  const std::vector<Case> totals = {
      {"expression of the key", {{"user: value.user,", "user: value.owner,"}}},
      {"name in the key", {{"user: value.user,", "owner: value.user,"}}},
      {"order in the key",
       {{"user: value.user, item: value.item", "item: value.item, user: value.user"}}},
      {"the stream's own key",
       {{"group_by: { user: value.user, item: value.item }", "group_by: key"}}},
  };
  for (const Case& c : totals) expect_other(c, 0);
  const std::vector<Case> seen = {
      {"key made by an earlier step", {{"- rekey: value.user", "- rekey: value.item"}}},
      {"own key", {{"- rekey: value.user", "- filter: value.ok"}}},
      {"a window", {{"value: count(), emit", "value: count(), window: { tumbling: 1m }, emit"}}},
  };
  for (const Case& c : seen) expect_other(c, 1);
}

TEST(LayoutTest, TheReasonSaysWhatWasAndWhatIs) {
  const auto with = [](const char* rest) {
    return LayoutsAfter({{"value: count(), emit: changes", rest}})[1];
  };
  EXPECT_EQ(CompareLayouts(with("value: count(), window: { tumbling: 1m }"),
                           with("value: count(), window: { tumbling: 5m }")).reason,
            "window was tumbling 1m, is tumbling 5m");
  EXPECT_EQ(CompareLayouts(with("value: count()"),
                           with("value: count(), window: { tumbling: 1m }")).reason,
            "kind was aggregate, is windows");
}

TEST(LayoutTest, FormatOfTheOwnKeyBelongsToIt) {
  const std::vector<Edit> own = {{"- rekey: value.user", "- filter: value.ok"}};
  std::vector<Edit> bytes = own;
  bytes.push_back({"key: string", "key: bytes"});
  EXPECT_EQ(CompareLayouts(LayoutsAfter(own)[1], LayoutsAfter(bytes)[1]).reason,
            "format of the key was string, is bytes");
}

TEST(LayoutTest, RowsOfSlicesAreNotThoseOfWindows) {
  const auto with = [](const char* rest) {
    return LayoutsAfter({{"value: count(), emit: changes", rest}})[1];
  };
  const auto same = [](const StoreLayout& a, const StoreLayout& b) {
    return CompareLayouts(a, b).kind == Kind::kSame;
  };
  const StoreLayout slices = with("value: count(), window: { hopping: 20s, every: 5s }");
  const StoreLayout windows = with("value: count(), window: { hopping: 20s, every: 5s }, emit: each");
  EXPECT_FALSE(same(slices, windows));
  EXPECT_TRUE(same(windows, with("value: count(), window: { hopping: 20s, every: 5s }, emit: changes")));
  EXPECT_TRUE(same(with("value: count(), window: { tumbling: 5s }"),
                   with("value: count(), window: { tumbling: 5s }, emit: each")));
  EXPECT_TRUE(same(with("value: count()"), with("value: count(), emit: { every: 5s }")));
}

TEST(LayoutTest, StoresOfAScriptMayFollowBehindTheOthers) {
  const auto with = [](const std::string& stores) {
    const std::string step = "process: { script: 'function process(k, v, ctx) end', stores: " +
                             stores + " } }";
    return LayoutsAfter({{"aggregate: { group_by: key, value: count(), emit: changes } }",
                          step.c_str()}})[1];
  };
  const StoreLayout before = with("{ n: { kind: value }, m: { kind: map } }");
  const LayoutChange more =
      CompareLayouts(before, with("{ n: { kind: value }, m: { kind: map }, l: { kind: list } }"));
  EXPECT_EQ(more.kind, Kind::kEvolved);
  EXPECT_EQ(more.added, Fields{"l: list"});
  EXPECT_FALSE(more.loses());
  for (const char* stores : {"{ n: { kind: value } }", "{ m: { kind: map }, n: { kind: value } }",
                             "{ n: { kind: value }, other: { kind: map } }"}) {
    EXPECT_EQ(CompareLayouts(before, with(stores)).kind, Kind::kOther) << stores;
  }
}

// Written into state directories, control topics and rows: a change here refuses the state of every
// user.
TEST(LayoutTest, NumbersAreTheSameInEveryRelease) {
  Store store;
  store.name = "per_user";
  store.key.computed = true;
  store.key_meaning = "value.user";
  store.value_layout = "[count()] as value";
  store.layout.fields = {"count()"};
  store.partitions = 4;
  CompleteLayout(store);
  EXPECT_EQ(store.layout.fingerprint, 7477549184076568991U);
  EXPECT_EQ(PartsFingerprint(store.name, store.layout), 14223667957739042056U);
  EXPECT_EQ(FieldId("count()"), 0x6fbc1313U);
}

// Which part it was is not known.
TEST(LayoutTest, OfAnOlderReleaseOnlyTheWholeDefinitionIsKnown) {
  StoreLayout recorded;
  recorded.fingerprint = LayoutsAfter({})[0].fingerprint;
  EXPECT_EQ(CompareLayouts(recorded, LayoutsAfter({})[0]).kind, Kind::kSame);
  EXPECT_EQ(CompareLayouts(recorded, LayoutsAfter({{"mean:", "average:"}})[0]).kind, Kind::kOther);
}

}  // namespace
}  // namespace sidestream::topology
