// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/status.h"

namespace sidestream {

std::string_view StatusCodeName(StatusCode code) {
  switch (code) {
    case StatusCode::kOk:
      return "kOk";
    case StatusCode::kUnavailable:
      return "kUnavailable";
    case StatusCode::kUnknownOutcome:
      return "kUnknownOutcome";
    case StatusCode::kAbortRequired:
      return "kAbortRequired";
    case StatusCode::kTaskMigrated:
      return "kTaskMigrated";
    case StatusCode::kFenced:
      return "kFenced";
    case StatusCode::kTaskCorrupted:
      return "kTaskCorrupted";
    case StatusCode::kStopped:
      return "kStopped";
    case StatusCode::kBadRecord:
      return "kBadRecord";
    case StatusCode::kInvalidConfig:
      return "kInvalidConfig";
    case StatusCode::kFatal:
      return "kFatal";
  }
  return "unknown";
}

Status::Status(StatusCode code, std::string message) {
  if (code != StatusCode::kOk) {
    error_ = std::make_unique<const Error>(Error{code, std::move(message)});
  }
}

std::unique_ptr<const Status::Error> Status::Copy() const {
  return std::make_unique<const Error>(*error_);
}

const std::string& Status::message() const {
  static const std::string none;
  return ok() ? none : error_->message;
}

Status Status::WithContext(std::string_view context) const {
  if (ok()) return *this;
  return {error_->code, std::string(context) + ": " + error_->message};
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  return std::string(StatusCodeName(error_->code)) + ": " + error_->message;
}

std::ostream& operator<<(std::ostream& out, const Status& status) {
  return out << status.ToString();
}

}  // namespace sidestream
