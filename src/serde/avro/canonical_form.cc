// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/avro/canonical_form.h"

#include <array>
#include <set>
#include <utility>

#include "serde/reader.h"

namespace sidestream::serde::avro {
namespace {

constexpr uint64_t kEmpty = 0xc15d213aa4d7a795;

constexpr std::array<uint64_t, 256> RabinTable() {
  std::array<uint64_t, 256> table{};
  for (uint64_t i = 0; i < table.size(); ++i) {
    uint64_t remainder = i;
    for (int bit = 0; bit < 8; ++bit) {
      remainder = (remainder >> 1) ^ (kEmpty & (0 - (remainder & 1)));
    }
    table[i] = remainder;
  }
  return table;
}

class CanonicalWriter {
 public:
  // Names in a schema are ASCII without characters that JSON escapes. False: too deep.
  bool Put(const Node& node, int depth) {
    if (depth > kMaxDepth) return false;
    if (!node.name.empty()) {
      if (!written_.insert(&node).second) {
        PutQuoted(node.name);
        return true;
      }
      out_ += R"({"name":)";
      PutQuoted(node.name);
      out_ += R"(,"type":")" + std::string(TypeName(node.type)) + "\"";
    }
    switch (node.type) {
      case Type::kRecord:
        return PutFields(node, depth);
      case Type::kEnum:
        PutSymbols(node);
        return true;
      case Type::kFixed:
        out_ += R"(,"size":)" + std::to_string(node.fixed_size) + "}";
        return true;
      case Type::kUnion:
        return PutBranches(node, depth);
      case Type::kArray:
      case Type::kMap:
        out_ += node.type == Type::kArray ? R"({"type":"array","items":)"
                                          : R"({"type":"map","values":)";
        if (!Put(*node.element, depth + 1)) return false;
        out_ += "}";
        return true;
      default:
        PutQuoted(TypeName(node.type));
        return true;
    }
  }

  std::string TakeText() { return std::move(out_); }

 private:
  void PutQuoted(std::string_view text) {
    out_ += '"';
    out_ += text;
    out_ += '"';
  }

  bool PutFields(const Node& node, int depth) {
    out_ += R"(,"fields":[)";
    for (const Field& field : node.fields) {
      if (&field != node.fields.data()) out_ += ',';
      out_ += R"({"name":)";
      PutQuoted(field.name);
      out_ += R"(,"type":)";
      if (!Put(*field.type, depth + 1)) return false;
      out_ += '}';
    }
    out_ += "]}";
    return true;
  }

  void PutSymbols(const Node& node) {
    out_ += R"(,"symbols":[)";
    for (const std::string& symbol : node.symbols) {
      if (&symbol != node.symbols.data()) out_ += ',';
      PutQuoted(symbol);
    }
    out_ += "]}";
  }

  bool PutBranches(const Node& node, int depth) {
    out_ += '[';
    for (size_t i = 0; i < node.branches.size(); ++i) {
      if (i > 0) out_ += ',';
      if (!Put(*node.branches[i], depth + 1)) return false;
    }
    out_ += ']';
    return true;
  }

  std::string out_;
  std::set<const Node*> written_;
};

}  // namespace

Result<std::string> CanonicalForm(const Schema& schema) {
  CanonicalWriter writer;
  if (writer.Put(schema.root(), 0)) return writer.TakeText();
  return Status::InvalidConfig("schema: types are nested more than 500 deep");
}

uint64_t Fingerprint(std::string_view text) {
  static constexpr std::array<uint64_t, 256> kTable = RabinTable();
  uint64_t fingerprint = kEmpty;
  for (const char c : text) {
    fingerprint = (fingerprint >> 8) ^ kTable[(fingerprint ^ static_cast<uint8_t>(c)) & 0xff];
  }
  return fingerprint;
}

}  // namespace sidestream::serde::avro
