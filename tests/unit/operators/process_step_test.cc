// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/process_step.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "serde/value_codec.h"
#include "tests/unit/operators/process_case.h"

namespace sidestream::operators {
namespace {

using serde::Value;
using Texts = std::vector<std::string>;
using topology::ProcessStore;

::testing::AssertionResult Says(const std::string& text, const std::string& part) {
  if (text.find(part) != std::string::npos) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << text << "\n  does not say\n" << part;
}

/// What `expression` of Lua gives for the value, through a script that emits it.
std::string Emitted(const std::string& body, const std::string& json = "null") {
  DrivenProcess driven("function process(key, value, ctx)\n" + body + "\nend");
  if (!driven.error.empty()) return "error: " + driven.error;
  const Status status = driven.Process("k", json, 5);
  if (!status.ok()) return "error: " + status.message();
  std::string all;
  for (const std::string& sent : driven.output.TakeSent()) all += (all.empty() ? "" : " ") + sent;
  return all;
}

TEST(ProcessStepTest, EmitsOnARecordWithItsTimeKeyAndHeaders) {
  DrivenProcess driven(
      "function process(key, value, ctx) ctx.emit({ n = value.n + 1, k = key }) end");
  const std::vector<Header> headers{{"trace", "abc"}};
  ASSERT_TRUE(driven.Process("a", R"({"n":1})", 100, headers).ok());
  EXPECT_EQ(driven.output.TakeSent(), (Texts{R"(a={"k":"a","n":2}@100{trace=abc})"}));
}

TEST(ProcessStepTest, EmissionsMayHaveAKeyHeadersAndAnOutputOfTheirOwn) {
  DrivenProcess driven(
      "function process(key, value, ctx)\n"
      "  ctx.emit('x', { key = 'other', headers = { h = ctx.headers.trace .. '!' } })\n"
      "  ctx.emit('y', { to = 'alerts' })\n"
      "  ctx.emit(null)\n"
      "end",
      {}, {"audit", "alerts"});
  const std::vector<Header> headers{{"trace", "1"}, {"trace", "2"}};
  ASSERT_TRUE(driven.Process("a", "1", 7, headers).ok());
  EXPECT_EQ(driven.output.TakeSent(),
            (Texts{R"(other="x"@7{h=2!})", R"(side 1 a="y"@7{trace=1}{trace=2})",
                   "a=null@7{trace=1}{trace=2}"}));
}

TEST(ProcessStepTest, ValuesComeBackAsTheyWent) {
  const std::string json =
      R"({"big":9007199254740993,"d":1.0,"e":[],"m":{},"n":null,"t":"ä","x":[1,[2.5,null],{"a":true}]})";
  EXPECT_EQ(Emitted("ctx.emit(value)", json), "k=" + json + "@5");
  EXPECT_EQ(Emitted("ctx.emit(list())"), "k=[]@5");
  EXPECT_EQ(Emitted("ctx.emit({})"), "k={}@5");
  EXPECT_EQ(Emitted("ctx.emit({ 1, 2 })"), "k=[1,2]@5");
  EXPECT_EQ(Emitted("ctx.emit(value == nil)"), "k=true@5");
  EXPECT_EQ(Emitted("ctx.emit(value.a == null)", R"({"a":null})"), "k=true@5");
  EXPECT_EQ(Emitted("value.a = nil ctx.emit(value)", R"({"a":1,"b":2})"), R"(k={"b":2}@5)");
  EXPECT_EQ(Emitted("ctx.emit(decimal('0.10') + decimal('0.20') * 3)"), "k=0.70@5");
  EXPECT_EQ(Emitted("ctx.emit(time.from_ms(1767225600123))"), R"(k="2026-01-01T00:00:00.123Z"@5)");
  EXPECT_EQ(Emitted("ctx.emit(time.to_ms(time.from_ms(-1)))"), "k=-1@5");
  EXPECT_EQ(Emitted("ctx.emit({ bytes('\\xff\\x00'), #bytes('abc') })"), R"(k=["/wA=",3]@5)");
  EXPECT_EQ(Emitted("ctx.emit({ bytes('a') == bytes('a'), decimal('1.50') == decimal('1.5'), "
                    "decimal('1') < 2, time.from_ms(1) < time.from_ms(2) })"),
            "k=[true,true,true,true]@5");
}

TEST(ProcessStepTest, WhatIsNoValueIsAnErrorOfTheRecord) {
  EXPECT_EQ(Emitted("ctx.emit(ctx.emit)"), "error: t.yaml:11: a function can be no value");
  EXPECT_EQ(
      Emitted("ctx.emit({ a = { 1, x = 2 } })"),
      "error: t.yaml:11: field \"a\": a table is neither a list (keys 1 to n) nor a map (text "
      "keys)");
  EXPECT_EQ(Emitted("ctx.emit('\\xff')"),
            "error: t.yaml:11: a text is not UTF-8; make it bytes(...)");
  EXPECT_TRUE(Says(Emitted("local t = {} t.t = t ctx.emit(t)"), "or holds itself"));
  EXPECT_TRUE(Says(Emitted("local t = {} for i = 1, 60 do t = { t, t } end ctx.emit(t)"),
                   "more than 1000000 others"));
  EXPECT_TRUE(Says(Emitted("return 1"), "sent with ctx.emit(value)"));
  EXPECT_TRUE(Says(Emitted("ctx:emit(1)"), "error: t.yaml:11: "));
  EXPECT_TRUE(Says(Emitted("ctx.emit(1, { too = 'x' })"), "options key, headers and to, not too"));
  EXPECT_TRUE(Says(Emitted("ctx.store.seen.get()"), "there is no store seen"));
  EXPECT_TRUE(Says(Emitted("local x = value.a.b", R"({"a":null})"),
                   "t.yaml:11: attempt to index a userdata value (field 'a')"));
  EXPECT_TRUE(Says(Emitted("ctx.emit(decimal('1') + 0.5)"), "not with a float"));
}

TEST(ProcessStepTest, ReachesNothingOutsideAndNothingThatDiffersFromRunToRun) {
  for (const char* name : {"io", "os", "require", "load", "debug", "coroutine", "print", "next",
                           "rawset", "xpcall", "collectgarbage", "dofile", "package"}) {
    EXPECT_TRUE(Says(Emitted("ctx.emit(tostring(" + std::string(name) + "))"),
                     std::string(name) + " is not for scripts: "));
  }
  EXPECT_TRUE(Says(Emitted("ctx.emit(math.random())"), "random is not for scripts"));
  EXPECT_TRUE(Says(Emitted("setmetatable({}, { __gc = function() end })"), "may have no __gc"));
  EXPECT_TRUE(Says(Emitted("counter = 1"), "belongs into a store"));
  EXPECT_TRUE(Says(Emitted("string.extra = 1"), "only read"));
  EXPECT_TRUE(Says(Emitted("ctx.extra = 1"), "only read"));
  EXPECT_TRUE(Says(Emitted("_ENV.process = nil"), "belongs into a store"));
  EXPECT_EQ(Emitted("ctx.emit(tostring({}) .. tostring(pairs) .. string.format('%s', {}))"),
            R"(k="tablefunctiontable"@5)");
  EXPECT_TRUE(Says(Emitted("ctx.emit(string.format('%p', {}))"), "%p is not for scripts"));
  EXPECT_EQ(Emitted("local keys = list() for k in pairs({ b = 1, a = 2, [2] = 3, [1] = 4 }) do "
                    "keys[#keys + 1] = tostring(k) end ctx.emit(keys)"),
            R"(k=["1","2","a","b"]@5)");
}

TEST(ProcessStepTest, AnEndlessLoopIsAnErrorOfTheRecordAndNothingElse) {
  const char* const loops[] = {
      "while true do end",
      "local function f() return f() end f()",
      "while true do pcall(function() while true do end end) end",
      "pcall(function() while true do end end)",
      "local s = string.rep('a', 20000) string.find(s, string.rep('a-', 20) .. 'b')",
      "string.rep('', 1 << 50)",
      "table.sort({ 3, 2, 1 }, function() while true do end end)",
  };
  for (const char* const loop : loops) {
    DrivenProcess driven("function process(key, value, ctx)\n if value.bad then\n" +
                         std::string(loop) + "\nend\n ctx.emit(value.n)\nend");
    const Status status = driven.Process("k", R"({"bad":true,"n":1})", 5);
    EXPECT_EQ(status.code(), StatusCode::kBadRecord) << loop;
    EXPECT_TRUE(Says(status.message(), "instructions for one call")) << loop;
    EXPECT_TRUE(driven.output.TakeSent().empty()) << loop;
    // The next record has its own budget.
    ASSERT_TRUE(driven.Process("k", R"({"bad":false,"n":2})", 6).ok()) << loop;
    EXPECT_EQ(driven.output.TakeSent(), (Texts{"k=2@6"})) << loop;
  }
}

TEST(ProcessStepTest, InstructionsThatTakeLongAreBoundedToo) {
  ScriptLimits limits;
  limits.cpu_ms = 20;
  DrivenProcess driven(
      "function process(key, value, ctx)\n"
      "  local a, b = string.rep('x', 1000000) .. 'a', string.rep('x', 1000000) .. 'b'\n"
      "  while a ~= b do end\n"
      "end",
      {}, {}, limits);
  const Status status = driven.Process("k", "1", 5);
  EXPECT_EQ(status.code(), StatusCode::kBadRecord);
  EXPECT_TRUE(Says(status.message(), "t.yaml:12: the script needs more than 0 s for one call"));
}

TEST(ProcessStepTest, AHugeAllocationIsAnErrorOfTheRecordAndNothingElse) {
  const char* const hogs[] = {
      "local s = string.rep('x', 1 << 30)",
      "local t = {} for i = 1, 1e7 do t[i] = { i } end",
      "local s = 'x' while true do s = s .. s end",
      "while true do pcall(string.rep, 'x', 1 << 29) end",
      "while true do ctx.emit({ string.rep('x', 100000) }) end",
      "local i = 0 while true do i = i + 1 ctx.store.m.put(i, string.rep('x', 10000)) end",
  };
  for (const char* const hog : hogs) {
    DrivenProcess driven("function process(key, value, ctx)\n if value.bad then\n" +
                             std::string(hog) + "\nend\n ctx.emit(value.n)\nend",
                         {{"m", ProcessStore::Kind::kMap, {}}});
    const Status status = driven.Process("k", R"({"bad":true,"n":1})", 5);
    EXPECT_EQ(status.code(), StatusCode::kBadRecord) << hog;
    EXPECT_TRUE(driven.output.TakeSent().empty()) << hog;
    ASSERT_TRUE(driven.Commit().ok());
    EXPECT_TRUE(driven.output.rows.committed().empty()) << hog;
    ASSERT_TRUE(driven.Process("k", R"({"bad":false,"n":2})", 6).ok()) << hog;
    EXPECT_EQ(driven.output.TakeSent(), (Texts{"k=2@6"})) << hog;
  }
}

constexpr const char* kCounting =
    "function process(key, value, ctx)\n"
    "  local n = (ctx.store.n.get() or 0) + 1\n"
    "  ctx.store.n.put(n)\n"
    "  ctx.store.seen.append(value.v)\n"
    "  ctx.store.by.put(value.v, n)\n"
    "  ctx.timer('later', 1000)\n"
    "  ctx.emit(n)\n"
    "  if value.fail then error('no') end\n"
    "end\n"
    "function timer(key, name, time, ctx)\n"
    "  ctx.emit({ all = ctx.store.seen.all(), name = name, time = time })\n"
    "end";

std::vector<ProcessStore> CountingStores() {
  return {{"n", ProcessStore::Kind::kValue, {}},
          {"seen", ProcessStore::Kind::kList, {}},
          {"by", ProcessStore::Kind::kMap, {}}};
}

TEST(ProcessStepTest, AFailedRecordLeavesNothingBehind) {
  DrivenProcess driven(kCounting, CountingStores());
  ASSERT_TRUE(driven.Process("a", R"({"v":"x"})", 1).ok());
  ASSERT_TRUE(driven.Commit().ok());
  const auto before = driven.output.rows.committed();
  driven.output.TakeSent();
  const Status status = driven.Process("a", R"({"v":"y","fail":true})", 2);
  EXPECT_EQ(status.message(), "t.yaml:17: no");
  EXPECT_EQ(driven.Process("b", R"({"v":"y","fail":true})", 2).code(), StatusCode::kBadRecord);
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_EQ(driven.output.rows.committed(), before);
  EXPECT_TRUE(driven.output.TakeSent().empty());
  ASSERT_TRUE(driven.Watermark(1000).ok());
  EXPECT_EQ(driven.output.TakeSent(),
            (Texts{R"(a={"all":["x"],"name":"later","time":1000}@1000)"}));
}

TEST(ProcessStepTest, StateAndTimersSurviveAStart) {
  DrivenProcess driven(kCounting, CountingStores());
  ASSERT_TRUE(driven.Process("a", R"({"v":"x"})", 1).ok());
  ASSERT_TRUE(driven.Process("b", R"({"v":"z"})", 1).ok());
  ASSERT_TRUE(driven.Process("a", R"({"v":"y"})", 2).ok());
  ASSERT_TRUE(driven.Commit().ok());
  driven.Open(Timestamp(2));
  driven.output.TakeSent();
  ASSERT_TRUE(driven.Watermark(999).ok());
  EXPECT_TRUE(driven.output.TakeSent().empty());
  ASSERT_TRUE(driven.Watermark(5000).ok());
  EXPECT_EQ(driven.output.TakeSent(),
            (Texts{R"(a={"all":["x","y"],"name":"later","time":1000}@1000)",
                   R"(b={"all":["z"],"name":"later","time":1000}@1000)"}));
  ASSERT_TRUE(driven.Watermark(9000).ok());
  EXPECT_TRUE(driven.output.TakeSent().empty());
}

TEST(ProcessStepTest, ATimerIsOnePerKeyAndNameAndMoves) {
  DrivenProcess driven(
      "function process(key, value, ctx)\n"
      "  if value.cancel then ctx.cancel('t') else ctx[value.how or 'timer']('t', value.at) end\n"
      "end\n"
      "function timer(key, name, time, ctx) ctx.emit(ctx.watermark) end");
  ASSERT_TRUE(driven.Process("a", R"({"at":50})", 1).ok());
  ASSERT_TRUE(driven.Process("a", R"({"at":80})", 1).ok());
  ASSERT_TRUE(driven.Process("b", R"({"at":60})", 1).ok());
  ASSERT_TRUE(driven.Process("c", R"({"at":70})", 1).ok());
  ASSERT_TRUE(driven.Process("c", R"({"cancel":true})", 1).ok());
  ASSERT_TRUE(driven.Process("d", R"({"at":55})", 1).ok());
  ASSERT_TRUE(driven.Process("d", R"({"at":90,"how":"wall_timer"})", 1).ok());
  ASSERT_TRUE(driven.Watermark(100).ok());
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"b=100@60", "a=100@80"}));
  ASSERT_TRUE(driven.Wall(10).ok());
  EXPECT_EQ(driven.step().NextWallTime(), Timestamp(90));
  ASSERT_TRUE(driven.Wall(89).ok());
  EXPECT_TRUE(driven.output.TakeSent().empty());
  ASSERT_TRUE(driven.Wall(90).ok());
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"d=100@90"}));
  EXPECT_EQ(driven.step().NextWallTime(), std::nullopt);
}

