// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "bench/loop/process_usage.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "bench/loop/handles.h"

namespace sidestream::bench {
namespace {

constexpr int kStopSteps = 3'000;
constexpr useconds_t kStopStepMicroseconds = 10'000;

}  // namespace

double CpuSeconds(pid_t process) {
  clockid_t clock;
  timespec time{};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double MemoryMib(pid_t process, const std::string& line) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  std::string text;
  while (std::getline(file, text)) {
    if (text.starts_with(line + ":")) {
      return static_cast<double>(std::strtoull(text.c_str() + line.size() + 1, nullptr, 10)) / 1024;
    }
  }
  return 0;
}

double LoadAverage() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

pid_t StartChild(char** command, const std::string& log) {
  const pid_t child = fork();
  if (child < 0) Die("no process could be started");
  if (child > 0) return child;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file >= 0) {
    dup2(file, STDOUT_FILENO);
    dup2(file, STDERR_FILENO);
  }
  execv(command[0], command);
  std::perror(command[0]);
  _exit(127);
}

bool HasEnded(pid_t child) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == child;
}

bool StopChild(pid_t child) {
  kill(child, SIGTERM);
  int step = 0;
  while (!HasEnded(child) && step++ < kStopSteps) usleep(kStopStepMicroseconds);
  if (!HasEnded(child)) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace sidestream::bench
