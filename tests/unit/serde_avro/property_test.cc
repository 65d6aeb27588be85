// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random pairs of schemas and random data: what the compiled resolution reads is what a walk over
// the written tree gives, and what the encoder writes reads the same again. The seed is in the
// test's output.

#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "serde/avro/binary.h"
#include "tests/unit/serde_avro/avro_case.h"

namespace sidestream::serde::avro {
namespace {

/// Makes a writer's and a reader's schema side by side, the bytes of a value of the first, and
/// the text (DebugString) that a reader of the second must see: the oracle knows how they
/// were made to differ, and resolves nothing.
class RandomCase {
 public:
  explicit RandomCase(uint64_t seed) : random_(seed) { root_ = MakeType(4); }

  const std::string& writer() const { return root_.writer; }
  const std::string& reader() const { return root_.reader; }

  struct Written {
    std::string bytes;
    std::string text;
  };
  Written MakeValue() {
    Written written;
    root_.put(written.bytes, written.text);
    return written;
  }

 private:
  /// Appends the bytes of a random value, and what the reader sees.
  using Put = std::function<void(std::string&, std::string&)>;
  struct Pair {
    std::string writer;
    std::string reader;
    Put put;
  };

  size_t Index(size_t bound) {
    return static_cast<size_t>(random_.Below(static_cast<int64_t>(bound)));
  }
  std::string Name(char kind) { return kind + std::to_string(++names_); }

  Pair MakeType(int depth) {
    switch (Index(depth > 0 ? 10 : 6)) {
      case 0:
        return MakeNumber();
      case 1:
        return Leaf("\"boolean\"", [this](std::string& bytes, std::string& text) {
          const bool flag = random_.OneIn(2);
          bytes.push_back(flag ? '\1' : '\0');
          text += flag ? "true" : "false";
        });
      case 2:
        return Leaf("\"null\"", [](std::string&, std::string& text) { text += "null"; });
      case 3:
        return Leaf("\"string\"", [this](std::string& bytes, std::string& text) {
          const std::string value(Index(5), static_cast<char>('a' + Index(26)));
          PutBytes(value, bytes);
          text += DebugString(Value::String(value));
        });
      case 4:
        return MakeEnum();
      case 5:
        return MakeFixed();
      case 6:
        return MakeItems(depth, false);
      case 7:
        return MakeItems(depth, true);
      case 8:
        return MakeUnion(depth);
      default:
        return MakeRecord(depth);
    }
  }

  static Pair Leaf(const std::string& schema, Put put) { return {schema, schema, std::move(put)}; }

  Pair MakeNumber() {
    const bool promoted = random_.OneIn(2);
    return {"\"int\"", promoted ? "\"double\"" : "\"long\"",
            [this, promoted](std::string& bytes, std::string& text) {
              const auto number = static_cast<int32_t>(random_.Next() >> random_.Below(64));
              PutLong(number, bytes);
              text += DebugString(promoted ? Value::Double(number) : Value::Int(number));
            }};
  }

  Pair MakeFixed() {
    const size_t size = Index(4);
    return Leaf(
        R"({"type":"fixed","name":")" + Name('F') + R"(","size":)" + std::to_string(size) + "}",
        [this, size](std::string& bytes, std::string& text) {
          const std::string value(size, static_cast<char>('a' + Index(26)));
          bytes += value;
          text += DebugString(Value::Bytes(value));
        });
  }

  // The reader does not know B.
  Pair MakeEnum() {
    const std::string head = R"({"type":"enum","name":")" + Name('E') + R"(","symbols":)";
    return {head + R"(["A","B","C"]})", head + R"(["C","D","A"],"default":"D"})",
            [this](std::string& bytes, std::string& text) {
              const size_t symbol = Index(3);
              PutLong(static_cast<int64_t>(symbol), bytes);
              text += std::string(1, '"') + "ADC"[symbol] + '"';
            }};
  }

  Pair MakeItems(int depth, bool is_map) {
    const Pair item = MakeType(depth - 1);
    const std::string head = is_map ? R"({"type":"map","values":)" : R"({"type":"array","items":)";
    return {head + item.writer + "}", head + item.reader + "}",
            [this, is_map, put = item.put](std::string& bytes, std::string& text) {
              text += is_map ? '{' : '[';
              size_t item_number = 0;
              for (size_t blocks = Index(3); blocks > 0; --blocks) {
                const size_t count = 1 + Index(3);
                std::string block;
                for (size_t i = 0; i < count; ++i) {
                  if (item_number > 0) text += ", ";
                  const std::string key = "k" + std::to_string(item_number++);
                  if (is_map) PutBytes(key, block);
                  if (is_map) text += "\"" + key + "\": ";
                  put(block, text);
                }
                const bool sized = random_.OneIn(2);
                PutLong(sized ? -static_cast<int64_t>(count) : static_cast<int64_t>(count), bytes);
                if (sized) PutLong(static_cast<int64_t>(block.size()), bytes);
                bytes += block;
              }
              PutLong(0, bytes);
              text += is_map ? '}' : ']';
            }};
  }

