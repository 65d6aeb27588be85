// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Clusters that refuse us, are not there, go away and come back. They run on a broker of their own
// that wants a password; the cases leave it as they found it, running.

#include <csignal>
#include <fstream>
#include <thread>

#include "base/check.h"
#include "tests/integration/bad_input_case.h"
#include "tests/support/temp_dir.h"

namespace sidestream::integration {
namespace {

constexpr int kFailedCode = 1;
constexpr int kConfigCode = 78;

/// A node whose only listener asks for a password (SASL PLAIN). The user "admin" may do everything,
/// "guest" nothing; the controller comes without a name.
class OwnBroker {
 public:
  OwnBroker() {
    const std::string jaas =
        "org.apache.kafka.common.security.plain.PlainLoginModule required"
        R"( username="admin" password="right" user_admin="right" user_guest="right";)";
    // The listener keeps its name, and the port that broker.sh chooses.
    Start({"--set", "listener.security.protocol.map=PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
           "--set", "sasl.enabled.mechanisms=PLAIN", "--set",
           "sasl.mechanism.inter.broker.protocol=PLAIN", "--set",
           "listener.name.plaintext.plain.sasl.jaas.config=" + jaas, "--set",
           "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer", "--set",
           "super.users=User:admin;User:ANONYMOUS"});
    bootstrap_ = ReadText(dir_.path() / "bootstrap");
  }
  ~OwnBroker() { Kill(); }
  OwnBroker(const OwnBroker&) = delete;
  OwnBroker& operator=(const OwnBroker&) = delete;

  /// The same cluster at the same address. No effect on one that runs.
  void Start(const Command& options = {}) {
    Command command{kScript, "start", dir_.path()};
    command.insert(command.end(), options.begin(), options.end());
    // On a machine that is busy with other things a start may run out of its time.
    int tries = 3;
    while (RunTool(command).exit_code != 0) CHECK(--tries > 0) << "the broker does not start";
  }
  void Kill() { (void)RunTool({kScript, "stop", dir_.path(), "--kill"}); }

  void LetGuestSeeTopics() {
    std::string login;
    for (const auto& [name, value] : LoginWith("right")) {
      // Java wants the module in place of user and password.
      if (!name.starts_with("sasl.user") && name != "sasl.password") {
        login += name + "=" + value + "\n";
      }
    }
    login +=
        "sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required "
        R"(username="admin" password="right";)"
        "\n";
    const std::string file = dir_.path() / "admin.properties";
    std::ofstream(file) << login;
    const auto granted =
        RunTool({kScript, "tool", "org.apache.kafka.tools.AclCommand", "--bootstrap-server",
                 bootstrap_, "--command-config", file, "--add", "--allow-principal", "User:guest",
                 "--operation", "Describe", "--operation", "DescribeConfigs", "--topic", "*"});
    CHECK(granted.exit_code == 0) << granted.output;
  }

  ClusterView::Properties LoginWith(const std::string& password,
                                    const std::string& user = "admin") const {
    return {{"bootstrap.servers", bootstrap_},
            {"security.protocol", "SASL_PLAINTEXT"},
            {"sasl.mechanism", "PLAIN"},
            {"sasl.username", user},
            {"sasl.password", password}};
  }

 private:
  static constexpr char kScript[] = SIDESTREAM_SOURCE_DIR "/scripts/broker.sh";

  testing::TempDir dir_;
  std::string bootstrap_;
};

class BadClusterTest : public BadInputTest {
 protected:
  BadClusterTest() : BadInputTest(broker_->LoginWith("right")) {}
  static void SetUpTestSuite() { broker_ = new OwnBroker(); }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }
  void TearDown() override { broker_->Start(); }

  static Lines Numbers(int from, int to) {
    Lines lines;
    for (int i = from; i < to; ++i) lines.push_back("k|" + std::to_string(i));
    return lines;
  }

