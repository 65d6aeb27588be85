// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/own_broker.h"

#include "base/check.h"

namespace sidestream::integration {
namespace {

constexpr char kScript[] = SIDESTREAM_SOURCE_DIR "/scripts/broker.sh";

}  // namespace

void OwnBroker::Start(const std::vector<std::string>& settings) {
  Command command{kScript, "start", dir_.path()};
  for (const std::string& setting : settings) command.insert(command.end(), {"--set", setting});
  // On a machine that is busy with other things a start may run out of its time.
  int tries = 3;
  while (RunTool(command).exit_code != 0) CHECK(--tries > 0) << "the broker does not start";
  bootstrap_ = ReadText(dir_.path() / "bootstrap");
}

void OwnBroker::Kill() { (void)RunTool({kScript, "stop", dir_.path(), "--kill"}); }

PasswordBroker::PasswordBroker() {
  // The listener keeps its name, and the port that broker.sh chooses.
  Start({"listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
         "sasl.enabled.mechanisms=PLAIN", "sasl.mechanism.inter.broker.protocol=PLAIN",
         "listener.name.plaintext.plain.sasl.jaas.config="
         "org.apache.kafka.common.security.plain.PlainLoginModule required"
         R"( username="admin" password="right" user_admin="right" user_guest="right";)",
         "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
         "super.users=User:admin;User:ANONYMOUS"});
}

ClusterView::Properties PasswordBroker::LoginWith(const std::string& password,
                                                  const std::string& user) const {
  return {{"bootstrap.servers", bootstrap()},
          {"security.protocol", "SASL_PLAINTEXT"},
          {"sasl.mechanism", "PLAIN"},
          {"sasl.username", user},
          {"sasl.password", password}};
}

}  // namespace sidestream::integration
