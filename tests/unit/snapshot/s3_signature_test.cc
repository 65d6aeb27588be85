// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The examples of S3's own documentation of signature version 4.

#include "snapshot/s3_signature.h"

#include <gtest/gtest.h>

#include "snapshot/sha256.h"

namespace sidestream::snapshot {
namespace {

const S3Credentials kExample{.access_key = "AKIAIOSFODNN7EXAMPLE",
                             .secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
// 2013-05-24T00:00:00Z
constexpr Timestamp kTime{1'369'353'600'000};

std::string Authorization(std::map<std::string, std::string> query,
                          const S3Credentials& credentials = kExample) {
  S3Request request{.host = "examplebucket.s3.amazonaws.com", .path = "/"};
  request.query = std::move(query);
  return SignS3Request(request, Hex(Sha256("")), credentials, "us-east-1", kTime)
      .at("authorization");
}

TEST(S3SignatureTest, TheDocumentedExamples) {
  EXPECT_EQ(Authorization({{"lifecycle", ""}}),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
            "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
            "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  EXPECT_TRUE(Authorization({{"max-keys", "2"}, {"prefix", "J"}})
                  .ends_with("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST(S3SignatureTest, ATokenIsSentAndSigned) {
  S3Credentials credentials = kExample;
  credentials.session_token = "token";
  const auto headers = SignS3Request({.host = "h", .path = "/"}, Hex(Sha256("")), credentials,
                                     "us-east-1", kTime);
  EXPECT_EQ(headers.at("x-amz-security-token"), "token");
  EXPECT_NE(headers.at("authorization").find("x-amz-date;x-amz-security-token,"),
            std::string::npos);
}

TEST(S3SignatureTest, Encoding) {
  EXPECT_EQ(UriEncode("/a b/~x=\xc3\xa9", false), "/a%20b/~x%3D%C3%A9");
  EXPECT_EQ(UriEncode("a/b", true), "a%2Fb");
  EXPECT_EQ(QueryText({{"prefix", "a/b"}, {"list-type", "2"}}), "list-type=2&prefix=a%2Fb");
}

TEST(S3SignatureTest, Hashes) {
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace sidestream::snapshot
