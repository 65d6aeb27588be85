// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Runs the fuzz targets over tests/fuzz/corpus: a few small inputs per target that libFuzzer found
// to reach the most code. tests/fuzz/CMakeLists.txt says how to find more.

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <ostream>
#include <vector>

// tests/fuzz/fuzz_*.cc, whose entry points CMakeLists.txt renames.
extern "C" {
int fuzz_aggregate_row(const uint8_t* data, size_t size);
int fuzz_avro_data(const uint8_t* data, size_t size);
int fuzz_avro_schema(const uint8_t* data, size_t size);
int fuzz_control_record(const uint8_t* data, size_t size);
int fuzz_csv(const uint8_t* data, size_t size);
int fuzz_expression(const uint8_t* data, size_t size);
int fuzz_held_key(const uint8_t* data, size_t size);
int fuzz_json_reader(const uint8_t* data, size_t size);
int fuzz_keyed_row(const uint8_t* data, size_t size);
int fuzz_lua_values(const uint8_t* data, size_t size);
int fuzz_mark(const uint8_t* data, size_t size);
int fuzz_message(const uint8_t* data, size_t size);
int fuzz_presence(const uint8_t* data, size_t size);
int fuzz_protobuf_data(const uint8_t* data, size_t size);
int fuzz_protobuf_schema(const uint8_t* data, size_t size);
int fuzz_registry_answer(const uint8_t* data, size_t size);
int fuzz_row_place(const uint8_t* data, size_t size);
int fuzz_s3_answer(const uint8_t* data, size_t size);
int fuzz_snapshot(const uint8_t* data, size_t size);
int fuzz_topology(const uint8_t* data, size_t size);
int fuzz_window_row(const uint8_t* data, size_t size);
int fuzz_wire_frame(const uint8_t* data, size_t size);
}

namespace sidestream {
namespace {

struct Target {
  const char* name;
  int (*run)(const uint8_t* data, size_t size);
};

void PrintTo(const Target& target, std::ostream* out) { *out << target.name; }

class CorpusTest : public ::testing::TestWithParam<Target> {};

TEST_P(CorpusTest, PassesAllInputs) {
  const std::filesystem::path folder =
      std::filesystem::path(SIDESTREAM_SOURCE_DIR) / "tests/fuzz/corpus" / GetParam().name;
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    std::ifstream file(entry.path(), std::ios::binary);
    // Of exact size, so that the sanitizers see each byte too far.
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(GetParam().run(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()), 0);
    ++inputs;
  }
  EXPECT_GE(inputs, 10);
}

INSTANTIATE_TEST_SUITE_P(
    Targets, CorpusTest,
    ::testing::Values(Target{"aggregate_row", fuzz_aggregate_row},
                      Target{"avro_data", fuzz_avro_data}, Target{"avro_schema", fuzz_avro_schema},
                      Target{"control_record", fuzz_control_record}, Target{"csv", fuzz_csv},
                      Target{"expression", fuzz_expression}, Target{"held_key", fuzz_held_key},
                      Target{"json_reader", fuzz_json_reader}, Target{"keyed_row", fuzz_keyed_row},
                      Target{"lua_values", fuzz_lua_values}, Target{"mark", fuzz_mark},
                      Target{"message", fuzz_message}, Target{"presence", fuzz_presence},
                      Target{"protobuf_data", fuzz_protobuf_data},
                      Target{"protobuf_schema", fuzz_protobuf_schema},
                      Target{"registry_answer", fuzz_registry_answer},
                      Target{"row_place", fuzz_row_place}, Target{"s3_answer", fuzz_s3_answer},
                      Target{"snapshot", fuzz_snapshot}, Target{"topology", fuzz_topology},
                      Target{"window_row", fuzz_window_row}, Target{"wire_frame", fuzz_wire_frame}),
    [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace sidestream
