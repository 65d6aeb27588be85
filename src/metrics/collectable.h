// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The registry as prometheus-cpp sees it. The one header of this folder that shows a vendor's
// type: only http and the tests of metrics include it.
//
// Threading: Collect() may be called from any thread, also from several.

#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

#include "metrics/registry.h"

namespace sidestream::metrics {

class RegistryCollectable final : public prometheus::Collectable {
 public:
  /// `registry` is borrowed and must outlive this.
  explicit RegistryCollectable(const Registry& registry) : registry_(registry) {}
  /// Everything in the registry, and the `process_*` families.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Registry& registry_;
};

}  // namespace sidestream::metrics