  static OwnBroker* broker_;
};

OwnBroker* BadClusterTest::broker_ = nullptr;

TEST_F(BadClusterTest, WrongPassword) {
  CopyTopology("app");
  MakeTopics("app");
  ConnectWith(broker_->LoginWith("wrong"));
  for (const std::string verb : {"run", "topics", "reset"}) {
    SCOPED_TRACE(verb);
    ExpectEnd(Run("app", verb), kConfigCode, {"uthentication"});
  }
  ConnectWith(broker_->LoginWith("right"));
  Feed(Name("in"), {"k|one"});
  RunUntil("app", Name("out"), 1);
}

TEST_F(BadClusterTest, AUserWithoutRights) {
  CopyTopology("app");
  for (const std::string topic : {"in", "out"}) edit().CreateTopic(Name(topic), 1);
  ConnectWith(broker_->LoginWith("right", "guest"));
  ExpectEnd(Run("app", "validate", {"--connect"}), kConfigCode,
            {"SS5007", "the user may not see the topic " + Name("in"),
             "the user may not see the topic " + Name("out"), "consumer group",
             "transactional ids that begin with"});
  ExpectEnd(Run("app", "run"), kConfigCode, {"authorization failed"});
  broker_->LetGuestSeeTopics();
  ExpectEnd(Run("app", "validate", {"--connect"}), kConfigCode,
            {"lacks rights on the topic " + Name("in") + ": READ",
             "would not create the internal topics", "transactional ids that begin with"});
  ConnectWith(broker_->LoginWith("right"));
  ExpectEnd(Run("app", "validate", {"--connect"}), 0, {});
}

TEST_F(BadClusterTest, DownAtTheStart) {
  CopyTopology("app");
  MakeTopics("app");
  Feed(Name("in"), {"k|one"});
  broker_->Kill();
  ExpectEnd(Run("app", "run", {"--connect-timeout", "1s"}), kFailedCode,
            {"the cluster does not answer"});
  const Running program = Start("app");
  AwaitWords(*program, "the cluster does not answer, trying again");
  broker_->Start();
  AwaitCommitted(*program, Name("out"), 1);
  Stop(*program);
}

TEST_F(BadClusterTest, GoesAwayAndComesBackWhileRecordsFlow) {
  CopyTopology("app");
  MakeTopics("app");
  const Lines all = Numbers(0, 400);
  const Running program = Start("app");
  std::thread feeder([&] { Feed(Name("in"), all, Milliseconds(10)); });
  AwaitCommitted(*program, Name("out"), 20);
  broker_->Kill();
  // Longer than the transaction time-out: records that were under way time out too.
  std::this_thread::sleep_for(Milliseconds(12'000));
  broker_->Start();
  feeder.join();
  AwaitCommitted(*program, Name("out"), all.size());
  Stop(*program);
  ExpectHolds(Name("out"), all);
}

TEST_F(BadClusterTest, StoppedWhileItIsAway) {
  CopyTopology("app");
  MakeTopics("app");
  Feed(Name("in"), {"k|one"});
  // It cannot leave the group, so the next one waits until its session is over.
  ClusterView::Properties properties = broker_->LoginWith("right");
  properties["session.timeout.ms"] = "3000";
  properties["heartbeat.interval.ms"] = "500";
  ConnectWith(properties);
  const Running program = Start("app", {"--stop-timeout", "3s"});
  AwaitCommitted(*program, Name("out"), 1);
  broker_->Kill();
  const SystemClock clock;
  const MonotonicTime begin = clock.Now();
  program->End(SIGTERM, Milliseconds(30'000));
  EXPECT_LT(clock.Now() - begin, Milliseconds(8'000)) << ReadText(program->log());
  broker_->Start();
  Feed(Name("in"), {"k|two"});
  RunUntil("app", Name("out"), 2);
  ExpectHolds(Name("out"), {"k|one", "k|two"});
}

}  // namespace
}  // namespace sidestream::integration
