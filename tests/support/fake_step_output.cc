// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/support/fake_step_output.h"

#include <utility>

#include "serde/json_text.h"

namespace sidestream::testing {

Status FakeStepOutput::Send(const std::string& where, operators::Row& row) {
  std::string text = where;
  if (row.key.bytes) {
    text += *row.key.bytes;
  } else if (!row.key.value.null() && !row.key.value.missing()) {
    RETURN_IF_ERROR(serde::AppendJson(row.key.value, text));
  } else {
    text += "null";
  }
  text += "=";
  if (row.value.computed) {
    RETURN_IF_ERROR(serde::AppendJson(row.value.value, text));
  } else {
    text += row.value.bytes.value_or("null");
  }
  text += "@" + std::to_string(row.timestamp.value());
  for (const Header& header : row.headers) {
    text += "{" + std::string(header.name) + "=" + std::string(header.value.value_or("")) + "}";
  }
  sent_.push_back(std::move(text));
  return Status::Ok();
}

Status FakeStepOutput::Refuse(operators::Row& result, const Status& cause) {
  if (cause.code() != StatusCode::kBadRecord) return cause;
  refused_.push_back(cause.message() + "@" + std::to_string(result.timestamp.value()));
  return Status::Ok();
}

std::vector<std::string> FakeStepOutput::TakeSent() { return std::exchange(sent_, {}); }
std::vector<std::string> FakeStepOutput::TakeRefused() { return std::exchange(refused_, {}); }

}  // namespace sidestream::testing
