// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>

#include "base/check.h"

namespace sidestream::app {
namespace {

std::atomic<int> g_signals{0};
// Becomes readable for good at the first signal.
std::atomic<int> g_stop_event{-1};

extern "C" void OnStopSignal(int signal) {
  if (g_signals.fetch_add(1) > 0) _exit(128 + signal);
  const uint64_t one = 1;
  // write() is async-signal-safe; that it can fail changes nothing: the counter has moved.
  [[maybe_unused]] const ssize_t written = write(g_stop_event.load(), &one, sizeof one);
}

}  // namespace

void InstallStopSignals() {
  if (g_stop_event.load() < 0) g_stop_event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = OnStopSignal;
  action.sa_flags = SA_RESTART;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

bool StopRequested() { return g_signals.load() > 0; }

Doorbell::Doorbell() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(event_ >= 0) << "eventfd: no descriptor";
}

Doorbell::~Doorbell() { close(event_); }

void Doorbell::Ring() {
  const uint64_t one = 1;
  CHECK(write(event_, &one, sizeof one) == sizeof one);
}

bool Doorbell::Wait(Milliseconds time) const {
  pollfd event{.fd = event_, .events = POLLIN, .revents = 0};
  return poll(&event, 1, static_cast<int>(time.count())) > 0;
}

void WaitForStop(Milliseconds time, const Doorbell* bell) {
  // Without handlers, or without a bell, a descriptor is negative: poll() ignores it.
  std::array<pollfd, 2> events{
      {{.fd = g_stop_event.load(), .events = POLLIN, .revents = 0},
       {.fd = bell == nullptr ? -1 : bell->event_, .events = POLLIN, .revents = 0}}};
  poll(events.data(), events.size(), static_cast<int>(time.count()));
}

}  // namespace sidestream::app