TEST(ProcessStepTest, TimersThatSetTimersFireInTheOrderOfTime) {
  DrivenProcess driven(
      "function process(key, value, ctx) ctx.timer('t', value) end\n"
      "function timer(key, name, time, ctx)\n"
      "  ctx.emit(time)\n"
      "  if time < 300 then ctx.timer('t', time + 100) end\n"
      "end");
  ASSERT_TRUE(driven.Process("a", "100", 1).ok());
  ASSERT_TRUE(driven.Process("b", "150", 1).ok());
  ASSERT_TRUE(driven.Watermark(1000).ok());
  EXPECT_EQ(driven.output.TakeSent(),
            (Texts{"a=100@100", "b=150@150", "a=200@200", "b=250@250", "a=300@300", "b=350@350"}));
  // One for a time that has passed fires behind its record.
  ASSERT_TRUE(driven.Process("c", "400", 1).ok());
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"c=400@400"}));
}

TEST(ProcessStepTest, ATimerThatFailsIsRefusedAndGone) {
  DrivenProcess driven(
      "function process(key, value, ctx) ctx.timer('t', 10) end\n"
      "function timer(key, name, time, ctx)\n"
      "  ctx.emit(1)\n"
      "  ctx.timer('t', 10)\n"
      "end");
  ASSERT_TRUE(driven.Process("a", "1", 1).ok());
  ASSERT_TRUE(driven.Watermark(10).ok());
  EXPECT_TRUE(driven.output.TakeSent().empty());
  EXPECT_TRUE(Says(driven.output.TakeRefused().at(0),
                   "timer t: t.yaml:13: a timer that fires for 10 sets one for 10"));
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_TRUE(driven.output.rows.committed().empty());
}

