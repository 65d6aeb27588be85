// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// What S3 answers, as far as a location asks: a page of a list, the id of an upload in parts, an
// error. Bytes from outside: whatever they are, nothing but these fields comes out.
//
// Threading: values and free functions.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "snapshot/location.h"

namespace sidestream::snapshot {

struct S3ListPage {
  std::vector<StoredObject> objects;
  /// Empty: the last page.
  std::string continuation;
};

/// kUnavailable: no answer of S3.
Result<S3ListPage> ReadS3List(std::string_view xml);
Result<std::string> ReadS3UploadId(std::string_view xml);
/// The code of an error answer ("NoSuchKey"); empty: it is none.
std::string ReadS3ErrorCode(std::string_view xml);

}  // namespace sidestream::snapshot
