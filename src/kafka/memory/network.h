// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The wire: requests and answers under way, in virtual time, with the faults they meet.
//
// Place in the flow: clients send; Broker::Step() delivers. Without a fault a request
// arrives, and its answer too, in the next Step() at the same reading of the clock.
//
// Invariants
//  N1. What is due at the same time is delivered in the order in which it was sent.
//  N2. A request of a destroyed client still arrives; its answer goes nowhere.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "kafka/memory/faults.h"

namespace sidestream::kafka::memory {

/// Who sends: its name for faults and trace, and whether it still lives.
struct Sender {
  std::string client_id;
  std::weak_ptr<const void> alive;
};

template <typename Answer>
using Reply = std::function<void(Answer)>;

class Network {
 public:
  Network(const Clock& clock, Faults& faults) : clock_(clock), faults_(faults) {}

  /// Sends a request: `execute` runs at the broker and replies at once or later; `answered`
  /// runs at the sender when the answer arrives, if ever. Returns whether the request was
  /// sent twice (Fault::duplicate_after).
  template <typename Answer>
  bool Request(ApiKey api, const Sender& sender, std::function<void(Reply<Answer>)> execute,
               std::function<void(Answer)> answered) {
    const Fault fault = faults_.Next(api, sender.client_id);
    const MonotonicTime arrival = clock_.Now() + fault.request_delay;
    if (!fault.drop_request) {
      Schedule(arrival, [this, api, fault, execute, client = sender.client_id, alive = sender.alive,
                         answered = std::move(answered)] {
        Trace(api, client);
        execute([this, fault, alive, answered](Answer answer) {
          if (fault.drop_answer) return;
          Schedule(clock_.Now() + fault.answer_delay,
                   [alive, answered, answer = std::move(answer)]() mutable {
                     if (const auto living = alive.lock()) answered(std::move(answer));
                   });
        });
      });
    }
    if (fault.duplicate_after) {
      Schedule(arrival + *fault.duplicate_after,
               [this, api, client = sender.client_id, execute = std::move(execute)] {
                 Trace(api, client);
                 execute([](Answer) {});
               });
    }
    return fault.duplicate_after.has_value();
  }

  void Schedule(MonotonicTime at, std::function<void()> what) {
    due_.emplace(std::pair(at, ++sent_), std::move(what));
  }

  /// Delivers all that is due, also what becomes due meanwhile.
  void Deliver();

  bool idle() const { return due_.empty(); }
  MonotonicTime now() const { return clock_.Now(); }
  /// Hash over the kinds, senders and times of all requests delivered: two runs of one seed agree.
  uint64_t trace_hash() const { return trace_; }
  int64_t delivered_requests() const { return delivered_; }

 private:
  void Trace(ApiKey api, const std::string& client);

  const Clock& clock_;
  Faults& faults_;
  std::map<std::pair<MonotonicTime, uint64_t>, std::function<void()>> due_;
  uint64_t sent_ = 0;
  uint64_t trace_ = 0xcbf29ce484222325;
  int64_t delivered_ = 0;
  bool delivering_ = false;
};

/// One request that its sender repeats until it is answered.
class Exchange {
 public:
  bool waiting() const { return state_->waiting; }
  /// The answer is overdue: send again.
  bool Overdue(MonotonicTime now) const { return state_->waiting && now >= state_->deadline; }
  /// Forgets the request; a late answer is ignored.
  void Cancel() {
    state_->waiting = false;
    ++state_->round;
  }

  /// As Network::Request(); only the answer to the last Send() counts.
  template <typename Answer>
  bool Send(Network& network, ApiKey api, const Sender& sender, Milliseconds timeout,
            std::function<void(Reply<Answer>)> execute, std::function<void(Answer)> answered) {
    state_->waiting = true;
    state_->deadline = network.now() + timeout;
    return network.Request<Answer>(
        api, sender, std::move(execute),
        [state = state_, round = ++state_->round, answered = std::move(answered)](Answer answer) {
          if (!state->waiting || round != state->round) return;
          state->waiting = false;
          answered(std::move(answer));
        });
  }

 private:
  struct State {
    bool waiting = false;
    uint64_t round = 0;
    MonotonicTime deadline;
  };
  // Shared with answers under way, which may outlive the exchange.
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

}  // namespace sidestream::kafka::memory
