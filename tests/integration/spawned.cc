// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/spawned.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

#include "base/check.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

constexpr Milliseconds kPause{20};

/// `fork` and `exec`; file descriptors of the three streams, -1 leaves one as it is.
/// The kernel kills it when the thread that called this ends, also by a signal.
pid_t Spawn(const Command& command, const Variables& variables, int in, int out, int err) {
  const pid_t test = getpid();
  const pid_t pid = fork();
  CHECK(pid >= 0) << "cannot fork";
  if (pid > 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != test) _exit(127);  // It had ended before that.
  if (in >= 0) dup2(in, STDIN_FILENO);
  if (out >= 0) dup2(out, STDOUT_FILENO);
  if (err >= 0) dup2(err, STDERR_FILENO);
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execvp(words[0], words.data());
  _exit(127);
}

int ExitCodeOf(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status); }

int OpenFile(const std::filesystem::path& path, int flags) {
  const int file = open(path.c_str(), flags | O_CLOEXEC, 0644);
  CHECK(file >= 0) << "cannot open " << path.string();
  return file;
}

}  // namespace

BackgroundProgram::BackgroundProgram(const Command& command, const Variables& variables,
                                     std::filesystem::path log)
    : log_(std::move(log)) {
  const int nothing = OpenFile("/dev/null", O_RDONLY);
  const int file = OpenFile(log_, O_WRONLY | O_CREAT | O_APPEND);
  pid_ = Spawn(command, variables, nothing, file, file);
  close(nothing);
  close(file);
}

BackgroundProgram::~BackgroundProgram() {
  if (running()) End(SIGKILL, Milliseconds(0));
}

bool BackgroundProgram::running() {
  if (pid_ < 0) return false;
  if (waitpid(pid_, &status_, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

int BackgroundProgram::End(int signal, Milliseconds limit) {
  const SystemClock clock;
  const MonotonicTime deadline = clock.Now() + limit;
  if (running()) kill(pid_, signal);
  while (running()) {
    if (clock.Now() >= deadline) kill(pid_, SIGKILL);
    std::this_thread::sleep_for(kPause);
  }
  return ExitCodeOf(status_);
}

ToolResult RunTool(const Command& command, const std::string& input) {
  const testing::TempDir dir;
  std::ofstream(dir.path() / "in", std::ios::binary) << input;
  const int in = OpenFile(dir.path() / "in", O_RDONLY);
  const int out = OpenFile(dir.path() / "out", O_WRONLY | O_CREAT);
  const pid_t pid = Spawn(command, {}, in, out, -1);
  close(in);
  close(out);
  int status = 0;
  CHECK(waitpid(pid, &status, 0) == pid) << "lost a child";
  return {.exit_code = ExitCodeOf(status), .output = ReadText(dir.path() / "out")};
}

Command With(const Variables& variables, const Command& command) {
  Command words{"/usr/bin/env"};
  for (const auto& [name, value] : variables) words.push_back(name + "=" + value);
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return std::move(text).str();
}

}  // namespace sidestream::integration
