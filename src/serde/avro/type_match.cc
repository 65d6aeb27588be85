// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/type_match.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

namespace sidestream::serde::avro {
namespace {

// Higher is nearer; 0: the types do not meet.
int Nearness(const Node& writer, const Node& reader) {
  if (writer.type != reader.type) return IsPromoted(writer.type, reader.type) ? 1 : 0;
  if (writer.name.empty()) return 3;
  if (writer.type == Type::kFixed && writer.fixed_size != reader.fixed_size) return 0;
  if (writer.name == reader.name) return 3;
  return NamesMeet(writer, reader) ? 2 : 0;
}

}  // namespace

bool NamesMeet(const Node& writer, const Node& reader) {
  const std::string_view name = UnqualifiedName(writer.name);
  if (UnqualifiedName(reader.name) == name) return true;
  return std::ranges::any_of(reader.aliases, [&](const std::string& alias) {
    return alias == writer.name || UnqualifiedName(alias) == name;
  });
}

bool IsPromoted(Type from, Type to) {
  switch (from) {
    case Type::kInt:
      return to == Type::kLong || to == Type::kFloat || to == Type::kDouble;
    case Type::kLong:
      return to == Type::kFloat || to == Type::kDouble;
    case Type::kFloat:
      return to == Type::kDouble;
    case Type::kString:
      return to == Type::kBytes;
    case Type::kBytes:
      return to == Type::kString;
    default:
      return false;
  }
}

const Node* ChooseReaderBranch(const Node& writer, const Node& reader_union) {
  const Node* best = nullptr;
  int best_nearness = 0;
  for (const Node* const branch : reader_union.branches) {
    const int nearness = Nearness(writer, *branch);
    if (nearness <= best_nearness) continue;
    best = branch;
    best_nearness = nearness;
  }
  return best;
}

std::vector<std::optional<size_t>> MatchFields(const Node& writer_record,
                                               const Node& reader_record) {
  std::map<std::string_view, size_t> free;
  for (size_t i = 0; i < writer_record.fields.size(); ++i) {
    free.emplace(writer_record.fields[i].name, i);
  }
  std::vector<std::optional<size_t>> sources(reader_record.fields.size());
  const auto take = [&](const std::string& name, std::optional<size_t>& source) {
    const auto at = free.find(name);
    if (at == free.end()) return;
    source = at->second;
    free.erase(at);
  };
  for (size_t i = 0; i < sources.size(); ++i) take(reader_record.fields[i].name, sources[i]);
  for (size_t i = 0; i < sources.size(); ++i) {
    for (const std::string& alias : reader_record.fields[i].aliases) {
      if (!sources[i].has_value()) take(alias, sources[i]);
    }
  }
  return sources;
}

}  // namespace sidestream::serde::avro
