// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Topologies to begin with. They are the files of the folder skeletons/, which the build puts
// into the program; each begins with a comment line that says what it does.
//
// Threading: immutable static data.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sidestream::app {

struct Skeleton {
  std::string_view name;
  std::string_view text;
};

/// By name.
std::span<const Skeleton> Skeletons();

std::vector<std::string> SkeletonNames();

/// Null pointer: there is none of this name.
const Skeleton* FindSkeleton(std::string_view name);

/// The first line, without its mark.
std::string_view SummaryOf(const Skeleton& skeleton);

}  // namespace sidestream::app
