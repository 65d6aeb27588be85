// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Programs that a test starts: `sidestream` in the background with its log in a file, and tools
// that run to their end.
//
// Threading: confined to one thread.
//
// Invariant: a background program never outlives its object, nor a test that is killed.

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace sidestream::integration {

/// Words of a command line: program first.
using Command = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

class BackgroundProgram {
 public:
  /// Both outputs are appended to `log`.
  BackgroundProgram(const Command& command, const Variables& variables, std::filesystem::path log);
  ~BackgroundProgram();
  BackgroundProgram(const BackgroundProgram&) = delete;
  BackgroundProgram& operator=(const BackgroundProgram&) = delete;

  /// Sends the signal and waits for the end. The exit code, or minus the signal that ended it;
  /// a program that does not end within `limit` is killed.
  int End(int signal, Milliseconds limit);
  bool running();
  const std::filesystem::path& log() const { return log_; }

 private:
  const std::filesystem::path log_;
  pid_t pid_ = -1;
  int status_ = 0;
};

struct ToolResult {
  int exit_code = 0;
  std::string output;
};

/// Runs a command with `input` as its standard input and collects its standard output.
ToolResult RunTool(const Command& command, const std::string& input = "");

/// The command with these in its environment.
Command With(const Variables& variables, const Command& command);

std::string ReadText(const std::filesystem::path& path);

}  // namespace sidestream::integration
