// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/s3_address.h"

#include <gtest/gtest.h>

#include <map>

namespace sidestream::snapshot {
namespace {

class S3AddressTest : public ::testing::Test {
 protected:
  Result<S3Address> Read(const std::string& text) {
    LocationSurroundings surroundings;
    surroundings.environment = [this](const std::string& name) {
      const auto found = environment_.find(name);
      return found == environment_.end() ? std::nullopt
                                         : std::optional<std::string>(found->second);
    };
    surroundings.read_file = [this](const std::string& path) {
      const auto found = files_.find(path);
      return found == files_.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
    return ReadS3Address(text, surroundings);
  }

  std::map<std::string, std::string> environment_ = {{"AWS_ACCESS_KEY_ID", "KEY"},
                                                     {"AWS_SECRET_ACCESS_KEY", "hidden"},
                                                     {"HOME", "/h"}};
  std::map<std::string, std::string> files_;
};

TEST_F(S3AddressTest, TheCloudsOwnServerHasTheBucketInItsName) {
  const auto address = Read("s3://my-bucket/some/prefix/?region=eu-central-1");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->scheme, "https");
  EXPECT_EQ(address->host, "my-bucket.s3.eu-central-1.amazonaws.com");
  EXPECT_EQ(address->prefix, "some/prefix/");
  EXPECT_EQ(address->PathOf("some/prefix/a"), "/some/prefix/a");
  EXPECT_EQ(address->credentials.access_key, "KEY");
}

TEST_F(S3AddressTest, AServerOfOnesOwnHasItInThePath) {
  const auto address = Read("s3://my-bucket?endpoint=http://storage:9000/");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->scheme, "http");
  EXPECT_EQ(address->host, "storage:9000");
  EXPECT_EQ(address->PathOf("a"), "/my-bucket/a");
  const auto by_host = Read("s3://my-bucket/p?endpoint=http://storage:9000&path_style=false");
  EXPECT_EQ(by_host->host, "my-bucket.storage:9000");
  EXPECT_EQ(by_host->PathOf("p/a"), "/p/a");
}

TEST_F(S3AddressTest, TheEnvironmentSaysWhatTheTextDoesNot) {
  environment_["AWS_ENDPOINT_URL"] = "https://all:1";
  environment_["AWS_ENDPOINT_URL_S3"] = "https://storage:2";
  environment_["AWS_DEFAULT_REGION"] = "far";
  environment_["AWS_SESSION_TOKEN"] = "token";
  environment_["AWS_CA_BUNDLE"] = "/ca.pem";
  const auto address = Read("s3://my-bucket/p");
  EXPECT_EQ(address->host, "storage:2");
  EXPECT_EQ(address->region, "far");
  EXPECT_EQ(address->credentials.session_token, "token");
  EXPECT_EQ(address->ca_file, "/ca.pem");
}

TEST_F(S3AddressTest, CredentialsOfAProfile) {
  environment_.erase("AWS_SECRET_ACCESS_KEY");
  environment_["AWS_PROFILE"] = "snapshots";
  files_["/h/.aws/credentials"] =
      "[default]\naws_access_key_id = A\naws_secret_access_key = B\n"
      "# ours\n[snapshots]\r\naws_access_key_id=C\r\naws_secret_access_key = D=\n";
  const auto address = Read("s3://my-bucket");
  ASSERT_TRUE(address.ok()) << address.status();
  EXPECT_EQ(address->credentials.access_key, "C");
  EXPECT_EQ(address->credentials.secret_key, "D=");
  environment_["AWS_PROFILE"] = "none";
  const Status missing = Read("s3://my-bucket").status();
  EXPECT_EQ(missing.code(), StatusCode::kInvalidConfig);
  EXPECT_NE(missing.message().find("/h/.aws/credentials"), std::string::npos) << missing;
}

TEST_F(S3AddressTest, WrongTextsAreRefusedWithoutRepeatingSecrets) {
  for (const char* text :
       {"s3://", "s3://a", "s3://key:hidden@my-bucket", "s3://My_Bucket", "s3://my-bucket/a//b",
        "s3://my-bucket?secret_key=hidden", "s3://my-bucket?hidden",
        "s3://my-bucket?endpoint=storage", "s3://my-bucket?endpoint=http://u:hidden@storage",
        "s3://my-bucket?endpoint=ftp://storage", "s3://my-bucket?endpoint=http://s/x",
        "s3://my-bucket?path_style=hidden", "https://u:hidden@storage/x"}) {
    const Status status = Read(text).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidConfig) << text;
    if (std::string_view(text) == "s3://my-bucket?hidden") continue;  // the name of an option
    EXPECT_EQ(status.message().find("hidden"), std::string::npos) << status;
  }
}

}  // namespace
}  // namespace sidestream::snapshot