TEST(ProcessStepTest, WhenAllInputsHaveEndedTimeRunsOnToTheLastTimer) {
  DrivenProcess driven(
      "function process(key, value, ctx) ctx.timer('t', value) end\n"
      "function timer(key, name, time, ctx) ctx.emit(time) ctx.timer(name, time + 100) end");
  ASSERT_TRUE(driven.Process("a", "100", 1).ok());
  ASSERT_TRUE(driven.Process("b", "320", 1).ok());
  ASSERT_TRUE(driven.Watermark(kEndOfTime.value()).ok());
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=100@100", "a=200@200", "a=300@300", "b=320@320"}));
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_TRUE(driven.output.rows.committed().empty());
}

TEST(ProcessStepTest, ATimerOfThePastSeesNothingThatMayBeGone) {
  DrivenProcess driven(
      "function process(key, value, ctx)\n"
      "  if value.put then ctx.store.v.put(value.put) end\n"
      "  if value.at then ctx.timer('t', value.at) end\n"
      "end\n"
      "function timer(key, name, time, ctx) ctx.emit(ctx.store.v.get() or 'none') end",
      {{"v", ProcessStore::Kind::kValue, EventTtl(100)}});
  ASSERT_TRUE(driven.Process("a", R"({"put":1})", 1000).ok());
  ASSERT_TRUE(driven.Process("a", R"({"at":1050})", 1000).ok());
  // One advance: the timer fires before the value ends.
  ASSERT_TRUE(driven.Watermark(2000).ok());
  EXPECT_EQ(driven.output.TakeSent(), Texts{"a=1@1050"});
  ASSERT_TRUE(driven.Process("a", R"({"at":1050})", 1060).ok());
  EXPECT_EQ(driven.output.TakeSent(), Texts{R"(a="none"@1050)"});
}

