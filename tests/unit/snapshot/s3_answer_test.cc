// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/s3_answer.h"

#include <gtest/gtest.h>

namespace sidestream::snapshot {
namespace {

constexpr char kHead[] =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
    "<Name>my-bucket</Name><Prefix>p/</Prefix><KeyCount>2</KeyCount>";

TEST(S3AnswerTest, AListWithAnotherPage) {
  const auto page = ReadS3List(
      std::string(kHead) +
      "<IsTruncated>true</IsTruncated><NextContinuationToken>1&amp;2==</NextContinuationToken>"
      "<Contents><Key>p/a</Key><LastModified>2026-01-01T00:00:00Z</LastModified>"
      "<ETag>&quot;x&quot;</ETag><Size>12</Size></Contents>\n"
      "<Contents><Size>0</Size><Key>p/&lt;&#x41;&#66;&apos;</Key></Contents></ListBucketResult>");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->objects, (std::vector<StoredObject>{{"p/a", 12}, {"p/<AB'", 0}}));
  EXPECT_EQ(page->continuation, "1&2==");
}

TEST(S3AnswerTest, AnEmptyList) {
  const auto page = ReadS3List(std::string(kHead) + "<IsTruncated>false</IsTruncated></ListBucketResult>");
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->objects.empty());
  EXPECT_EQ(page->continuation, "");
}

TEST(S3AnswerTest, WhatIsNoAnswerOfS3) {
  for (const std::string& answer :
       {std::string(), std::string("<html>sign in</html>"),
        std::string(kHead) + "<Contents><Key>a</Key><Size>-1</Size></Contents>",
        std::string(kHead) + "<Contents><Key>a</Key><Size>1x</Size></Contents>",
        std::string(kHead) + "<Contents><Key>a</Key></Contents>",
        // A next page that nobody can ask for would end the list early.
        std::string(kHead) + "<IsTruncated>true</IsTruncated>"}) {
    EXPECT_EQ(ReadS3List(answer).status().code(), StatusCode::kUnavailable) << answer;
  }
  EXPECT_EQ(ReadS3UploadId("<html>").status().code(), StatusCode::kUnavailable);
}

TEST(S3AnswerTest, UploadsAndErrors) {
  EXPECT_EQ(*ReadS3UploadId("<R><UploadId>a&amp;b</UploadId></R>"), "a&b");
  EXPECT_EQ(ReadS3ErrorCode("<Error><Code>NoSuchKey</Code></Error>"), "NoSuchKey");
  EXPECT_EQ(ReadS3ErrorCode("<Error></Error>"), "unknown");
  EXPECT_EQ(ReadS3ErrorCode("<Fine/>"), "");
}

}  // namespace
}  // namespace sidestream::snapshot
