// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The hands and eyes of scripts/ledger.sh:
//
//   ledger_tool feed  BOOTSTRAP APPLICATION RECORDS PER_SECOND
//   ledger_tool rest  BOOTSTRAP APPLICATION RECORDS SECONDS
//   ledger_tool audit BOOTSTRAP APPLICATION RECORDS STATE_DIR
//
// Exit code 0: done, everything holds; 1: something does not, printed line by line; 2: usage.

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/integration/cluster_view.h"
#include "tests/integration/ledger_audit.h"
#include "tests/integration/ledger_feed.h"

namespace {

int Report(const std::vector<std::string>& findings) {
  for (const std::string& finding : findings) std::fprintf(stderr, "%s\n", finding.c_str());
  return findings.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace sidestream;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 5) {
    std::fprintf(stderr, "usage: ledger_tool feed|rest|audit BOOTSTRAP APPLICATION RECORDS LAST\n");
    return 2;
  }
  integration::ClusterView view(words[1]);
  const std::string& application = words[2];
  const uint64_t records = std::strtoull(words[3].c_str(), nullptr, 10);
  if (words[0] == "feed") {
    integration::FeedLedger(view, application, records,
                            std::strtoull(words[4].c_str(), nullptr, 10));
    return 0;
  }
  if (words[0] == "rest") {
    const Milliseconds limit(std::strtoll(words[4].c_str(), nullptr, 10) * 1000);
    return Report(integration::AwaitRest(view, application, records, limit));
  }
  if (words[0] == "audit") {
    integration::LedgerAudit audit(view, application, records, words[4]);
    const std::vector<std::string> findings = audit.Run();
    std::printf("%s\n", audit.Summary().c_str());
    return Report(findings);
  }
  std::fprintf(stderr, "ledger_tool: unknown command %s\n", words[0].c_str());
  return 2;
}
