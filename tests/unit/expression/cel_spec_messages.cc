// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/unit/expression/cel_spec_messages.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "serde/protobuf/message_catalog.h"

namespace sidestream::expression {
namespace {

using serde::Value;

constexpr char kSuite[] = "cel.expr.conformance.test.SimpleTestFile";

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path TypesFile() {
  if (const char* set = std::getenv("SIDESTREAM_CEL_TYPES")) return set;
  const char* cache = std::getenv("SIDESTREAM_CACHE");
  const char* home = std::getenv("HOME");
  const std::filesystem::path folder =
      cache != nullptr ? std::filesystem::path(cache)
                       : std::filesystem::path(home == nullptr ? "" : home) / ".cache/sidestream";
  return folder / "cel-spec/types.binpb";
}

}  // namespace

class CelSpecMessages::Pool {
 public:
  explicit Pool(const std::string& bytes) {
    google::protobuf::FileDescriptorSet set;
    CHECK(set.ParseFromString(bytes));
    for (const auto& file : set.file()) CHECK(pool_.BuildFile(file) != nullptr) << file.name();
  }
  std::string ToBytes(const std::string& textproto) {
    const auto* type = pool_.FindMessageTypeByName(kSuite);
    CHECK(type != nullptr) << kSuite;
    const std::unique_ptr<google::protobuf::Message> suite(factory_.GetPrototype(type)->New());
    CHECK(google::protobuf::TextFormat::ParseFromString(textproto, suite.get()));
    return suite->SerializeAsString();
  }

 private:
  google::protobuf::DescriptorPool pool_;
  google::protobuf::DynamicMessageFactory factory_;
};

std::unique_ptr<CelSpecMessages> CelSpecMessages::Load() {
  const std::filesystem::path path = TypesFile();
  if (!std::filesystem::is_regular_file(path)) return nullptr;
  const std::string bytes = ReadFile(path);
  auto types = serde::TypesOfDescriptorSet(bytes);
  CHECK(types.ok()) << types.status();
  return std::unique_ptr<CelSpecMessages>(
      new CelSpecMessages(std::make_unique<Pool>(bytes), std::move(types).value()));
}

CelSpecMessages::CelSpecMessages(std::unique_ptr<Pool> pool,
                                 std::unique_ptr<serde::MessageTypes> types)
    : pool_(std::move(pool)), types_(std::move(types)) {}
CelSpecMessages::~CelSpecMessages() = default;

Value CelSpecMessages::ReadSuite(const std::filesystem::path& textproto, Arena& arena) const {
  const std::string bytes = pool_->ToBytes(ReadFile(textproto));
  const Result<Value> suite = types_->Read(*types_->Find(kSuite), bytes, arena);
  CHECK(suite.ok()) << textproto << ": " << suite.status();
  return *suite;
}

Value FieldOf(const Value& message, std::string_view field) {
  if (message.kind() != Value::Kind::kMessage) return {};
  const serde::MessageField* known = message.message().type->Find(field);
  return known == nullptr ? Value() : message.message().Get(*known);
}

Value ItemOf(const Value& list, size_t at) {
  return list.kind() == Value::Kind::kList && at < list.list().size() ? list.list()[at] : Value();
}

}  // namespace sidestream::expression
