// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/format_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "serde/schema_type.h"
#include "topology/fields.h"

namespace sidestream::topology {
namespace {

using serde::FormatKind;

struct Option {
  std::string_view name;
  std::vector<FormatKind> formats;
};

const std::vector<Option>& Options() {
  static const std::vector<FormatKind> with_schema{FormatKind::kAvro, FormatKind::kProtobuf,
                                                   FormatKind::kJsonSchema};
  static const std::vector<FormatKind> csv{FormatKind::kCsv};
  static const std::vector<Option> options{
      {"fields", {FormatKind::kJson, FormatKind::kCsv}},
      {"schema", with_schema},
      {"references", with_schema},
      {"message", {FormatKind::kProtobuf}},
      {"framing", with_schema},
      {"subject", with_schema},
      {"columns", csv},
      {"delimiter", csv},
      {"quote", csv},
      {"null_text", csv},
  };
  return options;
}

std::string Names(const std::vector<FormatKind>& formats) {
  std::string names;
  for (size_t i = 0; i < formats.size(); ++i) {
    if (i > 0) names += i + 1 == formats.size() ? " or " : ", ";
    names += serde::FormatName(formats[i]);
  }
  return names;
}

class FormatReader {
 public:
  FormatReader(const YamlNode& node, std::string_view path, bool registry, Findings& findings)
      : node_(node), path_(path), registry_(registry), findings_(findings) {}

  serde::FormatSpec Read() {
    const YamlNode* const name = node_.map() ? node_.Find("format") : &node_;
    const bool named = name != nullptr && name->scalar();
    const auto kind = serde::ParseFormatKind(named ? name->text : DefaultOf(path_));
    // The checker has said what is wrong with the name.
    if (!kind.ok() || (node_.map() && !named)) return {};
    format_.kind = *kind;
    const bool fits = CheckOptions();
    ReadFields();
    ReadSchema();
    const bool layout = ReadCsv();
    if (fits && layout && !node_.damaged && CheckComplete()) FindTypes();
    return std::move(format_);
  }

 private:
  bool CheckOptions() {
    bool fits = true;
    for (const Option& option : Options()) {
      const YamlNode* const found = node_.Find(option.name);
      if (found == nullptr || std::ranges::count(option.formats, format_.kind) > 0) continue;
      fits = false;
      findings_.Error("SS2005", found->position,
                      fmt::format("{} goes with the format {}, not {}", option.name,
                                  Names(option.formats), serde::FormatName(format_.kind)));
    }
    return fits;
  }

  bool CheckComplete() {
    const auto missing = [&](std::string_view option, std::string_view hint) {
      findings_.Error(
          "SS2004", node_.position,
          fmt::format("the format {} needs {}", serde::FormatName(format_.kind), option),
          std::string(hint));
      return false;
    };
    const bool in_registry = format_.framing == serde::Framing::kConfluent;
    if (serde::HasSchema(format_.kind) && format_.schema.text.empty() && !in_registry) {
      return missing("a schema", "schema: ${file:...}, or the text itself behind schema: |");
    }
    if (format_.kind == FormatKind::kCsv && format_.csv.columns.empty()) {
      return missing("its columns", "columns: [id, name, ...]");
    }
    return true;
  }

  void ReadFields() {
    const YamlNode* const fields = node_.Find("fields");
    if (fields == nullptr) return;
    for (const YamlEntry& entry : fields->entries) {
      const auto type = serde::ParseFieldType(entry.value.text);
      if (type.ok()) format_.fields.push_back({entry.key, *type});
    }
  }

  void ReadSchema() {
    if (const YamlNode* schema = node_.Find("schema")) format_.schema.text = schema->text;
    if (const YamlNode* references = node_.Find("references")) {
      for (const YamlEntry& entry : references->entries) {
        format_.schema.references.push_back({entry.key, entry.value.text});
      }
    }
    if (const YamlNode* message = node_.Find("message")) format_.message = message->text;
    if (const YamlNode* subject = node_.Find("subject")) format_.subject = subject->text;
    const YamlNode* const framing = node_.Find("framing");
    const bool framed = framing != nullptr ? framing->text == "confluent"
                                           : registry_ && serde::HasSchema(format_.kind);
    if (framed) format_.framing = serde::Framing::kConfluent;
    if (framed && !registry_) {
      findings_.Error("SS2005", framing->position, "framing confluent needs a schema registry",
                      "add schema_registry: { url: ... }");
    }
  }

  bool ReadCsv() {
    if (const YamlNode* columns = node_.Find("columns")) {
      for (const YamlNode& column : columns->items) format_.csv.columns.push_back(column.text);
    }
    if (const YamlNode* null_text = node_.Find("null_text")) {
      format_.csv.null_text = null_text->text;
    }
    const bool delimiter = ReadCharacter("delimiter", format_.csv.delimiter);
    return ReadCharacter("quote", format_.csv.quote) && delimiter;
  }

  bool ReadCharacter(std::string_view name, char& character) {
    const YamlNode* const node = node_.Find(name);
    if (node == nullptr) return true;
    if (node->text.size() == 1) {
      character = node->text[0];
      return true;
    }
    findings_.Error("SS2003", node->position,
                    fmt::format("{} is one ASCII character, not {}", name, Describe(*node)),
                    "a tab is \"\\t\", in double quotes");
    return false;
  }

  void FindTypes() {
    // The registry will say.
    if (serde::HasSchema(format_.kind) && format_.schema.text.empty()) return;
    auto values = serde::TypeOfFormat(format_);
    if (values.ok()) {
      format_.values = std::move(*values);
      return;
    }
    const YamlNode* place = node_.Find(format_.kind == FormatKind::kCsv ? "columns" : "schema");
    findings_.Error("SS2011", place->position, values.status().message());
  }

  const YamlNode& node_;
  const std::string_view path_;
  const bool registry_;
  Findings& findings_;
  serde::FormatSpec format_;
};

}  // namespace

serde::FormatSpec ReadFormat(const YamlNode& node, std::string_view path, bool registry,
                             Findings& findings) {
  return FormatReader(node, path, registry, findings).Read();
}

}  // namespace sidestream::topology
