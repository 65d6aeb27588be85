// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Certificates that change under a running program: the broker's is renewed, or whoever signs them
// is replaced. On a broker of the suite's own that wants to know its clients (TLS on both sides).

#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include "base/check.h"
#include "tests/integration/bad_input_case.h"
#include "tests/integration/own_broker.h"

namespace sidestream::integration {
namespace {

namespace fs = std::filesystem;

/// Files in the form that both the broker and its clients read.
class Certificates {
 public:
  explicit Certificates(fs::path dir) : dir_(std::move(dir)) { fs::create_directories(dir_); }

  fs::path Chain(const std::string& name) const { return dir_ / (name + ".pem"); }
  fs::path Key(const std::string& name) const { return dir_ / (name + ".key"); }
  /// Key and chain in one file, as a broker wants them.
  fs::path Store(const std::string& name) const { return dir_ / (name + ".store"); }

  void MakeAuthority(const std::string& name) {
    MakeKey(name);
    OpenSsl({"req", "-x509", "-key", Key(name), "-out", Chain(name), "-days", "2", "-subj",
             "/CN=" + name});
  }
  /// The names of the files stay, whoever signs.
  void Sign(const std::string& name, const std::string& authority) {
    MakeKey(name);
    OpenSsl({"req", "-x509", "-key", Key(name), "-CA", Chain(authority), "-CAkey", Key(authority),
             "-out", Chain(name), "-days", "2", "-subj", "/CN=" + name, "-addext",
             "subjectAltName=IP:127.0.0.1"});
    std::ofstream(Store(name)) << ReadText(Key(name)) << ReadText(Chain(name));
  }

 private:
  static void OpenSsl(Command command) {
    command.insert(command.begin(), "/usr/bin/openssl");
    const ToolResult made = RunTool(command);
    CHECK(made.exit_code == 0) << made.output;
  }
  void MakeKey(const std::string& name) {
    OpenSsl(
        {"genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", Key(name)});
  }

  const fs::path dir_;
};

/// A cluster whose only listener wants certificates.
class CertificateBroker {
 public:
  CertificateBroker() : certificates_(broker_.dir() / "certificates") {
    certificates_.MakeAuthority("authority");
    Renew();
    broker_.Start({"listener.security.protocol.map=PLAINTEXT:SSL,CONTROLLER:PLAINTEXT",
                   "ssl.keystore.type=PEM",
                   "ssl.keystore.location=" + certificates_.Store("broker").string(),
                   "ssl.truststore.type=PEM",
                   "ssl.truststore.location=" + certificates_.Chain("authority").string(),
                   "ssl.client.auth=required"});
  }

  ClusterView::Properties Properties() const {
    return {{"bootstrap.servers", broker_.bootstrap()},
            {"security.protocol", "SSL"},
            {"ssl.ca.location", certificates_.Chain("authority")},
            {"ssl.certificate.location", certificates_.Chain("client")},
            {"ssl.key.location", certificates_.Key("client")},
            {"session.timeout.ms", "3000"},
            {"heartbeat.interval.ms", "500"}};
  }

  /// New certificates of both sides, of the same authority.
  void Renew() {
    for (const std::string name : {"broker", "client"}) certificates_.Sign(name, "authority");
  }
  /// All of them anew.
  void Replace() {
    certificates_.MakeAuthority("authority");
    Renew();
  }
  void Restart() {
    broker_.Kill();
    broker_.Start();
  }

 private:
  OwnBroker broker_;
  Certificates certificates_;
};

class BadCertificatesTest : public BadInputTest {
 protected:
  BadCertificatesTest() : BadInputTest(broker_->Properties()) {}
  static void SetUpTestSuite() { broker_ = new CertificateBroker(); }
  static void TearDownTestSuite() {
    delete broker_;
    broker_ = nullptr;
  }

  /// The test's own clients have read the old files.
  void LookWithNewFiles() { ConnectAnew(broker_->Properties()); }

  static CertificateBroker* broker_;
};

CertificateBroker* BadCertificatesTest::broker_ = nullptr;

TEST_F(BadCertificatesTest, RenewedByTheSameAuthority) {
  CopyTopology("app");
  MakeTopics("app");
  const Running program = Start("app");
  Feed(Name("in"), {"k|one"});
  AwaitCommitted(*program, Name("out"), 1);
  broker_->Renew();
  broker_->Restart();
  Feed(Name("in"), {"k|two"});
  AwaitCommitted(*program, Name("out"), 2);
  Stop(*program);
  ExpectHolds(Name("out"), {"k|one", "k|two"});
}

TEST_F(BadCertificatesTest, OfAnotherAuthority) {
  CopyTopology("app");
  MakeTopics("app");
  {
    const Running program = Start("app", {"--stop-timeout", "3s"});
    Feed(Name("in"), {"k|one"});
    AwaitCommitted(*program, Name("out"), 1);
    broker_->Replace();
    broker_->Restart();
    AwaitWords(*program, "certificate verify failed");
    // It cannot leave the group. The files are read at a start.
    program->End(SIGTERM, Milliseconds(30'000));
  }
  LookWithNewFiles();
  Feed(Name("in"), {"k|two"});
  RunUntil("app", Name("out"), 2);
  ExpectHolds(Name("out"), {"k|one", "k|two"});
}

}  // namespace
}  // namespace sidestream::integration