TEST(ProcessStepTest, MapsGoInTheOrderOfTheirKeys) {
  DrivenProcess driven(
      "function process(key, value, ctx)\n"
      "  local m = ctx.store.m\n"
      "  for _, k in ipairs(value) do m.put(k, tostring(k)) end\n"
      "  m.delete(3)\n"
      "  local all, some = list(), list()\n"
      "  for k, v in m.range() do all[#all + 1] = k end\n"
      "  for k, v in m.range(-1, 'b') do some[#some + 1] = v end\n"
      "  ctx.emit({ all = all, some = some, one = m.get(10), none = m.get(11) == nil })\n"
      "end",
      {{"m", ProcessStore::Kind::kMap, {}}});
  ASSERT_TRUE(driven.Process("a", R"([10,"b",-5,"a\u0000c","a",3,2.0,true,-1])", 1).ok());
  EXPECT_EQ(
      driven.output.TakeSent(),
      (Texts{
          R"(a={"all":[true,-5,-1,2,10,"a","a\u0000c","b"],"none":true,"one":"10","some":["-1","2.0","10","a","a\u0000c"]}@1)"}));
  EXPECT_TRUE(Says(driven.Process("a", "[1.5]", 1).message(), "the key of a map is"));
  // Keys of another record key are others.
  ASSERT_TRUE(driven.Process("aa", "[]", 1).ok());
  EXPECT_EQ(driven.output.TakeSent(), (Texts{R"(aa={"all":[],"none":true,"some":[]}@1)"}));
}

