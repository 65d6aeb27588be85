// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The one file that sees yaml-cpp: its events become our tree.
//
// Events, not its Node: Node keeps the first of two equal keys without a word, and merge keys
// and the cost of aliases are ours to handle in any case.

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <map>
#include <sstream>
#include <utility>

#include "topology/yaml_node.h"
#include "topology/yaml_trap.h"

namespace sidestream::topology {
namespace {

/// Thrown inside this file only, to stop the vendor's parser.
struct Stop : std::exception {};

bool IsYaml11Boolean(std::string_view key) {
  // "y" and "n" are in that specification, too, but no reader in wide use follows it there.
  static constexpr std::string_view kWords[] = {"yes", "Yes", "YES", "no",  "No",  "NO",
                                                "on",  "On",  "ON",  "off", "Off", "OFF"};
  return std::find(std::begin(kWords), std::end(kWords), key) != std::end(kWords);
}

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceFiles& files, int32_t file, Findings& findings, const YamlLimits& limits)
      : files_(files), file_(file), findings_(findings), limits_(limits) {}

  YamlNode root;
  bool complete = false;

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override { complete = true; }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    YamlNode node = NewNode(YamlNode::Kind::kNull, mark, "");
    node.anchored = anchor != 0;
    // The vendor takes "Null" and "NULL" for null, too; in the core schema they are, in the
    // contract's they are not.
    const std::string_view rest = TextAt(node.position);
    if (rest.starts_with("Null") || rest.starts_with("NULL")) {
      node.kind = YamlNode::Kind::kScalar;
      node.text = rest.substr(0, 4);
    }
    Place(std::move(node), anchor);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = NewNode(YamlNode::Kind::kScalar, mark, tag == "?" || tag == "!" ? "" : tag);
    node.text = value;
    node.quoted = tag == "!";
    // The vendor takes a quote that is never closed for one that is closed by the end of the file.
    const size_t start = files_.Offset(node.position);
    const std::string_view text = files_.text(file_);
    if (node.quoted && start < text.size() && (text[start] == '"' || text[start] == '\'') &&
        !QuoteIsClosed(text, start)) {
      findings_.Error("SS1013", node.position, fmt::format("this {} is not closed", text[start]),
                      "add the closing quote; inside of single quotes a quote is written twice");
      throw Stop();
    }
    Place(std::move(node), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      findings_.Error("SS1007", At(mark), "an alias inside its own anchor has no value");
      throw Stop();
    }
    const int64_t size = Size(found->second);
    Count(size, mark);
    Place(YamlNode(found->second), 0);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    Open(YamlNode::Kind::kList, mark, tag, anchor, style);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    Open(YamlNode::Kind::kMap, mark, tag, anchor, style);
  }
  void OnMapEnd() override { Close(); }

  Position At(const YAML::Mark& mark) const { return {file_, mark.line + 1, mark.column + 1}; }

 private:
  struct Frame {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    bool has_key = false;
    bool key_dropped = false;
    std::string key;
    Position key_position;
    std::vector<YamlNode> merges;
    std::map<std::string, Position, std::less<>> seen;
  };

  std::string_view TextAt(const Position& position) const {
    return std::string_view(files_.text(file_)).substr(files_.Offset(position));
  }

  YamlNode NewNode(YamlNode::Kind kind, const YAML::Mark& mark, std::string tag) {
    Count(1, mark);
    YamlNode node;
    node.kind = kind;
    node.position = At(mark);
    node.tag = std::move(tag);
    return node;
  }

  void Count(int64_t nodes, const YAML::Mark& mark) {
    nodes_ += nodes;
    if (nodes_ <= limits_.nodes) return;
    findings_.Error(
        "SS1003", At(mark),
        fmt::format("more than {} nodes after the expansion of aliases", limits_.nodes));
    throw Stop();
  }

  static int64_t Size(const YamlNode& node) {
    int64_t size = 1;
    for (const YamlNode& item : node.items) size += Size(item);
    for (const YamlEntry& entry : node.entries) size += Size(entry.value);
    return size;
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor, YAML::EmitterStyle::value style) {
    if (static_cast<int32_t>(stack_.size()) >= limits_.depth) {
      findings_.Error("SS1003", At(mark), fmt::format("nested deeper than {}", limits_.depth));
      throw Stop();
    }
    Frame frame;
    frame.node = NewNode(kind, mark, tag == "?" || tag == "!" ? "" : tag);
    frame.node.flow = style == YAML::EmitterStyle::Flow;
    frame.anchor = anchor;
    if (!frame.node.tag.empty()) {
      findings_.Error("SS1008", frame.node.position,
                      fmt::format("the tag {} is not allowed here", frame.node.tag),
                      "quote the text if it begins with an exclamation mark");
    }
    stack_.push_back(std::move(frame));
  }

  void Close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    for (const YamlNode& merge : frame.merges) {
      for (const YamlEntry& entry : merge.entries) {
        if (frame.seen.emplace(entry.key, entry.key_position).second) {
          frame.node.entries.push_back(entry);
        }
      }
    }
    Place(std::move(frame.node), frame.anchor);
  }

  void Place(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    if (stack_.empty()) {
      root = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (frame.node.list()) {
      frame.node.items.push_back(std::move(node));
    } else if (!frame.has_key) {
      TakeKey(frame, node);
    } else {
      TakeValue(frame, std::move(node));
    }
  }

  void TakeKey(Frame& frame, const YamlNode& key) {
    frame.has_key = true;
    frame.key_dropped = !key.scalar();
    frame.key = key.text;
    frame.key_position = key.position;
    if (frame.key_dropped) {
      findings_.Error("SS1006", key.position,
                      fmt::format("a key must be a text, this one is {}", Describe(key)),
                      frame.node.flow
                          ? "write a text with brackets or commas in quotes, or on its own line"
                          : "");
      return;
    }
    if (!key.quoted && IsYaml11Boolean(key.text)) {
      findings_.Warning("SS1009", key.position,
                        fmt::format("readers of YAML 1.1 take the key {} for a boolean", key.text),
                        fmt::format("write \"{}\" in quotes", key.text));
    }
  }

  void TakeValue(Frame& frame, YamlNode value) {
    frame.has_key = false;
    if (frame.key_dropped) return;
    if (frame.key == "<<") {
      TakeMerge(frame, std::move(value));
      return;
    }
    const auto [first, is_new] = frame.seen.emplace(frame.key, frame.key_position);
    if (!is_new) {
      findings_.Error(
          "SS1002", frame.key_position,
          fmt::format("the key {} is already there in line {}", frame.key, first->second.line));
      return;
    }
    frame.node.entries.push_back({frame.key, frame.key_position, std::move(value)});
  }

  void TakeMerge(Frame& frame, YamlNode value) {
    if (!frame.merges.empty()) {
      findings_.Error("SS1007", frame.key_position, "a second merge key in one map",
                      "merge several maps with a list: <<: [*a, *b]");
      return;
    }
    std::vector<YamlNode> maps;
    if (value.list()) {
      maps = std::move(value.items);
    } else {
      maps.push_back(std::move(value));
    }
    for (YamlNode& map : maps) {
      if (map.map()) {
        frame.merges.push_back(std::move(map));
      } else {
        findings_.Error("SS1007", frame.key_position,
                        fmt::format("a merge key takes maps, not {}", Describe(map)));
      }
    }
  }

  const SourceFiles& files_;
  int32_t file_;
  Findings& findings_;
  const YamlLimits& limits_;
  std::vector<Frame> stack_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  int64_t nodes_ = 0;
};

