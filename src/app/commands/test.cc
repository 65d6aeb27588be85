// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// test: runs the cases of the files on the real tasks, without a broker.

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "harness/test_runner.h"

namespace sidestream::app {
namespace {

bool Chosen(const topology::TestModel& test, const std::vector<std::string>& words) {
  return words.empty() || std::any_of(words.begin(), words.end(), [&](const std::string& word) {
           return test.name.text.find(word) != std::string::npos;
         });
}

}  // namespace

int Test(const Arguments& arguments, CommandContext& context) {
  const topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok()) return kExitConfig;
  const harness::TestOptions options{.instances = arguments.instances,
                                     .crash_at_every_commit = arguments.crash_at_every_commit};
  size_t run = 0;
  size_t failed = 0;
  for (const topology::TestModel& test : loaded.model.tests) {
    if (!Chosen(test, arguments.cases)) continue;
    ++run;
    const std::vector<std::string> failures =
        harness::RunTest(loaded.model, loaded.files, test, options);
    context.out << fmt::format("{} {}\n", failures.empty() ? "ok    " : "FAILED", test.name.text);
    for (const std::string& failure : failures) context.out << "  " << failure << "\n";
    if (!failures.empty()) ++failed;
  }
  if (run == 0) {
    context.err << "sidestream: there is no test to run\n";
    return kExitFailed;
  }
  context.out << fmt::format("{} passed, {} failed\n", run - failed, failed);
  return failed == 0 ? kExitOk : kExitFailed;
}

}  // namespace sidestream::app