constexpr const char* kRemembering =
    "function process(key, value, ctx)\n"
    "  if value.put then ctx.store.v.put(value.put) end\n"
    "  ctx.emit(ctx.store.v.get() or 'none')\n"
    "end";

TEST(ProcessStepTest, StateEndsWithItsTtlInEventTime) {
  DrivenProcess driven(kRemembering, {{"v", ProcessStore::Kind::kValue, EventTtl(100)}});
  const auto at = [&](int64_t time, const std::string& json) {
    EXPECT_TRUE(driven.Process("a", json, time).ok());
    return driven.output.TakeSent().front();
  };
  EXPECT_EQ(at(1000, R"({"put":1})"), "a=1@1000");
  EXPECT_EQ(at(1099, "{}"), "a=1@1099");
  EXPECT_EQ(at(1100, "{}"), R"(a="none"@1100)");
  // Out of order, while the watermark has not reached its end.
  EXPECT_EQ(at(1050, "{}"), "a=1@1050");
  EXPECT_EQ(at(1060, R"({"put":2})"), "a=2@1060");
  EXPECT_EQ(at(1020, R"({"put":3})"), "a=3@1020");
  EXPECT_EQ(at(1159, "{}"), "a=3@1159");
  ASSERT_TRUE(driven.Watermark(1159).ok());
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_FALSE(driven.output.rows.committed().empty());
  ASSERT_TRUE(driven.Watermark(1160).ok());
  EXPECT_EQ(at(1100, "{}"), R"(a="none"@1100)");
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_TRUE(driven.output.rows.committed().empty());
}

