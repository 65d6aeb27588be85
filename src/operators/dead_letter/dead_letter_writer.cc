// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/dead_letter/dead_letter_writer.h"

#include "operators/dead_letter/letter_headers.h"

namespace sidestream::operators {
namespace {

/// Names in the manner of Kafka Streams, where they are those of classes.
std::string_view ExceptionName(DeadLetterCause cause) {
  switch (cause) {
    case DeadLetterCause::kDeserialization:
      return "DeserializationError";
    case DeadLetterCause::kProcessing:
      return "ProcessingError";
    case DeadLetterCause::kProduction:
      return "ProductionError";
    case DeadLetterCause::kHeld:
      return "HeldKey";
  }
  return "";
}

/// At most `bytes` of `text`, no character of UTF-8 cut in two.
std::string_view Cut(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  size_t end = bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  return text.substr(0, end);
}

}  // namespace

std::string_view CauseName(DeadLetterCause cause) {
  switch (cause) {
    case DeadLetterCause::kDeserialization:
      return "deserialization";
    case DeadLetterCause::kProcessing:
      return "processing";
    case DeadLetterCause::kProduction:
      return "production";
    case DeadLetterCause::kHeld:
      return "held";
  }
  return "";
}

Status DeadLetterWriter::Write(const DeadLetter& letter, ProcessorContext& context) {
  Status sent = Send(letter, /*short_form=*/false, context);
  // Its headers made it too large, or the topic does not take the time of so old a record.
  if (sent.code() == StatusCode::kBadRecord) sent = Send(letter, /*short_form=*/true, context);
  if (sent.code() != StatusCode::kBadRecord) return sent;
  return Status::BadRecord(
      std::string(letter.message) + "; and its dead letter is refused: " + sent.message() +
      "; raise max.message.bytes of the topic of the dead letters, or use another policy");
}

Status DeadLetterWriter::Send(const DeadLetter& letter, bool short_form,
                              ProcessorContext& context) {
  headers_.clear();
  for (const Header& header : letter.headers) {
    // A record that was put back and fails again has a new place.
    if (!header.name.starts_with(kHold)) headers_.push_back(header);
  }
  Add(kErrorException, ExceptionName(letter.cause));
  Add(kErrorMessage, Cut(letter.message, short_form ? kShortMessageBytesMax : kMessageBytesMax));
  if (letter.origin) {
    partition_ = std::to_string(letter.origin->partition);
    offset_ = std::to_string(letter.origin->offset.value());
    Add(kErrorTopic, letter.origin->topic);
    Add(kErrorPartition, partition_);
    Add(kErrorOffset, offset_);
  }
  Add(kErrorStep, letter.step);
  Add(kErrorApplication, application_);
  Add(kLetterContents, letter.contents);
  if (letter.place) {
    sequence_ = std::to_string(letter.place->sequence);
    Add(kHold, letter.place->hold);
    Add(kHoldSequence, sequence_);
  }
  if (short_form) {
    timestamp_ = std::to_string(letter.timestamp.value());
    Add(kLetterTimestamp, timestamp_);
  }
  OutputRecord record;
  record.output = output_;
  record.key = letter.key;
  record.value = letter.value;
  record.timestamp = short_form ? context.WallTime() : letter.timestamp;
  record.headers = headers_;
  return context.Produce(record);
}

}  // namespace sidestream::operators
