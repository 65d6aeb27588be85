// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The stopwatch: starts a command, reads its output topic (read_committed) until the right
// answer is there, stops it, and prints one line. CPU time is that of the process alone, this
// reader is another one.
//
//   measure_bench --label TEXT --kind KIND --bootstrap HOST:PORT --topic OUTPUT --records N
//                 [--from N] [--partitions 2] [--broker-pid PID] [--log FILE] -- PROGRAM [ARG]...
//
// Columns, tab-separated: label, answer (ok or the problem), milliseconds from exec to the first
// output, CPU microseconds per record from exec to the last output (cold) and over the second
// half (warm), the broker's CPU over the whole run, peak and steady RSS in MiB, seconds of wall
// clock, load average. Steady is one second after the last output.

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

#include "bench/loop/answer.h"
#include "bench/loop/handles.h"
#include "bench/loop/process_usage.h"

namespace sidestream::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr int kPollMs = 20;
constexpr size_t kBatch = 4096;
constexpr std::chrono::seconds kGiveUp{900};
constexpr std::chrono::seconds kSettle{1};

double Seconds(SteadyClock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

struct Sample {
  uint64_t progress = 0;
  double cpu = 0;
};

/// Reads all partitions of a topic from their present ends on.
class OutputReader {
 public:
  OutputReader(const std::string& bootstrap, const std::string& topic)
      : handle_(NewHandle(RD_KAFKA_CONSUMER, {{"bootstrap.servers", bootstrap},
                                              {"group.id", "bench-measure"},
                                              {"isolation.level", "read_committed"},
                                              {"enable.auto.commit", "false"},
                                              {"fetch.wait.max.ms", "10"},
                                              {"fetch.queue.backoff.ms", "5"}})) {
    const int partitions = PartitionCount(handle_.get(), topic);
    const PartitionList list(rd_kafka_topic_partition_list_new(partitions));
    for (int32_t i = 0; i < partitions; ++i) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), i)->offset =
          EndOffset(handle_.get(), topic, i);
    }
    rd_kafka_assign(handle_.get(), list.get());
    queue_.reset(rd_kafka_queue_get_consumer(handle_.get()));
  }

  size_t Read(Answer& answer) {
    const ssize_t count =
        rd_kafka_consume_batch_queue(queue_.get(), kPollMs, batch_.data(), batch_.size());
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* record = batch_[static_cast<size_t>(i)];
      if (record->err != RD_KAFKA_RESP_ERR_NO_ERROR) Die(rd_kafka_message_errstr(record));
      answer.Add(*record);
      rd_kafka_message_destroy(record);
    }
    return count > 0 ? static_cast<size_t>(count) : 0;
  }

 private:
  Handle handle_;
  Queue queue_;
  std::vector<rd_kafka_message_t*> batch_{kBatch};
};

char** CommandOf(int argc, char** argv) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--") == 0) return argv + i + 1;
  }
  Die("no command behind --");
}

int Main(int argc, char** argv) {
  const std::string topic = Option(argc, argv, "topic");
  const uint64_t records = std::strtoull(Option(argc, argv, "records").c_str(), nullptr, 10);
  const uint64_t from = std::strtoull(Option(argc, argv, "from", "0").c_str(), nullptr, 10);
  const int partitions = std::atoi(Option(argc, argv, "partitions", "2").c_str());
  const pid_t broker = std::atoi(Option(argc, argv, "broker-pid", "0").c_str());
  const auto answer = AnswerOf(Option(argc, argv, "kind"), from, records, partitions);
  OutputReader reader(Option(argc, argv, "bootstrap"), topic);
  for (int i = 0; i < 10; ++i) reader.Read(*answer);  // its connections are up

  const double broker_before = broker > 0 ? CpuSeconds(broker) : 0;
  const auto started = SteadyClock::now();
  const pid_t child = StartChild(CommandOf(argc, argv), Option(argc, argv, "log", "/dev/null"));
  std::optional<SteadyClock::time_point> first;
  std::optional<Sample> half;
  while (!answer->complete()) {
    const size_t count = reader.Read(*answer);
    if (count > 0 && !first) first = SteadyClock::now();
    if (!half && answer->progress() >= records / 2) half = {answer->progress(), CpuSeconds(child)};
    if (HasEnded(child)) Die("the command ended by itself: see its log");
    if (SteadyClock::now() - started > kGiveUp) {
      StopChild(child);
      Die("no complete answer: progress=" + std::to_string(answer->progress()));
    }
  }
  const auto ended = SteadyClock::now();
  const Sample whole{answer->progress(), CpuSeconds(child)};
  const double broker_cpu = broker > 0 ? CpuSeconds(broker) - broker_before : 0;
  while (SteadyClock::now() - ended < kSettle) reader.Read(*answer);
  const double peak = MemoryMib(child, "VmHWM");
  const double steady = MemoryMib(child, "VmRSS");
  std::string problem = answer->Problem();
  if (!StopChild(child)) problem += " did not stop cleanly";

  if (!half) half = whole;
  const double warm =
      whole.progress > half->progress
          ? (whole.cpu - half->cpu) * 1e6 / static_cast<double>(whole.progress - half->progress)
          : 0;
  std::printf("%s\t%s\t%.0f\t%.3f\t%.3f\t%.3f\t%.1f\t%.1f\t%.2f\t%.1f\n",
              Option(argc, argv, "label").c_str(), problem.empty() ? "ok" : problem.c_str(),
              Seconds(*first - started) * 1e3, whole.cpu * 1e6 / static_cast<double>(records), warm,
              broker_cpu * 1e6 / static_cast<double>(records), peak, steady,
              Seconds(ended - started), LoadAverage());
  return problem.empty() ? 0 : 1;
}

}  // namespace
}  // namespace sidestream::bench

int main(int argc, char** argv) { return sidestream::bench::Main(argc, argv); }
