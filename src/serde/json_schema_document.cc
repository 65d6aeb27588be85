// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_schema_document.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serde/json_schema_format.h"

namespace sidestream::serde {
namespace {

using Json = nlohmann::json;
using Kind = Value::Kind;

/// Deepest nesting of a schema: it is walked by recursion.
constexpr int kSchemaDepth = 100;
/// Where the texts of the references go; keywords that begin with x- mean nothing.
constexpr char kReferences[] = "x-references";

const std::string* RefOf(const Json& node) {
  if (!node.is_object()) return nullptr;
  const auto ref = node.find("$ref");
  return ref != node.end() && ref->is_string() ? &ref->get_ref<const std::string&>() : nullptr;
}

/// "%20" and the like, as a pointer in a URI has them.
std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text[i] == '%' && i + 2 < text.size()) {
      const char* const end = text.data() + i + 3;
      if (std::from_chars(text.data() + i + 1, end, byte, 16).ptr == end) {
        decoded.push_back(static_cast<char>(byte));
        i += 2;
        continue;
      }
    }
    decoded.push_back(text[i]);
  }
  return decoded;
}

/// Where "#/..." leads; null when nowhere.
const Json* Follow(const Json& document, std::string_view ref) {
  const std::string pointer = PercentDecoded(ref.substr(1));
  if (!pointer.empty() && pointer[0] != '/') return nullptr;
  // The one thing here that throws: a pointer that is none.
  try {
    const Json::json_pointer path(pointer);
    return document.contains(path) ? &document.at(path) : nullptr;
  } catch (const Json::exception&) {
    return nullptr;
  }
}

int DepthOf(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  for (const char c : text) {
    if (c == '{' || c == '[') deepest = std::max(deepest, ++depth);
    if (c == '}' || c == ']') --depth;
  }
  return deepest;
}

Result<Json> ParseText(const std::string& text) {
  if (text.size() > kJsonSchemaBytes) return Status::InvalidConfig("it is longer than 4 MiB");
  if (DepthOf(text) > kSchemaDepth) return Status::InvalidConfig("it is nested too deep");
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return Status::InvalidConfig("it is not JSON");
  if (!json.is_object() && !json.is_boolean()) {
    return Status::InvalidConfig("a schema is an object, true or false");
  }
  return json;
}

/// Turns the references of a text into those of the one document. `home` is where the text lies.
class Joining {
 public:
  explicit Joining(const std::vector<SchemaText::Reference>& references)
      : references_(references) {}

  Status Rewrite(Json& node, const std::string& home) const {
    if (const std::string* const ref = RefOf(node)) {
      ASSIGN_OR_RETURN(std::string joined, Joined(*ref, home));
      node["$ref"] = std::move(joined);
    }
    if (!node.is_structured()) return Status::Ok();
    for (Json& child : node) RETURN_IF_ERROR(Rewrite(child, home));
    return Status::Ok();
  }

  static std::string HomeOf(size_t reference) {
    return std::string("/") + kReferences + "/" + std::to_string(reference);
  }

 private:
  Result<std::string> Joined(const std::string& ref, const std::string& home) const {
    const size_t hash = std::min(ref.find('#'), ref.size());
    const std::string pointer = hash < ref.size() ? ref.substr(hash + 1) : "";
    if (hash == 0) return "#" + home + pointer;
    const auto named =
        std::ranges::find(references_, ref.substr(0, hash), &SchemaText::Reference::name);
    if (named == references_.end()) {
      return Status::InvalidConfig("$ref " + ref + " is not among the references");
    }
    return "#" + HomeOf(static_cast<size_t>(named - references_.begin())) + pointer;
  }

  const std::vector<SchemaText::Reference>& references_;
};

/// Walks along what applies to one and the same value.
class LoopSearch {
 public:
  explicit LoopSearch(const Json& document) : document_(document) {}

  // Everything below is a place that a value may come to.
  Status Walk(const Json& node) {
    if (!node.is_structured()) return Status::Ok();
    RETURN_IF_ERROR(Enter(node));
    for (const Json& child : node) RETURN_IF_ERROR(Walk(child));
    return Status::Ok();
  }

 private:
  Status Enter(const Json& node) {
    if (!node.is_object() || done_.contains(&node)) return Status::Ok();
    if (std::ranges::find(open_, &node) != open_.end()) {
      return Status::InvalidConfig(
          "it leads back to itself without a step into the value, by $ref " + last_ref_);
    }
    if (open_.size() > kChain) return Status::InvalidConfig("its references form too long a chain");
    open_.push_back(&node);
    RETURN_IF_ERROR(EnterAll(node));
    open_.pop_back();
    done_.insert(&node);
    return Status::Ok();
  }