TEST(ProcessStepTest, AReadKeepsStateWhereItCountsAsAnUpdate) {
  topology::Ttl ttl = EventTtl(100);
  ttl.on_read = true;
  DrivenProcess driven(kRemembering, {{"v", ProcessStore::Kind::kValue, ttl}});
  ASSERT_TRUE(driven.Process("a", R"({"put":1})", 1000).ok());
  for (const int64_t time : {1090, 1180, 1270}) {
    ASSERT_TRUE(driven.Watermark(time).ok());
    ASSERT_TRUE(driven.Process("a", "{}", time).ok());
  }
  EXPECT_EQ(driven.output.TakeSent(), (Texts{"a=1@1000", "a=1@1090", "a=1@1180", "a=1@1270"}));
}

TEST(ProcessStepTest, StateEndsByTheWallClock) {
  topology::Ttl ttl = EventTtl(100);
  ttl.wall_clock = true;
  DrivenProcess driven(kRemembering, {{"v", ProcessStore::Kind::kValue, ttl}});
  const int64_t start = driven.output.context.WallTime().value();
  ASSERT_TRUE(driven.Process("a", R"({"put":1})", 5).ok());
  ASSERT_TRUE(driven.Watermark(start * 2).ok());
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_FALSE(driven.output.rows.committed().empty());
  ASSERT_TRUE(driven.Wall(start).ok());
  EXPECT_GE(driven.step().NextWallTime(), Timestamp(start + 100));
  ASSERT_TRUE(driven.Wall(start + 100).ok());
  ASSERT_TRUE(driven.Commit().ok());
  EXPECT_TRUE(driven.output.rows.committed().empty());
}

TEST(ProcessStepTest, ElementsOfListsAndMapsEndOneByOne) {
  DrivenProcess driven(
      "function process(key, value, ctx)\n"
      "  ctx.store.l.append(value) ctx.store.m.put(value, value)\n"
      "  local keys = list() for k in ctx.store.m.range() do keys[#keys + 1] = k end\n"
      "  ctx.emit({ keys, ctx.store.l.all() })\n"
      "end",
      {{"l", ProcessStore::Kind::kList, EventTtl(100)},
       {"m", ProcessStore::Kind::kMap, EventTtl(100)}});
  ASSERT_TRUE(driven.Process("a", "1", 1000).ok());
  ASSERT_TRUE(driven.Process("a", "2", 1050).ok());
  ASSERT_TRUE(driven.Process("a", "3", 1100).ok());
  EXPECT_EQ(driven.output.TakeSent(),
            (Texts{"a=[[1],[1]]@1000", "a=[[1,2],[1,2]]@1050", "a=[[2,3],[2,3]]@1100"}));
}

