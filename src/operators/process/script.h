// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Script: the text of a `process` step, loaded: its functions process(key, value, ctx) and
// timer(key, name, time, ctx), and the `ctx` through which it acts. What it does goes to a
// ScriptHost. Internal to operators/process; no vendor is in here.
//
//   ctx.timestamp, ctx.watermark, ctx.wall_time    epoch ms; watermark: nil while it is not known
//   ctx.headers                                    name -> text, the last of a name
//   ctx.emit(value [, {key=, headers=, to=}])      to: a name of `outputs`
//   ctx.timer(name, ms), ctx.wall_timer(name, ms), ctx.cancel(name)
//   ctx.store.<name>: value get() put(v) delete() · list append(v) all() delete() ·
//                     map get(k) put(k, v) delete(k) range([from [, to]])
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "base/header.h"
#include "base/ids.h"
#include "base/status.h"
#include "operators/expiry.h"
#include "operators/process/lua_machine.h"
#include "serde/value.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// A record that a script sends on. Its memory is in the host's arena.
struct Emission {
  static constexpr size_t kMain = SIZE_MAX;
  serde::Value value;
  /// Empty: the key that the call is about.
  std::optional<serde::Value> key;
  /// Empty: those of the record.
  std::optional<std::span<const Header>> headers;
  /// Index in `outputs:`, or kMain.
  size_t output = kMain;
};

/// What a call of a script acts on. A kBadRecord goes to the script as an error that it may catch,
/// any other status ends the call and comes out of it.
class ScriptHost {
 public:
  using Pairs = std::vector<std::pair<serde::Value, serde::Value>>;
  virtual ~ScriptHost() = default;

  virtual Timestamp timestamp() const = 0;
  virtual std::optional<Timestamp> watermark() const = 0;
  virtual Timestamp wall_time() const = 0;
  virtual std::span<const Header> headers() const = 0;
  /// Where emissions live; good until the call's results are sent.
  virtual Arena& arena() = 0;

  /// Bytes that the call has written to its state so far.
  virtual size_t written_bytes() const = 0;
  virtual Status Emit(const Emission& emission) = 0;
  virtual Status SetTimer(TimeDomain domain, std::string_view name, Timestamp time) = 0;
  virtual Status CancelTimer(std::string_view name) = 0;

  /// Stores by their place in the plan. `key` is missing where the kind of the store has none. What
  /// comes out lies in `arena`; kMissing: nothing is there.
  virtual Result<serde::Value> Get(size_t store, const serde::Value& key, Arena& arena) = 0;
  virtual Status Put(size_t store, const serde::Value& key, const serde::Value& value) = 0;
  virtual Status Delete(size_t store, const serde::Value& key) = 0;
  virtual Status Append(size_t store, const serde::Value& value) = 0;
  /// A list: keys are missing. A map: from <= key < to in their order; a missing bound is none.
  virtual Result<Pairs> All(size_t store, const serde::Value& from, const serde::Value& to,
                            Arena& arena) = 0;
};

class Script {
 public:
  /// Runs the text once, which defines its functions. `node` is borrowed. kInvalidConfig: it does
  /// not load, or has no function process.
  static Result<std::unique_ptr<Script>> Load(const topology::ProcessNode& node,
                                              const ScriptLimits& limits = {});
  ~Script();
  Script(const Script&) = delete;
  Script& operator=(const Script&) = delete;

  bool has_timer() const { return has_timer_; }

  /// kBadRecord: the script failed; what it has done through the host is the host's to undo.
  Status Process(const serde::Value& key, const serde::Value& value, ScriptHost& host);
  Status Timer(const serde::Value& key, std::string_view name, Timestamp time, ScriptHost& host);

 private:
  friend class ScriptContext;
  Script(const topology::ProcessNode& node, std::unique_ptr<LuaMachine> machine);

  const topology::ProcessNode& node_;
  std::unique_ptr<LuaMachine> machine_;
  ScriptHost* host_ = nullptr;  // while a call runs
  size_t written_bytes_ = 0;    // of the call, as far as they are charged
  bool has_timer_ = false;
};

}  // namespace sidestream::operators
