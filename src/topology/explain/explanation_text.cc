// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writing an explanation.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "topology/explain/explanation.h"

namespace sidestream::topology::explain {
namespace {

using Json = nlohmann::ordered_json;
using Rows = std::vector<std::vector<std::string>>;

/// Columns below each other, two blanks between them; the last one is not padded.
std::string Table(const Rows& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i + 1 < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = " ";
    for (size_t i = 0; i < row.size(); ++i) {
      line += i + 1 < row.size() ? fmt::format(" {:<{}} ", row[i], widths[i]) : " " + row[i];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string Part(std::string_view title, const Rows& rows, bool color) {
  if (rows.empty()) return "";
  return fmt::format("\n{}{}{}\n{}", color ? "\x1b[1m" : "", title, color ? "\x1b[0m" : "",
                     Table(rows));
}

/// Texts of several lines, on one.
std::string OnOneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = c == '\n' || c == ' ' || c == '\t' || c == '\r';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

/// A schema may stand among the settings: JSON has it whole.
std::string Beginning(std::string_view text) {
  constexpr size_t kBytesMax = 80;
  std::string line = OnOneLine(text);
  if (line.size() <= kBytesMax) return line;
  size_t end = kBytesMax - 3;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80) --end;
  return line.substr(0, end) + "...";
}

/// In steps of about one operation.
std::string CostText(const expression::Cost& cost) {
  if (cost.most == UINT64_MAX) return fmt::format("cost {} or more", cost.least);
  if (cost.least == cost.most) return fmt::format("cost {}", cost.least);
  return fmt::format("cost {} to {}", cost.least, cost.most);
}

std::string Mebibytes(int64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

std::string Settings(const InternalTopic& topic) {
  std::vector<std::string> settings;
  for (const auto* some : {&topic.settings, &topic.settings_at_creation}) {
    for (const auto& [name, value] : *some) settings.push_back(name + "=" + value);
  }
  return fmt::format("{}", fmt::join(settings, " "));
}

Rows MemoryRows(const std::vector<MemoryPart>& parts) {
  Rows rows;
  int64_t total = 0;
  for (const MemoryPart& part : parts) {
    rows.push_back({part.what, Mebibytes(part.bytes), part.how});
    total += part.bytes;
  }
  if (!parts.empty()) rows.push_back({"together", Mebibytes(total), ""});
  return rows;
}

}  // namespace

std::string ToText(const Explanation& explanation, bool color) {
  Rows settings;
  for (const Setting& setting : explanation.settings) {
    settings.push_back({setting.path, Beginning(setting.value), setting.origin});
  }
  Rows inputs;
  for (const InputUse& input : explanation.inputs) {
    inputs.push_back({input.alias, fmt::format("topic {} ({})", input.topic, input.partitions),
                      fmt::format("key {}, value {}", input.key, input.value),
                      input.slots.empty() ? "reads nothing"
                                          : fmt::format("reads {}", fmt::join(input.slots, ", "))});
  }
  Rows expressions;
  for (const ExplainedExpression& expression : explanation.expressions) {
    expressions.push_back({expression.node, expression.role, expression.type,
                           CostText(expression.cost), OnOneLine(expression.text),
                           expression.location});
  }
  Rows stores;
  for (const StoreUse& store : explanation.stores) {
    stores.push_back({store.name, fmt::format("by {}", store.key), store.value,
                      fmt::format("changelog {} ({})", store.changelog, store.partitions)});
  }
  Rows topics;
  for (const InternalTopic& topic : explanation.topics) {
    topics.push_back({topic.name, fmt::format("({})", topic.partitions), Settings(topic)});
  }
  Rows access;
  for (const AccessNeed& need : explanation.access) {
    access.push_back({AclOptions(need), "# " + need.why});
  }
  const std::pair<std::string_view, Rows> parts[] = {
      {"settings", std::move(settings)},
      {"inputs (partitions)", std::move(inputs)},
      {"expressions", std::move(expressions)},
      {"stores (partitions)", std::move(stores)},
      {"topics of its own (partitions)", std::move(topics)},
      {"rights: kafka-acls.sh --add --allow-principal User:NAME ...", std::move(access)},
      {"memory, at most", MemoryRows(explanation.memory)}};
  std::string text = fmt::format("application {}\n", explanation.application);
  for (const auto& [title, rows] : parts) text += Part(title, rows, color);
  return text;
}

std::string ToJson(const Explanation& explanation) {
  Json json = {{"application", explanation.application}};
  for (const char* part :
       {"settings", "inputs", "expressions", "stores", "topics", "access", "memory"}) {
    json[part] = Json::array();
  }
  for (const Setting& setting : explanation.settings) {
    json["settings"].push_back(
        {{"path", setting.path}, {"value", setting.value}, {"origin", setting.origin}});
  }
  for (const InputUse& input : explanation.inputs) {
    json["inputs"].push_back({{"name", input.alias},
                              {"topic", input.topic},
                              {"partitions", input.partitions},
                              {"sub_topology", input.sub_topology},
                              {"key", input.key},
                              {"value", input.value},
                              {"slots", input.slots}});
  }
  for (const ExplainedExpression& expression : explanation.expressions) {
    json["expressions"].push_back(
        {{"node", expression.node},
         {"role", expression.role},
         {"text", expression.text},
         {"type", expression.type},
         {"cost_least", expression.cost.least},
         {"cost_most", expression.cost.most == UINT64_MAX ? Json() : Json(expression.cost.most)},
         {"location", expression.location}});
  }
  for (const StoreUse& store : explanation.stores) {
    json["stores"].push_back({{"name", store.name},
                              {"sub_topology", store.sub_topology},
                              {"key", store.key},
                              {"value", store.value},
                              {"changelog", store.changelog},
                              {"partitions", store.partitions}});
  }
  for (const InternalTopic& topic : explanation.topics) {
    json["topics"].push_back({{"name", topic.name},
                              {"partitions", topic.partitions},
                              {"settings", topic.settings},
                              {"settings_at_creation", topic.settings_at_creation}});
  }
  for (const AccessNeed& need : explanation.access) {
    json["access"].push_back({{"resource", ResourceKindName(need.resource)},
                              {"name", need.name},
                              {"pattern", need.prefixed ? "prefixed" : "literal"},
                              {"operations", need.operations},
                              {"why", need.why}});
  }
  for (const MemoryPart& part : explanation.memory) {
    json["memory"].push_back({{"what", part.what}, {"bytes", part.bytes}, {"how", part.how}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace sidestream::topology::explain
