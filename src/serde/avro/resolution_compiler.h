// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Builds the plans of a Resolution. Pairs of types are worked through from a queue, each once,
// so recursive types end and deep schemas need no stack. Internal to resolution.
//
// Threading: confined to one thread; one object per resolution.

#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "serde/avro/resolution.h"
#include "serde/field_tree.h"

namespace sidestream::serde::avro {

class ResolutionCompiler {
 public:
  /// Borrowed; filled by Compile.
  explicit ResolutionCompiler(Resolution& resolution) : resolution_(resolution) {}

  Status Compile(const std::vector<WantedPath>& wanted);

 private:
  using Pair = std::pair<const Node*, const Node*>;

  /// A default that waits until its plan is complete.
  struct PendingDefault {
    Plan* record;
    size_t field;
    const Field* reader;
    const Plan* plan;
  };

  /// Of one of both is a union: of the reader's branch that is taken.
  Plan* PlanFor(const Node& writer, const Node& reader);
  void Fill(Plan& plan, const Node& writer, const Node& reader);
  void FillBytes(Plan& plan, const Node& writer, const Node& reader);
  void FillRecord(Plan& plan, const Node& writer, const Node& reader);
  void FillEnum(Plan& plan, const Node& writer, const Node& reader);
  static void SetError(Plan& plan, std::string reason);
  Status DecodeDefaults();
  /// Fails when every record runs into an error.
  Status CheckMet(const Plan& root) const;

  /// Null: nothing at or below `wanted` can be found in this type.
  const SlotPlan* SlotPlanFor(const Node& writer, const Node& reader, const FieldNode& wanted);
  const SlotPlan* SlotsOfWhole(const Node& writer, const Node& reader, const FieldNode& wanted);
  const SlotPlan* SlotsOfRecord(const Node& writer, const Node& reader, const Plan& whole,
                                const FieldNode& wanted);
  const SlotPlan* SlotsOfUnion(const Node& writer, const Node& reader, const FieldNode& wanted);
  const SlotPlan* SlotsOfMap(const Node& writer, const Node& reader, const FieldNode& wanted);

  Resolution& resolution_;
  std::map<Pair, Plan*> plans_;
  std::deque<std::pair<Pair, Plan*>> open_;
  std::vector<PendingDefault> defaults_;
};

}  // namespace sidestream::serde::avro
