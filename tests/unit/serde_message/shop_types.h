// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A schema that has every kind of field, and short ways to messages of it.
//
// Threading: confined to one thread.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "serde/message_builder.h"
#include "tests/support/proto_types.h"

namespace sidestream::serde {

inline constexpr std::string_view kShop = R"(
  syntax = "proto3";
  package shop;
  import "google/protobuf/any.proto";
  import "google/protobuf/duration.proto";
  import "google/protobuf/field_mask.proto";
  import "google/protobuf/struct.proto";
  import "google/protobuf/timestamp.proto";
  import "google/protobuf/wrappers.proto";
  enum Color { RED = 0; GREEN = 1; }
  message Item { string name = 1; int32 count = 2; Item part = 3; }
  message Order {
    int64 id = 1;
    int32 small = 2;
    uint32 natural = 3;
    uint64 wide = 4;
    float rough = 5;
    double exact = 6;
    string note = 7;
    bytes raw = 8;
    bool paid = 9;
    Color color = 10;
    Item item = 11;
    repeated Item items = 12;
    map<string, int64> totals = 13;
    optional int32 maybe = 14;
    oneof payment { string card = 15; int64 cash = 16; Item swap = 17; }
    google.protobuf.Timestamp placed = 18;
    google.protobuf.Duration took = 19;
    google.protobuf.Int64Value discount = 20;
    google.protobuf.Any extra = 21;
    google.protobuf.Value json = 22;
    google.protobuf.Struct object = 23;
    google.protobuf.ListValue list = 24;
    google.protobuf.FieldMask mask = 25;
    repeated google.protobuf.Int32Value boxed = 26;
    google.protobuf.FloatValue ratio = 27;
    google.protobuf.NullValue nothing = 28;
    map<int32, Color> colors = 29;
  }
)";

class Shop {
 public:
  using Fields = std::initializer_list<std::pair<std::string_view, Value>>;

  Result<Value> New(std::string_view type, Fields fields) {
    const MessageType* found = types_->Find(type);
    CHECK(found != nullptr) << type;
    std::vector<MessageEntry> entries;
    for (const auto& [name, value] : fields) {
      CHECK(found->Find(name) != nullptr) << name;
      entries.push_back({found->Find(name), value});
    }
    return NewMessage(*types_, *found, entries, arena_);
  }
  Value Make(std::string_view type, Fields fields) {
    const Result<Value> made = New(type, fields);
    CHECK(made.ok()) << made.status();
    return *made;
  }
  Value Order(Fields fields) { return Make("shop.Order", fields); }

  Value List(std::initializer_list<Value> items) {
    const std::span<Value> copy = arena_.NewArray<Value>(items.size());
    std::copy(items.begin(), items.end(), copy.begin());
    return Value::List(copy);
  }
  Value Map(std::initializer_list<MapEntry> entries) {
    const std::span<MapEntry> copy = arena_.NewArray<MapEntry>(entries.size());
    std::copy(entries.begin(), entries.end(), copy.begin());
    return Value::Map(copy);
  }
  /// What a field of an order reads as.
  static Value Get(const Value& message, std::string_view field) {
    return message.message().Get(*message.message().type->Find(field));
  }
  static bool Has(const Value& message, std::string_view field) {
    return message.message().Find(*message.message().type->Find(field)) != nullptr;
  }

  const MessageTypes& types() const { return *types_; }
  Arena& arena() { return arena_; }

 private:
  std::unique_ptr<MessageTypes> types_ = testing::TypesOf(kShop);
  Arena arena_;
};

}  // namespace sidestream::serde
