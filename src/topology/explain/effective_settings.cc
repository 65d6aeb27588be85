// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "topology/explain/effective_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/check.h"
#include "serde/json_writer.h"
#include "topology/fields.h"
#include "topology/scalars.h"

namespace sidestream::topology::explain {
namespace {

constexpr std::string_view kHidden = "********";

std::string Joined(std::string_view path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

/// A copy in which secrets are hidden, for values that are maps or lists.
YamlNode Masked(YamlNode node) {
  if (node.from_file) node.text = kHidden;
  if (node.scalar()) node.text = WithoutCredentials(node.text);
  for (YamlNode& item : node.items) item = Masked(std::move(item));
  for (YamlEntry& entry : node.entries) {
    if (NamesSecret(entry.key) && entry.value.scalar()) {
      entry.value.text = kHidden;
    } else {
      entry.value = Masked(std::move(entry.value));
    }
  }
  return node;
}

std::string ValueText(const YamlNode& node) {
  const YamlNode masked = Masked(node);
  if (masked.scalar()) return masked.text;
  Arena arena;
  std::string text;
  const Status written = serde::WriteJson(ToValue(masked, arena), serde::JsonShape::kData, text);
  return written.ok() ? text : written.message();
}

class Lister {
 public:
  explicit Lister(const SourceFiles& files) : files_(files) {}

  /// `node` may be null: nothing is set there.
  void Section(const YamlNode* node, std::string_view field_path, std::string_view path) {
    for (const Field* field : ChildFields(field_path)) {
      if (field->path == "pipelines" || field->path == "tests") continue;
      const YamlNode* value = node == nullptr ? nullptr : node->Find(FieldName(*field));
      Add(value, *field, Joined(path, FieldName(*field)));
    }
  }

  std::vector<Setting> Take() { return std::move(settings_); }

 private:
  void Add(const YamlNode* node, const Field& field, const std::string& path) {
    switch (field.type) {
      case FieldType::kSection:
        return Section(node, field.path, path);
      case FieldType::kNamed: {
        if (node == nullptr) return;
        const Field* child = FindField(Joined(field.path, "<name>"));
        CHECK(child != nullptr) << field.path;
        for (const YamlEntry& entry : node->entries) {
          Add(&entry.value, *child, Joined(path, entry.key));
        }
        return;
      }
      case FieldType::kProperties:
        if (node != nullptr) Properties(*node, field, path);
        return;
      case FieldType::kFormat:
        if (node != nullptr && node->map()) return Section(node, field.path, path);
        return Scalar(node, field, path);
      default:
        return Scalar(node, field, path);
    }
  }

  void Properties(const YamlNode& node, const Field& field, const std::string& path) {
    for (const YamlEntry& entry : node.entries) {
      const Field* child = FindField(Joined(field.path, entry.key));
      if (child != nullptr) {
        Add(&entry.value, *child, Joined(path, entry.key));
      } else {
        Put(Joined(path, entry.key), entry.value, NamesSecret(entry.key));
      }
    }
  }

  void Scalar(const YamlNode* node, const Field& field, const std::string& path) {
    if (node != nullptr) {
      Put(path, *node, field.secret);
    } else if (!field.default_text.empty()) {
      settings_.push_back({path, std::string(field.default_text), "default"});
    }
  }

  void Put(std::string path, const YamlNode& node, bool secret) {
    settings_.push_back({std::move(path), secret ? std::string(kHidden) : ValueText(node),
                         files_.Location(node.position)});
  }

  const SourceFiles& files_;
  std::vector<Setting> settings_;
};

}  // namespace

std::vector<Setting> EffectiveSettings(const YamlNode& root, const SourceFiles& files) {
  Lister lister(files);
  lister.Section(&root, "", "");
  return lister.Take();
}

bool NamesSecret(std::string_view name) {
  // Beside what says so by its name: keys and logins that librdkafka takes as one text.
  static constexpr std::array<std::string_view, 4> kWords = {"password", "passwd", "secret",
                                                             "credential"};
  static constexpr std::array<std::string_view, 4> kNames = {
      "ssl.key.pem", "sasl.oauthbearer.config", "sasl.jaas.config",
      "sasl.oauthbearer.assertion.private.key.pem"};
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::find(kNames.begin(), kNames.end(), lower) != kNames.end()) return true;
  // "token", but not "sasl.oauthbearer.token.endpoint.url".
  if (lower.ends_with("token")) return true;
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

std::string WithoutCredentials(std::string_view text) {
  constexpr std::string_view kScheme = "://";
  std::string shown;
  while (true) {
    const size_t scheme = text.find(kScheme);
    if (scheme == std::string_view::npos) break;
    shown += text.substr(0, scheme + kScheme.size());
    text.remove_prefix(scheme + kScheme.size());
    const std::string_view host = text.substr(0, text.find_first_of("/ ,"));
    const size_t at = host.rfind('@');
    if (at == std::string_view::npos) continue;
    shown += kHidden;
    text.remove_prefix(at);
  }
  return shown.append(text);
}

}  // namespace sidestream::topology::explain
