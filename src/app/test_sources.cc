// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/test_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

Result<std::vector<std::string>> FilesIn(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
    const fs::path& path = entries->path();
    if (path.extension() == ".yaml" || path.extension() == ".yml") files.push_back(path.string());
  }
  if (error) {
    return Status::InvalidConfig(
        fmt::format("cannot read the folder: path={} reason={}", folder, error.message()));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Result<std::vector<TestSource>> TestSourcesOf(const Arguments& arguments) {
  if (arguments.paths.empty()) return std::vector<TestSource>{{arguments.files, false}};
  std::vector<TestSource> sources;
  for (const std::string& path : arguments.paths) {
    std::error_code ignored;
    const bool folder = fs::is_directory(path, ignored);
    std::vector<std::string> files{path};
    if (folder) {
      ASSIGN_OR_RETURN(files, FilesIn(path));
    }
    for (const std::string& file : files) {
      TestSource source{arguments.files, folder};
      source.files.push_back(file);
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

}  // namespace sidestream::app
