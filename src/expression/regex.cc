// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "expression/regex.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>

namespace sidestream::expression {
namespace {

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::~Regex() = default;

std::unique_ptr<const Regex> Regex::Compile(std::string_view pattern, std::string& error) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<re2::RE2>(Piece(pattern), options);
  if (!compiled->ok()) {
    error = "not a regular expression: " + compiled->error();
    return nullptr;
  }
  return std::unique_ptr<const Regex>(new Regex(std::move(compiled)));
}

bool Regex::Occurs(std::string_view text) const {
  return re2::RE2::PartialMatch(Piece(text), *compiled_);
}

std::optional<Regex::Match> Regex::Find(std::string_view text, size_t from) const {
  std::array<re2::StringPiece, 2> found;
  const int wanted = std::min(2, groups() + 1);
  if (!compiled_->Match(Piece(text), from, text.size(), re2::RE2::UNANCHORED, found.data(),
                        wanted)) {
    return std::nullopt;
  }
  Match match;
  match.begin = static_cast<size_t>(found[0].data() - text.data());
  match.end = match.begin + found[0].size();
  const re2::StringPiece& captured = wanted == 2 ? found[1] : found[0];
  match.has_captured = captured.data() != nullptr;
  match.captured = {captured.data() == nullptr ? "" : captured.data(), captured.size()};
  return match;
}

int Regex::groups() const { return compiled_->NumberOfCapturingGroups(); }

std::string Regex::CheckReplacement(std::string_view replacement) const {
  std::string error;
  compiled_->CheckRewriteString(Piece(replacement), &error);
  return error;
}

void Regex::AppendReplacement(std::string_view text, size_t from, std::string_view replacement,
                              std::string& out) const {
  std::array<re2::StringPiece, 10> found;
  const int wanted = std::min(10, groups() + 1);
  if (!compiled_->Match(Piece(text), from, text.size(), re2::RE2::UNANCHORED, found.data(), wanted))
    return;
  compiled_->Rewrite(&out, Piece(replacement), found.data(), wanted);
}

}  // namespace sidestream::expression
