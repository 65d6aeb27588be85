// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The yardsticks, each the whole job of a topology of bench/topologies by hand:
//   pass   bytes from one topic to another, key, value and timestamp as they came
//   filter, avro_filter    the bids of one auction of 123, as they came
//   project, avro_project  five fields of each bid as a new value
//   filter_checked, project_checked  the same, with the whole document checked
//   count  rekey JSON by a field over a repartition topic, count in a hash map, write what
//          changed to the output and to a changelog at each commit; a start reads the changelog
//   uniform   the same count by the records' own keys, without the repartition topic
//   tumbling, hopping, sessions   counts by key in windows of event time, each out when the
//          watermark of its partition has passed its end
//   dedup  the first record of each key
//
// Threading: a loop runs on one thread.

#pragma once

#include <string>

#include "bench/loop/session.h"

namespace sidestream::bench {

void RunPassLoop(SessionOptions options, const std::string& output);

void RunFilterLoop(SessionOptions options, const std::string& output);
void RunProjectLoop(SessionOptions options, const std::string& output);
void RunCheckedFilterLoop(SessionOptions options, const std::string& output);
void RunCheckedProjectLoop(SessionOptions options, const std::string& output);
void RunAvroFilterLoop(SessionOptions options, const std::string& output);
void RunAvroProjectLoop(SessionOptions options, const std::string& output);

/// inputs: the bids, and the repartition topic if there is one. The changelog has as many
/// partitions as the last of them.
void RunCountLoop(SessionOptions options, const std::string& output, const std::string& changelog);

/// The changelog has as many partitions as the input.
void RunTumblingLoop(SessionOptions options, const std::string& output,
                     const std::string& changelog);
void RunHoppingLoop(SessionOptions options, const std::string& output,
                    const std::string& changelog);
void RunSessionsLoop(SessionOptions options, const std::string& output,
                     const std::string& changelog);
void RunDedupLoop(SessionOptions options, const std::string& output, const std::string& changelog);

}  // namespace sidestream::bench
