// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Headers of dead letters and of records that were put back: who writes them and who reads them
// (`sidestream dlq`) take their names from here.
//
// Persistent: docs/formats/dead-letter.md. The names under __streams.errors are those of Kafka
// Streams (KIP-1034), and three more of the same kind.

#pragma once

#include <string_view>

namespace sidestream::operators {

inline constexpr std::string_view kErrorHeaders = "__streams.errors.";
inline constexpr std::string_view kErrorException = "__streams.errors.exception";
inline constexpr std::string_view kErrorMessage = "__streams.errors.message";
inline constexpr std::string_view kErrorTopic = "__streams.errors.topic";
inline constexpr std::string_view kErrorPartition = "__streams.errors.partition";
inline constexpr std::string_view kErrorOffset = "__streams.errors.offset";
inline constexpr std::string_view kErrorStep = "__streams.errors.step";
inline constexpr std::string_view kErrorApplication = "__streams.errors.application";

/// All of ours. None of them reaches an output topic.
inline constexpr std::string_view kOwnHeaders = "__sidestream.";
/// What key and value of the letter are: one of the three words below.
inline constexpr std::string_view kLetterContents = "__sidestream.letter";
inline constexpr std::string_view kContentsRecord = "record";  // the bytes of the input
inline constexpr std::string_view kContentsHop = "hop";        // as read from a repartition topic
inline constexpr std::string_view kContentsResult = "result";  // of an aggregate: of many records
/// The record's own timestamp, where the topic of the letters did not take it.
inline constexpr std::string_view kLetterTimestamp = "__sidestream.letter.timestamp";
/// `hold_key`: which hold of the key, and the place in its order (held_keys.h).
inline constexpr std::string_view kHold = "__sidestream.hold";
inline constexpr std::string_view kHoldSequence = "__sidestream.hold.sequence";
/// Of a record that was put back: how often, and from which letter (topic/partition/offset).
inline constexpr std::string_view kReplayCount = "__sidestream.replay.count";
inline constexpr std::string_view kReplayLetter = "__sidestream.replay.letter";

}  // namespace sidestream::operators
