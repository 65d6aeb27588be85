// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Faults on the way between clients and broker, by kind of request: scripted for a test
// that wants one, random from the broker's seed for a simulation.
//
// A copy of a request (Fault::duplicate_after) stands for what a library does after a broken
// connection: it sends again, and the first request arrives late. The client knows of it.
//
// Threading: guarded by the broker's mutex.

#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sidestream::kafka::memory {

/// Kinds of requests. kWriteTxnMarkers goes from the coordinator to a partition, named
/// "topic-partition", or to a group, named by the group: a delayed one leaves the
/// transaction's records unreadable.
enum class ApiKey {
  kProduce,
  kFetch,
  kListOffsets,
  kInitProducerId,
  kAddPartitionsToTxn,
  kAddOffsetsToTxn,
  kTxnOffsetCommit,
  kEndTxn,
  kWriteTxnMarkers,
  kJoinGroup,
  kSyncGroup,
  kHeartbeat,
  kLeaveGroup,
  kOffsetCommit,
  kOffsetFetch,
  kAdmin,
};
inline constexpr size_t kApiKeys = static_cast<size_t>(ApiKey::kAdmin) + 1;

std::string_view ApiName(ApiKey api);

/// What happens to one request. The default: nothing.
struct Fault {
  Milliseconds request_delay{0};
  Milliseconds answer_delay{0};
  bool drop_request = false;
  bool drop_answer = false;
  /// A second copy arrives this much after the first.
  std::optional<Milliseconds> duplicate_after;
};

/// Chances of random faults of one kind of request: "once in n", 0 for never.
struct FaultRates {
  int64_t delay_one_in = 0;
  int64_t duplicate_one_in = 0;
  int64_t drop_request_one_in = 0;
  int64_t drop_answer_one_in = 0;
  /// Delays and late copies are uniform in [1, delay_max].
  Milliseconds delay_max{200};
};

class Faults {
 public:
  explicit Faults(uint64_t seed) : random_(seed) {}

  /// The request of kind `api` after `skip` others meets `fault`, once. An empty `client`
  /// is any; otherwise the client id (or the target, see ApiKey).
  void Script(ApiKey api, Fault fault, int skip = 0, std::string client = "");
  void SetRates(ApiKey api, const FaultRates& rates);
  void SetRatesOfAll(const FaultRates& rates);
  /// Ends random faults and forgets scripted ones.
  void Clear();
  /// Scripted faults that no request has met yet.
  size_t scripted_left() const { return scripts_.size(); }

  /// The broker's: what happens to the next request.
  Fault Next(ApiKey api, std::string_view client);

 private:
  struct Scripted {
    ApiKey api;
    Fault fault;
    int skip;
    std::string client;
  };
  Milliseconds Delay(const FaultRates& rates);

  Random random_;
  std::list<Scripted> scripts_;
  std::array<FaultRates, kApiKeys> rates_{};
};

}  // namespace sidestream::kafka::memory
