// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/schemas.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "serde/schema_name.h"
#include "serde/schema_type.h"
#include "topology/references.h"

namespace sidestream::topology {
namespace {

using serde::FormatSpec;
using serde::Framing;

bool IsWritten(const Model& model, std::string_view stream) {
  const auto writes = [&](const std::optional<Named>& to) { return to && to->text == stream; };
  for (const PipelineModel& pipeline : model.pipelines) {
    if (writes(pipeline.to)) return true;
    for (const BranchModel::Entry* entry : BranchesOf(pipeline.steps)) {
      if (writes(entry->to)) return true;
    }
  }
  return false;
}

class Resolver {
 public:
  Resolver(Model& model, const std::shared_ptr<serde::SchemaSource>& schemas, IdsFor ids,
           Findings& findings)
      : model_(model), schemas_(schemas), ids_(ids), findings_(findings) {}

  Status Run() {
    for (StreamModel& stream : model_.streams) {
      const bool writes = ids_ == IdsFor::kAll || IsWritten(model_, stream.name.text);
      Resolve(stream, stream.key, "key", writes);
      Resolve(stream, stream.value, "value", writes);
    }
    return failure_.ok() ? waiting_ : failure_;
  }

 private:
  void Resolve(const StreamModel& stream, FormatSpec& format, std::string_view side, bool writes) {
    if (format.framing == Framing::kNone || stream.topics.empty()) return;
    format.schemas = schemas_;
    const bool declared = !format.schema.text.empty();
    if (format.schema_id || (declared && !writes)) return;
    const std::string subject = SubjectOf(stream, format, side);
    if (subject.empty()) return;
    auto found = declared ? schemas_->Find(subject, serde::LanguageOf(format.kind), format.schema)
                          : schemas_->Latest(subject);
    if (!found.ok()) return Note(stream, side, subject, writes, found.status());
    if ((*found)->language != serde::LanguageOf(format.kind)) {
      return Say(stream, side,
                 fmt::format("the schema of subject {} is {}, the format is {}", subject,
                             serde::SchemaLanguageName((*found)->language),
                             serde::FormatName(format.kind)),
                 "");
    }
    FormatSpec resolved = format;
    resolved.schema = (*found)->schema;
    auto values = serde::TypeOfFormat(resolved);
    if (!values.ok()) {
      return Say(stream, side,
                 fmt::format("the schema of subject {} cannot be used: {}", subject,
                             values.status().message()),
                 "");
    }
    format.schema = std::move(resolved.schema);
    format.values = std::move(*values);
    if (writes) format.schema_id = (*found)->id;
  }

  /// Empty: there is none, and a finding says so.
  std::string SubjectOf(const StreamModel& stream, const FormatSpec& format,
                        std::string_view side) {
    if (!format.subject.empty()) return format.subject;
    const std::string& topic = stream.topics.front().text;
    const SubjectStrategy strategy = model_.schema_registry.subject_strategy;
    if (strategy == SubjectStrategy::kTopicName) return fmt::format("{}-{}", topic, side);
    const auto name = serde::NameOfSchema(format);
    if (!name.ok()) {
      Say(stream, side,
          fmt::format("the subject is named after the schema, and its name is not known: {}",
                      name.status().message()),
          "declare schema:, or subject: <the subject's name>");
      return "";
    }
    return strategy == SubjectStrategy::kRecordName ? *name : fmt::format("{}-{}", topic, *name);
  }

  void Note(const StreamModel& stream, std::string_view side, const std::string& subject,
            bool writes, const Status& why) {
    switch (why.code()) {
      case StatusCode::kUnavailable:
        waiting_ = why;
        return;
      case StatusCode::kBadRecord:
        // Nobody wrote a schema yet: each record will say what it was written with.
        if (!writes) return;
        Say(stream, side,
            fmt::format("no schema to write with in subject {}: {}", subject, why.message()),
            "register the schema, or declare schema: and set schema_registry.auto_register: true");
        return;
      default:
        if (failure_.ok()) failure_ = why;
    }
  }

  void Say(const StreamModel& stream, std::string_view side, std::string message,
           std::string hint) {
    findings_.Error("SS5009", stream.name.position,
                    fmt::format("{} of {}: {}", side, stream.name.text, message), std::move(hint));
  }

  Model& model_;
  const std::shared_ptr<serde::SchemaSource>& schemas_;
  const IdsFor ids_;
  Findings& findings_;
  Status waiting_;
  Status failure_;
};

}  // namespace

Status ResolveSchemas(Model& model, const std::shared_ptr<serde::SchemaSource>& schemas, IdsFor ids,
                      Findings& findings) {
  return Resolver(model, schemas, ids, findings).Run();
}

}  // namespace sidestream::topology
