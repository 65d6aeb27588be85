// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/house/include_rules.h"

#include <map>
#include <optional>
#include <regex>
#include <set>
#include <string_view>

namespace sidestream::house {
namespace {

/// Own folders in the order a record meets them. An entry with '*' names headers by pattern.
const std::map<std::string, std::set<std::string>>& FolderTable() {
  static const auto* table = new std::map<std::string, std::set<std::string>>{
      {"base", {}},
      {"metrics", {"base"}},
      {"kafka", {"base", "metrics"}},
      {"serde", {"base"}},
      {"registry", {"base", "metrics", "serde"}},
      {"expression", {"base", "serde"}},
      {"topology", {"base", "serde", "expression"}},
      {"time", {"base", "metrics"}},
      {"statestore", {"base", "metrics"}},
      {"operators", {"base", "metrics", "serde", "expression", "topology", "time", "statestore"}},
      {"changelog", {"base", "metrics", "kafka", "statestore"}},
      {"transaction", {"base", "metrics", "kafka"}},
      {"checkpoint", {"base", "metrics", "kafka"}},
      {"snapshot", {"base", "metrics", "kafka", "statestore", "checkpoint"}},
      {"tasks",
       {"base", "metrics", "kafka", "time", "statestore", "operators/processor_context.h",
        "changelog", "transaction", "checkpoint"}},
      {"harness",
       {"base", "metrics", "kafka", "serde", "registry", "expression", "topology", "time",
        "statestore", "operators", "changelog", "transaction", "checkpoint", "snapshot", "tasks"}},
      {"query", {"base", "serde", "topology", "statestore", "tasks/*view.h"}},
      {"http", {"base", "metrics", "query", "tasks/*view.h"}},
      {"app",
       {"base", "metrics", "kafka", "serde", "registry", "expression", "topology", "time",
        "statestore", "operators", "changelog", "transaction", "checkpoint", "snapshot", "tasks",
        "harness", "query", "http"}},
  };
  return *table;
}

struct VendorRule {
  std::string_view prefix;           ///< of the path between the angle brackets
  std::vector<std::string> folders;  ///< where it may stand; empty: everywhere
};

const std::vector<VendorRule>& VendorTable() {
  static const auto* table = new std::vector<VendorRule>{
      {"librdkafka/", {"kafka/rdkafka"}},
      {"rocksdb/", {"statestore"}},
      {"yaml-cpp/", {"topology", "app"}},
      {"prometheus/", {"metrics", "http"}},
      {"httplib.h", {"http", "query"}},
      {"simdjson.h", {"serde"}},
      {"google/protobuf/", {"serde"}},
      {"curl/", {"registry", "snapshot"}},
      {"valijson/", {"serde", "registry"}},
      {"openssl/", {"expression", "snapshot"}},
      {"re2/", {"expression"}},
      {"xxhash.h", {"expression", "time", "operators", "tasks"}},
      {"lua", {"operators/process"}},
      {"spdlog/", {"base"}},
      {"CLI/", {"app"}},
      {"mimalloc", {"app"}},
      // Off the hot path only.
      {"nlohmann/", {"serde", "registry", "topology", "harness", "http", "app"}},
      {"fmt/", {}},
      {"boost/", {}},
      {"tsl/", {}},
  };
  return *table;
}

/// Headers of the C library and the kernel; C++ headers have neither '.' nor '/'.
bool IsSystemHeader(const std::string& header) {
  static const std::regex system(
      "[a-z_0-9]+|(sys|arpa|net|netinet|linux|bits)/.*|"
      "(unistd|fcntl|signal|poll|pthread|sched|dlfcn|netdb|dirent|errno|time|limits|malloc|"
      "stdint|stddef|stdlib|stdio|string|math|spawn|ucontext|cxxabi|execinfo|termios|"
      "[a-z]*intrin)\\.h");
  return std::regex_match(header, system);
}

bool IsBelow(const std::string& path, const std::string& folder) {
  return path.compare(0, folder.size() + 1, folder + "/") == 0;
}

std::string FolderOf(const std::string& header) {
  return header.substr(0, header.find('/'));
}

/// Whether `header` (rooted at src/) is covered by an entry of the folder table.
bool Covers(const std::string& entry, const std::string& header) {
  const size_t star = entry.find('*');
  if (star != std::string::npos) {
    const std::string_view before = std::string_view(entry).substr(0, star);
    const std::string_view after = std::string_view(entry).substr(star + 1);
    return header.starts_with(before) && header.ends_with(after);
  }
  return header == entry || IsBelow(header, entry);
}

std::optional<std::string> JudgeOwn(const std::string& includer, const std::string& header) {
  const std::string from = FolderOf(includer);
  const std::string to = FolderOf(header);
  const auto rule = FolderTable().find(from);
  if (rule == FolderTable().end()) return "the folder src/" + from + " is not in the table";
  if (header.find('/') == std::string::npos) return "\"" + header + "\" is not rooted at src/";
  if ((IsBelow(includer, "kafka/rdkafka") && IsBelow(header, "kafka/memory")) ||
      (IsBelow(includer, "kafka/memory") && IsBelow(header, "kafka/rdkafka"))) {
    return "the two implementations of the Kafka ports do not know each other";
  }
  if (from == to) return std::nullopt;
  for (const std::string& entry : rule->second) {
    if (Covers(entry, header)) return std::nullopt;
  }
  return from + " may not include \"" + header + "\"";
}

const VendorRule* FindVendor(const std::string& header) {
  for (const VendorRule& rule : VendorTable()) {
    if (header.starts_with(rule.prefix)) return &rule;
  }
  return nullptr;
}

bool IsAllowed(const VendorRule& rule, const std::string& includer) {
  if (rule.folders.empty()) return true;
  for (const std::string& folder : rule.folders) {
    if (IsBelow(includer, folder)) return true;
  }
  return false;
}

std::optional<std::string> JudgeVendor(const std::string& includer, const std::string& header) {
  if (IsSystemHeader(header)) return std::nullopt;
  const VendorRule* rule = FindVendor(header);
  if (rule == nullptr) return "<" + header + "> belongs to no vendor of the table";
  if (IsAllowed(*rule, includer)) return std::nullopt;
  return "<" + header + "> may not be included here";
}

struct Include {
  int line;
  bool is_own;  ///< in quotes, not in angle brackets
  std::string header;
};

std::vector<Include> FindIncludes(const std::string& text) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> includes;
  int number = 0;
  for (const std::string& line : Lines(text)) {
    ++number;
    std::smatch match;
    if (!std::regex_search(line, match, pattern)) continue;
    includes.push_back({number, match[1] == "\"", match[2]});
  }
  return includes;
}

/// The path rooted at src/, or nothing for a file that is no C++ source of it.
std::optional<std::string> SourcePath(const std::string& path) {
  if (!IsBelow(path, "src") || !(path.ends_with(".h") || path.ends_with(".cc"))) {
    return std::nullopt;
  }
  return path.substr(4);
}

}  // namespace