  // Of one type beside null and string, which the reader has in another order, perhaps
  // with one more.
  Pair MakeUnion(int depth) {
    Pair other = MakeRecord(depth - 1);
    const std::string more = random_.OneIn(2) ? R"(,"boolean")" : "";
    return {R"(["null",)" + other.writer + R"(,"string"])",
            R"(["string")" + more + R"(,"null",)" + other.reader + "]",
            [this, put = std::move(other.put)](std::string& bytes, std::string& text) {
              const size_t branch = Index(3);
              PutLong(static_cast<int64_t>(branch), bytes);
              if (branch == 0) text += "null";
              if (branch == 1) put(bytes, text);
              if (branch == 2) PutBytes("text", bytes);
              if (branch == 2) text += "\"text\"";
            }};
  }

  // Some fields only the writer has, some only the reader, some go by an alias; each in an
  // order of its own.
  Pair MakeRecord(int depth) {
    struct ReaderField {
      std::string schema;
      std::string name;
      size_t writer_field;  // beyond the last: the default
    };
    const std::string head = R"({"type":"record","name":")" + Name('R') + R"(","fields":[)";
    std::string writer;
    std::vector<Put> puts;
    std::vector<ReaderField> fields;
    for (size_t left = Index(5); left > 0; --left) {
      const std::string name = Name('f');
      const Pair type = MakeType(depth - 1);
      writer += (writer.empty() ? "" : ",") + (R"({"name":")" + name) + R"(","type":)" +
                type.writer + "}";
      puts.push_back(type.put);
      if (random_.OneIn(3)) continue;
      const bool renamed = random_.OneIn(4);
      const std::string shown = renamed ? Name('g') : name;
      fields.push_back({R"({"name":")" + shown + R"(","type":)" + type.reader +
                            (renamed ? R"(,"aliases":[")" + name + "\"]}" : "}"),
                        shown, puts.size() - 1});
    }
    if (random_.OneIn(2)) {
      const std::string name = Name('h');
      fields.push_back({R"({"name":")" + name + R"(","type":["null","int"],"default":null})", name,
                        puts.size()});
    }
    for (size_t i = fields.size(); i > 1; --i) std::swap(fields[i - 1], fields[Index(i)]);
    std::string reader;
    for (const ReaderField& field : fields) reader += (reader.empty() ? "" : ",") + field.schema;
    return {head + writer + "]}", head + reader + "]}",
            [puts, fields](std::string& bytes, std::string& text) {
              std::vector<std::string> texts(puts.size() + 1);
              texts.back() = "null";
              for (size_t i = 0; i < puts.size(); ++i) puts[i](bytes, texts[i]);
              text += '{';
              for (const ReaderField& field : fields) {
                text += (text.back() == '{' ? "\"" : ", \"") + field.name + "\": ";
                text += texts[field.writer_field];
              }
              text += '}';
            }};
  }

  Random random_;
  int names_ = 0;
  Pair root_;
};

uint64_t Seed() {
  const char* const seed = std::getenv("SIDESTREAM_SEED");
  return seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20260101;
}

std::string Text(const Value& value) { return DebugString(value, size_t{1} << 20); }

// Every field of the whole value alone.
void CheckFields(const SchemaPtr& writer, const SchemaPtr& reader, const std::string& bytes,
                 const Value& whole) {
  if (whole.kind() != Value::Kind::kMap) return;
  for (const MapEntry& entry : whole.map()) {
    const std::string name(entry.key.string_value());
    const auto resolution = Resolution::Compile(writer, reader, {{{name}, 0}});
    ASSERT_TRUE(resolution.ok()) << resolution.status();
    Arena arena;
    Decoder decoder;
    Value slot;
    const Status status = decoder.Decode(**resolution, bytes, {&slot, 1}, arena);
    ASSERT_TRUE(status.ok()) << status;
    ASSERT_EQ(Text(slot), Text(entry.value)) << name;
  }
}

// What the reader sees, written as the reader's schema, is what it sees again. Fields with a
// default are all there, so nothing is filled in.
void CheckEncoder(const SchemaPtr& reader, const Value& value) {
  std::string bytes;
  const Status encoded = Encoder(reader).Encode(value, bytes);
  ASSERT_TRUE(encoded.ok()) << encoded;
  const auto same = Resolution::Compile(reader, reader, {{{}, 0}});
  ASSERT_TRUE(same.ok()) << same.status();
  Arena arena;
  Decoder decoder;
  Value again;
  const Status decoded = decoder.Decode(**same, bytes, {&again, 1}, arena);
  ASSERT_TRUE(decoded.ok()) << decoded;
  ASSERT_EQ(Text(again), Text(value));
}

TEST(AvroPropertyTest, TheResolutionReadsWhatWasWritten) {
  Random random(Seed());
  std::cout << "seed " << random.seed() << " (SIDESTREAM_SEED repeats it)\n";
  for (int i = 0; i < 1'000; ++i) {
    RandomCase chosen(random.Next());
    SCOPED_TRACE(chosen.writer() + "\n" + chosen.reader());
    const SchemaPtr writer = MustParse(chosen.writer());
    const SchemaPtr reader = MustParse(chosen.reader());
    const auto resolution = Resolution::Compile(writer, reader, {{{}, 0}});
    ASSERT_TRUE(resolution.ok()) << resolution.status();
    Decoder decoder;
    for (int values = 0; values < 5; ++values) {
      const RandomCase::Written written = chosen.MakeValue();
      Arena arena;
      Value value;
      const Status status = decoder.Decode(**resolution, written.bytes, {&value, 1}, arena);
      ASSERT_TRUE(status.ok()) << status << "\n" << written.text;
      ASSERT_EQ(Text(value), written.text);
      CheckFields(writer, reader, written.bytes, value);
      CheckEncoder(reader, value);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace sidestream::serde::avro
