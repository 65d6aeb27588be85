// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command_options.h"

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/reset_positions.h"
#include "app/skeletons.h"
#include "snapshot/catalog.h"
#include "topology/scalars.h"

namespace sidestream::app {
namespace {

std::string ParseDurationOption(const std::string& text, Milliseconds& into) {
  const auto parsed = topology::ParseDuration(text);
  if (!parsed || parsed->count() < 0) return "expected a duration such as 30s or 1m30s";
  into = *parsed;
  return "";
}

void AddDuration(CLI::App& command, const std::string& name, Milliseconds& into,
                 const std::string& help) {
  command
      .add_option_function<std::string>(
          name, [&into](const std::string& text) { ParseDurationOption(text, into); }, help)
      ->check([](const std::string& text) {
        Milliseconds ignored{};
        return ParseDurationOption(text, ignored);
      })
      ->type_name("DURATION");
}

/// A word out of several; `into` stays empty when the option is not given.
void AddChoice(CLI::App& command, const std::string& name, std::string& into,
               const std::vector<std::string>& words, const std::string& help) {
  command.add_option(name, into, help)->check(CLI::IsMember(words))->type_name("FORMAT");
}

void AddLogOptions(CLI::App& command, Arguments& arguments) {
  static const std::map<std::string, log::Format> formats{{"text", log::Format::kText},
                                                          {"json", log::Format::kJson}};
  static const std::map<std::string, log::Level> levels{{"debug", log::Level::kDebug},
                                                        {"info", log::Level::kInfo},
                                                        {"warning", log::Level::kWarning},
                                                        {"error", log::Level::kError}};
  command
      .add_option_function<std::string>(
          "--log-format",
          [&arguments](const std::string& word) { arguments.log_format = formats.at(word); },
          "text or json (default: text on a terminal, json otherwise)")
      ->check(CLI::IsMember({"text", "json"}, CLI::ignore_case))
      ->type_name("FORMAT");
  command
      .add_option_function<std::string>(
          "--log-level",
          [&arguments](const std::string& word) { arguments.log_level = levels.at(word); },
          "debug, info, warning or error (default: info; test and --embedded: warning)")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
      ->type_name("LEVEL");
}

/// "name" or "application/name".
std::string CheckSnapshotName(const std::string& name) {
  const size_t slash = name.find('/');
  const bool fits = slash == std::string::npos
                        ? snapshot::IsSnapshotName(name)
                        : snapshot::IsSnapshotName(name.substr(0, slash)) &&
                              snapshot::IsSnapshotName(name.substr(slash + 1));
  return fits ? std::string() : std::string("expected a name of letters, digits and ._-");
}

void AddRunOptions(CLI::App& command, Arguments& arguments) {
  command
      .add_option(
          "--instance", arguments.instance,
          "Stable name of this instance: static membership, so that a restart moves no task "
          "(default: a random name)")
      ->envname("SIDESTREAM_INSTANCE")
      ->type_name("NAME");
  command
      .add_option("--from-savepoint", arguments.savepoint.name,
                  "Begin with the state and the positions of this savepoint; the application is new")
      ->check(&CheckSnapshotName)
      ->type_name("NAME");
  AddDuration(command, "--stop-timeout", arguments.stop_timeout,
              "How long an orderly stop may take (default: 30s)");
  command.add_flag("--allow-dropped-state", arguments.allow_dropped_state,
                   "Start although state is lost that the topology does not go on with; "
                   "`sidestream plan` says which");
  CLI::Option* embedded =
      command.add_flag("--embedded", arguments.embedded, "Run in this process, without a broker");
  command
      .add_option_function<std::vector<std::string>>(
          "--input",
          [&arguments](const std::vector<std::string>& words) {
            for (const std::string& word : words) {
              const size_t equals = word.find('=');
              arguments.inputs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
            }
          },
          "Records of a stream as lines of JSON; - is standard input")
      ->check([](const std::string& word) {
        const size_t equals = word.find('=');
        const bool fits = equals != std::string::npos && equals > 0 && equals + 1 < word.size();
        return fits ? std::string() : std::string("expected stream=file");
      })
      ->needs(embedded)
      ->allow_extra_args(false)
      ->type_name("STREAM=FILE");
}

void AddResetOptions(CLI::App& command, Arguments& arguments) {
  using To = ResetArguments::To;
  ResetArguments& reset = arguments.reset;
  CLI::Option* const execute =
      command.add_flag("--apply,--execute", arguments.apply,
                       "Do it, instead of saying what would be done");
  // What happens anyway, for those who write it as with Kafka's own tools.
  command.add_flag_callback("--dry-run", [] {}, "Only say what would be done (default)")
      ->excludes(execute);
  std::vector<CLI::Option*> positions;
  const auto flag = [&](const char* name, To to, const char* help) {
    positions.push_back(
        command.add_flag_callback(name, [&reset, to] { reset.to = to; }, help));
  };
  const auto number = [&](const char* name, To to, const char* help) {
    positions.push_back(command
                            .add_option_function<int64_t>(
                                name,
                                [&reset, to](const int64_t& value) {
                                  reset.to = to;
                                  reset.number = value;
                                },
                                help)
                            ->type_name("N"));
  };
  flag("--to-earliest", To::kEarliest, "Read the inputs from the starts of their logs");
  flag("--to-latest", To::kLatest, "Read the inputs from the ends of their logs");
  number("--to-offset", To::kOffset, "Read the inputs from this offset, in every partition");
  number("--shift-by", To::kShift,
         "Read the inputs so many records behind the committed offsets, or with -N before them");
  const auto time = [&](const char* name, To to, const auto& parse, const char* type,
                        const char* wanted, const char* help) {
    positions.push_back(command
                            .add_option_function<std::string>(
                                name,
                                [&reset, to, parse](const std::string& text) {
                                  reset.to = to;
                                  reset.number = *parse(text);
                                },
                                help)
                            ->check([parse, wanted](const std::string& text) {
                              return parse(text) ? std::string() : std::string(wanted);
                            })
                            ->type_name(type));
  };
  time(
      "--to-datetime", To::kTime,
      [](const std::string& text) -> std::optional<int64_t> {
        const auto at = ParseResetTime(text);
        return at ? std::optional(at->value()) : std::nullopt;
      },
      "TIME", "expected a time such as 2026-01-31T10:00:00Z",
      "Read the inputs from the first record of this time or a later one");
  time(
      "--by-duration", To::kAgo,
      [](const std::string& text) -> std::optional<int64_t> {
        const auto length = ParseResetDuration(text);
        return length && length->count() >= 0 ? std::optional(length->count()) : std::nullopt;
      },
      "DURATION", "expected a duration such as 7d or P7D",
      "Read the inputs from the first record that is not older than this");
  for (size_t i = 0; i < positions.size(); ++i) {
    for (size_t j = i + 1; j < positions.size(); ++j) positions[i]->excludes(positions[j]);
  }
  command
      .add_option("--input-topics", reset.input_topics,
                  "Inputs that these options are about (default: all); the others begin as "
                  "start_from says")
      ->delimiter(',')
      ->type_name("TOPIC,...");
  command
      .add_option("--intermediate-topics", reset.intermediate_topics,
                  "Inputs that the application writes itself: they are read from their ends")
      ->delimiter(',')
      ->type_name("TOPIC,...");
}

void AddSavepointOptions(CLI::App& command, unsigned options, SavepointArguments& savepoint) {
  if (options & kLocation) {
    command
        .add_option("--location", savepoint.location,
                    "Where savepoints lie: a directory, or s3://bucket/prefix (default: "
                    "checkpoint.location of the topology)")
        ->type_name("PLACE");
  }
  if (options & kSavepointName) {
    command.add_option("name", savepoint.name, "Name of the savepoint")
        ->required()
        ->check(&CheckSnapshotName)
        ->type_name("NAME");
  }
  if (options & kStopOptions) {
    command.add_option("--savepoint", savepoint.name, "Name of the savepoint that it leaves")
        ->required()
        ->check(&CheckSnapshotName)
        ->type_name("NAME");
  }
  if (options & kSavepointListOptions) {
    command.add_flag("--all", savepoint.all, "Those of all applications that lie there");
  }
  if (options & kSavepointTake) {
    command.add_flag("--drain", savepoint.drain,
                     "Leave no records between steps: inputs pause until they are processed");
    AddDuration(command, "--timeout", savepoint.timeout,
                "How long to wait until it is complete (default: 10m)");
  }
}

void AddDlqOptions(CLI::App& command, bool replay, DlqArguments& dlq) {
  command.add_option("--step", dlq.step, "Only letters of this step: <pipeline>.<step>")
      ->type_name("NAME");
  command.add_option("--topic", dlq.topic, "Only records of this input topic")->type_name("TOPIC");
  command.add_option("--key", dlq.key, "Only records with this key, as text")->type_name("TEXT");
  command
      .add_option("--since", dlq.since,
                  "Only records from this time on: 2h ago, or 2026-01-31T10:00:00Z")
      ->type_name("TIME");
  command.add_option("--limit", dlq.limit, "At most so many letters")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}))
      ->type_name("N");
  if (replay) {
    command.add_flag("--execute", dlq.execute, "Do it, instead of saying what would be done");
    command
        .add_option("--max-replays", dlq.max_replays,
                    "Leave letters that were put back so often already (default: 3)")
        ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}))
        ->type_name("N");
    return;
  }
  command.add_flag("--all", dlq.all, "Also letters that were put back");
  command
      .add_option_function<std::string>(
          "--format", [&dlq](const std::string& word) { dlq.json = word == "json"; },
          "text or json, one line per letter (default: text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORMAT");
}

