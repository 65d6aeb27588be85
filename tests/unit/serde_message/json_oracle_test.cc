// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random messages, made and written by libprotobuf: we read the bytes, write JSON, and it must say
// what libprotobuf's own JSON of the same bytes says. The seed is in every message.

#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/type_resolver_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "serde/json_text.h"
#include "tests/unit/serde_message/shop_types.h"

namespace sidestream::serde {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;

class RandomMessages {
 public:
  explicit RandomMessages(uint64_t seed) : random_(seed) {}

  void Fill(Message& message, int depth) {
    const std::string& type = message.GetDescriptor()->full_name();
    if (type == "google.protobuf.Timestamp") return FillTime(message, 0, 253'402'300'799);
    if (type == "google.protobuf.Duration") return FillTime(message, 0, 315'576'000'000);
    if (type == "google.protobuf.Any") return FillAny(message, depth);
    if (type == "google.protobuf.FieldMask") return FillMask(message);
    // Nothing chosen is an error to libprotobuf, and null to us.
    if (type == "google.protobuf.Value") return FillValue(message, depth);
    for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *message.GetDescriptor()->field(i);
      if (random_.OneIn(2)) FillField(message, field, depth);
    }
  }

 private:
  void FillField(Message& message, const FieldDescriptor& field, int depth) {
    if (depth == 0 && field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return;
    if (!field.is_repeated()) return Set(message, field, depth);
    for (int64_t count = random_.Below(3); count > 0; --count) {
      if (field.is_map() && message.GetReflection()->FieldSize(message, &field) > 0) return;
      Add(message, field, depth);
    }
  }

  void Set(Message& message, const FieldDescriptor& field, int depth) {
    const google::protobuf::Reflection& in = *message.GetReflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_BOOL:
        return in.SetBool(&message, &field, random_.OneIn(2));
      case FieldDescriptor::CPPTYPE_INT32:
        return in.SetInt32(&message, &field, static_cast<int32_t>(Bits()));
      case FieldDescriptor::CPPTYPE_INT64:
        return in.SetInt64(&message, &field, static_cast<int64_t>(Bits()));
      case FieldDescriptor::CPPTYPE_UINT32:
        return in.SetUInt32(&message, &field, static_cast<uint32_t>(Bits()));
      case FieldDescriptor::CPPTYPE_UINT64:
        return in.SetUInt64(&message, &field, Bits());
      case FieldDescriptor::CPPTYPE_FLOAT:
        return in.SetFloat(&message, &field, static_cast<float>(Real()));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return in.SetDouble(&message, &field, Real());
      case FieldDescriptor::CPPTYPE_ENUM:
        // Of google.protobuf.NullValue 0 is all there is.
        if (field.enum_type()->name() == "NullValue") return;
        return in.SetEnumValue(&message, &field, static_cast<int>(random_.Below(3)));
      case FieldDescriptor::CPPTYPE_STRING:
        return in.SetString(&message, &field, Text());
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return Fill(*in.MutableMessage(&message, &field), depth - 1);
    }
  }

  // Lists and maps of the schema hold messages and entries only.
  void Add(Message& message, const FieldDescriptor& field, int depth) {
    Message& element = *message.GetReflection()->AddMessage(&message, &field);
    if (!field.is_map()) return Fill(element, depth - 1);
    SetInEntry(element, *element.GetDescriptor()->map_key(), depth);
    SetInEntry(element, *element.GetDescriptor()->map_value(), depth);
  }

  // Not to a default: a dynamic message would leave it out of the bytes, which no writer of maps
  // does.
  void SetInEntry(Message& entry, const FieldDescriptor& field, int depth) {
    do {
      Set(entry, field, depth);
    } while (!entry.GetReflection()->HasField(entry, &field));
  }

  void FillTime(Message& message, int64_t least, int64_t greatest) {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    message.GetReflection()->SetInt64(&message, type.FindFieldByName("seconds"),
                                      least + random_.Below(greatest - least));
    message.GetReflection()->SetInt32(&message, type.FindFieldByName("nanos"),
                                      static_cast<int32_t>(random_.Below(1'000'000'000)));
  }

  void FillAny(Message& message, int depth) {
    const google::protobuf::Descriptor& any = *message.GetDescriptor();
    const auto* type = any.file()->pool()->FindMessageTypeByName(
        random_.OneIn(2) ? "google.protobuf.Duration" : "shop.Item");
    if (type == nullptr) return;
    const std::unique_ptr<Message> content(factory_.GetPrototype(type)->New());
    Fill(*content, depth - 1);
    message.GetReflection()->SetString(&message, any.FindFieldByName("type_url"),
                                       "type.googleapis.com/" + type->full_name());
    message.GetReflection()->SetString(&message, any.FindFieldByName("value"),
                                       content->SerializeAsString());
  }

  void FillMask(Message& message) {
    const FieldDescriptor* paths = message.GetDescriptor()->FindFieldByName("paths");
    for (int64_t count = random_.Below(3); count > 0; --count) {
      message.GetReflection()->AddString(&message, paths, random_.OneIn(2) ? "a_b.c" : "name");
    }
  }

  void FillValue(Message& message, int depth) {
    const google::protobuf::Descriptor& type = *message.GetDescriptor();
    const int64_t choice = random_.Below(depth > 0 ? 6 : 4);
    const FieldDescriptor& field = *type.FindFieldByNumber(static_cast<int>(choice) + 1);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      return message.GetReflection()->SetEnumValue(&message, &field, 0);
    }
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_DOUBLE) {
      // JSON has no form for NaN and the infinite here.
      return message.GetReflection()->SetDouble(&message, &field,
                                                static_cast<double>(random_.Below(1000)) / 8);
    }
    Set(message, field, depth);
  }

  uint64_t Bits() {
    const auto high = static_cast<uint64_t>(random_.Below(INT64_MAX)) << 1;
    return high >> random_.Below(64);
  }
  double Real() {
    switch (random_.Below(8)) {
      case 0:
        return std::nan("");
      case 1:
        return random_.OneIn(2) ? HUGE_VAL : -HUGE_VAL;
      default:
        return (static_cast<double>(random_.Below(1 << 30)) - (1 << 29)) / 1000;
    }
  }
  std::string Text() {
    static constexpr std::string_view kTexts[] = {"", "a", "\"\\\n", "\xc3\xa9", "<&>", "0"};
    return std::string(kTexts[static_cast<size_t>(random_.Below(std::ssize(kTexts)))]);
  }

  Random random_;
  google::protobuf::DynamicMessageFactory factory_;
};

// Numbers by value: a float has more than one shortest text.
bool SameJson(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) {
    const double x = a.get<double>();
    const double y = b.get<double>();
    return std::abs(x - y) <= 1e-7 * std::max(std::abs(x), std::abs(y));
  }
  if (a.type() != b.type() || a.size() != b.size()) return false;
  if (a.is_array()) {
    for (size_t i = 0; i < a.size(); ++i) {
      if (!SameJson(a[i], b[i])) return false;
    }
    return true;
  }
  if (!a.is_object()) return a == b;
  for (const auto& [key, value] : a.items()) {
    if (!b.contains(key) || !SameJson(value, b[key])) return false;
  }
  return true;
}

TEST(JsonOracleTest, SaysWhatLibprotobufSays) {
  constexpr uint64_t kSeed = 5;
  std::cout << "seed " << kSeed << "\n";
  google::protobuf::DescriptorPool pool;
  testing::BuildFiles(testing::DescriptorSetOf(kShop), pool);
  google::protobuf::DynamicMessageFactory factory;
  const Message& prototype = *factory.GetPrototype(pool.FindMessageTypeByName("shop.Order"));
  const std::unique_ptr<google::protobuf::util::TypeResolver> resolver(
      google::protobuf::util::NewTypeResolverForDescriptorPool("type.googleapis.com", &pool));
  Shop shop;
  RandomMessages random(kSeed);
  for (int round = 0; round < 3000; ++round) {
    const std::unique_ptr<Message> message(prototype.New());
    random.Fill(*message, 4);
    const std::string bytes = message->SerializeAsString();
    std::string theirs;
    ASSERT_TRUE(google::protobuf::util::BinaryToJsonString(
                    resolver.get(), "type.googleapis.com/shop.Order", bytes, &theirs)
                    .ok())
        << "round " << round;
    Arena arena;
    const Result<Value> value = shop.types().Read(*shop.types().Find("shop.Order"), bytes, arena);
    ASSERT_TRUE(value.ok()) << "round " << round << ": " << value.status();
    std::string ours;
    const Status written = AppendJson(*value, ours);
    ASSERT_TRUE(written.ok()) << "round " << round << ": " << written;
    ASSERT_TRUE(SameJson(json::parse(ours), json::parse(theirs))) << "round " << round << ":\n"
                                                                  << ours << "\n"
                                                                  << theirs;
  }
}

}  // namespace
}  // namespace sidestream::serde
