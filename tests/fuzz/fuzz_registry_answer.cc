// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a registry's answer, behind two bytes for the HTTP status: a document within its
// bounds, or one of the reactions that the client knows.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "registry/answer.h"

using namespace sidestream;
using namespace sidestream::registry;

namespace {

void CheckReaction(const Status& status) {
  CHECK(status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kBadRecord ||
        status.code() == StatusCode::kInvalidConfig)
      << status;
  CHECK(status.message().size() < 1'000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  constexpr int kStatuses[] = {200, 201, 204, 301, 400, 401, 403,
                               404, 409, 422, 429, 500, 503, 999};
  HttpAnswer answer;
  answer.http_status = kStatuses[data[0] % std::size(kStatuses)];
  answer.body.assign(reinterpret_cast<const char*>(data) + 2, size - 2);
  if (const auto document = ReadSchemaAnswer(answer); document.ok()) {
    CHECK(document->references.size() <= kReferencesMax);
    CHECK(!SchemaBody(document->language, document->text).empty());
    for (const SchemaDocument::Reference& reference : document->references) {
      CHECK(reference.version >= 1);
      CHECK(EscapePathPart(reference.subject).find_first_of("/?#") == std::string::npos);
    }
  } else {
    CheckReaction(document.status());
  }
  if (const auto id = ReadIdAnswer(answer); !id.ok()) CheckReaction(id.status());
  return 0;
}
