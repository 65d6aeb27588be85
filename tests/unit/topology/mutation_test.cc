// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Short form of the fuzz target: 5,000 random mutations of good files.

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/support/text_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace sidestream {
namespace {

std::vector<std::string> Corpus() {
  std::vector<std::string> texts;
  const auto root = std::filesystem::path(SIDESTREAM_SOURCE_DIR) / "tests/golden/topology";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    if (entry.path().extension() != ".yaml") continue;
    texts.push_back(testing::ReadText(entry.path()));
  }
  return texts;
}

constexpr std::array<const char*, 30> kPieces = {
    "[",          "]",    "{",      "}",   ": ",      "- ",
    "\n",         "'",    "\"",     "*a",  "&a ",     "!x ",
    "<<: ",       "|\n",  ">-\n",   "~",   "null",    "${env:X}",
    "${env:SET}", "$$",   "value.", "key", "count()", "sum(value.x)",
    "from: ",     "to: ", "\t",     "# ",  "\xff",    "99999999999999999999"};

std::string Mutate(std::string text, const std::vector<std::string>& corpus, Random& random) {
  const int64_t changes = 1 + random.Below(4);
  for (int64_t i = 0; i < changes; ++i) {
    const auto at = static_cast<size_t>(random.Below(static_cast<int64_t>(text.size()) + 1));
    const auto length = static_cast<size_t>(1 + random.Below(12));
    switch (random.Below(5)) {
      case 0:
        text.erase(at, length);
        break;
      case 1:
        text.insert(at, kPieces[static_cast<size_t>(random.Below(kPieces.size()))]);
        break;
      case 2:
        if (at < text.size()) text[at] = static_cast<char>(random.Below(256));
        break;
      case 3: {
        const std::string& other =
            corpus[static_cast<size_t>(random.Below(static_cast<int64_t>(corpus.size())))];
        const auto from = static_cast<size_t>(random.Below(static_cast<int64_t>(other.size())));
        text.insert(at, other.substr(from, length * 4));
        break;
      }
      default: {
        // A line taken twice: duplicate keys and steps.
        const size_t end = std::min(text.find('\n', at), text.size());
        const size_t start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
        text.insert(start, text.substr(start, end - start) + "\n");
        break;
      }
    }
  }
  return text;
}

TEST(MutationTest, EveryFileGivesAPlanOrAFinding) {
  const char* given = std::getenv("SIDESTREAM_SEED");
  const uint64_t seed = given == nullptr ? 20260101 : std::strtoull(given, nullptr, 10);
  SCOPED_TRACE(::testing::Message() << "SIDESTREAM_SEED=" << seed);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  Random random(seed);
  const std::vector<std::string> corpus = Corpus();
  ASSERT_FALSE(corpus.empty());
  for (int i = 0; i < 5'000; ++i) {
    const auto pick = static_cast<size_t>(random.Below(static_cast<int64_t>(corpus.size())));
    const std::string text = Mutate(corpus[pick], corpus, random);
    LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  }
}

}  // namespace
}  // namespace sidestream
