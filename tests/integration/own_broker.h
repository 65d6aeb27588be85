// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// A node of a suite's own, with settings that the others would not bear: passwords, rights,
// certificates. It lives as long as its object.
//
// Threading: confined to one thread.

#pragma once

#include <filesystem>
#include <string>

#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {

class OwnBroker {
 public:
  OwnBroker() = default;
  ~OwnBroker() { Kill(); }
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;

  /// The first start has the settings; later ones are of the same cluster at the same address. No
  /// effect on one that runs.
  void Start(const std::vector<std::string>& settings = {});
  void Kill();

  const std::filesystem::path& dir() const { return dir_.path(); }
  const std::string& bootstrap() const { return bootstrap_; }

 private:
  testing::TempDir dir_;
  std::string bootstrap_;
};

/// Its only listener asks for a password (SASL PLAIN). The user "admin" may do everything, "guest"
/// nothing; the controller comes without a name.
class PasswordBroker final : public OwnBroker {
 public:
  PasswordBroker();
  ClusterView::Properties LoginWith(const std::string& password,
                                    const std::string& user = "admin") const;
};

}  // namespace sidestream::integration
