// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Port: where a part of the engine puts internal records (changelog rows) without knowing
// the transaction that carries them. transaction::TransactionWriter implements it.

#pragma once

#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/status.h"

namespace sidestream::kafka {

/// A topic as the sink knows it: the index that its RegisterTopic() gave.
using SinkTopic = int32_t;

class RecordSink {
 public:
  virtual ~RecordSink() = default;
  /// Adds a record with the producer's clock to the open transaction; bytes are copied.
  virtual Status ProduceInternal(SinkTopic topic, Partition partition,
                                 std::optional<std::string_view> key,
                                 std::optional<std::string_view> value) = 0;
};

}  // namespace sidestream::kafka