void AddValidateOptions(CLI::App& command, Arguments& arguments) {
  static const std::map<std::string, ReportFormat> formats{{"text", ReportFormat::kText},
                                                           {"json", ReportFormat::kJson},
                                                           {"sarif", ReportFormat::kSarif},
                                                           {"github", ReportFormat::kGithub}};
  command
      .add_option("paths", arguments.paths,
                  "Files and directories (dir/...), each topology in them an application of its "
                  "own; in Markdown the blocks of YAML that say version: 1")
      ->type_name("PATH");
  command.add_flag("--deny-warnings", arguments.deny_warnings, "Fail when there is a warning");
  command.add_flag("--connect", arguments.connect,
                   "Ask the cluster, too: topics, partitions, settings, rights");
  command
      .add_option_function<std::string>(
          "--format",
          [&arguments](const std::string& word) { arguments.report_format = formats.at(word); },
          "text, json, sarif (2.1.0) or github (annotations of a workflow) (default: text)")
      ->check(CLI::IsMember({"text", "json", "sarif", "github"}))
      ->type_name("FORMAT");
}

void AddColor(CLI::App& command, Arguments& arguments) {
  static const std::map<std::string, ColorMode> modes{
      {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
  command
      .add_option_function<std::string>(
          "--color", [&arguments](const std::string& word) { arguments.color = modes.at(word); },
          "Colors: auto (on a terminal, unless NO_COLOR is set), always or never (default: auto)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("WHEN");
}

void AddEvalOptions(CLI::App& command, Arguments& arguments) {
  EvalArguments& eval = arguments.eval;
  command.add_option("expression", eval.expression, "CEL expression")
      ->required()
      ->type_name("EXPRESSION");
  command
      .add_option("--value", eval.value_file, "File with the value as JSON; - is standard input")
      ->type_name("FILE");
  command.add_option("--key", eval.key, "Key as JSON; what is no JSON is a text")
      ->type_name("JSON");
  command.add_option("--headers", eval.headers, "Headers as a JSON object of texts")
      ->type_name("JSON");
  command.add_option("--vars", eval.vars, "Constants as a JSON object")->type_name("JSON");
  command
      .add_option("--fields", eval.fields, "Types of the value's fields: 'id: int, at: timestamp'")
      ->type_name("TYPES");
  AddColor(command, arguments);
}

}  // namespace

void AddOptions(CLI::App& command, unsigned options, Arguments& arguments) {
  if (options & kFiles) {
    command
        .add_option("-f,--file", arguments.files,
                    "Topology file; give it again to merge several, - reads standard input")
        // validate takes paths in its place.
        ->required((options & kValidateOptions) == 0)
        ->allow_extra_args(false)
        ->type_name("FILE");
    AddLogOptions(command, arguments);
    AddColor(command, arguments);
  }
  if (options & kConnect) {
    AddDuration(command, "--connect-timeout", arguments.connect_timeout,
                "How long to wait for a cluster that does not answer (default: 1m)");
  }
  if (options & kApply) {
    command.add_flag("--apply", arguments.apply, "Do it, instead of saying what would be done");
  }
  if (options & kRunOptions) AddRunOptions(command, arguments);
  if (options & kTestOptions) {
    command.get_option("--file")->required(false);
    command.add_option("paths", arguments.paths, "Topology files and folders of them")
        ->type_name("PATH");
    AddChoice(command, "--format", arguments.format, {"text", "junit", "json"},
              "text (default), junit or json");
    command
        .add_option_function<uint64_t>(
            "--seed", [&arguments](const uint64_t& seed) { arguments.seed = seed; },
            "Draws who goes first wherever several may (default: the order of the file)")
        ->check(CLI::NonNegativeNumber)
        ->type_name("N");
    command.add_option("--case", arguments.cases, "Only cases whose name holds this text")
        ->allow_extra_args(false)
        ->type_name("TEXT");
    command
        .add_option("--instances", arguments.instances,
                    "Instances that share the work (default: 1)")
        ->check(CLI::Range(1, 16))
        ->type_name("N");
    command.add_flag("--crash-at-every-commit", arguments.crash_at_every_commit,
                     "Kill and restart every instance after each commit");
  }
  AddSavepointOptions(command, options, arguments.savepoint);
  if (options & (kDlqListOptions | kDlqReplayOptions)) {
    AddDlqOptions(command, (options & kDlqReplayOptions) != 0, arguments.dlq);
  }
  if (options & kValidateOptions) AddValidateOptions(command, arguments);
  if (options & kDocsOptions) {
    command.add_option("code", arguments.code, "A code such as SS2001")->type_name("CODE");
  }
  if (options & kEvalOptions) AddEvalOptions(command, arguments);
  if (options & kGraphOptions) {
    AddChoice(command, "--format", arguments.format, {"ascii", "dot", "mermaid", "svg", "json"},
              "ascii (default), dot, mermaid, svg or json");
  }
  if (options & kTextOrJson) {
    AddChoice(command, "--format", arguments.format, {"text", "json"}, "text (default) or json");
  }
  if (options & kResetOptions) AddResetOptions(command, arguments);
  if (options & kPlanOptions) {
    command.add_flag("--detailed-exitcode", arguments.detailed_exitcode,
                     "Exit with 3 where there are changes");
  }
  if (options & kExplainOptions) {
    CLI::Option* const live =
        command.add_flag("--live", arguments.live,
                         "Ask a running instance where event time stands and what holds it");
    command
        .add_option("--address", arguments.live_address,
                    "Where it listens (default: this machine, at http.port)")
        ->needs(live)
        ->type_name("HOST:PORT");
  }
  if (options & kCreateOptions) {
    command.add_option("name", arguments.skeleton, "Which one")
        ->check(CLI::IsMember(SkeletonNames()))
        ->type_name("NAME");
    command.add_flag("--list", arguments.list, "Say which there are");
  }
  if (options & kShell) {
    command.add_option("shell", arguments.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}))
        ->type_name("SHELL");
  }
  if (options & kSchemaOptions) {
    command.add_flag("--part", arguments.part_of_file,
                     "For one of several files that are merged: nothing is required");
  }
}

}  // namespace sidestream::app
