// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/metered_programs.h"

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "metrics/scopes.h"

namespace sidestream::app {
namespace {

/// The task's context, with counted drops.
class MeteredContext final : public operators::ProcessorContext {
 public:
  explicit MeteredContext(metrics::Registry& registry) : registry_(registry) {}
  // A task that is closed in the middle of a transaction has drops that no commit counted.
  ~MeteredContext() override { CountHeld(); }
  MeteredContext(const MeteredContext&) = delete;
  MeteredContext& operator=(const MeteredContext&) = delete;

  /// Stands for `context` until the next call.
  MeteredContext& Around(operators::ProcessorContext& context) {
    context_ = &context;
    return *this;
  }

  statestore::KeyValueStore& Store(size_t index) override { return context_->Store(index); }
  Status Produce(const operators::OutputRecord& record) override {
    return context_->Produce(record);
  }
  Timestamp WallTime() const override { return context_->WallTime(); }
  uint64_t RandomBits() override { return context_->RandomBits(); }
  void CountDropped(std::string_view step, std::string_view reason) override {
    // Drops come in runs of one step and reason; those names do not move.
    if (step.data() != dropped_.step.data() || reason.data() != dropped_.reason.data()) {
      CountHeld();
      dropped_ = {step, reason};
    }
    ++dropped_.records;
    context_->CountDropped(step, reason);
  }
  void CountLate(std::string_view step) override {
    StepOf(step).RecordLate();
    context_->CountLate(step);
  }
  void CountDeadLetter(std::string_view step, std::string_view cause) override {
    StepOf(step).RecordPutAside(cause);
    context_->CountDeadLetter(step, cause);
  }

  /// Adds the drops of the run to the registry.
  void CountHeld() {
    if (dropped_.records > 0) StepOf(dropped_.step).RecordDropped(dropped_.reason, dropped_.records);
    dropped_.records = 0;
  }

 private:
  metrics::StepMetrics& StepOf(std::string_view name) {
    const auto found = steps_.find(name);
    if (found != steps_.end()) return found->second;
    // "<pipeline>.<step>"; an input has no pipeline and counts as the step "source".
    const size_t dot = name.find('.');
    const bool input = dot == std::string_view::npos;
    return steps_
        .try_emplace(std::string(name), registry_, std::string(name.substr(0, dot)),
                     input ? "source" : std::string(name.substr(dot + 1)))
        .first->second;
  }

  struct Dropped {
    std::string_view step;
    std::string_view reason;
    int64_t records = 0;
  };

  metrics::Registry& registry_;
  operators::ProcessorContext* context_ = nullptr;
  Dropped dropped_;
  std::map<std::string, metrics::StepMetrics, std::less<>> steps_;
};

class MeteredProgram final : public operators::TaskProgram {
 public:
  MeteredProgram(std::unique_ptr<operators::TaskProgram> program, metrics::Registry& registry)
      : program_(std::move(program)), context_(registry) {}

  bool MayWait() const override { return program_->MayWait(); }
  Status Ready(size_t input, const operators::InputRecord& record) override {
    return program_->Ready(input, record);
  }
  Result<Timestamp> EventTime(size_t input, const operators::InputRecord& record) override {
    return program_->EventTime(input, record);
  }
  std::optional<Timestamp> StatedWatermark(size_t input,
                                           const operators::InputRecord& record) override {
    return program_->StatedWatermark(input, record);
  }
  Status Process(size_t input, const operators::InputRecord& record,
                 operators::ProcessorContext& context) override {
    return program_->Process(input, record, context_.Around(context));
  }
  Status BeforeCommit(operators::ProcessorContext& context) override {
    const Status status = program_->BeforeCommit(context_.Around(context));
    context_.CountHeld();
    return status;
  }
  bool FollowsEventTime() const override { return program_->FollowsEventTime(); }
  int64_t ResultReach() const override { return program_->ResultReach(); }
  Status AdvanceEventTime(Timestamp watermark, operators::ProcessorContext& context) override {
    return program_->AdvanceEventTime(watermark, context_.Around(context));
  }
  Status AdvanceWallTime(Timestamp now, operators::ProcessorContext& context) override {
    return program_->AdvanceWallTime(now, context_.Around(context));
  }
  std::optional<Timestamp> NextWallTime() const override { return program_->NextWallTime(); }
  void Restart(Timestamp watermark) override {
    program_->Restart(watermark);
    context_.CountHeld();
  }

 private:
  const std::unique_ptr<operators::TaskProgram> program_;
  MeteredContext context_;
};

class MeteredPrograms final : public operators::TaskProgramFactory {
 public:
  MeteredPrograms(std::shared_ptr<operators::TaskProgramFactory> programs,
                  metrics::Registry& registry)
      : programs_(std::move(programs)), registry_(registry) {}

  Result<std::unique_ptr<operators::TaskProgram>> New(Partition partition) override {
    ASSIGN_OR_RETURN(auto program, programs_->New(partition));
    return {std::make_unique<MeteredProgram>(std::move(program), registry_)};
  }

 private:
  // Shared with the specification that it was taken from.
  const std::shared_ptr<operators::TaskProgramFactory> programs_;
  metrics::Registry& registry_;
};

}  // namespace

std::shared_ptr<operators::TaskProgramFactory> NewMeteredPrograms(
    std::shared_ptr<operators::TaskProgramFactory> programs, metrics::Registry& registry) {
  return std::make_shared<MeteredPrograms>(std::move(programs), registry);
}

}  // namespace sidestream::app
