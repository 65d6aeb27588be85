// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/decoder.h"

#include <algorithm>

#include "serde/utf8.h"

namespace sidestream::serde::avro {

Status Decoder::Decode(const Resolution& resolution, std::string_view bytes, std::span<Value> slots,
                       Arena& arena) {
  Start(bytes, arena);
  slots_ = slots;
  for (const size_t slot : resolution.slots()) slots[slot] = Value();
  return Finish(resolution.slot_plan() == nullptr ? Skip(resolution.writer(), 0)
                                                  : ReadSlots(*resolution.slot_plan(), 0));
}

Status Decoder::DecodeWhole(const Plan& plan, std::string_view bytes, Value& value, Arena& arena) {
  Start(bytes, arena);
  return Finish(Read(plan, 0, value));
}

void Decoder::Start(std::string_view bytes, Arena& arena) {
  in_ = Cursor(bytes);
  arena_ = &arena;
  zero_size_left_ = kZeroSizeValues + 16 * uint64_t{bytes.size()};
  reason_.clear();
  path_.clear();
  items_.clear();
  entries_.clear();
}

Status Decoder::Finish(bool complete) {
  if (complete && in_.left() == 0) [[likely]]
    return Status::Ok();
  if (complete) Fail("bytes behind the value");
  std::string message = "not Avro of this schema: ";
  for (auto name = path_.rbegin(); name != path_.rend(); ++name) message += *name + ".";
  if (!path_.empty()) message.back() = ':';
  message += (path_.empty() ? "" : " ") + reason_ + " at byte " + std::to_string(failed_at_);
  return Status::BadRecord(std::move(message));
}

bool Decoder::Fail(std::string_view reason) {
  reason_ = reason;
  failed_at_ = in_.position();
  return false;
}

bool Decoder::FailIn(std::string_view name) {
  path_.emplace_back(name);
  return false;
}

bool Decoder::Charge(uint64_t values) {
  if (values > zero_size_left_) return Fail("too many values that take no bytes");
  zero_size_left_ -= values;
  return true;
}

bool Decoder::ReadSlots(const SlotPlan& plan, int depth) {
  switch (plan.op) {
    case SlotPlan::Op::kWhole: {
      Value value;
      if (!Read(*plan.whole, depth, value)) return false;
      for (const SlotPick& pick : plan.picks) slots_[pick.slot] = PickFrom(value, pick);
      return true;
    }
    case SlotPlan::Op::kRecord:
      for (const SlotPlan::Constant& constant : plan.constants) {
        slots_[constant.slot] = constant.value;
      }
      for (const SlotPlan::Step& step : plan.steps) {
        const bool read =
            step.plan == nullptr ? Skip(*step.writer, depth + 1) : ReadSlots(*step.plan, depth + 1);
        if (!read) [[unlikely]]
          return FailIn(plan.writer->fields[static_cast<size_t>(&step - plan.steps.data())].name);
      }
      return true;
    case SlotPlan::Op::kUnion: {
      size_t index = 0;
      if (!ReadBranch(plan.steps.size(), index)) return false;
      const SlotPlan::Step& step = plan.steps[index];
      return step.plan == nullptr ? Skip(*step.writer, depth) : ReadSlots(*step.plan, depth);
    }
    case SlotPlan::Op::kMap:
      return ReadMapSlots(plan, depth);
  }
  return false;
}

bool Decoder::ReadMapSlots(const SlotPlan& plan, int depth) {
  const Node& element = *plan.writer->element;
  Block block;
  while (NextBlock(uint64_t{1} + element.min_size, block)) {
    if (block.count == 0) return true;
    for (; block.count > 0; --block.count) {
      std::string_view key;
      if (!ReadKey(key)) return false;
      const auto entry = std::ranges::find(plan.entries, key, &SlotPlan::Entry::name);
      if (entry == plan.entries.end()) {
        if (!Skip(element, depth + 1)) return FailIn(key);
        continue;
      }
      // Of equal keys the last wins: nothing of an earlier one may shine through.
      for (const size_t slot : entry->slots) slots_[slot] = Value();
      if (!ReadSlots(*entry->plan, depth + 1)) return FailIn(key);
    }
    if (!EndBlock(block)) return false;
  }
  return false;
}

bool Decoder::ReadKey(std::string_view& key) {
  if (!in_.Bytes(key)) return Fail("a key of a map ends too early");
  if (!IsUtf8(key)) return Fail("a key of a map is not UTF-8");
  return true;
}

bool Decoder::ReadBranch(size_t branches, size_t& index) {
  int64_t number = 0;
  if (!in_.Long(number)) return Fail("the branch of a union is missing");
  if (number < 0 || static_cast<uint64_t>(number) >= branches) {
    return Fail("branch " + std::to_string(number) + " of a union of " + std::to_string(branches));
  }
  index = static_cast<size_t>(number);
  return true;
}

bool Decoder::NextBlock(uint64_t item_size, Block& block) {
  int64_t count = 0;
  if (!in_.Long(count)) return Fail("the count of a block is missing");
  block = {};
  block.count =
      count < 0 ? uint64_t{0} - static_cast<uint64_t>(count) : static_cast<uint64_t>(count);
  if (count < 0) {
    int64_t size = 0;
    if (!in_.Long(size) || size < 0 || static_cast<uint64_t>(size) > in_.left()) {
      return Fail("a block is longer than the record");
    }
    block.end = in_.position() + static_cast<size_t>(size);
  }
  if (item_size == 0) return Charge(block.count);
  if (block.count > in_.left() / item_size) {
    return Fail("a block of " + std::to_string(block.count) + " items in " +
                std::to_string(in_.left()) + " bytes");
  }
  return true;
}

bool Decoder::EndBlock(const Block& block) {
  if (block.end == 0 || block.end == in_.position()) return true;
  return Fail("a block is not as long as it says");
}

bool Decoder::Skip(const Node& writer, int depth) {
  if (writer.fixed_width) {
    return in_.Skip(writer.min_size) || Fail(Describe(writer) + " ends too early");
  }
  if (depth > kMaxDepth) return Fail("nested deeper than 500");
  switch (writer.type) {
    case Type::kBytes:
    case Type::kString: {
      std::string_view skipped;
      return in_.Bytes(skipped) || Fail(Describe(writer) + " ends too early");
    }
    case Type::kRecord:
      for (const Field& field : writer.fields) {
        if (!Skip(*field.type, depth + 1)) return FailIn(field.name);
      }
      return true;
    case Type::kArray:
    case Type::kMap:
      return SkipItems(writer, depth);
    case Type::kUnion: {
      size_t index = 0;
      return ReadBranch(writer.branches.size(), index) && Skip(*writer.branches[index], depth);
    }
    default: {  // int, long, enum
      int64_t skipped = 0;
      return in_.Long(skipped) || Fail(Describe(writer) + " is missing or too long");
    }
  }
}

bool Decoder::SkipItems(const Node& writer, int depth) {
  const bool is_map = writer.type == Type::kMap;
  const Node& element = *writer.element;
  const uint64_t item_size = uint64_t{element.min_size} + (is_map ? 1 : 0);
  Block block;
  while (NextBlock(item_size, block)) {
    if (block.count == 0) return true;
    if (block.end != 0) {
      in_.Skip(block.end - in_.position());
      continue;
    }
    // NextBlock has seen that they are there.
    if (!is_map && element.fixed_width) {
      in_.Skip(block.count * item_size);
      continue;
    }
    for (; block.count > 0; --block.count) {
      std::string_view key;
      if (is_map && !in_.Bytes(key)) return Fail("a key of a map ends too early");
      if (!Skip(element, depth + 1)) return false;
    }
  }
  return false;
}

}  // namespace sidestream::serde::avro
