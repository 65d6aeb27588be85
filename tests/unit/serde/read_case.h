// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reads bytes through a Reader and gives the slots as text: what the reader tests compare.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serde/reader.h"

namespace sidestream::serde {

/// The slots of `paths`, in order, joined by " | "; or the error.
inline std::string ReadText(const FormatSpec& format,
                            const std::vector<std::vector<std::string>>& paths,
                            std::optional<std::string_view> bytes) {
  std::vector<WantedPath> wanted;
  for (size_t i = 0; i < paths.size(); ++i) wanted.push_back({paths[i], i});
  Result<std::unique_ptr<Reader>> reader = Reader::Create(format, wanted);
  if (!reader.ok()) return reader.status().ToString();
  Arena arena;
  std::vector<Value> slots(paths.size());
  const Status status = (*reader)->Read(bytes, slots, arena);
  if (!status.ok()) return status.ToString();
  std::string text;
  for (size_t i = 0; i < slots.size(); ++i) {
    if (i > 0) text += " | ";
    text += DebugString(slots[i], 10'000);
  }
  return text;
}

}  // namespace sidestream::serde