TEST(ProcessStepTest, ExpiryIsSpreadOverCommits) {
  DrivenProcess driven(kRemembering, {{"v", ProcessStore::Kind::kValue, EventTtl(100)}});
  constexpr int kKeys = 5000;
  for (int i = 0; i < kKeys; ++i) {
    ASSERT_TRUE(driven.Process("k" + std::to_string(i), R"({"put":1})", 1000).ok());
  }
  ASSERT_TRUE(driven.Commit().ok());
  ASSERT_TRUE(driven.Watermark(2000).ok());
  int commits = 0;
  while (!driven.output.rows.committed().empty()) {
    const size_t before = driven.output.rows.committed().size();
    ASSERT_TRUE(driven.Commit().ok());
    ASSERT_TRUE(driven.Wall(0).ok());
    // A row and its entry.
    EXPECT_LE(before - driven.output.rows.committed().size(), 2 * 2 * Expiry::kRowsMin);
    ASSERT_LT(++commits, 20);
  }
  EXPECT_GE(commits, 3);
}

TEST(ProcessStepTest, RowsHaveTheBytesOfTheirPage) {
  DrivenProcess driven(
      "function process(key, value, ctx) ctx.store.n.put(value) ctx.timer('t', 1500) end\n"
      "function timer() end",
      {{"n", ProcessStore::Kind::kValue, EventTtl(100)}});
  ASSERT_TRUE(driven.Process("a", "7", 1000).ok());
  ASSERT_TRUE(driven.Commit().ok());
  std::string seven;
  ASSERT_TRUE(serde::EncodeValue(Value::Int(7), seven).ok());
  const auto bytes = [](std::initializer_list<int> values) {
    return std::string(values.begin(), values.end());
  };
  EXPECT_EQ(driven.output.rows.committed(),
            (std::map<std::string, std::string>{
                {bytes({1, 0, 0x61, 0, 1}), bytes({1, 0xd0, 0x0f}) + seven},
                {bytes({2, 0, 0x80, 0, 0, 0, 0, 0, 4, 0x4c, 1, 0, 0x61, 0, 1}), ""},
                {bytes({3, 0x61, 0, 1, 0x74}), bytes({1, 0, 0xb8, 0x17})},
                {bytes({4, 0, 0x80, 0, 0, 0, 0, 0, 5, 0xdc, 0x61, 0, 1, 0x74}), ""}}));
}

TEST(ProcessStepTest, DamagedRowsAreCorruptionAndNothingElse) {
  const char* const script =
      "function process(key, value, ctx)\n"
      "  ctx.store.n.put(value) ctx.store.l.append(value) ctx.store.m.put('k', value)\n"
      "  ctx.timer('t', 1500) ctx.wall_timer('w', 1500)\n"
      "  for k, v in ctx.store.m.range() do ctx.emit({ k, v }) end\n"
      "  ctx.emit({ ctx.store.n.get(), ctx.store.l.all() })\n"
      "end\n"
      "function timer(key, name, time, ctx) ctx.emit({ ctx.store.n.get(), ctx.store.l.all() }) end";
  const std::vector<ProcessStore> stores{{"n", ProcessStore::Kind::kValue, EventTtl(100)},
                                         {"l", ProcessStore::Kind::kList, EventTtl(100)},
                                         {"m", ProcessStore::Kind::kMap, EventTtl(100)}};
  DrivenProcess whole(script, stores);
  ASSERT_TRUE(whole.Process("a", R"({"x":[1,"text"]})", 1000).ok());
  ASSERT_TRUE(whole.Commit().ok());
  int damaged = 0;
  const auto run = [&](const std::string& row, const std::string& key, const std::string& value) {
    DrivenProcess driven(script, stores);
    for (const auto& [name, bytes] : whole.output.rows.committed()) {
      if (name != row) driven.output.rows.Put(name, bytes);
    }
    driven.output.rows.Put(key, value);
    driven.output.rows.Commit();
    driven.Open(Timestamp(900));
    for (const Status& status : {driven.Process("a", "1", 1050), driven.Watermark(2000),
                                 driven.Wall(2000), driven.Commit()}) {
      const StatusCode code = status.code();
      EXPECT_TRUE(code == StatusCode::kOk || code == StatusCode::kTaskCorrupted ||
                  code == StatusCode::kInvalidConfig ||
                  // A byte of a text may make it another one.
                  code == StatusCode::kBadRecord)
          << status;
      if (code != StatusCode::kOk) ++damaged;
    }
  };
  for (const auto& [key, value] : whole.output.rows.committed()) {
    for (size_t size = 0; size < value.size(); ++size) run(key, key, value.substr(0, size));
    for (size_t size = 1; size < key.size(); ++size) run(key, key.substr(0, size), value);
    for (size_t at = 0; at < value.size(); ++at) {
      std::string changed = value;
      changed[at] = static_cast<char>(~changed[at]);
      run(key, key, changed);
    }
  }
  EXPECT_GT(damaged, 20);
}

