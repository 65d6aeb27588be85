// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "programs.h"

#include <map>
#include <string>

namespace sidestream::simulation {
namespace {

using operators::InputRecord;
using operators::OutputRecord;
using operators::ProcessorContext;
using operators::TaskProgram;

OutputRecord Forwarded(const InputRecord& record, size_t output) {
  OutputRecord out;
  out.output = output;
  out.key = record.key;
  out.value = record.value;
  out.timestamp = record.timestamp;
  return out;
}

class Stateless : public TaskProgram {
 public:
  Result<Timestamp> EventTime(size_t, const InputRecord& record) override {
    return record.timestamp;
  }
  Status BeforeCommit(ProcessorContext&) override { return Status::Ok(); }
  void Restart(Timestamp) override {}
};

class RekeyAndCopyProgram final : public Stateless {
 public:
  Status Process(size_t, const InputRecord& record, ProcessorContext& context) override {
    const std::string key = KeyOfId(std::stoll(std::string(*record.value)));
    OutputRecord rekeyed = Forwarded(record, 0);
    rekeyed.key = key;
    RETURN_IF_ERROR(context.Produce(rekeyed));
    return context.Produce(Forwarded(record, 1));
  }
};

class MergeProgram final : public Stateless {
 public:
  Status Process(size_t, const InputRecord& record, ProcessorContext& context) override {
    return context.Produce(Forwarded(record, 0));
  }
};

class CountPerKeyProgram final : public TaskProgram {
 public:
  explicit CountPerKeyProgram(bool commits_too) : commits_too_(commits_too) {}
  Result<Timestamp> EventTime(size_t, const InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const InputRecord& record, ProcessorContext& context) override {
    RETURN_IF_ERROR(Add(context, *record.key));
    touched_[std::string(*record.key)] = record.timestamp;
    return Status::Ok();
  }
  Status BeforeCommit(ProcessorContext& context) override {
    if (commits_too_) RETURN_IF_ERROR(Add(context, "commits"));
    for (const auto& [key, timestamp] : touched_) {
      ASSIGN_OR_RETURN(const auto row, context.Store(0).Get(key));
      const std::string value(*row);
      OutputRecord out;
      out.key = key;
      out.value = value;
      out.timestamp = timestamp;
      RETURN_IF_ERROR(context.Produce(out));
    }
    touched_.clear();
    return Status::Ok();
  }
  void Restart(Timestamp) override { touched_.clear(); }

 private:
  static Status Add(ProcessorContext& context, std::string_view key) {
    statestore::KeyValueStore& store = context.Store(0);
    ASSIGN_OR_RETURN(const auto row, store.Get(key));
    store.Put(key, std::to_string(row ? std::stoll(std::string(*row)) + 1 : 1));
    return Status::Ok();
  }

  const bool commits_too_;
  std::map<std::string, Timestamp> touched_;
};

template <typename Program>
class Factory final : public operators::TaskProgramFactory {
 public:
  Result<std::unique_ptr<TaskProgram>> New(Partition) override {
    return std::unique_ptr<TaskProgram>(std::make_unique<Program>());
  }
};

class CountFactory final : public operators::TaskProgramFactory {
 public:
  explicit CountFactory(bool commits_too) : commits_too_(commits_too) {}
  Result<std::unique_ptr<TaskProgram>> New(Partition) override {
    return std::unique_ptr<TaskProgram>(std::make_unique<CountPerKeyProgram>(commits_too_));
  }

 private:
  const bool commits_too_;
};

}  // namespace

std::string KeyOfId(int64_t id) { return "k" + std::to_string(id % kKeys); }

std::shared_ptr<operators::TaskProgramFactory> RekeyAndCopy() {
  return std::make_shared<Factory<RekeyAndCopyProgram>>();
}
std::shared_ptr<operators::TaskProgramFactory> CountPerKey(bool commits_too) {
  return std::make_shared<CountFactory>(commits_too);
}
std::shared_ptr<operators::TaskProgramFactory> Merge() {
  return std::make_shared<Factory<MergeProgram>>();
}

}  // namespace sidestream::simulation
