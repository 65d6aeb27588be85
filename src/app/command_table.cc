// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/command_table.h"

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "app/command_options.h"
#include "app/commands/commands.h"

namespace sidestream::app {
namespace {

constexpr CommandRow kCommands[] = {
    {"run", "Run an instance of the application, until it is told to stop",
     "Joins the consumer group of the application, restores its state and processes records. The\n"
     "first SIGTERM or SIGINT commits what is open and leaves in order, the second ends at once.\n"
     "With --embedded everything runs in this process without a broker: records are read as lines\n"
     "of JSON, {\"key\":...,\"value\":...,\"timestamp\":...}, and output streams are printed "
     "alike.",
     "sidestream run -f config/sidecar.yaml -f orders.yaml\n"
     "sidestream run --embedded -f orders.yaml --input orders=orders.ndjson",
     kFiles | kConnect | kLocation | kRunOptions, &Run},
    {"test", "Run the tests in the topology files",
     "Each case runs on the real tasks with an in-process broker and a virtual clock. A PATH is a\n"
     "topology of its own, or a folder of them; the files of -f are merged into each. Without "
     "PATH\n"
     "the files of -f are one topology. After the cases stands which steps and branches no test\n"
     "came to.",
     "sidestream test -f orders.yaml --case \"late orders\"\n"
     "sidestream test topologies --crash-at-every-commit --format junit",
     kFiles | kTestOptions, &Test},
    {"validate", "Check topology files and print everything that is wrong with them",
     "Reads the files as `run` would, resolves ${...}, checks fields, names, expressions and\n"
     "Kafka properties; talks to no cluster unless --connect is given. `sidestream docs CODE`\n"
     "explains a finding. Exit codes: 0 no error, 78 an error, 1 a warning under --deny-warnings,\n"
     "or a cluster that does not answer.",
     "sidestream validate -f orders.yaml --deny-warnings\n"
     "sidestream validate --format github topologies/...",
     kFiles | kConnect | kValidateOptions, &Validate},
    {"plan", "Show what starting these files does to the application in the cluster",
     "Compares the files with what the application recorded when it ran: for each step whether it\n"
     "changed, for each store whether its state is kept, migrated, new, replaced, dropped or\n"
     "orphaned, and why; which topics are created or left over; how much a full restore reads;\n"
     "whether instances can be updated one by one. Changes nothing. Exit codes: 0 `run` would\n"
     "start, 78 it would refuse, because state is lost or the configuration is wrong, 1 the cluster\n"
     "does not answer; with --detailed-exitcode 3 where there are changes.",
     "sidestream plan -f config/sidecar.yaml -f orders.yaml\n"
     "sidestream plan -f orders.yaml --format json --detailed-exitcode",
     kFiles | kConnect | kTextOrJson | kPlanOptions, &Plan},
    {"topics", "Show the topics an application needs, and create them",
     "Prints every topic with its partitions, settings and state in the cluster. With --apply it\n"
     "creates what is missing: internal topics, and those of `streams:` that say `partitions`.",
     "sidestream topics -f config/sidecar.yaml -f orders.yaml --apply", kFiles | kConnect | kApply,
     &Topics},
    {"reset", "Make an application forget everything, so that it starts from the beginning",
     "Deletes the consumer group with its offsets, the internal topics and this machine's state\n"
     "directory. Topics of `streams:` are not touched. Prints what it would do; --apply, or --execute\n"
     "as Kafka's own tool has it, does it. All instances must have stopped. The inputs are then read\n"
     "as start_from says, or from where an option says.",
     "sidestream reset -f config/sidecar.yaml -f orders.yaml\n"
     "sidestream reset -f orders.yaml --to-latest --input-topics clicks --execute",
     kFiles | kConnect | kResetOptions, &Reset},
    {"docs", "Explain the code of a finding, or list all codes",
     "Prints what the code means, an example that brings it, and what mends it.",
     "sidestream docs SS2001", kDocsOptions, &Docs},
    {"dlq list", "Show the dead letters of the application",
     "One line per letter: partition@offset, where the record came from, step, error, key, "
     "message.\n"
     "Letters that were put back are left out, unless --all is given.",
     "sidestream dlq list -f config/sidecar.yaml -f orders.yaml --since 2h",
     kFiles | kConnect | kDlqListOptions, &DlqList},
    {"dlq replay", "Put dead letters back to the topics and partitions that they came from",
     "Prints what it would do; --execute does it, in transactions, and remembers what was put "
     "back.\n"
     "The application may run meanwhile. Records keep their key, value, timestamp and headers.",
     "sidestream dlq replay -f config/sidecar.yaml -f orders.yaml --execute",
     kFiles | kConnect | kDlqReplayOptions, &DlqReplay},
    {"savepoint create", "Take a savepoint of the running application",
     "Asks the application through its control topic, shows how far it is, and returns when it is\n"
     "complete. All tasks are cut at one point: positions, state, timers, records between steps.\n"
     "The application pauses for a moment and goes on while the savepoint is stored.\n"
     "With --drain no record lies between steps then: inputs are not read until the steps behind\n"
     "them have processed what they were sent, for a minute at most.",
     "sidestream savepoint create -f config/sidecar.yaml -f orders.yaml before-upgrade\n"
     "sidestream savepoint create -f config/sidecar.yaml -f orders.yaml before-rescale --drain",
     kFiles | kConnect | kLocation | kSavepointName | kSavepointTake, &SavepointCreate},
    {"savepoint list", "Show the savepoints and checkpoints of the application",
     "Only what is complete. Talks to the place where they lie, not to the cluster.",
     "sidestream savepoint list -f config/sidecar.yaml -f orders.yaml",
     kFiles | kLocation | kTextOrJson | kSavepointListOptions, &SavepointList},
    {"savepoint describe", "Say what a savepoint holds, and whether all of it is there",
     "Topics with their partitions, stores, and of each task the positions and the size of its\n"
     "state. NAME may be application/name. A savepoint that lacks a file ends with exit code 1.",
     "sidestream savepoint describe -f config/sidecar.yaml -f orders.yaml before-upgrade",
     kFiles | kLocation | kTextOrJson | kSavepointName, &SavepointDescribe},
    {"savepoint delete", "Delete a savepoint, with the files that no other needs",
     "Prints what it would do; --apply does it. NAME may be application/name.",
     "sidestream savepoint delete -f config/sidecar.yaml -f orders.yaml before-upgrade --apply",
     kFiles | kLocation | kSavepointName | kApply, &SavepointDelete},
    {"stop", "Stop all instances of the application at a savepoint",
     "As `savepoint create`, but no task goes on behind its cut: the savepoint is the last thing\n"
     "that the application did. When it is complete all instances end with exit code 0.",
     "sidestream stop -f config/sidecar.yaml -f orders.yaml --savepoint last",
     kFiles | kConnect | kLocation | kStopOptions | kSavepointTake, &Stop},
    {"create", "Print a topology to begin with", "Each has comments and tests, and runs as it is.",
     "sidestream create --list\n"
     "sidestream create totals > totals.yaml",
     kCreateOptions, &Create},
    {"eval", "Try an expression on a record and print the result as a line of JSON",
     "Variables are those of a step: key, value, headers, meta and vars. With --fields the "
     "value's\n"
     "fields have types, as with `fields:` of a stream. An error is shown with its place, and the\n"
     "command then exits with 1.",
     "sidestream eval 'value.items.map(i, i.price)' --value order.json\n"
     "echo '{\"cents\": 250}' | sidestream eval 'value.cents > vars.limit' --value - --vars "
     "'{\"limit\": 100}'",
     kEvalOptions, &Eval},
    {"explain", "Say what an application is made of: settings, types, topics, rights, memory",
     "The settings in force and where each comes from, with secrets hidden; what is read of each\n"
     "input; every expression with its type and cost; stores; internal topics with their\n"
     "settings; the rights it needs, as options of kafka-acls.sh; and the largest size of each\n"
     "buffer. Talks to no cluster.\n\n"
     "With --live it asks a running instance instead why a window has not fired: for each task the\n"
     "event time, which input partition or upstream task holds it, at what time, and since when.",
     "sidestream explain -f config/sidecar.yaml -f orders.yaml\n"
     "sidestream explain -f orders.yaml --format json\n"
     "sidestream explain -f orders.yaml --live\n"
     "sidestream explain -f orders.yaml --live --address other-host:8080",
     kFiles | kTextOrJson | kExplainOptions, &Explain},
    {"graph", "Draw what a topology does: sources, steps, stores, topics and sub-topologies",
     "Formats: ascii and svg are pictures, dot and mermaid are for those programs, json is the\n"
     "model with the places of everything. Talks to no cluster: partitions are those that\n"
     "`streams:` say, else 1.",
     "sidestream graph -f orders.yaml\n"
     "sidestream graph -f orders.yaml --format svg > orders.svg",
     kFiles | kGraphOptions, &Graph},
    {"completion", "Print a completion script for a shell",
     "For bash: source it, or put it into /etc/bash_completion.d. For zsh: as _sidestream into a\n"
     "folder of $fpath. For fish: as ~/.config/fish/completions/sidestream.fish.",
     "source <(sidestream completion bash)", kShell, &Completion},
    {"man", "Print the manual page, in roff", "", "sidestream man | man -l -", 0, &Man},
    {"schema", "Print the JSON Schema of topology files, for editors",
     "Draft-07, made from the table that `validate` checks with: completion, descriptions and\n"
     "errors while you type. With --part for a file that is merged with others and so lacks what\n"
     "they hold. docs/operations/editors.md says how to use it.",
     "sidestream schema > topology.schema.json", kSchemaOptions, &Schema},
    {"version", "Print the version of the program and of what it is made with", "",
     "sidestream version", 0, &Version},
};

/// Details and examples: what stands below the options in a command's help.
std::string Footer(const CommandRow& row) {
  std::string text = row.details;
  if (!text.empty()) text += "\n\n";
  text += "Example:\n  ";
  for (const char* c = row.example; *c != '\0'; ++c) {
    text += *c;
    if (*c == '\n') text += "  ";
  }
  return text;
}

/// Of a command that has commands of its own.
const char* GroupSummary(const std::string& name) {
  return name == "dlq" ? "List dead letters, and put them back"
                       : "Take, show and delete savepoints of the application";
}

/// Declares the row's command; of two words, within the group of the first.
CLI::App* Declare(CLI::App& program, const CommandRow& row) {
  const std::string name = row.name;
  const size_t blank = name.find(' ');
  if (blank == std::string::npos) return program.add_subcommand(name, row.summary);
  const std::string group_name = name.substr(0, blank);
  const std::vector<CLI::App*> groups = program.get_subcommands(
      [&](const CLI::App* command) { return command->get_name() == group_name; });
  CLI::App* group = groups.empty() ? nullptr : groups.front();
  if (group == nullptr) {
    group = program.add_subcommand(group_name, GroupSummary(group_name));
    group->require_subcommand(1);
  }
  return group->add_subcommand(name.substr(blank + 1), row.summary);
}

}  // namespace

std::span<const CommandRow> Commands() { return kCommands; }

std::unique_ptr<CLI::App> NewCommandTree(Arguments& arguments) {
  auto program = std::make_unique<CLI::App>(
      "Sidestream processes streams of Kafka records as a YAML topology says.\n", "sidestream");
  program->footer(
      "Exit codes: 0 done, 1 failed, 2 wrong command line, 78 wrong configuration.\n"
      "`sidestream COMMAND --help` says more about a command.");
  program->require_subcommand(1);
  // Ends the parsing: no command is missing then.
  program->add_flag_callback(
      "--version", [] { throw CLI::Success(); }, "Print the version");
  for (const CommandRow& row : kCommands) {
    CLI::App* command = Declare(*program, row);
    command->footer(Footer(row));
    AddOptions(*command, row.options, arguments);
  }
  return program;
}

const CLI::App& CommandIn(const CLI::App& tree, const CommandRow& row) {
  const CLI::App* command = &tree;
  std::istringstream words{std::string(row.name)};
  for (std::string word; words >> word;) command = command->get_subcommand(word);
  return *command;
}

}  // namespace sidestream::app
