// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/resolution.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "serde/avro/decoder.h"
#include "serde/avro/logical_time.h"
#include "serde/avro/resolution_compiler.h"
#include "serde/avro/type_match.h"

namespace sidestream::serde::avro {
namespace {

constexpr size_t kMaxPlans = 200'000;

std::string DoNotMeet(const Node& writer, const Node& reader) {
  return "the data is " + Describe(writer) + ", the reader wants " + Describe(reader);
}

Op OpOf(Type type) {
  switch (type) {
    case Type::kNull:
      return Op::kNull;
    case Type::kBoolean:
      return Op::kBoolean;
    case Type::kInt:
      return Op::kInt;
    case Type::kLong:
      return Op::kLong;
    case Type::kFloat:
      return Op::kFloat;
    case Type::kDouble:
      return Op::kDouble;
    case Type::kBytes:
    case Type::kString:
      return Op::kBytes;
    case Type::kRecord:
      return Op::kRecord;
    case Type::kEnum:
      return Op::kEnum;
    case Type::kArray:
      return Op::kArray;
    case Type::kMap:
      return Op::kMap;
    case Type::kUnion:
      return Op::kUnion;
    case Type::kFixed:
      return Op::kFixed;
  }
  return Op::kError;
}

}  // namespace

Status ResolutionCompiler::Compile(const std::vector<WantedPath>& wanted) {
  const Node& writer = resolution_.writer_->root();
  const Node& reader = resolution_.reader_->root();
  const Plan* const root = PlanFor(writer, reader);
  while (!open_.empty()) {
    if (plans_.size() > kMaxPlans) {
      return Status::InvalidConfig("the writer's and the reader's schema are too large together");
    }
    const auto [pair, plan] = open_.front();
    open_.pop_front();
    Fill(*plan, *pair.first, *pair.second);
  }
  RETURN_IF_ERROR(DecodeDefaults());
  RETURN_IF_ERROR(CheckMet(*root));
  for (const WantedPath& path : wanted) resolution_.slots_.push_back(path.slot);
  ASSIGN_OR_RETURN(const std::unique_ptr<FieldNode> tree, BuildFieldTree({}, wanted));
  resolution_.slot_plan_ = SlotPlanFor(writer, reader, *tree);
  return Status::Ok();
}

Plan* ResolutionCompiler::PlanFor(const Node& writer, const Node& reader) {
  Plan*& plan = plans_[{&writer, &reader}];
  if (plan == nullptr) {
    plan = &resolution_.plans_.emplace_back();
    plan->writer = &writer;
    open_.push_back({{&writer, &reader}, plan});
  }
  return plan;
}

void ResolutionCompiler::SetError(Plan& plan, std::string reason) {
  plan.op = Op::kError;
  plan.error = std::move(reason);
}

void ResolutionCompiler::Fill(Plan& plan, const Node& writer, const Node& reader) {
  plan.op = OpOf(writer.type);
  if (writer.type == Type::kUnion) {
    for (const Node* const branch : writer.branches) {
      plan.branches.push_back(PlanFor(*branch, reader));
    }
    return;
  }
  if (reader.type == Type::kUnion) {
    const Node* const branch = ChooseReaderBranch(writer, reader);
    if (branch == nullptr) return SetError(plan, DoNotMeet(writer, reader));
    return Fill(plan, writer, *branch);
  }
  if (writer.type != reader.type && !IsPromoted(writer.type, reader.type)) {
    return SetError(plan, DoNotMeet(writer, reader));
  }
  switch (writer.type) {
    case Type::kInt:
    case Type::kLong:
    case Type::kFloat:
    case Type::kDouble:
      if (reader.type == Type::kFloat) plan.make = Make::kFloat;
      if (reader.type == Type::kDouble) plan.make = Make::kDouble;
      if (plan.make == Make::kInt && IsTime(reader.logical)) {
        plan.make = Make::kTime;
        plan.logical = SameClock(writer.logical, reader.logical) ? writer.logical : reader.logical;
      }
      return;
    case Type::kBytes:
    case Type::kString:
    case Type::kFixed:
      return FillBytes(plan, writer, reader);
    case Type::kEnum:
      return FillEnum(plan, writer, reader);
    case Type::kRecord:
      return FillRecord(plan, writer, reader);
    case Type::kArray:
    case Type::kMap:
      plan.element = PlanFor(*writer.element, *reader.element);
      return;
    default:
      return;
  }
}

void ResolutionCompiler::FillBytes(Plan& plan, const Node& writer, const Node& reader) {
  if (writer.type == Type::kFixed &&
      (writer.fixed_size != reader.fixed_size || !NamesMeet(writer, reader))) {
    return SetError(plan, DoNotMeet(writer, reader));
  }
  plan.make = reader.type == Type::kString ? Make::kString : Make::kBytes;
  if (reader.type == Type::kString) return;
  if (reader.logical == LogicalType::kDecimal) {
    const Node& source = writer.logical == LogicalType::kDecimal ? writer : reader;
    plan.make = Make::kDecimal;
    plan.precision = source.precision;
    plan.scale = source.scale;
  } else if (reader.logical == LogicalType::kUuid) {
    plan.make = Make::kUuid;
  } else if (reader.logical == LogicalType::kDuration) {
    plan.make = Make::kDuration;
  }
}

void ResolutionCompiler::FillEnum(Plan& plan, const Node& writer, const Node& reader) {
  if (!NamesMeet(writer, reader)) return SetError(plan, DoNotMeet(writer, reader));
  for (const std::string& symbol : writer.symbols) {
    const auto known = std::ranges::find(reader.symbols, symbol);
    Value& value = plan.symbols.emplace_back();
    if (known != reader.symbols.end()) {
      value = Value::String(*known);
    } else if (reader.enum_default.has_value()) {
      value = Value::String(reader.symbols[*reader.enum_default]);
    }
  }
}

void ResolutionCompiler::FillRecord(Plan& plan, const Node& writer, const Node& reader) {
  for (const Field& field : writer.fields) plan.fields.push_back({.writer = field.type});
  const std::vector<std::optional<size_t>> sources = MatchFields(writer, reader);
  for (size_t i = 0; i < reader.fields.size(); ++i) {
    const Field& field = reader.fields[i];
    plan.prototype.push_back({Value::String(field.name), Value()});
    if (sources[i].has_value()) {
      FieldPlan& source = plan.fields[*sources[i]];
      source.plan = PlanFor(*source.writer, *field.type);
      source.reader_index = static_cast<uint32_t>(i);
      continue;
    }
    if (!field.default_error.ok()) return SetError(plan, field.default_error.message());
    if (!field.default_bytes.has_value()) {
      return SetError(plan, "field '" + field.name + "' of the reader's record " + reader.name +
                                " is not in the data and has no default");
    }
    defaults_.push_back({&plan, i, &field, PlanFor(*field.type, *field.type)});
  }
}

Status ResolutionCompiler::DecodeDefaults() {
  Decoder decoder;
  for (const PendingDefault& pending : defaults_) {
    // The record may have been found to be an error behind this field.
    if (pending.record->op == Op::kError) continue;
    const Status decoded =
        decoder.DecodeWhole(*pending.plan, *pending.reader->default_bytes,
                            pending.record->prototype[pending.field].value, resolution_.arena_);
    if (!decoded.ok()) {
      SetError(*pending.record,
               "the default of field '" + pending.reader->name + "': " + decoded.message());
    }
  }
  return Status::Ok();
}

Status ResolutionCompiler::CheckMet(const Plan& root) const {
  std::vector<std::pair<const Plan*, std::string>> open = {{&root, ""}};
  std::set<const Plan*> seen;
  while (!open.empty()) {
    const auto [plan, path] = std::move(open.back());
    open.pop_back();
    if (plan->op == Op::kError) {
      return Status::InvalidConfig("schemas do not meet" + (path.empty() ? "" : " at " + path) +
                                   ": " + plan->error);
    }
    if (plan->op != Op::kRecord || !seen.insert(plan).second) continue;
    for (size_t i = 0; i < plan->fields.size(); ++i) {
      if (plan->fields[i].plan == nullptr) continue;
      const std::string& name = plan->writer->fields[i].name;
      // Chains of types may be longer than a message should be.
      std::string place = path;
      if (place.size() < 200) place += (place.empty() ? "" : ".") + name;
      open.emplace_back(plan->fields[i].plan, std::move(place));
    }
  }
  return Status::Ok();
}

Result<std::shared_ptr<const Resolution>> Resolution::Compile(
    SchemaPtr writer, SchemaPtr reader, const std::vector<WantedPath>& wanted) {
  const std::shared_ptr<Resolution> resolution(
      new Resolution(std::move(writer), std::move(reader)));
  RETURN_IF_ERROR(ResolutionCompiler(*resolution).Compile(wanted));
  return std::shared_ptr<const Resolution>(resolution);
}

}  // namespace sidestream::serde::avro
