// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A directory as a location: an object is a file. It is written under a name that no object can
// have, synced and renamed (L1).
//
// Threading: as Location. Several processes may share the directory.

#pragma once

#include <filesystem>
#include <memory>

#include "snapshot/location.h"

namespace sidestream::snapshot {

std::unique_ptr<Location> NewDirectoryLocation(std::filesystem::path root);

}  // namespace sidestream::snapshot
