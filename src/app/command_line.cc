// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <sstream>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "topology/scalars.h"

namespace sidestream::app {
namespace {

enum OptionGroup : unsigned {
  kFiles = 1,
  kConnect = 2,
  kApply = 4,
  kValidateOptions = 8,
  kRunOptions = 16,
  kTestOptions = 32,
  kDocsOptions = 64,
  kDlqListOptions = 128,
  kDlqReplayOptions = 256,
};

struct CommandRow {
  /// One word, or two: a verb of a group.
  const char* name;
  const char* summary;
  const char* details;
  unsigned options;
  CommandFunction function;
};

constexpr CommandRow kCommands[] = {
    {"run", "Run an instance of the application, until it is told to stop",
     "Joins the consumer group of the application, restores its state and processes records. The\n"
     "first SIGTERM or SIGINT commits what is open and leaves in order, the second ends at once.\n"
     "With --embedded everything runs in this process without a broker: records are read as lines\n"
     "of JSON, {\"key\":...,\"value\":...,\"timestamp\":...}, and output streams are printed "
     "alike.",
     kFiles | kConnect | kRunOptions, &Run},
    {"test", "Run the tests in the topology files",
     "Each case runs on the real tasks with an in-process broker and a virtual clock. A PATH is a\n"
     "topology of its own, or a folder of them; the files of -f are merged into each. Without "
     "PATH\n"
     "the files of -f are one topology. After the cases stands which steps and branches no test\n"
     "came to.",
     kFiles | kTestOptions, &Test},
    {"validate", "Check topology files and print everything that is wrong with them",
     "Reads the files as `run` would, resolves ${...}, checks fields, names, expressions and\n"
     "Kafka properties; talks to no cluster unless --connect is given. `sidestream docs CODE`\n"
     "explains a finding. Exit codes: 0 no error, 78 an error, 1 a warning under --deny-warnings,\n"
     "or a cluster that does not answer.",
     kFiles | kConnect | kValidateOptions, &Validate},
    {"topics", "Show the topics an application needs, and create them",
     "Prints every topic with its partitions, settings and state in the cluster. With --apply it\n"
     "creates what is missing: internal topics, and those of `streams:` that say `partitions`.",
     kFiles | kConnect | kApply, &Topics},
    {"reset", "Make an application forget everything, so that it starts from the beginning",
     "Deletes the consumer group with its offsets, the internal topics and this machine's state\n"
     "directory. Topics of `streams:` are not touched. Prints what it would do; --apply does it.\n"
     "All instances must have stopped.",
     kFiles | kConnect | kApply, &Reset},
    {"docs", "Explain the code of a finding, or list all codes",
     "Prints what the code means, an example that brings it, and what mends it.", kDocsOptions,
     &Docs},
    {"dlq list", "Show the dead letters of the application",
     "One line per letter: partition@offset, where the record came from, step, error, key, "
     "message.\n"
     "Letters that were put back are left out, unless --all is given.",
     kFiles | kConnect | kDlqListOptions, &DlqList},
    {"dlq replay", "Put dead letters back to the topics and partitions that they came from",
     "Prints what it would do; --execute does it, in transactions, and remembers what was put "
     "back.\n"
     "The application may run meanwhile. Records keep their key, value, timestamp and headers.",
     kFiles | kConnect | kDlqReplayOptions, &DlqReplay},
    {"version", "Print the version of the program and of what it is made with", "", 0, &Version},
};

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

void AddRunOptions(CLI::App& command, Arguments& arguments) {
  command
      .add_option(
          "--instance", arguments.instance,
          "Stable name of this instance: static membership, so that a restart moves no task "
          "(default: a random name)")
      ->envname("SIDESTREAM_INSTANCE")
      ->type_name("NAME");
  AddDuration(command, "--stop-timeout", arguments.stop_timeout,
              "How long an orderly stop may take (default: 30s)");
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

void AddTestFormat(CLI::App& command, Arguments& arguments) {
  static const std::map<std::string, TestFormat> formats{
      {"text", TestFormat::kText}, {"junit", TestFormat::kJunit}, {"json", TestFormat::kJson}};
  command
      .add_option_function<std::string>(
          "--format",
          [&arguments](const std::string& word) { arguments.test_format = formats.at(word); },
          "text, junit or json (default: text)")
      ->check(CLI::IsMember({"text", "junit", "json"}))
      ->type_name("FORMAT");
}

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
    command.add_option("path", arguments.paths, "Topology files and folders of them")
        ->type_name("PATH");
    AddTestFormat(command, arguments);
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
  if (options & (kDlqListOptions | kDlqReplayOptions)) {
    AddDlqOptions(command, (options & kDlqReplayOptions) != 0, arguments.dlq);
  }
  if (options & kValidateOptions) AddValidateOptions(command, arguments);
  if (options & kDocsOptions) {
    command.add_option("code", arguments.code, "A code such as SS2001")->type_name("CODE");
  }
}

std::string_view FirstWord(const CommandRow& row) {
  const std::string_view name = row.name;
  return name.substr(0, name.find(' '));
}

/// Declares the row's command; of two words, within the group of the first.
CLI::App* Declare(CLI::App& program, const CommandRow& row,
                  std::map<std::string, CLI::App*>& groups) {
  const std::string first(FirstWord(row));
  if (first == row.name) return program.add_subcommand(row.name, row.summary);
  CLI::App*& group = groups[first];
  if (group == nullptr) {
    group = program.add_subcommand(first, "List dead letters, and put them back");
    group->require_subcommand(1);
  }
  return group->add_subcommand(std::string(row.name).substr(first.size() + 1), row.summary);
}

/// CLI11 would only say that a subcommand is missing.
std::optional<std::string> UnknownCommand(std::span<const std::string> words) {
  if (words.empty() || words.front().starts_with("-")) return std::nullopt;
  std::string names;
  std::string_view last;
  for (const CommandRow& row : kCommands) {
    const std::string_view word = FirstWord(row);
    if (words.front() == word) return std::nullopt;
    if (word == last) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", word);
    last = word;
  }
  return fmt::format("sidestream: unknown command: {}\nThe commands are {}.\n", words.front(),
                     names);
}

}  // namespace

CommandLine ParseCommandLine(std::span<const std::string> words, bool terminal) {
  CommandLine line;
  line.arguments.log_format = terminal ? log::Format::kText : log::Format::kJson;
  if (auto unknown = UnknownCommand(words)) {
    line.exit_code = kExitUsage;
    line.text = std::move(*unknown);
    return line;
  }
  CLI::App program("Sidestream processes streams of Kafka records as a YAML topology says.\n",
                   "sidestream");
  program.footer(
      "Exit codes: 0 done, 1 failed, 2 wrong command line, 78 wrong configuration.\n"
      "`sidestream COMMAND --help` says more about a command.");
  program.require_subcommand(1);
  bool version = false;
  program.add_flag_callback(
      "--version",
      [&version] {
        version = true;
        throw CLI::Success();
      },
      "Print the version");
  std::vector<CLI::App*> commands;
  std::map<std::string, CLI::App*> groups;
  for (const CommandRow& row : kCommands) {
    CLI::App* command = commands.emplace_back(Declare(program, row, groups));
    if (*row.details != '\0') command->footer(row.details);
    AddOptions(*command, row.options, line.arguments);
  }
  // CLI11 takes the words in reverse.
  std::vector<std::string> reversed(words.rbegin(), words.rend());
  try {
    program.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    if (version) {
      line.command = &Version;
      return line;
    }
    std::ostringstream out;
    std::ostringstream err;
    const bool asked_for_help = program.exit(error, out, err) == 0;
    line.exit_code = asked_for_help ? kExitOk : kExitUsage;
    line.text = asked_for_help ? out.str() : "sidestream: " + err.str();
    return line;
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!commands[i]->parsed()) continue;
    const CommandRow& row = kCommands[i];
    line.command = row.function;
    // The life of an application that lasts a second is no news beside its results.
    const bool short_lived = row.function == &Test || line.arguments.embedded;
    const CLI::Option* level = commands[i]->get_option_no_throw("--log-level");
    if (short_lived && level != nullptr && level->count() == 0) {
      line.arguments.log_level = log::Level::kWarning;
    }
  }
  return line;
}

}  // namespace sidestream::app
