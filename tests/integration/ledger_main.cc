// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The hands and eyes of scripts/ledger.sh and of tests/faults:
//
//   ledger_tool feed    BOOTSTRAP APPLICATION RECORDS PER_SECOND
//   ledger_tool rest    BOOTSTRAP APPLICATION RECORDS SECONDS
//   ledger_tool audit   BOOTSTRAP APPLICATION RECORDS STATE_DIR
//   ledger_tool repeats BOOTSTRAP APPLICATION RECORDS STATE_DIR   the audit under at-least-once
//   ledger_tool restored BOOTSTRAP APPLICATION:SOURCE RECORDS STATE_DIR   the audit from a
//   savepoint on ledger_tool commits BOOTSTRAP APPLICATION ledger_tool windows BOOTSTRAP
//   APPLICATION          of tests/faults/windows.yaml ledger_tool window-repeats BOOTSTRAP
//   APPLICATION   the same under at-least-once
//
// Exit code 0: done, everything holds; 1: something does not, printed line by line; 2: usage.

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "tests/integration/cluster_view.h"
#include "tests/integration/ledger_audit.h"
#include "tests/integration/ledger_commits.h"
#include "tests/integration/ledger_feed.h"
#include "tests/integration/ledger_windows.h"

namespace {

using sidestream::Milliseconds;
using namespace sidestream::integration;

int Report(const std::vector<std::string>& findings) {
  for (const std::string& finding : findings) std::fprintf(stderr, "%s\n", finding.c_str());
  return findings.empty() ? 0 : 1;
}

int Commits(ClusterView& view, const std::string& application) {
  uint64_t commits = 0;
  const std::vector<std::string> findings = CheckCommits(view, application, &commits);
  std::printf("%llu committed offsets\n", static_cast<unsigned long long>(commits));
  return Report(findings);
}

int Windows(ClusterView& view, const std::string& application, bool exactly) {
  uint64_t windows = 0;
  const std::vector<std::string> findings = CheckWindows(view, application, exactly, &windows);
  std::printf("%llu windows\n", static_cast<unsigned long long>(windows));
  return Report(findings);
}

int Audit(ClusterView& view, const std::string& application, uint64_t records,
          const std::string& state_dir, LedgerAudit::Run run) {
  LedgerAudit audit(view, application, records, state_dir, run);
  const std::vector<std::string> findings = audit.Check();
  std::printf("%s\n", audit.Summary().c_str());
  return Report(findings);
}

int Usage() {
  std::fprintf(
      stderr,
      "usage: ledger_tool feed|rest|audit|repeats|restored BOOTSTRAP APPLICATION RECORDS LAST\n"
      "       ledger_tool commits|windows|window-repeats BOOTSTRAP APPLICATION\n");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 5 && words.size() != 3) return Usage();
  // What is fed waits as long as a fault takes.
  ClusterView view({{"bootstrap.servers", words[1]}, {"message.timeout.ms", "900000"}});
  const std::string& application = words[2];
  if (words.size() == 3) {
    if (words[0] == "commits") return Commits(view, application);
    if (words[0] == "windows") return Windows(view, application, /*exactly=*/true);
    if (words[0] == "window-repeats") return Windows(view, application, /*exactly=*/false);
    return Usage();
  }
  const uint64_t records = std::strtoull(words[3].c_str(), nullptr, 10);
  if (words[0] == "feed") {
    FeedLedger(view, application, records, std::strtoull(words[4].c_str(), nullptr, 10));
    return 0;
  }
  if (words[0] == "rest") {
    const Milliseconds limit(std::strtoll(words[4].c_str(), nullptr, 10) * 1000);
    return Report(AwaitRest(view, application, records, limit));
  }
  const std::map<std::string, LedgerAudit::Run> runs{{"audit", LedgerAudit::Run::kExactly},
                                                     {"repeats", LedgerAudit::Run::kRepeats},
                                                     {"restored", LedgerAudit::Run::kRestored}};
  if (const auto run = runs.find(words[0]); run != runs.end()) {
    return Audit(view, application, records, words[4], run->second);
  }
  return Usage();
}
