// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The files of the checkout as text, for the tests that read them. Build trees,
// caches and git's own folder are left out.
//
// Threading: none. Paths are relative to the checkout and use '/'.

#pragma once

#include <string>
#include <vector>

namespace sidestream::house {

struct SourceFile {
  std::string path;
  std::string text;
};

/// All text files below `folder` ("" is the checkout), ordered by path. A file with a NUL byte in
/// its first 8 KiB is no text file.
std::vector<SourceFile> ReadTree(const std::string& folder);

/// The lines without their ends.
std::vector<std::string> Lines(const std::string& text);

}  // namespace sidestream::house
