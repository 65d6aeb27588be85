// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/type.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace sidestream::expression {
namespace {

using Kind = serde::Value::Kind;

struct TypeWord {
  std::string_view word;
  TypeKind type;
  Kind kind;  // kMissing: values of several kinds
};

constexpr TypeWord kWords[] = {
    {"dyn", TypeKind::kDyn, Kind::kMissing},
    {"null", TypeKind::kNull, Kind::kNull},
    {"bool", TypeKind::kBool, Kind::kBool},
    {"int", TypeKind::kInt, Kind::kInt},
    {"uint", TypeKind::kUint, Kind::kUint},
    {"double", TypeKind::kDouble, Kind::kDouble},
    {"string", TypeKind::kString, Kind::kString},
    {"bytes", TypeKind::kBytes, Kind::kBytes},
    {"timestamp", TypeKind::kTimestamp, Kind::kTimestamp},
    {"duration", TypeKind::kDuration, Kind::kDuration},
    {"decimal", TypeKind::kDecimal, Kind::kDecimal},
    {"type", TypeKind::kType, Kind::kType},
    {"list", TypeKind::kList, Kind::kList},
    {"map", TypeKind::kMap, Kind::kMap},
    {"optional", TypeKind::kOptional, Kind::kOptional},
    {"object", TypeKind::kObject, Kind::kMap},
    {"number", TypeKind::kNumber, Kind::kMissing},
};

class SignatureParser {
 public:
  explicit SignatureParser(std::string_view text) : text_(text) {}

  std::vector<Overload> Parse() {
    std::vector<Overload> overloads;
    do {
      Overload overload;
      while (!Accept("->")) {
        overload.parameters.push_back(ParseType());
        overload.repeats = Accept("...");
        Accept(",");
      }
      overload.result = ParseType();
      overloads.push_back(std::move(overload));
    } while (Accept("|"));
    CHECK(at_ == text_.size()) << "a signature ends in " << text_.substr(at_);
    return overloads;
  }

 private:
  bool Accept(std::string_view token) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  Type ParseType() {
    Accept("");
    const size_t begin = at_;
    const auto in_name = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    while (at_ < text_.size() &&
           (in_name(text_[at_]) ||
            (text_[at_] == '.' && at_ + 1 < text_.size() && in_name(text_[at_ + 1])))) {
      ++at_;
    }
    const std::string_view word = text_.substr(begin, at_ - begin);
    CHECK(!word.empty()) << "a type is missing in " << text_;
    Type type = Word(word);
    if (Accept("<")) {
      do {
        type.parameters.push_back(ParseType());
      } while (Accept(","));
      CHECK(Accept(">")) << "'>' is missing in " << text_;
    }
    return type;
  }

  static Type Word(std::string_view word) {
    if (word.size() == 1 && word[0] >= 'A' && word[0] <= 'Z') {
      Type variable = Type::Of(TypeKind::kVariable);
      variable.variable = word[0] - 'A';
      return variable;
    }
    for (const TypeWord& known : kWords) {
      if (known.word == word) return Type::Of(known.type);
    }
    return Type::Named(std::string(word));
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Type Type::List(Type element) { return {TypeKind::kList, "", 0, {std::move(element)}, {}}; }
Type Type::Map(Type key, Type value) {
  return {TypeKind::kMap, "", 0, {std::move(key), std::move(value)}, {}};
}
Type Type::Optional(Type value) { return {TypeKind::kOptional, "", 0, {std::move(value)}, {}}; }

const Type* Type::Field(std::string_view field) const {
  const auto found = std::find(fields.begin(), fields.end(), field);
  return found == fields.end() ? nullptr : &parameters[static_cast<size_t>(found - fields.begin())];
}

Type TypeOfKind(Kind kind) {
  switch (kind) {
    case Kind::kList:
      return Type::List(Type());
    case Kind::kMap:
      return Type::Map(Type(), Type());
    case Kind::kOptional:
      return Type::Optional(Type());
    case Kind::kIp:
    case Kind::kCidr:
      return Type::Named(std::string(serde::KindName(kind)));
    default:
      break;
  }
  for (const TypeWord& word : kWords) {
    if (word.kind == kind && kind != Kind::kMissing) return Type::Of(word.type);
  }
  return Type();
}

std::optional<Kind> KindOfType(const Type& type) {
  for (const Kind kind : {Kind::kIp, Kind::kCidr}) {
    if (type.Is(TypeKind::kNamed) && type.name == serde::KindName(kind)) return kind;
  }
  for (const TypeWord& word : kWords) {
    if (word.type == type.kind && word.kind != Kind::kMissing) return word.kind;
  }
  return std::nullopt;
}

std::string TypeText(const Type& type) {
  if (type.Is(TypeKind::kVariable)) return std::string(1, static_cast<char>('A' + type.variable));
  std::string text = type.name;
  for (const TypeWord& word : kWords) {
    if (word.type == type.kind) text = word.word;
  }
  if (type.parameters.empty() || type.Is(TypeKind::kObject)) return text;
  text += '<';
  for (size_t i = 0; i < type.parameters.size(); ++i) {
    text += (i > 0 ? ", " : "") + TypeText(type.parameters[i]);
  }
  return text + '>';
}

std::string CallText(std::string_view function, bool member, const std::vector<Type>& arguments) {
  std::string text = member ? TypeText(arguments[0]) + "." : "";
  text += std::string(function) + "(";
  const size_t first = member ? 1 : 0;
  for (size_t i = first; i < arguments.size(); ++i) {
    text += (i > first ? ", " : "") + TypeText(arguments[i]);
  }
  return text + ")";
}

std::vector<Overload> ParseSignature(std::string_view text) {
  return SignatureParser(text).Parse();
}

}  // namespace sidestream::expression
