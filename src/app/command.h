// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A command of the program: what the command line gave it, and what it may ask of its
// process. main() fills both; tests fill them by hand.
//
// Results go to `out`, everything else to `err` and the log, so that output can be piped.

#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "app/topology_sources.h"
#include "app/waiting.h"
#include "base/log.h"
#include "base/status.h"
#include "kafka/cluster.h"
#include "topology/model.h"
#include "topology/scalars.h"

namespace sidestream::app {

/// Of dlq list and dlq replay. What is empty lets all letters through.
struct DlqArguments {
  std::string step;
  std::string topic;
  std::optional<std::string> key;
  std::string since;
  std::optional<int64_t> limit;
  /// list: as JSON; those too that were put back.
  bool json = false;
  bool all = false;
  /// replay: act, instead of saying what would be done.
  bool execute = false;
  int64_t max_replays = 3;
};

/// reset: where the inputs are read from afterwards, by the words of Kafka's own tools.
struct ResetArguments {
  enum class To { kStartFrom, kEarliest, kLatest, kOffset, kShift, kTime, kAgo };
  To to = To::kStartFrom;
  /// Of kOffset and kShift: records; kTime: milliseconds since 1970; kAgo: milliseconds before now.
  int64_t number = 0;
  /// Only these inputs; empty: all. The others begin as `start_from` says.
  std::vector<std::string> input_topics;
  /// These are read from their ends: topics that the application writes itself.
  std::vector<std::string> intermediate_topics;
};

/// Of the savepoint commands and stop; of run: what it starts from.
struct SavepointArguments {
  /// Of run: empty: it starts from nothing.
  std::string name;
  /// Where savepoints lie; empty: where the topology says.
  std::string location;
  /// list: those of all applications.
  bool all = false;
  /// create, stop: no records are to be in flight.
  bool drain = false;
  /// create, stop: how long to wait for it.
  Milliseconds timeout{600'000};
};

/// Findings for people, or for a program.
enum class ReportFormat { kText, kJson, kSarif, kGithub };

/// When output is colored.
enum class ColorMode : uint8_t { kAuto, kAlways, kNever };

/// eval: JSON texts as written.
struct EvalArguments {
  std::string expression;
  std::string value_file;
  std::optional<std::string> key;
  std::optional<std::string> headers;
  std::optional<std::string> vars;
  std::string fields;
};

/// What was written on the command line; each command reads the part that it declares.
struct Arguments {
  /// Topology files in the order given; "-" is standard input.
  std::vector<std::string> files;
  log::Format log_format = log::Format::kText;
  log::Level log_level = log::Level::kInfo;
  ColorMode color = ColorMode::kAuto;

  /// topics, reset: act, instead of saying what would be done.
  bool apply = false;
  /// validate, test: files and directories, each topology in them an application of its own. With
  /// test the files of `files` are merged into each.
  std::vector<std::string> paths;
  /// validate: a warning fails the command.
  bool deny_warnings = false;
  /// validate: ask the cluster, too.
  bool connect = false;
  /// validate: how findings are printed.
  ReportFormat report_format = ReportFormat::kText;
  /// docs: the code to explain; empty: list all.
  std::string code;
  EvalArguments eval;
  /// create: name of a skeleton, or the list of them.
  std::string skeleton;
  bool list = false;
  /// completion: bash, zsh or fish.
  std::string shell;
  /// schema: for one of several files that are merged.
  bool part_of_file = false;
  /// explain: ask a running instance at "host:port"; without one this machine, at `http.port`.
  bool live = false;
  std::string live_address;
  /// Format of results, one of those that the command names; empty: its default.
  std::string format;
  /// plan: kExitChanges where there are changes.
  bool detailed_exitcode = false;
  /// How long a command waits for a cluster that does not answer.
  Milliseconds connect_timeout{60'000};

  /// run: how long an orderly stop may take.
  Milliseconds stop_timeout{30'000};
  /// run: stable name of this instance; empty: a dynamic member with a random name.
  std::string instance;
  /// run: state may be given up that the topology does not go on with.
  bool allow_dropped_state = false;
  /// run: in one process, without a broker.
  bool embedded = false;
  /// run --embedded: stream alias and NDJSON file ("-" is standard input).
  std::vector<std::pair<std::string, std::string>> inputs;

  /// test: only cases whose name holds one of these.
  std::vector<std::string> cases;
  int32_t instances = 1;
  bool crash_at_every_commit = false;
  std::optional<uint64_t> seed;

  DlqArguments dlq;
  ResetArguments reset;
  SavepointArguments savepoint;
};

struct CommandContext {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  /// Whether what goes to each is colored.
  bool color_out = false;
  bool color_err = false;
  const topology::Surroundings& surroundings;
  Waiting& waiting;
  /// A cluster for these properties; talks to nobody yet.
  std::function<Result<std::unique_ptr<kafka::Cluster>>(const topology::KafkaModel&)> connect;
  /// The files below a directory.
  FileLister list_files = &FilesBelow;
};

/// Tells the user, and gives the exit code.
int Failed(const Status& status, CommandContext& context);

/// Runs to its end and returns the exit code.
using CommandFunction = int (*)(const Arguments& arguments, CommandContext& context);

}  // namespace sidestream::app