std::vector<std::string> JudgeIncludes(const SourceFile& file) {
  std::vector<std::string> findings;
  const std::optional<std::string> path = SourcePath(file.path);
  if (!path) return findings;
  for (const Include& include : FindIncludes(file.text)) {
    const auto finding =
        include.is_own ? JudgeOwn(*path, include.header) : JudgeVendor(*path, include.header);
    if (finding) {
      findings.push_back(file.path + ":" + std::to_string(include.line) + ": " + *finding);
    }
  }
  return findings;
}

std::vector<std::string> JudgeVendorsInHeaders(const std::vector<SourceFile>& files) {
  std::map<std::string, std::string> showing;  // header of ours -> restricted vendor header in it
  for (const SourceFile& file : files) {
    const std::optional<std::string> path = SourcePath(file.path);
    if (!path || !path->ends_with(".h")) continue;
    for (const Include& include : FindIncludes(file.text)) {
      const VendorRule* rule = include.is_own ? nullptr : FindVendor(include.header);
      if (rule != nullptr && !rule->folders.empty()) showing[*path] = include.header;
    }
  }
  std::vector<std::string> findings;
  for (const SourceFile& file : files) {
    const std::optional<std::string> path = SourcePath(file.path);
    if (!path) continue;
    for (const Include& include : FindIncludes(file.text)) {
      const auto found = showing.find(include.header);
      if (!include.is_own || found == showing.end()) continue;
      if (IsAllowed(*FindVendor(found->second), *path)) continue;
      findings.push_back(file.path + ":" + std::to_string(include.line) + ": \"" + include.header +
                         "\" shows <" + found->second + "> where it may not be");
    }
  }
  return findings;
}

}  // namespace sidestream::house
