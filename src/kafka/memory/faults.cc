// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/memory/faults.h"

#include <algorithm>

namespace sidestream::kafka::memory {

std::string_view ApiName(ApiKey api) {
  static constexpr std::array<std::string_view, kApiKeys> kNames = {"Produce",
                                                                    "Fetch",
                                                                    "ListOffsets",
                                                                    "InitProducerId",
                                                                    "AddPartitionsToTxn",
                                                                    "AddOffsetsToTxn",
                                                                    "TxnOffsetCommit",
                                                                    "EndTxn",
                                                                    "WriteTxnMarkers",
                                                                    "JoinGroup",
                                                                    "SyncGroup",
                                                                    "Heartbeat",
                                                                    "LeaveGroup",
                                                                    "OffsetCommit",
                                                                    "OffsetFetch",
                                                                    "Admin"};
  return kNames[static_cast<size_t>(api)];
}

void Faults::Script(ApiKey api, Fault fault, int skip, std::string client) {
  scripts_.push_back({api, fault, skip, std::move(client)});
}

void Faults::SetRates(ApiKey api, const FaultRates& rates) {
  rates_[static_cast<size_t>(api)] = rates;
}

void Faults::SetRatesOfAll(const FaultRates& rates) { rates_.fill(rates); }

void Faults::Clear() {
  scripts_.clear();
  rates_.fill({});
}

Milliseconds Faults::Delay(const FaultRates& rates) {
  return Milliseconds(1 + random_.Below(std::max<int64_t>(1, rates.delay_max.count())));
}

Fault Faults::Next(ApiKey api, std::string_view client) {
  std::optional<Fault> scripted;
  for (auto script = scripts_.begin(); script != scripts_.end();) {
    const bool fits = script->api == api && (script->client.empty() || script->client == client);
    if (fits && script->skip > 0) {
      --script->skip;
    } else if (fits && !scripted) {
      scripted = script->fault;
      script = scripts_.erase(script);
      continue;
    }
    ++script;
  }
  if (scripted) return *scripted;

  const FaultRates& rates = rates_[static_cast<size_t>(api)];
  Fault fault;
  const auto hit = [this](int64_t one_in) { return one_in > 0 && random_.OneIn(one_in); };
  if (hit(rates.delay_one_in)) fault.request_delay = Delay(rates);
  if (hit(rates.delay_one_in)) fault.answer_delay = Delay(rates);
  if (hit(rates.duplicate_one_in)) fault.duplicate_after = Delay(rates);
  fault.drop_request = hit(rates.drop_request_one_in);
  fault.drop_answer = hit(rates.drop_answer_one_in);
  return fault;
}

}  // namespace sidestream::kafka::memory
