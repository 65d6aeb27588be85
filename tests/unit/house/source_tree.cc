// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/house/source_tree.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace sidestream::house {
namespace {

namespace fs = std::filesystem;

/// In a linked work tree `.git` is a file, with a path of the machine.
bool IsLeftOut(const fs::path& path) {
  const std::string name = path.filename().string();
  return name == ".git" || name == "build" || name == ".cache" || name == "__pycache__";
}

bool IsText(const std::string& content) {
  return content.substr(0, 8192).find('\0') == std::string::npos;
}

}  // namespace

std::vector<SourceFile> ReadTree(const std::string& folder) {
  const fs::path root = SIDESTREAM_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root / folder);
       it != fs::recursive_directory_iterator(); ++it) {
    if (IsLeftOut(it->path())) {
      if (it->is_directory()) it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file()) continue;
    std::ifstream in(it->path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!IsText(content)) continue;
    files.push_back({fs::relative(it->path(), root).generic_string(), std::move(content)});
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

}  // namespace sidestream::house
