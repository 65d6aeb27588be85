// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random scripts of state, timers and outputs against a model that keeps everything for ever and
// asks each element for its age: with records out of order, a watermark and a clock that jump,
// commits and crashes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/operators/process_case.h"

namespace sidestream::operators {
namespace {

using topology::ProcessStore;

/// A record's value is a list of operations; what an operation reads is emitted.
constexpr const char* kInterpreter = R"(
local run = {
  vput = function(ctx, op) ctx.store.v.put(op[2]) end,
  vdelete = function(ctx) ctx.store.v.delete() end,
  vget = function(ctx) ctx.emit(ctx.store.v.get() or null) end,
  wput = function(ctx, op) ctx.store.w.put(op[2]) end,
  wget = function(ctx) ctx.emit(ctx.store.w.get() or null) end,
  append = function(ctx, op) ctx.store.l.append(op[2]) end,
  clear = function(ctx) ctx.store.l.delete() end,
  all = function(ctx) ctx.emit(ctx.store.l.all(), { to = 'lists' }) end,
  mput = function(ctx, op) ctx.store.m.put(op[2], op[3]) end,
  mdelete = function(ctx, op) ctx.store.m.delete(op[2]) end,
  mget = function(ctx, op) ctx.emit(ctx.store.m.get(op[2]) or null) end,
  range = function(ctx, op)
    local found = list()
    for k, v in ctx.store.m.range(op[2], op[3]) do
      found[#found + 1] = k
      found[#found + 1] = v
    end
    ctx.emit(found, { to = 'maps' })
  end,
  timer = function(ctx, op) ctx.timer(op[2], op[3]) end,
  wall = function(ctx, op) ctx.wall_timer(op[2], op[3]) end,
  cancel = function(ctx, op) ctx.cancel(op[2]) end,
  fail = function() error('asked for') end,
}
function process(key, value, ctx)
  for _, op in ipairs(value) do run[op[1]](ctx, op) end
end
function timer(key, name, time, ctx)
  run.vget(ctx)
  run.all(ctx)
  run.append(ctx, { 0, time })
  if name == 'again' and time % 4 ~= 0 then ctx.timer(name, time + 7) end
  if name == 'other' then run.vput(ctx, { 0, time }) ctx.timer('once', time + 3) end
  if name == 'bad' then error('asked for') end
end
)";

constexpr int64_t kNever = INT64_MIN;

struct Operation {
  std::string verb;
  std::string name;
  std::vector<int64_t> numbers;

  std::string Json() const {
    std::string text = "[\"" + verb + "\"";
    if (!name.empty()) text += ",\"" + name + "\"";
    for (const int64_t number : numbers) text += "," + std::to_string(number);
    return text + "]";
  }
};

struct Ttls {
  int64_t v;
  int64_t l;
  int64_t m;
  int64_t w;
};

/// One record key as the page of the language has it.
struct Model {
  struct Element {
    int64_t value = 0;
    int64_t updated = 0;
  };
  struct Key {
    std::optional<Element> v;
    std::optional<Element> w;
    std::vector<Element> l;
    std::map<int64_t, Element> m;
  };
  struct Timer {
    bool wall = false;
    int64_t time = 0;
  };
  struct State {
    std::map<std::string, Key> keys;
    std::map<std::pair<std::string, std::string>, Timer> timers;
  };

  Ttls ttls{};
  State state;
  int64_t watermark = kNever;
  int64_t wall = 0;
  std::vector<std::string> sent;
  int refused = 0;

  // Of the call.
  std::string key;
  int64_t event = 0;
  int64_t stamp = 0;
  std::vector<std::string> emitted;

  int64_t Settled() const { return watermark == INT64_MAX ? kNever : watermark; }
  static bool Counts(const Element& element, int64_t ttl, int64_t now) {
    return now == kNever || element.updated + ttl > now;
  }
  int64_t WriteTime() const { return event == kNever ? wall : event; }
  Element Written(const Element* old, int64_t value, int64_t now) const {
    return {value, old == nullptr ? now : std::max(now, old->updated)};
  }
  void Emit(const std::string& side, const std::string& value) {
    emitted.push_back(side + key + "=" + value + "@" + std::to_string(stamp));
  }
  void EmitElement(const std::optional<Element>& element, int64_t ttl, int64_t now) {
    Emit("", element && Counts(*element, ttl, now) ? std::to_string(element->value) : "null");
  }
  static std::string Json(const std::vector<int64_t>& values) {
    std::string text;
    for (const int64_t value : values) text += (text.empty() ? "" : ",") + std::to_string(value);
    return "[" + text + "]";
  }
  void VGet() { EmitElement(state.keys[key].v, ttls.v, event); }
  void VPut(int64_t value) {
    Key& of = state.keys[key];
    of.v = Written(of.v ? &*of.v : nullptr, value, WriteTime());
  }
  void All() {
    std::vector<int64_t> values;
    for (const Element& element : state.keys[key].l) {
      if (Counts(element, ttls.l, event)) values.push_back(element.value);
    }
    Emit("side 0 ", Json(values));
  }

  bool Run(const Operation& op) {
    Key& of = state.keys[key];
    const auto touch = [&](Element& element) {
      if (event > element.updated) element.updated = event;
    };
    if (op.verb == "vput") {
      VPut(op.numbers[0]);
    } else if (op.verb == "vdelete") {
      of.v.reset();
    } else if (op.verb == "vget") {
      VGet();
    } else if (op.verb == "wput") {
      of.w = Written(of.w ? &*of.w : nullptr, op.numbers[0], wall);
    } else if (op.verb == "wget") {
      EmitElement(of.w, ttls.w, wall);
    } else if (op.verb == "append") {
      of.l.push_back({op.numbers[0], WriteTime()});
    } else if (op.verb == "clear") {
      of.l.clear();
    } else if (op.verb == "all") {
      All();
    } else if (op.verb == "mput") {
      const auto found = of.m.find(op.numbers[0]);
      of.m[op.numbers[0]] =
          Written(found == of.m.end() ? nullptr : &found->second, op.numbers[1], WriteTime());
    } else if (op.verb == "mdelete") {
      of.m.erase(op.numbers[0]);
    } else if (op.verb == "mget") {
      const auto found = of.m.find(op.numbers[0]);
      const bool there = found != of.m.end() && Counts(found->second, ttls.m, event);
      Emit("", there ? std::to_string(found->second.value) : "null");
      if (there) touch(found->second);
    } else if (op.verb == "range") {
      std::vector<int64_t> values;
      for (auto& [k, element] : of.m) {
        if (k < op.numbers[0] || k >= op.numbers[1]) continue;
        if (!Counts(element, ttls.m, event)) continue;
        values.push_back(k);
        values.push_back(element.value);
        touch(element);
      }
      Emit("side 1 ", Json(values));
    } else if (op.verb == "timer" || op.verb == "wall") {
      state.timers[{key, op.name}] = {op.verb == "wall", op.numbers[0]};
    } else if (op.verb == "cancel") {
      state.timers.erase({key, op.name});
    } else {
      return false;
    }
    return true;
  }

  /// `body` says whether the call succeeds.
  bool Call(const std::string& of, int64_t event_time, int64_t timestamp,
            const std::function<bool()>& body) {
    key = of;
    event = event_time;
    stamp = timestamp;
    emitted.clear();
    State before = state;
    if (body()) {
      sent.insert(sent.end(), emitted.begin(), emitted.end());
      return true;
    }
    state = std::move(before);
    return false;
  }

  bool FireNext(bool on_wall, int64_t now, int64_t settled) {
    auto due = state.timers.end();
    for (auto each = state.timers.begin(); each != state.timers.end(); ++each) {
      if (each->second.wall != on_wall || each->second.time > now) continue;
      if (due == state.timers.end() || each->second.time < due->second.time) due = each;
    }
    if (due == state.timers.end()) return false;
    const auto [name_of, timer] = *due;
    state.timers.erase(due);
    const int64_t time = timer.time;
    const std::string& name = name_of.second;
    const int64_t event_time = on_wall ? settled : std::max(time, settled);
    const bool done = Call(name_of.first, event_time, time, [&] {
      VGet();
      All();
      state.keys[key].l.push_back({time, WriteTime()});
      if (name == "again" && time % 4 != 0) state.timers[{key, name}] = {false, time + 7};
      if (name == "other") {
        VPut(time);
        state.timers[{key, "once"}] = {false, time + 3};
      }
      return name != "bad";
    });
    if (!done) ++refused;
    return true;
  }

  void FireEvent(int64_t settled) {
    int64_t until = watermark;
    if (watermark == INT64_MAX) {
      until = kNever;
      for (const auto& [name, timer] : state.timers) {
        if (!timer.wall) until = std::max(until, timer.time);
      }
    }
    while (FireNext(false, until, settled)) {
    }
    if (watermark != INT64_MAX) return;
    std::erase_if(state.timers, [](const auto& each) { return !each.second.wall; });
  }

  void Process(const std::string& of, int64_t at, const std::vector<Operation>& operations) {
    const bool done = Call(of, std::max(at, Settled()), at, [&] {
      return std::ranges::all_of(operations, [&](const Operation& op) { return Run(op); });
    });
    if (done) FireEvent(Settled());
  }
  void Watermark(int64_t time) {
    const int64_t settled = Settled();
    watermark = time;
    FireEvent(settled);
  }
  void Wall(int64_t now) {
    while (FireNext(true, now, Settled())) {
    }
  }
};

/// What happens to a step, in its order, so that it can happen again after a crash.
struct Event {
  enum class Kind { kRecord, kWatermark, kWall } kind;
  int64_t wall = 0;
  std::string key;
  int64_t time = 0;
  std::vector<Operation> operations;
};

class Draws {
 public:
  explicit Draws(uint32_t seed) : random_(seed) {}
  int64_t UpTo(int64_t most) { return static_cast<int64_t>(random_() % (most + 1)); }
  bool OneIn(int64_t n) { return UpTo(n - 1) == 0; }

  Operation AnyOperation(int64_t time, int64_t wall) {
    static constexpr const char* kVerbs[] = {
        "vput", "vget", "vget", "vdelete", "wput",  "wget",  "append", "append", "all",    "clear",
        "mput", "mput", "mget", "mdelete", "range", "timer", "timer",  "wall",   "cancel", "fail"};
    static constexpr const char* kNames[] = {"again", "once", "other", "bad"};
    Operation op;
    op.verb = kVerbs[UpTo(std::size(kVerbs) - 1)];
    if (op.verb == "fail" && !OneIn(3)) op.verb = "all";
    if (op.verb == "timer" || op.verb == "wall" || op.verb == "cancel") {
      op.name = kNames[UpTo(std::size(kNames) - 1)];
    }
    if (op.verb == "timer") op.numbers = {time + UpTo(120) - 30};
    if (op.verb == "wall") op.numbers = {wall + UpTo(120) - 10};
    if (op.verb == "range") {
      const int64_t from = UpTo(6) - 3;
      op.numbers = {from, from + UpTo(5)};
    }
    if (op.verb == "mput") op.numbers = {UpTo(6) - 3, UpTo(99)};
    if (op.verb == "mget" || op.verb == "mdelete") op.numbers = {UpTo(6) - 3};
    if (op.verb == "vput" || op.verb == "wput" || op.verb == "append") op.numbers = {UpTo(99)};
    return op;
  }

 private:
  std::mt19937 random_;
};

class ProcessPropertyTest : public ::testing::Test {
 protected:
  static std::vector<ProcessStore> Stores(const Ttls& ttls) {
    return {
        {"v", ProcessStore::Kind::kValue, topology::Ttl{.length_ms = ttls.v}},
        {"l", ProcessStore::Kind::kList, topology::Ttl{.length_ms = ttls.l}},
        {"m", ProcessStore::Kind::kMap, topology::Ttl{.length_ms = ttls.m, .on_read = true}},
        {"w", ProcessStore::Kind::kValue, topology::Ttl{.length_ms = ttls.w, .wall_clock = true}}};
  }

  static void Apply(const Event& event, DrivenProcess& driven) {
    driven.output.context.wall_time = Timestamp(event.wall);
    if (event.kind == Event::Kind::kWatermark) {
      ASSERT_TRUE(driven.Watermark(event.time).ok());
    } else if (event.kind == Event::Kind::kWall) {
      ASSERT_TRUE(driven.Wall(event.wall).ok());
    } else {
      std::string json;
      for (const Operation& op : event.operations) json += (json.empty() ? "" : ",") + op.Json();
      const Status status = driven.Process(event.key, "[" + json + "]", event.time);
      ASSERT_TRUE(status.ok() || status.message().find("asked for") != std::string::npos) << status;
    }
  }

  static void Apply(const Event& event, Model& model) {
    model.wall = event.wall;
    if (event.kind == Event::Kind::kWatermark) {
      model.Watermark(event.time);
    } else if (event.kind == Event::Kind::kWall) {
      model.Wall(event.wall);
    } else {
      model.Process(event.key, event.time, event.operations);
    }
  }

  static void RunSeed(uint32_t seed) {
    Draws draw(seed);
    Model model;
    model.ttls = {1 + draw.UpTo(80), 1 + draw.UpTo(80), 1 + draw.UpTo(80), 1 + draw.UpTo(80)};
    DrivenProcess driven(kInterpreter, Stores(model.ttls), {"lists", "maps"});
    ASSERT_EQ(driven.error, "");
    std::vector<std::string> sent;
    std::vector<Event> open;  // since the last commit
    int64_t committed_watermark = kNever;
    int64_t clock = 1000;
    int64_t wall = 5000;
    const auto happen = [&](Event event) {
      event.wall = wall;
      Apply(event, model);
      Apply(event, driven);
      open.push_back(std::move(event));
    };
    const auto commit = [&] {
      ASSERT_TRUE(driven.Commit().ok());
      for (std::string& text : driven.output.TakeSent()) sent.push_back(std::move(text));
      driven.output.TakeRefused();
      open.clear();
      committed_watermark = model.watermark;
    };
    for (int i = 0; i < 150; ++i) {
      clock += draw.UpTo(12);
      wall += draw.UpTo(12);
      Event record{Event::Kind::kRecord,
                   0,
                   std::string(1, static_cast<char>('a' + draw.UpTo(2))),
                   std::max<int64_t>(0, clock - draw.UpTo(draw.OneIn(4) ? 150 : 20)),
                   {}};
      for (int64_t n = draw.UpTo(5); n >= 0; --n) {
        record.operations.push_back(draw.AnyOperation(record.time, wall));
      }
      happen(std::move(record));
      if (draw.OneIn(3)) {
        happen(
            {Event::Kind::kWatermark, 0, "", std::max(model.watermark, clock - draw.UpTo(60)), {}});
      }
      if (draw.OneIn(4)) happen({Event::Kind::kWall, 0, "", 0, {}});
      if (draw.OneIn(5)) commit();
      if (draw.OneIn(12)) {
        driven.output.rows.Rollback();
        driven.output.TakeSent();
        driven.output.TakeRefused();
        driven.Open(Timestamp(committed_watermark));
        for (const Event& event : open) Apply(event, driven);
      }
      ASSERT_FALSE(::testing::Test::HasFatalFailure()) << "record " << i;
    }
    happen({Event::Kind::kWatermark, 0, "", INT64_MAX, {}});
    commit();
    ASSERT_EQ(sent, model.sent);
  }
};

TEST_F(ProcessPropertyTest, StateTimersAndOutputsAreThoseOfTheModel) {
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RunSeed(seed);
    if (HasFatalFailure()) return;
  }
}

TEST_F(ProcessPropertyTest, NothingIsLeftWhenAllHasEnded) {
  for (uint32_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    Draws draw(seed);
    const Ttls ttls{50, 60, 70, 80};
    DrivenProcess driven(kInterpreter, Stores(ttls), {"lists", "maps"});
    int64_t at = 1000;
    for (int i = 0; i < 200; ++i) {
      Event event{Event::Kind::kRecord, at, "k" + std::to_string(draw.UpTo(50)), at, {}};
      for (int n = 0; n < 4; ++n) event.operations.push_back(draw.AnyOperation(at, at));
      Apply(event, driven);
      if (draw.OneIn(10)) {
        ASSERT_TRUE(driven.Commit().ok());
      }
      at += draw.UpTo(5);
    }
    for (int i = 0; i < 3; ++i) {
      at += 10'000;
      Apply({Event::Kind::kWatermark, at, "", at, {}}, driven);
      Apply({Event::Kind::kWall, at, "", 0, {}}, driven);
      ASSERT_TRUE(driven.Commit().ok());
    }
    // The counter of lists.
    EXPECT_LE(driven.output.rows.committed().size(), 1u);
  }
}

}  // namespace
}  // namespace sidestream::operators
