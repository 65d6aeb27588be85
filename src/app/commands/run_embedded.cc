// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// run --embedded: the application in this process, without a broker. Reads records as lines
// of JSON, prints what the output streams hold, ends when all is processed.

#include <fmt/format.h>

#include <fstream>
#include <istream>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/schemas.h"
#include "base/arena.h"
#include "harness/embedded_application.h"
#include "serde/ndjson.h"
#include "topology/build_plan.h"
#include "topology/fields.h"

namespace sidestream::app {
namespace {

// Output appears after so many lines of input, and memory stays bounded by the topics.
constexpr int kLinesPerRound = 1'000;

/// Prints the records of one output stream.
struct OutputStream {
  std::string alias;
  std::unique_ptr<serde::Reader> key;
  std::unique_ptr<serde::Reader> value;
  /// Of dead letters: they say what went wrong.
  bool with_headers = false;
};

Result<std::unique_ptr<serde::Reader>> WholeReader(const serde::FormatSpec& format) {
  return serde::Reader::Create(format, {{.fields = {}, .slot = 0}});
}

/// Makes the records of the stream that is fed.
struct InputStream {
  const topology::StreamModel& stream;
  serde::Writer key;
  serde::Writer value;
};

Result<std::optional<std::string>> Encode(const serde::Writer& writer, const serde::Value& value) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool present, serde::EncodeText(writer, value, bytes));
  return present ? std::optional(std::move(bytes)) : std::nullopt;
}

class EmbeddedRun {
 public:
  EmbeddedRun(const topology::Model& model, CommandContext& context)
      : model_(model), context_(context) {}

  Status Start(std::shared_ptr<const topology::Plan> plan) {
    for (const topology::UserTopic& topic : plan->user_topics) {
      if (!topic.written) continue;
      const topology::StreamModel* stream = model_.FindStream(topic.alias);
      OutputStream& output = outputs_[topic.name];
      output.alias = topic.alias;
      ASSIGN_OR_RETURN(output.key, WholeReader(stream->key));
      ASSIGN_OR_RETURN(output.value, WholeReader(stream->value));
    }
    OutputStream& letters = outputs_[topology::DeadLetterTopicOf(model_)];
    letters.alias = topology::kDeadLetterStream;
    letters.with_headers = true;
    serde::FormatSpec text;
    text.kind = serde::FormatKind::kString;
    ASSIGN_OR_RETURN(letters.key, WholeReader(text));
    ASSIGN_OR_RETURN(letters.value, WholeReader(text));
    ASSIGN_OR_RETURN(application_,
                     harness::EmbeddedApplication::Start(
                         model_, std::move(plan), {.start = context_.waiting.clock().WallTime()}));
    return Status::Ok();
  }

  /// Feeds a file to its end. `name` is for messages.
  Status Feed(const topology::StreamModel& stream, std::istream& in, const std::string& name) {
    ASSIGN_OR_RETURN(serde::Writer key, serde::Writer::Create(stream.key));
    ASSIGN_OR_RETURN(serde::Writer value, serde::Writer::Create(stream.value));
    const InputStream input{stream, std::move(key), std::move(value)};
    int64_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      const Status fed = FeedLine(input, line);
      if (!fed.ok()) return fed.WithContext(fmt::format("{}:{}", name, number));
      if (number % kLinesPerRound == 0) RETURN_IF_ERROR(Settle());
      if (context_.waiting.stopping()) break;
    }
    if (in.bad()) return Status::Fatal("cannot read " + name);
    return Settle();
  }

  /// Runs until all is processed, and prints what came out.
  Status Settle() {
    RETURN_IF_ERROR(application_->Settle());
    ASSIGN_OR_RETURN(const auto records, application_->TakeOutput());
    for (const harness::CollectedRecord& record : records) Print(record);
    context_.out.flush();
    if (!context_.out) return Status::Fatal("cannot write to standard output");
    return Status::Ok();
  }

 private:
  Status FeedLine(const InputStream& input, const std::string& line) {
    Arena arena;
    ASSIGN_OR_RETURN(const serde::TextRecord text, serde::ParseTextRecord(line, parser_, arena));
    harness::FedRecord record;
    record.topic = input.stream.topics.front().text;
    ASSIGN_OR_RETURN(record.key, Encode(input.key, text.key));
    ASSIGN_OR_RETURN(record.value, Encode(input.value, text.value));
    record.timestamp = text.timestamp;
    record.partition = text.partition;
    for (const serde::TextHeader& header : text.headers) {
      record.headers.emplace_back(
          std::string(header.name),
          header.value ? std::optional(std::string(*header.value)) : std::nullopt);
    }
    return application_->Feed(record);
  }

  /// {"stream":"counts","key":"kafka","value":2}
  void Print(const harness::CollectedRecord& record) {
    OutputStream& output = outputs_.at(record.partition.topic);
    std::string line = R"({"stream":)";
    serde::AppendJsonString(output.alias, line);
    line += R"(,"key":)";
    serde::AppendText(record.key, *output.key, line);
    line += R"(,"value":)";
    serde::AppendText(record.value, *output.value, line);
    if (output.with_headers) AppendHeaders(record, *output.value, line);
    context_.out << line << "}\n";
  }

  static void AppendHeaders(const harness::CollectedRecord& record, serde::Reader& text,
                            std::string& line) {
    line += R"(,"headers":{)";
    bool first = true;
    for (const auto& [name, value] : record.headers) {
      if (!std::exchange(first, false)) line += ',';
      serde::AppendJsonString(name, line);
      line += ':';
      serde::AppendText(value, text, line);
    }
    line += '}';
  }

  const topology::Model& model_;
  CommandContext& context_;
  serde::JsonParser parser_;
  std::map<std::string, OutputStream> outputs_;
  std::unique_ptr<harness::EmbeddedApplication> application_;
};

/// Whether some pipeline reads `alias`.
bool IsInput(const topology::Plan& plan, const std::string& alias) {
  for (const topology::UserTopic& topic : plan.user_topics) {
    if (topic.alias == alias && topic.read) return true;
  }
  return false;
}

}  // namespace

int RunEmbedded(const Arguments& arguments, CommandContext& context) {
  topology::LoadedTopology loaded = Load(arguments, context);
  if (!loaded.ok() || !ResolveLocally(loaded, arguments, context).ok()) return kExitConfig;
  topology::PlanResult result = PlanOf(loaded);
  ReportFindings(result.findings, arguments, context);
  if (result.plan == nullptr) return kExitConfig;
  for (const auto& [alias, file] : arguments.inputs) {
    if (IsInput(*result.plan, alias)) continue;
    context.err << fmt::format("sidestream: --input {}={}: no pipeline reads a stream {}\n", alias,
                               file, alias);
    return kExitUsage;
  }

  EmbeddedRun run(loaded.model, context);
  if (const Status started = run.Start(result.plan); !started.ok()) return Failed(started, context);
  for (const auto& [alias, file] : arguments.inputs) {
    const topology::StreamModel& stream = *loaded.model.FindStream(alias);
    Status fed;
    if (file == "-") {
      fed = run.Feed(stream, context.in, "<stdin>");
    } else {
      std::ifstream in(file);
      if (!in) {
        context.err << fmt::format("sidestream: cannot open the input: {}\n", file);
        return kExitFailed;
      }
      fed = run.Feed(stream, in, file);
    }
    if (!fed.ok()) return Failed(fed, context);
  }
  return kExitOk;
}

}  // namespace sidestream::app
