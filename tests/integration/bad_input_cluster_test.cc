// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Clusters that do not know us, are not there, go away and come back. They run on a broker of their
// own that wants a password; the cases leave it as they found it, running.

#include <csignal>
#include <thread>

#include "tests/integration/bad_input_case.h"
#include "tests/integration/own_broker.h"

namespace sidestream::integration {
namespace {

constexpr int kFailedCode = 1;
constexpr int kConfigCode = 78;

class BadClusterTest : public BadInputTest {
 protected:
  BadClusterTest() : BadInputTest(broker_->LoginWith("right")) {}
  static void SetUpTestSuite() { broker_ = new PasswordBroker(); }
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

  static PasswordBroker* broker_;
};

PasswordBroker* BadClusterTest::broker_ = nullptr;

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
