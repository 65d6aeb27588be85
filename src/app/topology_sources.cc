// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/topology_sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace sidestream::app {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesMax = 100'000;

bool Hidden(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.size() > 1 && name.front() == '.' && name != "..";
}

bool IsMarkdown(std::string_view path) {
  return path.ends_with(".md") || path.ends_with(".markdown");
}
bool IsYaml(std::string_view path) { return path.ends_with(".yaml") || path.ends_with(".yml"); }

std::string_view WithoutIndent(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of(' '), line.size()));
}

/// Takes the first line off `text`, its end too.
std::string_view TakeLine(std::string_view& text) {
  const size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

/// The fence that a line opens or closes: "```" or more; empty: none.
std::string_view FenceOf(std::string_view line) {
  line = WithoutIndent(line);
  if (line.empty() || (line.front() != '`' && line.front() != '~')) return {};
  const size_t length = std::min(line.find_first_not_of(line.front()), line.size());
  return length >= 3 ? line.substr(0, length) : std::string_view();
}

bool IsYamlFence(std::string_view line, std::string_view fence) {
  std::string_view word = WithoutIndent(line).substr(fence.size());
  word = WithoutIndent(word);
  word = word.substr(0, std::min(word.find_first_of(" \r{"), word.size()));
  return word == "yaml" || word == "yml";
}

Status Append(const std::string& path, bool asked_for, const topology::Surroundings& surroundings,
              std::vector<topology::NamedText>& found) {
  ASSIGN_OR_RETURN(std::string text, surroundings.ReadFile(path));
  if (IsMarkdown(path)) {
    for (std::string& block : TopologiesInMarkdown(text)) found.push_back({path, std::move(block)});
  } else if (asked_for || SaysVersion(text)) {
    found.push_back({path == "-" ? "<stdin>" : path, std::move(text)});
  }
  return Status::Ok();
}

}  // namespace

Result<std::vector<std::string>> FilesBelow(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (Hidden(entry->path())) {
      if (entry->is_directory(ignored)) entry.disable_recursion_pending();
      continue;
    }
    if (entry->is_regular_file(ignored)) paths.push_back(entry->path().lexically_normal().string());
    if (paths.size() > kFilesMax) {
      return Status::InvalidConfig(
          fmt::format("more than {} files below {}", kFilesMax, directory));
    }
  }
  if (error) {
    return Status::InvalidConfig(fmt::format("cannot read {}: {}", directory, error.message()));
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool SaysVersion(std::string_view text) {
  while (!text.empty()) {
    std::string_view line = WithoutIndent(TakeLine(text));
    if (!line.starts_with("version:")) continue;
    line = WithoutIndent(line.substr(8));
    if (line.starts_with('1') && line.find_first_not_of(" \r", 1) == std::string_view::npos) {
      return true;
    }
    if (line.starts_with("1 ")) return true;
  }
  return false;
}

std::vector<std::string> TopologiesInMarkdown(std::string_view text) {
  std::vector<std::string> topologies;
  size_t lines = 0;  // before this one
  size_t first = 0;  // of the block
  std::string block;
  std::string fence;
  bool wanted = false;
  for (; !text.empty(); ++lines) {
    const std::string_view line = TakeLine(text);
    const std::string_view mark = FenceOf(line);
    if (fence.empty()) {
      if (mark.empty()) continue;
      fence = mark;
      wanted = IsYamlFence(line, mark);
      block.clear();
      first = lines + 1;
    } else if (mark.starts_with(fence) && WithoutIndent(line).find_first_not_of(
                                              " \r", mark.size()) == std::string_view::npos) {
      if (wanted && SaysVersion(block)) topologies.push_back(std::string(first, '\n') + block);
      fence.clear();
    } else {
      block.append(line).append("\n");
    }
  }
  return topologies;
}

Result<std::vector<topology::NamedText>> TopologiesAt(const std::string& path,
                                                      const topology::Surroundings& surroundings,
                                                      const FileLister& list_files) {
  std::vector<topology::NamedText> found;
  std::string directory = path;
  std::error_code ignored;
  if (path == "...") {
    directory = ".";
  } else if (path.ends_with("/...")) {
    directory = path.substr(0, path.size() - 4);
    if (directory.empty()) directory = "/";
  } else if (!fs::is_directory(path, ignored)) {
    RETURN_IF_ERROR(Append(path, true, surroundings, found));
    return found;
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, list_files(directory));
  for (const std::string& file : paths) {
    if (!IsYaml(file) && !IsMarkdown(file)) continue;
    RETURN_IF_ERROR(Append(file, false, surroundings, found));
  }
  return found;
}

}  // namespace sidestream::app
