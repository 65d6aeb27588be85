// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// From texts to libprotobuf's descriptors: the importer over texts in memory, with the well-known
// files behind them. Internal to this folder: only it sees libprotobuf.
//
// A text may also be a FileDescriptorProto in base64: some clients register that, and not every
// registry turns it into text.
//
// Threading: confined to one thread.

#pragma once

#include <google/protobuf/compiler/importer.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor_database.h>

#include <string>

#include "base/status.h"
#include "serde/format.h"

namespace sidestream::serde::protobuf {

class ProtoImport {
 public:
  /// `schema` is borrowed.
  explicit ProtoImport(const SchemaText& schema);

  /// The descriptor of the schema's text, which lives as long as this object. Call it once.
  /// Fails with kInvalidConfig.
  Result<const google::protobuf::FileDescriptor*> Load();

 private:
  class Texts final : public google::protobuf::compiler::SourceTree {
   public:
    explicit Texts(const SchemaText& schema) : schema_(schema) {}
    google::protobuf::io::ZeroCopyInputStream* Open(const std::string& name) override;
    std::string GetLastErrorMessage() override { return "it is not among the references"; }

   private:
    const SchemaText& schema_;
  };

  class FirstError final : public google::protobuf::compiler::MultiFileErrorCollector {
   public:
    void AddError(const std::string& file, int line, int column,
                  const std::string& message) override;
    const std::string& text() const { return text_; }

   private:
    std::string text_;
  };

  const SchemaText& schema_;
  Texts texts_;
  FirstError error_;
  google::protobuf::DescriptorPoolDatabase well_known_;
  google::protobuf::compiler::SourceTreeDescriptorDatabase database_;
  google::protobuf::SimpleDescriptorDatabase serialized_;
  google::protobuf::MergedDescriptorDatabase all_;
  google::protobuf::DescriptorPool pool_;
};

}  // namespace sidestream::serde::protobuf
