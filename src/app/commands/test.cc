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
#include "app/test_sources.h"
#include "harness/test_coverage.h"
#include "harness/test_report.h"
#include "harness/test_runner.h"

namespace sidestream::app {
namespace {

class TestCommand {
 public:
  TestCommand(const Arguments& arguments, CommandContext& context)
      : arguments_(arguments), context_(context) {}

  int Run() {
    if (arguments_.files.empty() && arguments_.paths.empty()) {
      context_.err << "sidestream: test needs a topology: sidestream test PATH, or -f FILE\n";
      return kExitUsage;
    }
    const auto sources = TestSourcesOf(arguments_);
    if (!sources.ok()) {
      context_.err << "sidestream: " << sources.status().message() << "\n";
      return kExitConfig;
    }
    for (const TestSource& source : *sources) RunSource(source, sources->size() > 1);
    Finish();
    if (misconfigured_) return kExitConfig;
    return failed_ || !ran_ ? kExitFailed : kExitOk;
  }

 private:
  void RunSource(const TestSource& source, bool one_of_several) {
    Arguments arguments = arguments_;
    arguments.files = source.files;
    const topology::LoadedTopology loaded = Load(arguments, context_);
    if (!loaded.ok()) {
      misconfigured_ = true;
      return;
    }
    harness::TestReport report = ReportOf(loaded, source.files);
    if (report.results.empty()) {
      const bool expected = source.found || (one_of_several && !arguments_.cases.empty());
      if (!expected) Complain(source.files);
      return;
    }
    ran_ = true;
    failed_ = failed_ || std::any_of(report.results.begin(), report.results.end(),
                                     [](const harness::TestResult& r) { return !r.passed(); });
    if (arguments_.test_format == TestFormat::kText) {
      if (one_of_several) context_.out << fmt::format("{}\n", fmt::join(report.files, " "));
      const auto colors = context_.color_out ? harness::Colors::kOn : harness::Colors::kOff;
      context_.out << harness::TextOf(report, colors);
      context_.out.flush();
    } else {
      reports_.push_back(std::move(report));
    }
  }

  harness::TestReport ReportOf(const topology::LoadedTopology& loaded,
                               const std::vector<std::string>& files) const {
    harness::TestRunner runner(loaded.model, loaded.files,
                               {.instances = arguments_.instances,
                                .crash_at_every_commit = arguments_.crash_at_every_commit,
                                .seed = arguments_.seed},
                               context_.waiting.clock());
    harness::TestReport report;
    report.application = loaded.model.application.id;
    report.files = files;
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
    if (arguments_.test_format == TestFormat::kJson) {
      context_.out << harness::JsonOf(reports_, arguments_.seed);
    } else if (arguments_.test_format == TestFormat::kJunit) {
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
