// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/exact_sum.h"

#include <bit>
#include <cmath>
#include <utility>

namespace sidestream::operators {
namespace {

// Some forty stand beside each other at most: 2098 bits from the largest to the least, 53 in each.
constexpr uint64_t kPartsMax = 128;

}  // namespace

void ExactSum::Clear() {
  parts_.clear();
  beyond_ = 0;
}

void ExactSum::Add(double number) {
  if (!std::isfinite(number)) {
    beyond_ += number;
    return;
  }
  size_t kept = 0;
  double sum = number;
  for (double part : parts_) {
    if (std::fabs(sum) < std::fabs(part)) std::swap(sum, part);
    const double high = sum + part;
    const double low = part - (high - sum);
    if (!std::isfinite(high)) {
      beyond_ += high;
      parts_.clear();
      return;
    }
    if (low != 0) parts_[kept++] = low;
    sum = high;
  }
  parts_.resize(kept);
  if (sum != 0) parts_.push_back(sum);
}

void ExactSum::Add(uint64_t number) {
  // Each half has 32 bits: a double holds it.
  Add(static_cast<double>(number >> 32U) * 4294967296.0);
  Add(static_cast<double>(number & 0xffff'ffffU));
}

void ExactSum::Add(int64_t number) {
  constexpr int64_t kWhole = int64_t{1} << 53;
  if (-kWhole <= number && number <= kWhole) {
    Add(static_cast<double>(number));
    return;
  }
  Add(static_cast<double>(number >> 32) * 4294967296.0);
  Add(static_cast<double>(number & 0xffff'ffff));
}

void ExactSum::Add(const ExactSum& other) {
  beyond_ += other.beyond_;
  for (const double part : other.parts_) Add(part);
}

void ExactSum::AddProduct(double a, double b) {
  const double product = a * b;
  Add(product);
  if (std::isfinite(product)) Add(std::fma(a, b, -product));
}

void ExactSum::AddProduct(double a, const ExactSum& other) {
  if (other.beyond_ != 0) Add(a * other.beyond_);
  for (const double part : other.parts_) AddProduct(a, part);
}

double ExactSum::Rounded() const {
  if (beyond_ != 0) return beyond_;
  size_t left = parts_.size();
  if (left == 0) return 0;
  double sum = parts_[--left];
  double low = 0;
  while (left > 0 && low == 0) {
    const double part = parts_[--left];
    const double high = sum + part;
    low = part - (high - sum);
    sum = high;
  }
  // `low` was rounded off. Where it is half of the last bit, what lies below it decides.
  if (left > 0 && ((low < 0 && parts_[left - 1] < 0) || (low > 0 && parts_[left - 1] > 0))) {
    const double twice = low * 2;
    const double other = sum + twice;
    if (other - sum == twice) sum = other;
  }
  return sum;
}

void ExactSum::Encode(ByteWriter& out) const {
  const bool beyond = beyond_ != 0;
  out.Varint(parts_.size() * 2 + (beyond ? 1 : 0));
  for (const double part : parts_) out.U64(std::bit_cast<uint64_t>(part));
  if (beyond) out.U64(std::bit_cast<uint64_t>(beyond_));
}

bool ExactSum::Decode(ByteReader& in) {
  Clear();
  const uint64_t head = in.Varint();
  if (!in.ok() || head / 2 > kPartsMax) return false;
  for (uint64_t i = 0; i < head / 2; ++i) {
    const double part = std::bit_cast<double>(in.U64());
    if (!in.ok() || !std::isfinite(part) || part == 0) return false;
    if (!parts_.empty() && std::fabs(part) <= std::fabs(parts_.back())) return false;
    parts_.push_back(part);
  }
  if (head % 2 == 1) beyond_ = std::bit_cast<double>(in.U64());
  return in.ok() && (head % 2 == 0 || !std::isfinite(beyond_));
}

}  // namespace sidestream::operators
