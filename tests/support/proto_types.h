// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Message types from the text of a .proto file, for tests.
//
// Threading: free functions.

#pragma once

#include <google/protobuf/compiler/parser.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/check.h"
#include "serde/protobuf/message_catalog.h"

namespace sidestream::testing {

/// A FileDescriptorSet of one file; it may import the well-known types.
inline std::string DescriptorSetOf(std::string_view proto) {
  google::protobuf::io::ArrayInputStream input(proto.data(), static_cast<int>(proto.size()));
  google::protobuf::io::Tokenizer tokenizer(&input, nullptr);
  google::protobuf::FileDescriptorSet set;
  google::protobuf::compiler::Parser parser;
  CHECK(parser.Parse(&tokenizer, set.add_file())) << proto;
  set.mutable_file(0)->set_name("test.proto");
  return set.SerializeAsString();
}

/// The files of a set, and what they import of the well-known ones, into a pool of the test.
inline void BuildFiles(const std::string& descriptor_set, google::protobuf::DescriptorPool& pool) {
  google::protobuf::FileDescriptorSet set;
  CHECK(set.ParseFromString(descriptor_set));
  for (const google::protobuf::FileDescriptorProto& file : set.file()) {
    for (const std::string& import : file.dependency()) {
      google::protobuf::FileDescriptorProto copy;
      google::protobuf::DescriptorPool::generated_pool()->FindFileByName(import)->CopyTo(&copy);
      CHECK(pool.BuildFile(copy) != nullptr) << import;
    }
    CHECK(pool.BuildFile(file) != nullptr) << file.name();
  }
}

inline std::unique_ptr<serde::MessageTypes> TypesOf(std::string_view proto) {
  auto types = serde::TypesOfDescriptorSet(DescriptorSetOf(proto));
  CHECK(types.ok()) << types.status();
  return std::move(types).value();
}

}  // namespace sidestream::testing
