// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Finds the values that an application only copies from one JSON topic to another
// (`map: { id: value.id }`). They leave as the text that came: neither decoded nor written
// again, with the digits that the sender wrote. Internal to this folder.
//
// Threading: free function.

#pragma once

#include "topology/plan.h"

namespace sidestream::topology {

/// Sets Slot::may_stay_text. A slot may, when all its readers are fields of maps whose objects are
/// only written to JSON topics. Requires that nodes and segments of `sub_topology` are final.
void MarkUntouchedText(SubTopology& sub_topology);

}  // namespace sidestream::topology
