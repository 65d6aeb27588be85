// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/distinct_sketch.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace sidestream::operators {
namespace {

// Persistent: rows hold registers of these.
constexpr unsigned kIndexBits = 12;
constexpr size_t kRegisters = size_t{1} << kIndexBits;
constexpr unsigned kRankMax = 64 - kIndexBits + 1;

// x + sum of 2^(k-1) x^(2^k), Ertl's sigma; infinite at 1.
double Sigma(double x) {
  if (x == 1) return HUGE_VAL;
  double y = 1;
  double sum = x;
  double before = 0;
  do {
    x *= x;
    before = sum;
    sum += x * y;
    y += y;
  } while (sum != before);
  return sum;
}

double Tau(double x) {
  if (x == 0 || x == 1) return 0;
  double y = 1;
  double sum = 1 - x;
  double before = 0;
  do {
    x = std::sqrt(x);
    before = sum;
    y *= 0.5;
    sum -= (1 - x) * (1 - x) * y;
  } while (sum != before);
  return sum / 3;
}

}  // namespace

void DistinctSketch::Clear() {
  hashes_.clear();
  registers_.clear();
}

void DistinctSketch::AddToRegisters(uint64_t hash) {
  const size_t index = hash >> (64 - kIndexBits);
  const uint64_t rest = hash << kIndexBits;
  const auto rank = std::min<unsigned>(static_cast<unsigned>(std::countl_zero(rest)) + 1, kRankMax);
  if (static_cast<uint8_t>(registers_[index]) < rank) registers_[index] = static_cast<char>(rank);
}

void DistinctSketch::Add(uint64_t hash) {
  if (!registers_.empty()) return AddToRegisters(hash);
  const auto at = std::ranges::lower_bound(hashes_, hash);
  if (at != hashes_.end() && *at == hash) return;
  hashes_.insert(at, hash);
  if (hashes_.size() <= kExactMax) return;
  registers_.assign(kRegisters, 0);
  for (const uint64_t one : hashes_) AddToRegisters(one);
  hashes_ = std::vector<uint64_t>();
}

void DistinctSketch::Add(const DistinctSketch& other) {
  for (const uint64_t hash : other.hashes_) Add(hash);
  if (other.registers_.empty()) return;
  const std::vector<uint64_t> own = std::move(hashes_);
  hashes_.clear();
  if (registers_.empty()) registers_.assign(kRegisters, 0);
  for (const uint64_t hash : own) AddToRegisters(hash);
  for (size_t i = 0; i < kRegisters; ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

uint64_t DistinctSketch::Estimate() const {
  if (registers_.empty()) return hashes_.size();
  std::array<int, kRankMax + 1> ranks{};
  for (const char rank : registers_) ++ranks[static_cast<uint8_t>(rank)];
  const auto count = static_cast<double>(kRegisters);
  double z = count * Tau(1 - ranks[kRankMax] / count);
  for (unsigned rank = kRankMax - 1; rank >= 1; --rank) z = 0.5 * (z + ranks[rank]);
  z += count * Sigma(ranks[0] / count);
  constexpr double kTwiceLn2 = 1.3862943611198906;  // alpha is 1 / (2 ln 2)
  return static_cast<uint64_t>(std::llround(count * count / (kTwiceLn2 * z)));
}

void DistinctSketch::Encode(ByteWriter& out) const {
  out.Varint(hashes_.size() * 2 + (registers_.empty() ? 0 : 1));
  for (const uint64_t hash : hashes_) out.U64(hash);
  out.Raw(registers_);
}

bool DistinctSketch::Decode(ByteReader& in) {
  Clear();
  const uint64_t head = in.Varint();
  if (!in.ok() || head / 2 > kExactMax || (head % 2 == 1 && head != 1)) return false;
  for (uint64_t i = 0; i < head / 2; ++i) {
    const uint64_t hash = in.U64();
    if (!hashes_.empty() && hash <= hashes_.back()) return false;
    hashes_.push_back(hash);
  }
  if (head == 1) registers_.assign(in.Raw(kRegisters));
  return in.ok() && std::ranges::all_of(registers_, [](char rank) {
           return static_cast<uint8_t>(rank) <= kRankMax;
         });
}

}  // namespace sidestream::operators
