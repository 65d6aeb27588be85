// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/registry_reader.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "serde/schema_source.h"
#include "serde/wire_frame.h"

namespace sidestream::serde {
namespace {

std::string NameOf(const WireFrame& frame) {
  const auto* const id = std::get_if<SchemaId>(&frame.schema);
  return "schema " +
         (id != nullptr ? std::to_string(*id) : GuidText(std::get<SchemaGuid>(frame.schema)));
}

class RegistryReader final : public Reader {
 public:
  RegistryReader(const FormatSpec& format, std::vector<WantedPath> wanted)
      : format_(format), wanted_(std::move(wanted)) {}

  bool asks_registry() const override { return true; }

  Status Ready(std::string_view framed) override {
    std::string_view data;
    return Find(framed, data).status();
  }

  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots,
              Arena& arena) override {
    if (!bytes) {
      found_null_ = true;
      for (const WantedPath& path : wanted_) {
        slots[path.slot] = path.fields.empty() ? Value::Null() : Value();
      }
      return Status::Ok();
    }
    std::string_view data;
    ASSIGN_OR_RETURN(Reader* const reader, Find(*bytes, data));
    RETURN_IF_ERROR(reader->Read(data, slots, arena));
    found_null_ = reader->found_null();
    return Status::Ok();
  }

 private:
  struct WriterSchema {
    std::unique_ptr<Reader> reader;
    /// Not ok: the schema cannot be used, now and for ever, and there is no reader.
    Status unusable;
    uint64_t used = 0;
  };

  /// The reader for what follows the frame of `framed`, which is then `data`.
  Result<Reader*> Find(std::string_view framed, std::string_view& data) {
    ASSIGN_OR_RETURN(const WireFrame frame, ReadWireFrame(framed));
    data = frame.after_id;
    std::vector<int32_t> indexes;
    if (format_.kind == FormatKind::kProtobuf) {
      ASSIGN_OR_RETURN(indexes, TakeMessageIndexes(data));
    }
    const std::string_view head = framed.substr(0, framed.size() - data.size());
    auto found = writers_.find(head);
    if (found == writers_.end()) {
      ASSIGN_OR_RETURN(WriterSchema made, Make(frame, indexes));
      if (writers_.size() == kWriterSchemas) {
        writers_.erase(std::ranges::min_element(
            writers_, {}, [](const auto& entry) { return entry.second.used; }));
      }
      found = writers_.emplace(std::string(head), std::move(made)).first;
    }
    found->second.used = ++uses_;
    if (!found->second.unusable.ok()) return found->second.unusable;
    return found->second.reader.get();
  }

  Result<WriterSchema> Make(const WireFrame& frame, const std::vector<int32_t>& indexes) {
    const auto* const id = std::get_if<SchemaId>(&frame.schema);
    ASSIGN_OR_RETURN(const RegisteredSchemaPtr schema,
                     id != nullptr ? format_.schemas->ById(*id)
                                   : format_.schemas->ByGuid(std::get<SchemaGuid>(frame.schema)));
    WriterSchema made;
    const SchemaLanguage wanted = LanguageOf(format_.kind);
    if (schema->language != wanted) {
      made.unusable = Status::BadRecord(NameOf(frame) + " is " +
                                        std::string(SchemaLanguageName(schema->language)) +
                                        ", not " + std::string(SchemaLanguageName(wanted)));
      return made;
    }
    auto reader = CreateFor(format_, schema->schema, indexes, wanted_);
    if (reader.ok()) {
      made.reader = std::move(*reader);
    } else {
      // What the start would not take is here the fault of one record.
      made.unusable = Status::BadRecord(NameOf(frame) + ": " + reader.status().message());
    }
    return made;
  }

  const FormatSpec format_;
  const std::vector<WantedPath> wanted_;
  std::map<std::string, WriterSchema, std::less<>> writers_;  // by the bytes of their frames
  uint64_t uses_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> CreateRegistryReader(const FormatSpec& format,
                                                     std::vector<WantedPath> wanted) {
  if (format.schemas == nullptr) return Status::InvalidConfig("the format needs a schema registry");
  return std::unique_ptr<Reader>(std::make_unique<RegistryReader>(format, std::move(wanted)));
}

}  // namespace sidestream::serde
