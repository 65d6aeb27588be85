// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/process/lua_machine.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <lua.hpp>
#include <string_view>

#include "base/check.h"

namespace sidestream::operators {
namespace {

constexpr int kHookInterval = 1000;
constexpr int kHooksPerLook = 16;
// A collection of all garbage is dear: a script that needs one for every other block is at its end.
constexpr int kRefusalsMax = 100;

/// Of this thread: a machine that stands still takes nothing.
int64_t CpuMillis() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
}

}  // namespace

Result<std::unique_ptr<LuaMachine>> LuaMachine::Create(const ScriptLimits& limits) {
  std::unique_ptr<LuaMachine> machine(new LuaMachine(limits));
  machine->state_ = lua_newstate(&LuaMachine::Allocate, machine.get());
  if (machine->state_ == nullptr) return Status::Fatal("no memory for a Lua state");
  *static_cast<LuaMachine**>(lua_getextraspace(machine->state_)) = machine.get();
  lua_atpanic(machine->state_, &LuaMachine::Panic);
  return machine;
}

LuaMachine::~LuaMachine() {
  if (state_ != nullptr) lua_close(state_);
}

LuaMachine& LuaMachine::Of(lua_State* state) {
  return **static_cast<LuaMachine**>(lua_getextraspace(state));
}

int LuaMachine::Panic(lua_State* state) {
  const char* const text = lua_tostring(state, -1);
  CHECK(false) << "Lua raised an error outside of a call: " << (text == nullptr ? "?" : text);
  return 0;
}

void* LuaMachine::Allocate(void* machine, void* block, size_t old_size, size_t new_size) {
  auto& self = *static_cast<LuaMachine*>(machine);
  // Of a new block Lua says its kind in place of its size.
  if (block == nullptr) old_size = 0;
  if (new_size == 0) {
    self.held_ -= old_size;
    std::free(block);
    return nullptr;
  }
  if (new_size > old_size && self.Refuses(new_size - old_size)) return nullptr;
  void* const moved = std::realloc(block, new_size);
  // Lua relies on blocks that can always be made smaller.
  if (moved == nullptr) return new_size <= old_size ? block : nullptr;
  self.held_ += new_size - old_size;
  return moved;
}

bool LuaMachine::Refuses(size_t bytes) {
  const bool held = held_ + bytes > limits_.held_bytes;
  const bool taken = taken_ + bytes > limits_.taken_bytes;
  if (!held && !taken) {
    taken_ += bytes;
    refused_last_ = false;
    return false;
  }
  ++refusals_;
  if (taken) {
    DoomCall(Doom::kTakenBytes);
  } else if (refused_last_ || refusals_ > kRefusalsMax) {
    DoomCall(Doom::kHeldBytes);
  }
  refused_last_ = true;
  return true;
}

void LuaMachine::DoomCall(Doom doom) {
  if (doom_ == Doom::kNone) doom_ = doom;
  if (state_ != nullptr) lua_sethook(state_, &LuaMachine::Hook, LUA_MASKCOUNT, 1);
}

void LuaMachine::Hook(lua_State* state, lua_Debug* activation) {
  LuaMachine& self = Of(state);
  if (self.doom_ == Doom::kNone) {
    self.used_ += kHookInterval;
    if (self.used_ > self.limits_.instructions) {
      self.DoomCall(Doom::kInstructions);
    } else if (self.TakesTooLong()) {
      self.DoomCall(Doom::kCpu);
    } else {
      return;
    }
  }
  if (self.place_.empty()) {
    lua_getinfo(state, "Sl", activation);
    self.place_ = fmt::format("{}:{}: ", activation->short_src, activation->currentline);
  }
  lua_pushliteral(state, "the call is over");
  lua_error(state);
}

bool LuaMachine::TakesTooLong() {
  if (++hooks_ == 1) cpu_start_ms_ = CpuMillis();
  return hooks_ % kHooksPerLook == 0 && CpuMillis() - cpu_start_ms_ > limits_.cpu_ms;
}

void LuaMachine::Charge(lua_State* state, uint64_t instructions) {
  used_ += instructions;
  if (used_ <= limits_.instructions) return;
  DoomCall(Doom::kInstructions);
  luaL_error(state, "the call is over");
}

void LuaMachine::ChargeBytes(lua_State* state, size_t bytes) {
  taken_ += bytes;
  if (taken_ <= limits_.taken_bytes) return;
  DoomCall(Doom::kTakenBytes);
  luaL_error(state, "the call is over");
}

void LuaMachine::Fail(lua_State* state, const Status& status) {
  if (status.code() != StatusCode::kBadRecord) {
    failure_ = status;
    DoomCall(Doom::kFailed);
  }
  luaL_error(state, "%s", status.message().c_str());
  std::abort();  // luaL_error does not return
}

int LuaMachine::Trampoline(lua_State* state) {
  const auto& wanted = *static_cast<const Protected*>(lua_touserdata(state, 1));
  lua_settop(state, 0);
  wanted.call(state, wanted.body);
  return 0;
}

Status LuaMachine::RunProtected(BodyCall call, const void* body) {
  doom_ = Doom::kNone;
  failure_ = Status::Ok();
  place_.clear();
  used_ = 0;
  hooks_ = 0;
  taken_ = 0;
  refused_last_ = false;
  refusals_ = 0;
  lua_sethook(state_, &LuaMachine::Hook, LUA_MASKCOUNT, kHookInterval);
  Protected wanted{call, body};
  lua_pushcfunction(state_, &LuaMachine::Trampoline);
  lua_pushlightuserdata(state_, &wanted);
  Status status = Outcome(lua_pcall(state_, 1, 0, 0));
  lua_settop(state_, 0);
  return status;
}

Status LuaMachine::Outcome(int result) {
  switch (doom_) {
    case Doom::kNone:
      break;
    case Doom::kInstructions:
      return Status::BadRecord(
          fmt::format("{}the script needs more than {} instructions for one call: does it end?",
                      place_, limits_.instructions));
    case Doom::kCpu:
      return Status::BadRecord(fmt::format("{}the script needs more than {} s for one call", place_,
                                           limits_.cpu_ms / 1000));
    case Doom::kHeldBytes:
      return Status::BadRecord(fmt::format("{}the script holds more than {} MiB of memory", place_,
                                           limits_.held_bytes >> 20U));
    case Doom::kTakenBytes:
      return Status::BadRecord(fmt::format("{}the script takes more than {} MiB in one call",
                                           place_, limits_.taken_bytes >> 20U));
    case Doom::kFailed:
      return failure_;
  }
  if (result == LUA_OK) return Status::Ok();
  if (result == LUA_ERRMEM) {
    return Status::BadRecord(
        fmt::format("the script holds more than {} MiB of memory", limits_.held_bytes >> 20U));
  }
  if (lua_type(state_, -1) == LUA_TSTRING) return Status::BadRecord(lua_tostring(state_, -1));
  return Status::BadRecord(fmt::format("the script raised an error that is a {}, not a text",
                                       luaL_typename(state_, -1)));
}

}  // namespace sidestream::operators