  Status EnterAll(const Json& node) {
    if (const std::string* const ref = RefOf(node)) {
      const Json* const target = Follow(document_, *ref);
      if (target == nullptr) return Status::InvalidConfig("$ref " + *ref + " leads nowhere");
      last_ref_ = *ref;
      RETURN_IF_ERROR(Enter(*target));
    }
    for (const char* const keyword : {"allOf", "anyOf", "oneOf"}) {
      const auto list = node.find(keyword);
      if (list == node.end() || !list->is_array()) continue;
      for (const Json& child : *list) RETURN_IF_ERROR(Enter(child));
    }
    for (const char* const keyword : {"not", "if", "then", "else"}) {
      const auto child = node.find(keyword);
      if (child != node.end()) RETURN_IF_ERROR(Enter(*child));
    }
    const auto dependencies = node.find("dependencies");
    if (dependencies != node.end() && dependencies->is_object()) {
      for (const Json& child : *dependencies) RETURN_IF_ERROR(Enter(child));
    }
    return Status::Ok();
  }

  static constexpr size_t kChain = 200;
  const Json& document_;
  std::vector<const Json*> open_;
  std::set<const Json*> done_;
  std::string last_ref_;
};

/// Whether `fields:` has a path to a place: only there can numbers be made what the schema says.
enum class Reach { kRoot, kNamed, kNot };

class Typing {
 public:
  explicit Typing(const Json& document) : document_(document) {}

  SchemaType Of(const Json& at, Reach reach) {
    // A reference stands alone: what is beside it is ignored. No chain of them is endless.
    const Json* node = &at;
    while (const std::string* const ref = RefOf(*node)) node = Follow(document_, *ref);
    if (!node->is_object()) return {};
    const std::string type = TypeName(*node);
    if (type == "integer" || type == "number") {
      if (reach != Reach::kNamed) return {};
      return SchemaType::Scalar(type == "integer" ? Kind::kInt : Kind::kDouble);
    }
    if (type == "string") return SchemaType::Scalar(Kind::kString);
    if (type == "boolean") return SchemaType::Scalar(Kind::kBool);
    if (std::ranges::find(open_, node) != open_.end()) return {};
    open_.push_back(node);
    SchemaType found;
    if (type == "array") found = OfArray(*node, reach == Reach::kNamed ? reach : Reach::kNot);
    if (type == "object") found = OfObject(*node, reach);
    open_.pop_back();
    return found;
  }

 private:
  // "integer" of ["integer", "null"] too; empty where there are several.
  static std::string TypeName(const Json& node) {
    const auto type = node.find("type");
    if (type == node.end()) return "";
    if (type->is_string()) return type->get<std::string>();
    std::string only;
    if (!type->is_array()) return "";
    for (const Json& name : *type) {
      if (!name.is_string() || name == "null") continue;
      if (!only.empty()) return "";
      only = name.get<std::string>();
    }
    return only;
  }

  SchemaType OfArray(const Json& node, Reach reach) {
    const auto items = node.find("items");
    if (items == node.end()) return SchemaType::List({});
    return SchemaType::List(Of(*items, reach));
  }

  SchemaType OfObject(const Json& node, Reach reach) {
    SchemaType type{.kind = SchemaType::Kind::kObject};
    const auto properties = node.find("properties");
    if (properties != node.end() && properties->is_object()) {
      for (const auto& [name, child] : properties->items()) {
        if (++fields_ > kTypedFields) return {};
        const bool named = reach != Reach::kNot && ParseFieldPath(name).ok() &&
                           name.find_first_of(".[]") == std::string::npos;
        type.fields.push_back({name, Of(child, named ? Reach::kNamed : Reach::kNot)});
      }
    }
    const auto more = node.find("additionalProperties");
    type.closed = more != node.end() && *more == false && !node.contains("patternProperties");
    return type;
  }

  const Json& document_;
  std::vector<const Json*> open_;
  size_t fields_ = 0;
};

}  // namespace

Result<Json> JsonSchemaDocument(const SchemaText& schema) {
  ASSIGN_OR_RETURN(Json document, ParseText(schema.text));
  const Joining joining(schema.references);
  RETURN_IF_ERROR(joining.Rewrite(document, ""));
  if (schema.references.empty() || !document.is_object()) return document;
  Json texts = Json::array();
  for (size_t i = 0; i < schema.references.size(); ++i) {
    const SchemaText::Reference& reference = schema.references[i];
    Result<Json> text = ParseText(reference.text);
    if (!text.ok()) return text.status().WithContext(reference.name);
    RETURN_IF_ERROR(joining.Rewrite(*text, Joining::HomeOf(i)));
    texts.push_back(std::move(*text));
  }
  document[kReferences] = std::move(texts);
  return document;
}

Status CheckReferences(const Json& document) { return LoopSearch(document).Walk(document); }

bool HasPatterns(const Json& node) {
  if (node.is_object() &&
      (node.contains("pattern") || node.contains("patternProperties") || node.contains("format"))) {
    return true;
  }
  return node.is_structured() && std::ranges::any_of(node, HasPatterns);
}

SchemaType TypeOfDocument(const Json& document) {
  return Typing(document).Of(document, Reach::kRoot);
}

}  // namespace sidestream::serde
