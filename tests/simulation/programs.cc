// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "programs.h"

#include <map>
#include <sstream>
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

Status AddOne(ProcessorContext& context, std::string_view key) {
  statestore::KeyValueStore& store = context.Store(0);
  ASSIGN_OR_RETURN(const auto row, store.Get(key));
  store.Put(key, std::to_string(row ? std::stoll(std::string(*row)) + 1 : 1));
  return Status::Ok();
}

class MergeWithTotalsProgram final : public Stateless {
 public:
  Status Process(size_t, const InputRecord& record, ProcessorContext& context) override {
    RETURN_IF_ERROR(AddOne(context, KeyOfId(std::stoll(std::string(*record.value)))));
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
    RETURN_IF_ERROR(AddOne(context, *record.key));
    touched_[std::string(*record.key)] = record.timestamp;
    return Status::Ok();
  }
  Status BeforeCommit(ProcessorContext& context) override {
    if (commits_too_) RETURN_IF_ERROR(AddOne(context, "commits"));
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
  const bool commits_too_;
  std::map<std::string, Timestamp> touched_;
};

class CountPerWindowProgram final : public TaskProgram {
 public:
  CountPerWindowProgram(Partition partition, Milliseconds size)
      : partition_(partition), size_(size) {}

  Result<Timestamp> EventTime(size_t, const InputRecord& record) override {
    return record.timestamp;
  }
  Status Process(size_t, const InputRecord& record, ProcessorContext& context) override {
    const int64_t start = record.timestamp.value() - record.timestamp.value() % size_.count();
    if (watermark_ >= Timestamp(start + size_.count() - 1)) {
      return context.Produce(Forwarded(record, 1));
    }
    ASSIGN_OR_RETURN(Windows windows, Load(context));
    ++windows[start];
    Save(windows, context);
    return Status::Ok();
  }
  Status BeforeCommit(ProcessorContext&) override { return Status::Ok(); }
  bool FollowsEventTime() const override { return true; }
  Status AdvanceEventTime(Timestamp watermark, ProcessorContext& context) override {
    if (watermark <= watermark_) return Status::Fatal("event time went back");
    watermark_ = watermark;
    ASSIGN_OR_RETURN(Windows windows, Load(context));
    bool fired = false;
    while (!windows.empty() &&
           watermark >= Timestamp(windows.begin()->first + size_.count() - 1)) {
      const auto [start, count] = *windows.begin();
      const std::string key = std::to_string(partition_) + "/" + std::to_string(start);
      const std::string value = std::to_string(count);
      OutputRecord out;
      out.key = key;
      out.value = value;
      out.timestamp = Timestamp(start + size_.count() - 1);
      RETURN_IF_ERROR(context.Produce(out));
      windows.erase(windows.begin());
      fired = true;
    }
    if (fired) Save(windows, context);
    return Status::Ok();
  }
  void Restart(Timestamp watermark) override { watermark_ = watermark; }

 private:
  using Windows = std::map<int64_t, int64_t>;  // count by start

  static Result<Windows> Load(ProcessorContext& context) {
    ASSIGN_OR_RETURN(const auto row, context.Store(0).Get("open"));
    Windows windows;
    std::istringstream text{std::string(row.value_or(""))};
    for (int64_t start = 0, count = 0; text >> start >> count;) windows[start] = count;
    return windows;
  }
  static void Save(const Windows& windows, ProcessorContext& context) {
    std::string text;
    for (const auto& [start, count] : windows) {
      text += std::to_string(start) + " " + std::to_string(count) + " ";
    }
    context.Store(0).Put("open", text);
  }

  const Partition partition_;
  const Milliseconds size_;
  Timestamp watermark_ = kNoWatermark;
};

class CountPerWindowFactory final : public operators::TaskProgramFactory {
 public:
  explicit CountPerWindowFactory(Milliseconds size) : size_(size) {}
  Result<std::unique_ptr<TaskProgram>> New(Partition partition) override {
    return std::unique_ptr<TaskProgram>(std::make_unique<CountPerWindowProgram>(partition, size_));
  }

 private:
  const Milliseconds size_;
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
std::shared_ptr<operators::TaskProgramFactory> CountPerWindow(Milliseconds size) {
  return std::make_shared<CountPerWindowFactory>(size);
}
std::shared_ptr<operators::TaskProgramFactory> Merge(bool totals) {
  if (totals) return std::make_shared<Factory<MergeWithTotalsProgram>>();
  return std::make_shared<Factory<MergeProgram>>();
}

}  // namespace sidestream::simulation