TEST(ProcessStepTest, PatternsMatchAsLuasDo) {
  EXPECT_EQ(Emitted("ctx.emit({ ('key = value'):match('^(%w+)%s*=%s*(%w+)$') })"),
            R"(k=["key","value"]@5)");
  EXPECT_EQ(Emitted("ctx.emit({ ('hello'):find('l+'), 0 })"), "k=[3,0]@5");
  EXPECT_EQ(Emitted("local a, b = ('a.b'):find('.', 1, true) ctx.emit({ a, b })"), "k=[2,2]@5");
  EXPECT_EQ(Emitted("local t = list() for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do "
                    "t[#t + 1] = k .. v end ctx.emit(t)"),
            R"(k=["a1","b2"]@5)");
  EXPECT_EQ(Emitted("ctx.emit({ ('hello world'):gsub('o', '0') })"), R"(k=["hell0 w0rld",2]@5)");
  EXPECT_EQ(Emitted("ctx.emit((('abc'):gsub('%w', '%0%0')))"), R"(k="aabbcc"@5)");
  EXPECT_EQ(Emitted("ctx.emit((('$name is'):gsub('%$(%w+)', { name = 'x' })))"), R"(k="x is"@5)");
  EXPECT_EQ(Emitted("ctx.emit((('abc'):gsub('', '-')))"), R"(k="-a-b-c-"@5)");
  EXPECT_EQ(Emitted("ctx.emit((('THE (quick) fox'):gsub('%((%a+)%)', string.lower)))"),
            R"(k="THE quick fox"@5)");
  EXPECT_EQ(Emitted("ctx.emit(('f(a(b)c)d'):match('%b()'))"), "k=\"(a(b)c)\"@5");
  EXPECT_EQ(Emitted("ctx.emit((('THE (quick) fox'):find('%f[%a]%a+%f[%A]')))"), "k=1@5");
  EXPECT_EQ(Emitted("ctx.emit({ ('aXb'):match('()X()') })"), "k=[2,3]@5");
  EXPECT_EQ(Emitted("ctx.emit(('abc'):find('b', -1) == nil)"), "k=true@5");
  EXPECT_TRUE(Says(Emitted("('x'):find('[a')"), "lacks a ]"));
  EXPECT_TRUE(Says(Emitted("('x'):gsub('x', '%2')"), "no capture %2"));
}

TEST(ProcessStepTest, AScriptThatDoesNotLoadSaysWhere) {
  EXPECT_EQ(DrivenProcess("function process(key) if key then").error,
            "t.yaml:10: 'end' expected near <eof>");
  EXPECT_EQ(DrivenProcess("x = 1").error, "the script has no function process(key, value, ctx)");
  EXPECT_EQ(DrivenProcess("\n\nlocal x = nil + 1").error,
            "t.yaml:12: attempt to perform arithmetic on a nil value");
  EXPECT_TRUE(Says(DrivenProcess("while true do end").error, "does it end?"));
}

}  // namespace
}  // namespace sidestream::operators
