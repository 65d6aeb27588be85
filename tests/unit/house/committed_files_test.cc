// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What no file of the checkout may hold (paths of one machine, addresses of package registries),
// and what every source file begins with.

#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "tests/unit/house/source_tree.h"

namespace sidestream::house {
namespace {

constexpr char kLicenceLine[] =
    "Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0";

/// Written in pieces, or this file would be the first finding.
const std::regex& Forbidden() {
  static const auto* pattern = new std::regex(
      "(^|[^A-Za-z0-9_.}~-])/(wo"
      "rk|ro"
      "ot|home/[a-z]+)/"
      "|(deb|snapshot|security)\\.deb"
      "ian\\.org"
      "|repo1?\\.maven(\\.apache)?\\.o"
      "rg"
      "|registry\\.npm"
      "js\\.org|py"
      "pi\\.org|files\\.python"
      "hosted\\.org"
      "|crates\\.i"
      "o|proxy\\.gol"
      "ang\\.org|(docker|ghcr|gcr|quay)\\.i"
      "o/");
  return *pattern;
}

bool IsForbidden(const std::string& line) {
  return std::regex_search(line, Forbidden());
}

bool EndsWithAny(const std::string& path, const std::vector<std::string>& ends) {
  for (const std::string& end : ends) {
    if (path.ends_with(end)) return true;
  }
  return false;
}

TEST(CommittedFilesTest, NameNoMachineAndNoRegistry) {
  int files = 0;
  for (const SourceFile& file : ReadTree("")) {
    ++files;
    int number = 0;
    for (const std::string& line : Lines(file.text)) {
      ++number;
      // A data line can be too long for the recursion of std::regex.
      EXPECT_FALSE(line.size() < 4096 && IsForbidden(line))
          << file.path << ":" << number << ": " << line;
    }
  }
  EXPECT_GT(files, 20);
}

TEST(CommittedFilesTest, ThePatternFindsWhatItMustFind) {
  EXPECT_TRUE(IsForbidden(std::string("cd /wo") + "rk/main"));
  EXPECT_TRUE(IsForbidden(std::string("\"/ro") + "ot/.cache\""));
  EXPECT_TRUE(IsForbidden(std::string("deb http://deb.deb") + "ian.org/debian trixie main"));
  EXPECT_TRUE(IsForbidden(std::string("https://py") + "pi.org/simple"));
  EXPECT_FALSE(IsForbidden("cmake -S \"$work/source\" -B build"));
  EXPECT_FALSE(IsForbidden("xmlns=\"http://maven.apache.org/POM/4.0.0\""));
  EXPECT_FALSE(IsForbidden("GET /api/workers"));
}

TEST(CommittedFilesTest, SourcesBeginWithTheLicenceLine) {
  for (const SourceFile& file : ReadTree("")) {
    const bool is_source = EndsWithAny(file.path, {".h", ".cc", ".cmake", ".sh"});
    if (!is_source) continue;
    const std::vector<std::string> lines = Lines(file.text);
    const std::string head = (!lines.empty() ? lines[0] : "") + (lines.size() > 1 ? lines[1] : "");
    EXPECT_NE(head.find(kLicenceLine), std::string::npos) << file.path;
  }
}

TEST(CommittedFilesTest, HeadersAreReadOnceAndNothingIsLeftForLater) {
  const std::regex later(std::string("\\b(TO") + "DO|FIX" + "ME|XX" + "X)\\b");
  for (const SourceFile& file : ReadTree("src")) {
    if (file.path.ends_with(".h")) {
      EXPECT_NE(file.text.find("\n#pragma once\n"), std::string::npos) << file.path;
    }
    int number = 0;
    for (const std::string& line : Lines(file.text)) {
      ++number;
      EXPECT_FALSE(std::regex_search(line, later)) << file.path << ":" << number << ": " << line;
    }
  }
}

}  // namespace
}  // namespace sidestream::house
