// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// dlq list: the dead letters of an application, one line each.

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/commands/letter_box.h"
#include "app/exit_code.h"
#include "operators/dead_letter/letter_headers.h"
#include "serde/json_text.h"
#include "serde/ndjson.h"
#include "serde/reader.h"

namespace sidestream::app {
namespace {

/// Bytes as JSON: text where they are UTF-8.
class ByteText {
 public:
  static Result<ByteText> Create() {
    serde::FormatSpec text;
    text.kind = serde::FormatKind::kString;
    ASSIGN_OR_RETURN(auto reader, serde::Reader::Create(text, {{.fields = {}, .slot = 0}}));
    return ByteText(std::move(reader));
  }
  void Append(const std::optional<std::string>& bytes, std::string& out) {
    serde::AppendText(bytes, *reader_, out);
  }

 private:
  explicit ByteText(std::unique_ptr<serde::Reader> reader) : reader_(std::move(reader)) {}
  std::unique_ptr<serde::Reader> reader_;
};

class Printer {
 public:
  Printer(ByteText bytes, bool json, std::ostream& out)
      : bytes_(std::move(bytes)), json_(json), out_(out) {}

  void Print(const Letter& letter, bool replayed) {
    if (json_) {
      PrintJson(letter, replayed);
    } else {
      PrintLine(letter, replayed);
    }
  }

 private:
  /// 0@12  orders-3@881  p.divide  ProcessingError  "k1"  p.divide (a.yaml:8): division by zero
  void PrintLine(const Letter& letter, bool replayed) {
    const auto source = letter.Source();
    std::string key;
    bytes_.Append(letter.record.key, key);
    std::string message = letter.HeaderOr(operators::kErrorMessage);
    for (char& c : message) c = static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    out_ << fmt::format(
        "{}@{}  {}  {}  {}  {}{}{}  {}\n", letter.partition.partition, letter.offset.value(),
        source ? fmt::format("{}@{}", ToString(source->partition), source->offset.value()) : "-",
        letter.HeaderOr(operators::kErrorStep, "-"),
        letter.HeaderOr(operators::kErrorException, "-"), key,
        letter.replays() > 0 ? fmt::format("  replays={}", letter.replays()) : "",
        replayed ? "  replayed" : "", message);
  }

  void PrintJson(const Letter& letter, bool replayed) {
    std::string line = fmt::format(R"({{"partition":{},"offset":{},"timestamp":{},"replays":{},)",
                                   letter.partition.partition, letter.offset.value(),
                                   letter.SourceTimestamp().value(), letter.replays());
    line += fmt::format(R"("replayed":{},"key":)", replayed);
    bytes_.Append(letter.record.key, line);
    line += R"(,"value":)";
    bytes_.Append(letter.record.value, line);
    line += R"(,"headers":{)";
    bool first = true;
    for (const auto& [name, value] : letter.record.headers) {
      if (!std::exchange(first, false)) line += ',';
      serde::AppendJsonString(name, line);
      line += ':';
      bytes_.Append(value, line);
    }
    out_ << line << "}}\n";
  }

  ByteText bytes_;
  const bool json_;
  std::ostream& out_;
};

}  // namespace

int DlqList(const Arguments& arguments, CommandContext& context) {
  auto box = LetterBox::Open(arguments, context);
  if (!box.ok()) return Failed(box.status(), context);
  auto bytes = ByteText::Create();
  if (!bytes.ok()) return Failed(bytes.status(), context);
  Printer printer(std::move(*bytes), arguments.dlq.json, context.out);
  const DlqArguments& wanted = arguments.dlq;
  int64_t shown = 0;
  const Status read = (*box)->Read(wanted.all, [&](const Letter& letter, bool replayed) {
    if ((replayed && !wanted.all) || !(*box)->filter().Takes(letter)) return true;
    if (wanted.limit && shown == *wanted.limit) return false;
    ++shown;
    printer.Print(letter, replayed);
    return true;
  });
  return read.ok() ? kExitOk : Failed(read, context);
}

}  // namespace sidestream::app