void ReportSyntaxError(const SourceFiles& files, int32_t file, size_t offset,
                       const std::string& message, Findings& findings) {
  if (const auto trap = FindYamlTrap(files.text(file), offset)) {
    findings.Error(trap->code, files.PositionAt(file, trap->offset), trap->message, trap->hint);
    return;
  }
  findings.Error("SS1001", files.PositionAt(file, offset),
                 fmt::format("this is not YAML: {}", message),
                 "if this line holds an expression, put it in single quotes");
}

}  // namespace

YamlNode ParseYaml(const SourceFiles& files, int32_t file, Findings& findings,
                   const YamlLimits& limits) {
  YamlNode empty;
  empty.kind = YamlNode::Kind::kMap;
  empty.position = {file, 1, 1};
  if (files.text(file).size() > limits.bytes) {
    findings.Error("SS1003", {file, 1, 1},
                   fmt::format("the file has more than {} bytes", limits.bytes));
    return empty;
  }
  TreeBuilder builder(files, file, findings, limits);
  try {
    std::istringstream input(files.text(file));
    YAML::Parser parser(input);
    parser.HandleNextDocument(builder);
    if (builder.complete) {
      TreeBuilder second(files, file, findings, limits);
      if (parser.HandleNextDocument(second) && !second.root.null()) {
        findings.Error("SS1004", second.root.position, "a file holds one YAML document",
                       "give each document its own file");
      }
    }
  } catch (const Stop&) {
    return empty;  // the finding is there
  } catch (const YAML::Exception& error) {
    const Position position = error.mark.is_null() ? Position{file, 1, 1} : builder.At(error.mark);
    if (error.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
      findings.Error("SS1007", position, "an alias without an anchor before it",
                     "put an expression that begins with * in single quotes; an anchor is written "
                     "&name, before its first alias");
    } else {
      ReportSyntaxError(files, file, files.Offset(position), error.msg, findings);
    }
    return empty;
  } catch (const std::exception& error) {
    findings.Error("SS1001", {file, 1, 1}, fmt::format("this is not YAML: {}", error.what()));
    return empty;
  }
  if (builder.root.null()) return empty;
  if (!builder.root.map()) {
    findings.Error("SS1001", builder.root.position,
                   fmt::format("a topology file is a map, not {}", Describe(builder.root)));
    return empty;
  }
  return std::move(builder.root);
}

}  // namespace sidestream::topology
