// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_schema_format.h"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>
#include <vector>

#include "serde/json_schema_document.h"
#include "serde/json_text.h"

namespace sidestream::serde {
namespace {

using Json = nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

/// The keyword that a message of the library is about, by what the message begins with.
std::string_view KeywordOf(std::string_view message) {
  struct Row {
    std::string_view begins;
    std::string_view keyword;
  };
  static constexpr auto kRows = std::to_array<Row>({
      {"Value type not permitted", "type"},
      {"Missing required property", "required"},
      {"Missing dependency", "dependencies"},
      {"Failed to match against any enum", "enum"},
      {"Failed to match expected value set by 'const'", "const"},
      {"Failed to match regex", "pattern"},
      {"Failed to any values against subschema in 'contains'", "contains"},
      {"Failed to validate against a conditional", "if"},
      {"Failed to validate against additional properties", "additionalProperties"},
      {"Failed to validate against any schemas allowed by anyOf", "anyOf"},
      {"Failed to validate against any child schemas allowed by oneOf", "oneOf"},
      {"Failed to validate against exactly one", "oneOf"},
      {"Failed to validate against child schema", "allOf"},
      {"Failed to validate against dependent", "dependencies"},
      {"Array contains more items", "additionalItems"},
      {"Array should contain no fewer", "minItems"},
      {"Array should contain no more", "maxItems"},
      {"Elements at indexes", "uniqueItems"},
      {"Expected number greater than or equal", "minimum"},
      {"Expected number greater than", "exclusiveMinimum"},
      {"Expected number less than or equal", "maximum"},
      {"Expected number less than", "exclusiveMaximum"},
      {"Object contains a property", "additionalProperties"},
      {"Object should have no fewer", "minProperties"},
      {"Object should have no more", "maxProperties"},
      {"String should be a valid", "format"},
      {"String should be no fewer", "minLength"},
      {"String should be no more", "maxLength"},
      {"Target should not validate", "not"},
      {"Value should be a multiple", "multipleOf"},
  });
  for (const Row& row : kRows) {
    if (message.starts_with(row.begins)) return row.keyword;
  }
  return "schema";
}

/// ["<root>", "[items]", "[0]"] as "/items/0"; "the root" for the whole.
std::string PointerOf(const std::vector<std::string>& context) {
  std::string pointer;
  for (size_t i = 1; i < context.size(); ++i) {
    const std::string_view name = std::string_view(context[i]).substr(1, context[i].size() - 2);
    pointer += '/';
    for (const char c : name) {
      if (c == '~') {
        pointer += "~0";
      } else if (c == '/') {
        pointer += "~1";
      } else {
        pointer += c;
      }
    }
  }
  return pointer.empty() ? "the root" : pointer;
}

size_t LongestText(const Json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().size();
  size_t longest = 0;
  if (value.is_object()) {
    for (const auto& [name, child] : value.items()) {
      longest = std::max({longest, name.size(), LongestText(child)});
    }
  } else if (value.is_array()) {
    for (const Json& child : value) longest = std::max(longest, LongestText(child));
  }
  return longest;
}

class Validator final : public JsonSchemaValidator {
 public:
  Status Load(const SchemaText& schema) {
    ASSIGN_OR_RETURN(document_, JsonSchemaDocument(schema));
    patterns_ = HasPatterns(document_);
    RETURN_IF_ERROR(CheckReferences(document_));
    RETURN_IF_ERROR(Compile());
    type_ = TypeOfDocument(document_);
    return Status::Ok();
  }

  Status Validate(std::string_view json) const override {
    const Json value = Json::parse(json, nullptr, false);
    if (value.is_discarded()) return Status::BadRecord("not JSON");
    if (patterns_ && LongestText(value) > kPatternBytes) {
      return Status::BadRecord("a text of the value is longer than " +
                               std::to_string(kPatternBytes) +
                               " bytes, and the JSON Schema has patterns or formats");
    }
    const Adapter target(value);
    const std::lock_guard lock(mutex_);
    try {
      if (validator_.validate(schema_, target, nullptr)) return Status::Ok();
      valijson::ValidationResults results;
      validator_.validate(schema_, target, &results);
      return Explain(results);
    } catch (const std::exception& error) {
      return Status::BadRecord("cannot be held against the JSON Schema: " +
                               std::string(error.what()));
    }
  }

  const SchemaType& type() const override { return type_; }

 private:
  Status Compile() {
    try {
      valijson::SchemaParser parser;
      parser.populateSchema(Adapter(document_), schema_);
    } catch (const std::exception& error) {
      return Status::InvalidConfig(error.what());
    }
    return Status::Ok();
  }

