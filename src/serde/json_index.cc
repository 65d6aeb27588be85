// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_index.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <string>

#include "serde/utf8.h"

namespace sidestream::serde {
namespace {

constexpr size_t kFirstCapacity = 4096;
// What one huge record made the index grow to is given back: 4 bytes per byte of text.
constexpr size_t kKeptCapacity = size_t{4} << 20;
// Positions are 32 bits wide.
constexpr size_t kLargestText = size_t{1} << 31;

Status NotJson(std::string_view reason, size_t position) {
  return Status::BadRecord("not valid JSON: " + std::string(reason) + " at byte " +
                           std::to_string(position));
}

// The first stage says that a string holds a control character, not where.
size_t FindControlCharacter(std::string_view text) {
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') in_string = !in_string;
    if (in_string && text[i] == '\\') ++i;
    if (in_string && i < text.size() && static_cast<uint8_t>(text[i]) < 0x20) return i;
  }
  return text.size();
}

}  // namespace

class JsonIndex::Impl {
 public:
  Result<std::span<const uint32_t>> Build(std::string_view text) {
    if (text.empty()) return NotJson("empty text", 0);
    if (text.size() >= kLargestText) return NotJson("text of 2 GiB or more", 0);
    // simdjson wants a capacity above the length.
    RETURN_IF_ERROR(Reserve(text.size() + 1));
    const simdjson::error_code error = stage_->stage1(reinterpret_cast<const uint8_t*>(text.data()),
                                                      text.size(), simdjson::stage1_mode::regular);
    if (error != simdjson::SUCCESS) return Describe(error, text);
    const size_t count = stage_->n_structural_indexes;
    // simdjson has room for it, and puts it there in all versions that we know.
    stage_->structural_indexes[count] = static_cast<uint32_t>(text.size());
    return std::span<const uint32_t>(stage_->structural_indexes.get(), count + 1);
  }

 private:
  Status Reserve(size_t size) {
    const bool too_large = capacity_ > kKeptCapacity && size <= kKeptCapacity;
    if (size <= capacity_ && !too_large) return Status::Ok();
    const size_t wanted = std::bit_ceil(std::max(size, kFirstCapacity));
    if (stage_ == nullptr) {
      const simdjson::error_code error =
          simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1,
                                                                                  stage_);
      if (error != simdjson::SUCCESS) return Status::Fatal("no memory for the JSON index");
    } else if (stage_->set_capacity(wanted) != simdjson::SUCCESS) {
      capacity_ = 0;
      return Status::Fatal("no memory for the JSON index");
    }
    capacity_ = wanted;
    return Status::Ok();
  }

  static Status Describe(simdjson::error_code error, std::string_view text) {
    switch (error) {
      case simdjson::EMPTY:
        return NotJson("no value", 0);
      case simdjson::UTF8_ERROR:
        return NotJson("invalid UTF-8", Utf8PrefixLength(text));
      case simdjson::UNESCAPED_CHARS:
        return NotJson("a control character in a string", FindControlCharacter(text));
      case simdjson::UNCLOSED_STRING:
        return NotJson("a string without its end", text.size());
      default:
        return NotJson(simdjson::error_message(error), 0);
    }
  }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
  size_t capacity_ = 0;
};

JsonIndex::JsonIndex() : impl_(std::make_unique<Impl>()) {}
JsonIndex::~JsonIndex() = default;
JsonIndex::JsonIndex(JsonIndex&&) noexcept = default;
JsonIndex& JsonIndex::operator=(JsonIndex&&) noexcept = default;

Result<std::span<const uint32_t>> JsonIndex::Build(std::string_view text) {
  return impl_->Build(text);
}

}  // namespace sidestream::serde
