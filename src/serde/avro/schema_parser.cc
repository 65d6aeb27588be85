// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/schema_parser.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "serde/avro/names.h"
#include "serde/reader.h"

namespace sidestream::serde::avro {
namespace {

using Kind = Value::Kind;

// The attribute when it is a string, else an empty text.
std::string_view TextOf(const Value& json, std::string_view attribute) {
  const Value value = json.Field(attribute);
  return value.kind() == Kind::kString ? value.string_value() : std::string_view();
}

std::string Quoted(std::string_view text) { return "'" + std::string(text.substr(0, 60)) + "'"; }

}  // namespace

class SchemaParser::Step {
 public:
  Step(SchemaParser& parser, std::string word) : parser_(parser) {
    parser_.path_.push_back(std::move(word));
  }
  ~Step() { parser_.path_.pop_back(); }
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;

 private:
  SchemaParser& parser_;
};

Status SchemaParser::Fail(std::string_view reason) const {
  std::string message = "schema";
  for (const std::string& word : path_) message += (&word == path_.data() ? " " : ".") + word;
  return Status::InvalidConfig(message + ": " + std::string(reason));
}

Status SchemaParser::Add(std::string_view text) {
  bytes_ += text.size();
  if (bytes_ > kMaxSchemaBytes) return Fail("larger than 4 MiB with its references");
  const Result<Value> json = json_.Parse(arena_.Copy(text), arena_);
  if (!json.ok()) return Fail(json.status().message());
  ASSIGN_OR_RETURN(schema_->root_, ParseType(*json, "", 0));
  return Status::Ok();
}

Result<SchemaPtr> SchemaParser::Finish() {
  RETURN_IF_ERROR(ComputeSizes());
  EncodeDefaults();
  return SchemaPtr(std::move(schema_));
}

Result<Node*> SchemaParser::NewNode(Type type) {
  if (schema_->nodes_.size() >= kMaxSchemaNodes) return Fail("more than 100,000 types");
  Node& node = schema_->nodes_.emplace_back();
  node.type = type;
  return &node;
}

Result<const Node*> SchemaParser::ParseType(const Value& json, std::string_view name_space,
                                            int depth) {
  if (depth > kMaxSchemaDepth) return Fail("nested deeper than 100");
  switch (json.kind()) {
    case Kind::kString:
      return ParseName(json.string_value(), name_space);
    case Kind::kList:
      return ParseUnion(json, name_space, depth);
    case Kind::kMap:
      return ParseObject(json, name_space, depth);
    case Kind::kMissing:
      return Fail("a type is missing");
    default:
      return Fail("a type is a name, an object or a list, not " + DebugString(json, 60));
  }
}

Result<const Node*> SchemaParser::ParseName(std::string_view name, std::string_view name_space) {
  if (const auto primitive = PrimitiveType(name)) {
    ASSIGN_OR_RETURN(Node* const node, NewNode(*primitive));
    return node;
  }
  auto known = named_.find(Qualify(name, name_space));
  if (known == named_.end()) known = named_.find(name);
  if (known == named_.end()) return Fail("unknown type " + Quoted(name));
  return known->second;
}

Result<const Node*> SchemaParser::ParseObject(const Value& json, std::string_view name_space,
                                              int depth) {
  const Value type = json.Field("type");
  if (type.missing()) return Fail("`type` is missing");
  if (type.kind() != Kind::kString) return ParseType(type, name_space, depth + 1);
  const std::string_view word = type.string_value();
  if (word == "record" || word == "error") {
    return ParseNamed(Type::kRecord, json, name_space, depth);
  }
  if (word == "enum") return ParseNamed(Type::kEnum, json, name_space, depth);
  if (word == "fixed") return ParseNamed(Type::kFixed, json, name_space, depth);
  if (word == "array") return ParseContainer(Type::kArray, json, name_space, depth);
  if (word == "map") return ParseContainer(Type::kMap, json, name_space, depth);
  const std::optional<Type> primitive = PrimitiveType(word);
  if (!primitive.has_value()) return ParseName(word, name_space);
  ASSIGN_OR_RETURN(Node* const node, NewNode(*primitive));
  ParseLogicalType(*node, json);
  return node;
}

Result<const Node*> SchemaParser::ParseContainer(Type type, const Value& json,
                                                 std::string_view name_space, int depth) {
  const char* const attribute = type == Type::kArray ? "items" : "values";
  ASSIGN_OR_RETURN(Node* const node, NewNode(type));
  const Step step(*this, attribute);
  ASSIGN_OR_RETURN(node->element, ParseType(json.Field(attribute), name_space, depth + 1));
  return node;
}

Result<const Node*> SchemaParser::ParseNamed(Type type, const Value& json,
                                             std::string_view name_space, int depth) {
  const std::string_view name = TextOf(json, "name");
  if (!IsFullName(name)) {
    return Fail(name.empty() ? "`name` is missing" : Quoted(name) + " is not a name");
  }
  // "" is a namespace too: none.
  const Value own = json.Field("namespace");
  if (own.kind() == Kind::kString) name_space = own.string_value();
  if (!name_space.empty() && !IsFullName(name_space)) {
    return Fail(Quoted(name_space) + " is not a namespace");
  }
  ASSIGN_OR_RETURN(Node* const node, NewNode(type));
  node->name = Qualify(name, name_space);
  const Step step(*this, std::string(UnqualifiedName(name)));
  if (PrimitiveType(node->name).has_value()) return Fail("a primitive type has this name");
  if (!named_.emplace(node->name, node).second) {
    return Fail("type " + Quoted(node->name) + " is defined twice");
  }
  ASSIGN_OR_RETURN(node->aliases, ParseAliases(json));
  for (std::string& alias : node->aliases) alias = Qualify(alias, NamespaceOf(node->name));
  switch (type) {
    case Type::kRecord:
      RETURN_IF_ERROR(ParseFields(*node, json, depth));
      break;
    case Type::kEnum:
      RETURN_IF_ERROR(ParseSymbols(*node, json));
      break;
    default:
      RETURN_IF_ERROR(ParseFixedSize(*node, json));
      ParseLogicalType(*node, json);
  }
  return node;
}

Result<std::vector<std::string>> SchemaParser::ParseAliases(const Value& json) const {
  std::vector<std::string> names;
  const Value aliases = json.Field("aliases");
  if (aliases.missing()) return names;
  if (aliases.kind() != Kind::kList) return Fail("`aliases` is not a list");
  for (const Value& alias : aliases.list()) {
    if (alias.kind() != Kind::kString || !IsFullName(alias.string_value())) {
      return Fail("an alias is not a name: " + DebugString(alias, 60));
    }
    names.emplace_back(alias.string_value());
  }
  return names;
}

Status SchemaParser::ParseFields(Node& record, const Value& json, int depth) {
  const Value fields = json.Field("fields");
  if (fields.kind() != Kind::kList) return Fail("`fields` is not a list");
  // Fields are known by their addresses until the defaults are encoded.
  record.fields.reserve(fields.list().size());
  std::map<std::string_view, bool> names;
  for (const Value& field : fields.list()) {
    const std::string_view name =
        field.kind() == Kind::kMap ? TextOf(field, "name") : std::string_view();
    if (!IsName(name)) return Fail("a field without a valid name: " + DebugString(field, 60));
    const Step step(*this, std::string(name));
    if (!names.emplace(name, true).second) return Fail("the record has this field twice");
    RETURN_IF_ERROR(ParseField(record, field, name, depth));
  }
  return Status::Ok();
}

Status SchemaParser::ParseField(Node& record, const Value& json, std::string_view name, int depth) {
  Field& field = record.fields.emplace_back();
  field.name = name;
  ASSIGN_OR_RETURN(field.aliases, ParseAliases(json));
  ASSIGN_OR_RETURN(field.type, ParseType(json.Field("type"), NamespaceOf(record.name), depth + 1));
  const Value value = json.Field("default");
  if (!value.missing()) defaults_.emplace(&field, value);
  return Status::Ok();
}

Status SchemaParser::ParseSymbols(Node& node, const Value& json) {
  const Value symbols = json.Field("symbols");
  if (symbols.kind() != Kind::kList) return Fail("`symbols` is not a list");
  std::map<std::string_view, size_t> indexes;
  for (const Value& symbol : symbols.list()) {
    if (symbol.kind() != Kind::kString || !IsName(symbol.string_value())) {
      return Fail("a symbol is not a name: " + DebugString(symbol, 60));
    }
    if (!indexes.emplace(symbol.string_value(), indexes.size()).second) {
      return Fail("symbol " + Quoted(symbol.string_value()) + " stands there twice");
    }
    node.symbols.emplace_back(symbol.string_value());
  }
  const Value fallback = json.Field("default");
  if (fallback.missing()) return Status::Ok();
  const auto known = indexes.find(TextOf(json, "default"));
  if (known == indexes.end()) return Fail("the default is not a symbol");
  node.enum_default = known->second;
  return Status::Ok();
}

Status SchemaParser::ParseFixedSize(Node& node, const Value& json) {
  const Value size = json.Field("size");
  if (size.kind() != Kind::kInt || size.int_value() < 0 ||
      size.int_value() > std::numeric_limits<int32_t>::max()) {
    return Fail("`size` is not a number of bytes");
  }
  node.fixed_size = static_cast<size_t>(size.int_value());
  return Status::Ok();
}

Result<const Node*> SchemaParser::ParseUnion(const Value& json, std::string_view name_space,
                                             int depth) {
  if (json.list().empty()) return Fail("a union without branches");
  ASSIGN_OR_RETURN(Node* const node, NewNode(Type::kUnion));
  std::map<std::string, bool> taken;
  for (size_t i = 0; i < json.list().size(); ++i) {
    const Step step(*this, "[" + std::to_string(i) + "]");
    ASSIGN_OR_RETURN(const Node* const branch, ParseType(json.list()[i], name_space, depth + 1));
    if (branch->type == Type::kUnion) return Fail("a union directly in a union");
    // Of the types without a name each may stand once.
    std::string key = branch->name.empty() ? std::string(TypeName(branch->type)) : branch->name;
    if (!taken.emplace(std::move(key), true).second) return Fail("the union has this type twice");
    node->branches.push_back(branch);
  }
  return node;
}

Status SchemaParser::ComputeSizes() {
  for (Node& node : schema_->nodes_) RETURN_IF_ERROR(ComputeSize(node, 0));
  return Status::Ok();
}

Status SchemaParser::ComputeSize(Node& node, int depth) {
  const auto [known, is_new] = sized_.emplace(&node, false);
  if (!is_new && known->second) return Status::Ok();
  if (!is_new) {
    return Fail("record " + node.name + " contains itself, with no union, array or map between");
  }
  if (depth > kMaxDepth) return Fail("records in records, more than 500 deep");
  switch (node.type) {
    case Type::kNull:
    case Type::kBoolean:
      node.min_size = node.type == Type::kNull ? 0 : 1;
      node.fixed_width = true;
      break;
    case Type::kFloat:
    case Type::kDouble:
      node.min_size = node.type == Type::kFloat ? 4 : 8;
      node.fixed_width = true;
      break;
    case Type::kFixed:
      node.min_size = static_cast<uint32_t>(node.fixed_size);
      node.fixed_width = true;
      break;
    case Type::kRecord: {
      uint64_t sum = 0;
      node.fixed_width = true;
      for (const Field& field : node.fields) {
        RETURN_IF_ERROR(ComputeSize(const_cast<Node&>(*field.type), depth + 1));
        sum += field.type->min_size;
        node.fixed_width = node.fixed_width && field.type->fixed_width;
      }
      node.min_size = static_cast<uint32_t>(std::min<uint64_t>(sum, UINT32_MAX));
      node.fixed_width = node.fixed_width && sum < UINT32_MAX;
      break;
    }
    default:  // a varint at least
      node.min_size = 1;
  }
  sized_[&node] = true;
  return Status::Ok();
}

void SchemaParser::EncodeDefaults() {
  DefaultEncoder encoder(defaults_);
  for (Node& node : schema_->nodes_) {
    for (Field& field : node.fields) {
      const auto json = defaults_.find(&field);
      if (json == defaults_.end()) continue;
      Result<std::string> bytes = encoder.Encode(*field.type, json->second);
      if (bytes.ok()) {
        field.default_bytes = std::move(bytes).value();
      } else {
        field.default_error = bytes.status().WithContext("the default of field '" + field.name +
                                                         "' does not fit its type");
      }
    }
  }
}

Result<SchemaPtr> Schema::Parse(std::string_view text, std::span<const std::string> references) {
  SchemaParser parser;
  for (const std::string& reference : references) RETURN_IF_ERROR(parser.Add(reference));
  RETURN_IF_ERROR(parser.Add(text));
  return parser.Finish();
}

}  // namespace sidestream::serde::avro
