// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "operators/aggregate/quantile_sketch.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"

namespace sidestream::operators {
namespace {

// Persistent: rows hold buckets of this width.
constexpr unsigned kMantissaBits = 7;
constexpr unsigned kDroppedBits = 52 - kMantissaBits;

/// Exponent and first bits of the mantissa; 0 of zero; of negative numbers the negative of it, less
/// one, so that the smallest negative numbers do not share a bucket with zero.
int32_t IndexOf(double number) {
  const auto above = static_cast<int32_t>(std::bit_cast<uint64_t>(std::fabs(number)) >> kDroppedBits);
  return number < 0 ? -above - 1 : above;
}

double NearerToZero(double a, double b) {
  if (std::fabs(a) == std::fabs(b)) return std::signbit(a) ? b : a;
  return std::fabs(a) < std::fabs(b) ? a : b;
}

}  // namespace

void QuantileSketch::Clear() {
  buckets_.clear();
  count_ = 0;
}

bool QuantileSketch::Takes(double number) const {
  if (buckets_.size() < kBucketsMax) return true;
  const int32_t index = IndexOf(number);
  return std::ranges::binary_search(buckets_, index, {}, &Bucket::index);
}

void QuantileSketch::Add(double number) {
  CHECK(!std::isnan(number)) << "NaN has no place";
  Add(IndexOf(number), number, 1);
}

void QuantileSketch::Add(int32_t index, double nearest, uint64_t count) {
  count_ += count;
  const auto at = std::ranges::lower_bound(buckets_, index, {}, &Bucket::index);
  if (at == buckets_.end() || at->index != index) {
    buckets_.insert(at, {index, nearest, count});
    return;
  }
  at->nearest = NearerToZero(at->nearest, nearest);
  at->count += count;
}

void QuantileSketch::Add(const QuantileSketch& other) {
  for (const Bucket& bucket : other.buckets_) Add(bucket.index, bucket.nearest, bucket.count);
}

double QuantileSketch::At(double fraction) const {
  CHECK(count_ > 0) << "of no numbers";
  // 0.07 * 100 is a little more than 7.
  constexpr double kRounding = 1e-12;
  const double place = std::ceil(fraction * static_cast<double>(count_) * (1 - kRounding));
  const auto wanted = std::max<uint64_t>(static_cast<uint64_t>(place), 1);
  uint64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    if (seen >= wanted) return bucket.nearest;
  }
  return buckets_.back().nearest;
}

void QuantileSketch::Encode(ByteWriter& out) const {
  out.Varint(buckets_.size());
  int32_t before = 0;
  for (const Bucket& bucket : buckets_) {
    out.SignedVarint(bucket.index - before);
    before = bucket.index;
    // The bits that the index does not have. Round numbers end in zeros: the first byte last.
    const uint64_t low = std::bit_cast<uint64_t>(bucket.nearest) << (64 - kDroppedBits);
    out.Varint(__builtin_bswap64(low));
    out.Varint(bucket.count);
  }
}

bool QuantileSketch::Decode(ByteReader& in) {
  Clear();
  const uint64_t size = in.Varint();
  if (!in.ok() || size > kBucketsMax) return false;
  constexpr int64_t kLastIndex = int64_t{0x7ff} << kMantissaBits;  // infinity's
  int64_t index = 0;
  for (uint64_t i = 0; i < size; ++i) {
    const int64_t step = in.SignedVarint();
    const uint64_t low = __builtin_bswap64(in.Varint());
    const uint64_t count = in.Varint();
    const bool fits = in.ok() && count > 0 && count <= UINT64_MAX / kBucketsMax &&
                      (low << kDroppedBits) == 0 && (i == 0 || step > 0) &&
                      std::abs(step) <= 2 * kLastIndex + 1;
    if (!fits) return false;
    index += step;
    if (index > kLastIndex || index < -kLastIndex - 1) return false;
    const auto above = static_cast<uint64_t>(index < 0 ? -index - 1 : index);
    const double nearest =
        std::bit_cast<double>((above << kDroppedBits) | (low >> (64 - kDroppedBits)));
    if (std::isnan(nearest)) return false;
    buckets_.push_back({static_cast<int32_t>(index), index < 0 ? -nearest : nearest, count});
    count_ += count;
  }
  return true;
}

}  // namespace sidestream::operators
