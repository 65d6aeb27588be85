// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What a location does when its server does not: against answers by hand on a loopback port. The
// suite of all locations runs against a real server in tests/integration.

#include "snapshot/s3_location.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "tests/support/temp_dir.h"
#include "tests/unit/snapshot/silent_server.h"

namespace sidestream::snapshot {
namespace {

constexpr int64_t kPartBytes = 100;

class S3LocationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      ++asked_;
      if (asked_ == ends_at_) ending_ = true;
      last_ = request.method + " " + request.target;
      authorization_ = request.get_header_value("authorization");
      const size_t index = std::min(asked_, answers_.size()) - 1;
      response.status = answers_[index].first;
      response.set_content(answers_[index].second, "application/xml");
    };
    server_.Put(".*", answer);
    server_.Get(".*", answer);
    server_.Post(".*", answer);
    server_.Delete(".*", answer);
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  void TearDown() override {
    server_.stop();
    thread_.join();
  }

  std::unique_ptr<Location> NewLocation() {
    return NewLocation(fmt::format("127.0.0.1:{}", port_));
  }
  std::unique_ptr<Location> NewLocation(const std::string& host) {
    S3Address address{.bucket = "bucket", .region = "here", .scheme = "http"};
    address.host = host;
    address.path_style = true;
    address.credentials = {.access_key = "KEY", .secret_key = "hidden-secret"};
    LocationSurroundings surroundings;
    surroundings.clock = &clock_;
    surroundings.pause = [this](Milliseconds pause) { pauses_.push_back(pause); };
    surroundings.ending = [this] { return ending_.load(); };
    return NewS3Location(
        address, surroundings,
        {.tries = 4, .first_pause = Milliseconds(100), .part_bytes = kPartBytes});
  }

  // The last one is given again and again. Set before anything is asked.
  std::vector<std::pair<int, std::string>> answers_;
  size_t asked_ = 0;
  // The process ends while this question is answered.
  size_t ends_at_ = 0;
  std::atomic<bool> ending_{false};
  std::string last_;
  std::string authorization_;
  std::vector<Milliseconds> pauses_;
  ManualClock clock_;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};

TEST_F(S3LocationTest, ABusyServerIsAskedAgainAfterLongerAndLongerPauses) {
  answers_ = {{503, "<Error><Code>SlowDown</Code></Error>"}, {500, ""}, {200, ""}};
  EXPECT_TRUE(NewLocation()->Put("a", "1").ok());
  EXPECT_EQ(asked_, 3u);
  EXPECT_EQ(pauses_, (std::vector<Milliseconds>{Milliseconds(100), Milliseconds(200)}));
  EXPECT_TRUE(authorization_.starts_with("AWS4-HMAC-SHA256 Credential=KEY/20260101/here/"));
}

TEST_F(S3LocationTest, AndAFewTimesOnly) {
  answers_ = {{503, "<Error><Code>SlowDown</Code></Error>"}};
  const Status status = NewLocation()->Put("a", "1");
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_NE(status.message().find("SlowDown"), std::string::npos) << status;
  EXPECT_EQ(asked_, 4u);
}

TEST_F(S3LocationTest, ARefusalIsNotTriedAgainAndHidesTheSecret) {
  answers_ = {{403,
               "<Error><Code>SignatureDoesNotMatch</Code><SecretEcho>hidden-secret</SecretEcho>"
               "</Error>"}};
  const Status status = NewLocation()->Put("a", "1");
  EXPECT_EQ(status.code(), StatusCode::kInvalidConfig) << status;
  EXPECT_NE(status.message().find("SignatureDoesNotMatch"), std::string::npos) << status;
  EXPECT_EQ(status.message().find("hidden-secret"), std::string::npos) << status;
  EXPECT_EQ(asked_, 1u);
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(S3LocationTest, AMissingBucketIsAWrongSettingAndAMissingObjectIsNot) {
  answers_ = {{404, "<Error><Code>NoSuchBucket</Code></Error>"},
              {404, "<Error><Code>NoSuchKey</Code></Error>"}};
  const auto location = NewLocation();
  EXPECT_EQ(location->Get("a", 10).status().code(), StatusCode::kInvalidConfig);
  EXPECT_EQ(location->Get("a", 10).status().code(), StatusCode::kStopped);
}

TEST_F(S3LocationTest, APageThatIsNoneIsAskedForNoLongerThanTheFirst) {
  answers_ = {{200, "<html>a proxy's page</html>"}};
  EXPECT_EQ(NewLocation()->List("a/").status().code(), StatusCode::kUnavailable);
}

TEST_F(S3LocationTest, AServerThatNeverAnswersDoesNotHoldTheEndUp) {
  SilentServer silent;
  const auto location = NewLocation(silent.host());
  std::thread end([&] {
    silent.Take();
    ending_ = true;
  });
  const Status status = location->Put("a", "1");
  end.join();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_FALSE(silent.IsAskedAgain());
  EXPECT_TRUE(pauses_.empty());
}

TEST_F(S3LocationTest, PartsThatTheEndLeavesAreTakenBackWhileThereIsTime) {
  testing::TempDir dir;
  const std::filesystem::path file = dir.path() / "file";
  std::ofstream(file) << std::string(3 * kPartBytes, 'x');
  const std::string begun = "<InitiateMultipartUploadResult><UploadId>up</UploadId>"
                            "</InitiateMultipartUploadResult>";
  answers_ = {{200, begun}, {200, ""}, {500, ""}, {204, ""}};
  ends_at_ = 3;
  const auto location = NewLocation();
  EXPECT_EQ(location->PutFile("a", file).code(), StatusCode::kUnavailable);
  EXPECT_EQ(asked_, 4u);
  EXPECT_EQ(last_, "DELETE /bucket/a?uploadId=up");
  EXPECT_TRUE(pauses_.empty());
  clock_.Advance(Milliseconds(2'000));
  EXPECT_EQ(location->Delete("b").code(), StatusCode::kUnavailable);
  EXPECT_EQ(asked_, 4u) << "then nobody is asked any more";
}

TEST_F(S3LocationTest, NobodyThere) {
  const auto location = NewLocation();
  answers_ = {{200, ""}};
  server_.stop();
  const Status status = location->Put("a", "1");
  EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
  EXPECT_EQ(pauses_.size(), 3u);
}

}  // namespace
}  // namespace sidestream::snapshot
