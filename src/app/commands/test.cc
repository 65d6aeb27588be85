// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// test: runs the cases of the files on the real tasks, without a broker.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/schemas.h"
#include "app/topology_sources.h"
#include "harness/test_coverage.h"
#include "harness/test_report.h"
#include "harness/test_runner.h"

namespace sidestream::app {
namespace {

/// What makes one topology.
struct Source {
  std::vector<topology::NamedText> texts;
  /// It was found in a folder or a page: it may be without tests.
  bool found = false;
};

class TestCommand {
 public:
  TestCommand(const Arguments& arguments, CommandContext& context)
      : arguments_(arguments), context_(context) {}

  int Run() {
    if (arguments_.files.empty() && arguments_.paths.empty()) {
      context_.err << "sidestream: test needs a topology: sidestream test PATH, or -f FILE\n";
      return kExitUsage;
    }
    const auto sources = Sources();
    if (!sources.ok()) {
      context_.err << "sidestream: " << sources.status().message() << "\n";
      return kExitConfig;
    }
    for (const Source& source : *sources) RunSource(source, sources->size() > 1);
    Finish();
    if (misconfigured_) return kExitConfig;
    return failed_ || !ran_ ? kExitFailed : kExitOk;
  }

 private:
  /// Without paths the files as they are; else what each path leads to, the files in front.
  Result<std::vector<Source>> Sources() const {
    std::vector<topology::NamedText> files;
    for (const std::string& file : arguments_.files) {
      ASSIGN_OR_RETURN(std::string text, context_.surroundings.ReadFile(file));
      files.push_back({file == "-" ? "<stdin>" : file, std::move(text)});
    }
    if (arguments_.paths.empty()) return std::vector<Source>{{std::move(files), false}};
    std::vector<Source> sources;
    for (const std::string& path : arguments_.paths) {
      ASSIGN_OR_RETURN(std::vector<topology::NamedText> texts,
                       TopologiesAt(path, context_.surroundings, context_.list_files));
      if (texts.empty()) return Status::InvalidConfig("there is no topology in " + path);
      const bool found = texts.size() > 1 || texts.front().name != path;
      for (topology::NamedText& text : texts) {
        sources.push_back({files, found});
        sources.back().texts.push_back(std::move(text));
      }
    }
    return sources;
  }

  void RunSource(const Source& source, bool one_of_several) {
    topology::LoadedTopology loaded =
        topology::LoadTopologyTexts(source.texts, context_.surroundings);
    ReportFindings(loaded.findings, arguments_, context_);
    if (!loaded.ok() || !ResolveLocally(loaded, arguments_, context_).ok()) {
      misconfigured_ = true;
      return;
    }
    harness::TestReport report = ReportOf(loaded);
    for (const topology::NamedText& text : source.texts) report.files.push_back(text.name);
    if (report.results.empty()) {
      const bool expected = source.found || (one_of_several && !arguments_.cases.empty());
      if (!expected) Complain(report.files);
      return;
    }
    ran_ = true;
    failed_ = failed_ || std::any_of(report.results.begin(), report.results.end(),
                                     [](const harness::TestResult& r) { return !r.passed(); });
    if (arguments_.format.empty() || arguments_.format == "text") {
      if (one_of_several) context_.out << fmt::format("{}\n", fmt::join(report.files, " "));
      const auto colors = context_.color_out ? harness::Colors::kOn : harness::Colors::kOff;
      context_.out << harness::TextOf(report, colors);
      context_.out.flush();
    } else {
      reports_.push_back(std::move(report));
    }
  }

  harness::TestReport ReportOf(const topology::LoadedTopology& loaded) const {
    harness::TestRunner runner(loaded.model, loaded.files,
                               {.instances = arguments_.instances,
                                .crash_at_every_commit = arguments_.crash_at_every_commit,
                                .seed = arguments_.seed},
                               context_.waiting.clock());
    harness::TestReport report;
    report.application = loaded.model.application.id;
    for (const topology::TestModel& test : loaded.model.tests) {
      if (Chosen(test)) report.results.push_back(runner.Run(test));
    }
    // Some cases do not come everywhere.
    if (arguments_.cases.empty()) {
      report.coverage = harness::CoverageOf(loaded.model, loaded.files, runner.visits());
    }
    return report;
  }

  bool Chosen(const topology::TestModel& test) const {
    return arguments_.cases.empty() ||
           std::any_of(arguments_.cases.begin(), arguments_.cases.end(),
                       [&](const std::string& word) {
                         return test.name.text.find(word) != std::string::npos;
                       });
  }

  void Complain(const std::vector<std::string>& files) {
    context_.err << fmt::format("sidestream: there is no test to run: {}\n", fmt::join(files, " "));
    failed_ = true;
  }

  void Finish() {
    if (arguments_.format == "json") {
      context_.out << harness::JsonOf(reports_, arguments_.seed);
    } else if (arguments_.format == "junit") {
      context_.out << harness::JunitOf(reports_);
    }
    if (failed_ && arguments_.seed) {
      context_.err << fmt::format("sidestream: the cases ran with --seed {}\n", *arguments_.seed);
    } else if (!ran_ && !misconfigured_ && !failed_) {
      context_.err << "sidestream: there is no test to run\n";
    }
  }

  const Arguments& arguments_;
  CommandContext& context_;
  std::vector<harness::TestReport> reports_;
  bool ran_ = false;
  bool failed_ = false;
  bool misconfigured_ = false;
};

}  // namespace

int Test(const Arguments& arguments, CommandContext& context) {
  return TestCommand(arguments, context).Run();
}

}  // namespace sidestream::app
