// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Status and Result<T>: the one way in which things that happen are reported
// across folder boundaries. The code answers "what must the caller do?", never
// "which library complained" (style: errors name the reaction).
//
// Threading: values; copy and move freely.

#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace sidestream {

/// The reaction that the caller owes.
enum class StatusCode {
  kOk,
  /// No effect yet; the same call may succeed later. Repeat until your deadline.
  kUnavailable,
  /// It may or may not have happened: rebuild the producer, reopen its tasks.
  kUnknownOutcome,
  /// The current transaction must be aborted; then go on from its start.
  kAbortRequired,
  /// We are out of the group for this task: close it dirty, await an assignment.
  kTaskMigrated,
  /// Another producer took our transactional id: rebuild the producer.
  kFenced,
  /// Local state does not fit or cannot be trusted: move it aside and restore.
  kTaskCorrupted,
  /// Offsets, topics or data were changed from outside: stop, move nothing.
  kStopped,
  /// This one record cannot be processed: the configured handler decides.
  kBadRecord,
  /// Configuration is wrong: print everything found, exit 78.
  kInvalidConfig,
  /// None of the above: log once with the chain of causes, exit 1.
  kFatal,
};

std::string_view StatusCodeName(StatusCode code);

/// A reaction and a message for people: static part first, values last. Ok is a null pointer: it
/// is returned several times for every record. One that was moved from is ok.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(StatusCode code, std::string message);
  Status(const Status& other) : error_(other.ok() ? nullptr : other.Copy()) {}
  Status(Status&&) noexcept = default;
  Status& operator=(const Status& other) {
    error_ = other.ok() ? nullptr : other.Copy();
    return *this;
  }
  Status& operator=(Status&&) noexcept = default;
  ~Status() = default;

  static Status Ok() { return {}; }
  static Status Unavailable(std::string m) { return {StatusCode::kUnavailable, std::move(m)}; }
  static Status UnknownOutcome(std::string m) { return {StatusCode::kUnknownOutcome, std::move(m)}; }
  static Status AbortRequired(std::string m) { return {StatusCode::kAbortRequired, std::move(m)}; }
  static Status TaskMigrated(std::string m) { return {StatusCode::kTaskMigrated, std::move(m)}; }
  static Status Fenced(std::string m) { return {StatusCode::kFenced, std::move(m)}; }
  static Status TaskCorrupted(std::string m) { return {StatusCode::kTaskCorrupted, std::move(m)}; }
  static Status Stopped(std::string m) { return {StatusCode::kStopped, std::move(m)}; }
  static Status BadRecord(std::string m) { return {StatusCode::kBadRecord, std::move(m)}; }
  static Status InvalidConfig(std::string m) { return {StatusCode::kInvalidConfig, std::move(m)}; }
  static Status Fatal(std::string m) { return {StatusCode::kFatal, std::move(m)}; }

  bool ok() const { return error_ == nullptr; }
  StatusCode code() const { return ok() ? StatusCode::kOk : error_->code; }
  /// Empty when ok.
  const std::string& message() const;

  /// The same reaction with `context` put in front of the message.
  Status WithContext(std::string_view context) const;

  /// "kFatal: message"; "ok" when ok.
  std::string ToString() const;

 private:
  struct Error {
    StatusCode code;
    std::string message;
  };
  std::unique_ptr<const Error> Copy() const;

  std::unique_ptr<const Error> error_;
};

std::ostream& operator<<(std::ostream& out, const Status& status);

/// A value or the Status that says why there is none. An error costs an allocation, a value
/// nothing: results of small types are made and passed on for every record.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}  // NOLINT: implicit by design
  Result(Status status) : error_(std::move(status)) {  // NOLINT: as above
    CHECK(!error_.ok()) << "a Result without a value needs an error";
  }

  bool ok() const { return value_.has_value(); }
  const Status& status() const { return error_; }
  const T& value() const& {
    CHECK(ok()) << status();
    return *value_;
  }
  T& value() & {
    CHECK(ok()) << status();
    return *value_;
  }
  T&& value() && {
    CHECK(ok()) << status();
    return *std::move(value_);
  }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }

 private:
  std::optional<T> value_;
  Status error_;  // ok when there is a value
};

}  // namespace sidestream

/// Leaves the function with the Status when it is not ok.
#define RETURN_IF_ERROR(expression)                                \
  do {                                                             \
    if (::sidestream::Status status_ = (expression); !status_.ok()) { \
      return status_;                                              \
    }                                                              \
  } while (false)

#define SIDESTREAM_CONCAT_(a, b) a##b
#define SIDESTREAM_CONCAT(a, b) SIDESTREAM_CONCAT_(a, b)

/// ASSIGN_OR_RETURN(auto x, MakeX()): the value, or leaves with its Status.
#define ASSIGN_OR_RETURN(declaration, expression) \
  ASSIGN_OR_RETURN_(SIDESTREAM_CONCAT(result_, __LINE__), declaration, expression)
#define ASSIGN_OR_RETURN_(result, declaration, expression) \
  auto result = (expression);                              \
  if (!result.ok()) return result.status();                \
  declaration = std::move(result).value()
