// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "serde/json_text.h"

#include "serde/json_walker.h"

namespace sidestream::serde {

class JsonParser::Impl {
 public:
  Result<Value> Parse(std::string_view text, Arena& arena) {
    Value value;
    if (walker_.Start(text, arena) && walker_.ParseValue(nullptr, value) && walker_.Finish()) {
      return value;
    }
    return walker_.error();
  }

 private:
  JsonWalker walker_;
};

JsonParser::JsonParser() : impl_(std::make_unique<Impl>()) {}
JsonParser::~JsonParser() = default;
JsonParser::JsonParser(JsonParser&&) noexcept = default;
JsonParser& JsonParser::operator=(JsonParser&&) noexcept = default;

Result<Value> JsonParser::Parse(std::string_view text, Arena& arena) {
  return impl_->Parse(text, arena);
}

}  // namespace sidestream::serde
