// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Records of a repartition partition that were written and not read at a cut, as files of a
// snapshot: docs/formats/snapshot.md. Several files of bounded size for each partition.
//
// Persistent: do not renumber.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace sidestream::snapshot {

struct InFlightRecord {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  friend bool operator==(const InFlightRecord&, const InFlightRecord&) = default;
};

/// A file to which records are added.
class InFlightFile {
 public:
  /// Above it, begin another.
  static constexpr size_t kBytesMax = size_t{4} << 20;
  /// What reading must be ready for: a record may be as large as a topic takes.
  static constexpr size_t kReadBytesMax = size_t{1} << 30;

  InFlightFile();
  void Add(const InFlightRecord& record);
  bool empty() const { return records_ == 0; }
  bool full() const { return bytes_.size() >= kBytesMax; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  int64_t records_ = 0;
};

/// Visits the records of a file in their order. Errors: kInvalidConfig: of a newer release;
/// kStopped: damaged; those of `visit`.
Status ReadInFlightFile(std::string_view bytes,
                        const std::function<Status(const InFlightRecord&)>& visit);

}  // namespace sidestream::snapshot
