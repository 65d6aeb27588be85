// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random schemas and messages: what libprotobuf writes is read as its reflection sees it, whole and
// by any paths, also with a schema that lacks some of the fields and with two messages one behind
// the other; and what we write libprotobuf reads as the same. The seed is in the test's output.

#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "serde/protobuf/proto_import.h"
#include "serde/reader.h"
#include "serde/writer.h"
#include "tests/unit/serde_protobuf/random_proto.h"

namespace sidestream::serde::protobuf {
namespace {

namespace pb = google::protobuf;

uint64_t Seed() {
  const char* const text = std::getenv("SIDESTREAM_SEED");
  return text == nullptr ? 1 : std::strtoull(text, nullptr, 10);
}

/// A schema as libprotobuf has it.
class Oracle {
 public:
  explicit Oracle(std::string text)
      : schema_{std::move(text), {}}, import_(schema_), file_(import_.Load()) {
    EXPECT_TRUE(file_.ok()) << file_.status() << "\n" << schema_.text;
  }

  std::unique_ptr<pb::Message> NewMessage() {
    return std::unique_ptr<pb::Message>(factory_.GetPrototype((*file_)->message_type(0))->New());
  }
  FormatSpec format() const { return {.kind = FormatKind::kProtobuf, .schema = schema_}; }

 private:
  const SchemaText schema_;
  ProtoImport import_;
  const Result<const pb::FileDescriptor*> file_;
  pb::DynamicMessageFactory factory_;
};

/// Paths to some of what is in `value`, and to what is not.
void CollectPaths(const Value& value, Random& random, std::vector<std::string>& path,
                  std::vector<std::vector<std::string>>& paths) {
  if (random.OneIn(3) && !path.empty()) paths.push_back(path);
  if (value.kind() != Value::Kind::kMap) return;
  for (const MapEntry& entry : value.map()) {
    if (entry.key.kind() != Value::Kind::kString || random.OneIn(3)) continue;
    path.emplace_back(entry.key.string_value());
    CollectPaths(entry.value, random, path, paths);
    path.pop_back();
  }
  if (random.OneIn(4)) {
    path.push_back("f" + std::to_string(1 + random.Below(20)));
    paths.push_back(path);
    path.pop_back();
  }
}

Value At(Value value, const std::vector<std::string>& path) {
  for (const std::string& name : path) {
    value = value.kind() == Value::Kind::kMap ? value.Field(name) : Value();
  }
  return value;
}

void CheckRead(Oracle& reader, const std::string& bytes, Random& random) {
  const auto message = reader.NewMessage();
  ASSERT_TRUE(message->ParsePartialFromString(bytes));
  Arena arena;
  const Value expected = SeenByUs(*message, arena);
  const auto whole_reader = Reader::Create(reader.format(), {{{}, 0}});
  ASSERT_TRUE(whole_reader.ok()) << whole_reader.status();
  std::vector<Value> whole(1);
  const Status read = (*whole_reader)->Read(bytes, whole, arena);
  ASSERT_TRUE(read.ok()) << read;
  ASSERT_EQ(TextOf(whole[0]), TextOf(expected));

  std::vector<std::string> path;
  std::vector<std::vector<std::string>> paths;
  CollectPaths(expected, random, path, paths);
  std::vector<WantedPath> wanted;
  for (size_t i = 0; i < paths.size(); ++i) wanted.push_back({paths[i], i});
  const auto some_reader = Reader::Create(reader.format(), wanted);
  std::vector<Value> slots(paths.size());
  const Status read_some = (*some_reader)->Read(bytes, slots, arena);
  ASSERT_TRUE(read_some.ok()) << read_some;
  for (size_t i = 0; i < paths.size(); ++i) {
    std::string name;
    for (const std::string& part : paths[i]) name += "." + part;
    EXPECT_EQ(TextOf(slots[i]), TextOf(At(expected, paths[i]))) << name;
  }
}

void CheckWrite(Oracle& schema, const pb::Message& message) {
  Arena arena;
  const Value value = SeenByUs(message, arena);
  const auto writer = Writer::Create(schema.format());
  ASSERT_TRUE(writer.ok()) << writer.status();
  std::string bytes;
  const Status written = writer->Write(value, bytes);
  ASSERT_TRUE(written.ok()) << written;
  const auto again = schema.NewMessage();
  ASSERT_TRUE(again->ParsePartialFromString(bytes));
  EXPECT_EQ(TextOf(SeenByUs(*again, arena)), TextOf(value));
  // Nothing is there that they would leave out.
  EXPECT_EQ(again->ByteSizeLong(), bytes.size());
}

TEST(ProtoPropertyTest, WeAgreeWithLibprotobuf) {
  const uint64_t seed = Seed();
  std::cout << "seed " << seed << " (SIDESTREAM_SEED repeats it)\n";
  Random random(seed);
  for (int round = 0; round < 150 && !testing::Test::HasFailure(); ++round) {
    RandomSchema schema(random);
    Oracle writer(schema.Text(false));
    Oracle reader(schema.Text(true));
    for (int i = 0; i < 8 && !testing::Test::HasFailure(); ++i) {
      const auto message = writer.NewMessage();
      FillAtRandom(*message, random, 4);
      std::string bytes = message->SerializePartialAsString();
      if (random.OneIn(3)) {
        message->Clear();
        FillAtRandom(*message, random, 4);
        bytes += message->SerializePartialAsString();
      }
      SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + writer.format().schema.text +
                   "read as\n" + reader.format().schema.text);
      CheckRead(writer, bytes, random);
      CheckRead(reader, bytes, random);
      CheckWrite(writer, *message);
    }
  }
}

}  // namespace
}  // namespace sidestream::serde::protobuf