  // The first error is the innermost one; those behind it say where it lies.
  static Status Explain(const valijson::ValidationResults& results) {
    std::string message = "does not fit the JSON Schema";
    if (results.begin() != results.end()) {
      const auto& error = *results.begin();
      message += ": at " + PointerOf(error.context) + ": " +
                 std::string(KeywordOf(error.description)) + ": " + error.description;
    }
    return Status::BadRecord(std::move(message));
  }

  Json document_;
  valijson::Schema schema_;
  SchemaType type_;
  bool patterns_ = false;
  mutable std::mutex mutex_;
  // Keeps the compiled patterns.
  mutable valijson::Validator validator_;
};

/// Whether validation may walk it: JSON, and not nested too deep.
bool JsonWithinDepth(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if ((c == '{' || c == '[') && ++depth > kMaxDepth) return false;
    if (c == '}' || c == ']') --depth;
  }
  return Json::accept(text);
}

class JsonSchemaReader final : public Reader {
 public:
  JsonSchemaReader(std::shared_ptr<const JsonSchemaValidator> validator,
                   std::unique_ptr<Reader> json)
      : validator_(std::move(validator)), json_(std::move(json)) {}

  // The JSON reader goes first: it bounds the nesting that validation walks by recursion.
  Status Read(std::optional<std::string_view> bytes, std::span<Value> slots,
              Arena& arena) override {
    if (Status read = json_->Read(bytes, slots, arena); !read.ok()) return Better(*bytes, read);
    found_null_ = json_->found_null();
    return bytes.has_value() ? validator_->Validate(*bytes) : Status::Ok();
  }

 private:
  // Where the JSON is right and only a number is not what it should be, the schema says it better.
  Status Better(std::string_view bytes, const Status& read) const {
    if (!JsonWithinDepth(bytes)) return read;
    Status fits = validator_->Validate(bytes);
    return fits.ok() ? read : fits;
  }

  const std::shared_ptr<const JsonSchemaValidator> validator_;
  const std::unique_ptr<Reader> json_;
};

class JsonSchemaCodec final : public Writer::Codec {
 public:
  explicit JsonSchemaCodec(std::shared_ptr<const JsonSchemaValidator> validator)
      : validator_(std::move(validator)) {}

  Status Write(const Value& value, std::string& out) const override {
    const size_t start = out.size();
    RETURN_IF_ERROR(AppendJson(value, out));
    return validator_->Validate(std::string_view(out).substr(start));
  }

 private:
  const std::shared_ptr<const JsonSchemaValidator> validator_;
};

void CollectNumbers(const SchemaType& type, const std::string& path,
                    std::vector<FieldSpec>& fields) {
  if (type.kind == SchemaType::Kind::kScalar) {
    if (type.scalar == Value::Kind::kInt) fields.push_back({path, FieldType::kInt});
    if (type.scalar == Value::Kind::kDouble) fields.push_back({path, FieldType::kDouble});
  }
  for (const SchemaType& element : type.element) CollectNumbers(element, path + "[]", fields);
  for (const SchemaField& field : type.fields) {
    CollectNumbers(field.type, path.empty() ? field.name : path + "." + field.name, fields);
  }
}

}  // namespace

Result<std::shared_ptr<const JsonSchemaValidator>> JsonSchemaValidator::Create(
    const SchemaText& schema) {
  auto validator = std::make_shared<Validator>();
  if (const Status loaded = validator->Load(schema); !loaded.ok()) {
    return loaded.WithContext("JSON Schema");
  }
  return std::shared_ptr<const JsonSchemaValidator>(std::move(validator));
}

std::vector<FieldSpec> NumberFields(const SchemaType& type) {
  std::vector<FieldSpec> fields;
  CollectNumbers(type, "", fields);
  return fields;
}

Result<std::unique_ptr<Reader>> CreateJsonSchemaReader(const SchemaText& schema,
                                                       std::vector<WantedPath> wanted) {
  ASSIGN_OR_RETURN(auto validator, JsonSchemaValidator::Create(schema));
  const FormatSpec json{.kind = FormatKind::kJson, .fields = NumberFields(validator->type())};
  ASSIGN_OR_RETURN(auto reader, Reader::Create(json, std::move(wanted)));
  return std::unique_ptr<Reader>(
      std::make_unique<JsonSchemaReader>(std::move(validator), std::move(reader)));
}

Result<std::shared_ptr<const Writer::Codec>> CreateJsonSchemaCodec(const SchemaText& schema) {
  ASSIGN_OR_RETURN(auto validator, JsonSchemaValidator::Create(schema));
  return std::shared_ptr<const Writer::Codec>(
      std::make_shared<JsonSchemaCodec>(std::move(validator)));
}

Result<SchemaType> TypeOfJsonSchema(const SchemaText& schema) {
  ASSIGN_OR_RETURN(const auto validator, JsonSchemaValidator::Create(schema));
  return validator->type();
}

}  // namespace sidestream::serde
