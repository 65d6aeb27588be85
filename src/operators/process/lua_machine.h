// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// LuaMachine: one Lua state that cannot harm the process: its memory and the work of a call are
// bounded. What a script may name is lua_library.h. Internal to operators/process.
//
// Work is counted in instructions of Lua's machine; what C functions do for a script is charged in
// the same unit (Charge). A call that goes over a bound is doomed: whatever it catches with pcall,
// its next instruction fails again, until it is left.
//
// Lua is the C++ build of the library: an error is an exception, so destructors run. No exception
// leaves Run().
//
// Threading: confined to the task's worker.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/arena.h"
#include "base/status.h"

struct lua_Debug;
struct lua_State;

namespace sidestream::operators {

struct ScriptLimits {
  /// Of one call.
  uint64_t instructions = 5'000'000;
  /// What the script and its values take at once.
  size_t held_bytes = 32U << 20U;
  /// What one call takes in all, given back or not, and what it writes and emits.
  size_t taken_bytes = 256U << 20U;
  /// Of one call. Nothing that is counted right comes near it: it is there for instructions that
  /// take long, such as comparing texts of megabytes.
  int64_t cpu_ms = 10'000;
};

class LuaMachine {
 public:
  /// Fails with kFatal: no memory.
  static Result<std::unique_ptr<LuaMachine>> Create(const ScriptLimits& limits);
  ~LuaMachine();
  LuaMachine(const LuaMachine&) = delete;
  LuaMachine& operator=(const LuaMachine&) = delete;

  /// The machine that `state` belongs to.
  static LuaMachine& Of(lua_State* state);

  /// Runs `body(lua_State*)` as one call: it may raise Lua errors, and what it leaves on the stack
  /// is taken off. kBadRecord: the script failed, with its place and message; what Fail() was
  /// given.
  template <typename Body>
  Status Run(const Body& body) {
    return RunProtected(
        [](lua_State* state, const void* object) { (*static_cast<const Body*>(object))(state); },
        &body);
  }

  /// The functions below are called inside of Run() only.

  /// Counts work that was or will be done for the script. Raises when it is too much.
  void Charge(lua_State* state, uint64_t instructions);
  /// Counts bytes that the script makes us hold outside of its own memory. Raises alike.
  void ChargeBytes(lua_State* state, size_t bytes);
  /// Leaves the call. A kBadRecord the script may catch; any other status ends the call.
  [[noreturn]] void Fail(lua_State* state, const Status& status);

  /// Values that come out of stores on their way into Lua; emptied by whoever uses it.
  Arena& scratch() { return scratch_; }

  /// The script has loaded: from here on its globals are only read (lua_library.h).
  void Freeze() { frozen_ = true; }
  bool frozen() const { return frozen_; }

 private:
  enum class Doom { kNone, kInstructions, kCpu, kHeldBytes, kTakenBytes, kFailed };
  using BodyCall = void (*)(lua_State* state, const void* body);
  struct Protected {
    BodyCall call;
    const void* body;
  };

  explicit LuaMachine(const ScriptLimits& limits) : limits_(limits) {}
  static void* Allocate(void* machine, void* block, size_t old_size, size_t new_size);
  static void Hook(lua_State* state, lua_Debug* activation);
  static int Trampoline(lua_State* state);
  static int Panic(lua_State* state);

  Status RunProtected(BodyCall call, const void* body);
  bool Refuses(size_t bytes);
  /// Looks at the clock now and then; what is short never pays for it.
  bool TakesTooLong();
  void DoomCall(Doom doom);
  Status Outcome(int result);

  const ScriptLimits limits_;
  lua_State* state_ = nullptr;
  size_t held_ = 0;
  // Of the call.
  Doom doom_ = Doom::kNone;
  Status failure_;
  std::string place_;  // where the script was when it was doomed
  uint64_t used_ = 0;
  int hooks_ = 0;
  int64_t cpu_start_ms_ = 0;
  size_t taken_ = 0;
  // Lua collects its garbage and asks again before it gives up.
  bool refused_last_ = false;
  int refusals_ = 0;
  Arena scratch_;
  bool frozen_ = false;
};

}  // namespace sidestream::operators
