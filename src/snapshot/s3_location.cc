// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/s3_location.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "snapshot/http_exchange.h"
#include "snapshot/s3_answer.h"
#include "snapshot/sha256.h"

namespace sidestream::snapshot {
namespace {

namespace fs = std::filesystem;

// S3 takes at most 10,000.
constexpr int64_t kPartsMax = 9'000;
constexpr size_t kListPagesMax = 100'000;
// All calls together that begin while the process ends: time to take back what was given up, where
// the server answers.
constexpr Milliseconds kLastCalls{2'000};

bool IsGood(const HttpReply& reply) { return reply.status >= 200 && reply.status < 300; }

/// What an answer that is not good asks of the caller.
Status ErrorOf(const HttpReply& reply, const std::string& what) {
  const std::string code = ReadS3ErrorCode(reply.body);
  const std::string text =
      fmt::format("{} status={} error={}", what, reply.status, code.empty() ? "none" : code);
  if (reply.status >= 500 || reply.status == 429 || reply.status == 408 || code == "SlowDown" ||
      code == "RequestTimeout" || code == "InternalError") {
    return Status::Unavailable("the snapshot location is busy: " + text);
  }
  if (code == "NoSuchBucket") {
    return Status::InvalidConfig("the bucket of the snapshot location does not exist: " + text);
  }
  if (reply.status == 404) {
    return Status::Stopped("there is no such object at the snapshot location: " + text);
  }
  return Status::InvalidConfig(
      "the snapshot location refuses: check bucket, region, credentials, their rights, and this "
      "machine's clock: " +
      text);
}

class S3Location final : public Location {
 public:
  S3Location(S3Address address, const LocationSurroundings& surroundings, S3Options options)
      : address_(std::move(address)),
        clock_(*surroundings.clock),
        pause_(surroundings.pause),
        is_ending_(surroundings.ending),
        options_(options) {}

  Status Put(const std::string& name, std::string_view bytes) override {
    return Ask({.method = "PUT", .path = PathOf(name)}, bytes).status();
  }

  Status PutFile(const std::string& name, const fs::path& from) override {
    std::error_code error;
    const auto size = static_cast<int64_t>(fs::file_size(from, error));
    std::ifstream file(from, std::ios::binary);
    if (error || !file) return LocalError(from);
    if (size > options_.part_bytes) return PutParts(name, from, file, size);
    ASSIGN_OR_RETURN(const std::string bytes, Read(file, from, size));
    return Put(name, bytes);
  }

  Result<std::string> Get(const std::string& name, size_t bytes_max) override {
    HttpCall call{.reply_bytes_max = bytes_max};
    ASSIGN_OR_RETURN(HttpReply reply, Ask({.path = PathOf(name)}, {}, call));
    return std::move(reply.body);
  }

  Status GetFile(const std::string& name, const fs::path& to, const GoOn& go_on) override {
    bool given_up = false;
    HttpCall call{.into = to};
    call.go_on = [&](int64_t bytes) {
      given_up = given_up || (go_on && !go_on(bytes));
      return !given_up;
    };
    return Ask({.path = PathOf(name)}, {}, call).status();
  }

  Result<std::vector<StoredObject>> List(const std::string& prefix) override {
    std::vector<StoredObject> objects;
    S3Request request{.path = address_.PathOf("")};
    request.query = {{"list-type", "2"}, {"prefix", address_.prefix + prefix}};
    for (size_t pages = 0; pages < kListPagesMax; ++pages) {
      ASSIGN_OR_RETURN(const HttpReply reply, Ask(request, {}));
      ASSIGN_OR_RETURN(S3ListPage page, ReadS3List(reply.body));
      for (StoredObject& object : page.objects) {
        if (!object.name.starts_with(address_.prefix + prefix)) continue;
        object.name.erase(0, address_.prefix.size());
        if (IsObjectName(object.name)) objects.push_back(std::move(object));
      }
      if (page.continuation.empty()) {
        std::sort(objects.begin(), objects.end(),
                  [](const StoredObject& a, const StoredObject& b) { return a.name < b.name; });
        return objects;
      }
      request.query["continuation-token"] = page.continuation;
    }
    return Status::InvalidConfig("the list of the snapshot location has no end: prefix=" + prefix);
  }

  Status Delete(const std::string& name) override {
    const Status deleted = Ask({.method = "DELETE", .path = PathOf(name)}, {}).status();
    return deleted.code() == StatusCode::kStopped ? Status() : deleted;
  }

 private:
  std::string PathOf(const std::string& name) const {
    CHECK(IsObjectName(name)) << name;
    return address_.PathOf(address_.prefix + name);
  }

  bool Ending() {
    if (!is_ending_ || !is_ending_()) return false;
    if (!last_calls_until_) last_calls_until_ = clock_.Now() + kLastCalls;
    return true;
  }

  /// What a call asks while it is under way: its caller, and the end of the process.
  GoOn Wanted(GoOn caller) {
    const bool begun_in_the_end = Ending();
    return [this, caller = std::move(caller), begun_in_the_end](int64_t bytes) {
      if (Ending() && !(begun_in_the_end && clock_.Now() < *last_calls_until_)) return false;
      return !caller || caller(bytes);
    };
  }

  static Status LocalError(const fs::path& path) {
    return Status::Fatal("a file of the snapshot cannot be read here: path=" + path.string());
  }

  static Result<std::string> Read(std::ifstream& file, const fs::path& path, int64_t size) {
    std::string bytes(static_cast<size_t>(size), '\0');
    file.read(bytes.data(), size);
    if (file.gcount() != size) return LocalError(path);
    return bytes;
  }

  Result<HttpReply> Ask(const S3Request& request, std::string_view body, HttpCall call = {}) {
    S3Request signed_request = request;
    signed_request.host = address_.host;
    const std::string query = QueryText(request.query);
    call.method = request.method;
    call.url = fmt::format("{}://{}{}{}{}", address_.scheme, address_.host,
                           UriEncode(request.path, false), query.empty() ? "" : "?", query);
    call.body = body;
    const std::string hash = Hex(Sha256(body));
    const std::string what =
        fmt::format("method={} host={} path={}", request.method, address_.host, request.path);
    call.go_on = Wanted(std::move(call.go_on));
    Milliseconds pause = options_.first_pause;
    for (int tries = 1;; ++tries, pause *= 2) {
      if (!call.go_on(0)) return Status::Unavailable(what + " given up");
      // Each try with the time of its own: a signature ages.
      call.headers = SignS3Request(signed_request, hash, address_.credentials, address_.region,
                                   clock_.WallTime());
      Result<HttpReply> reply = http_.Send(call);
      Status status = reply.ok() ? Status() : reply.status().WithContext(what);
      // The end of an upload in parts may fail behind a good status.
      const bool failed = reply.ok() && (!IsGood(*reply) || (request.method == "POST" &&
                                                             !ReadS3ErrorCode(reply->body).empty()));
      if (failed) status = ErrorOf(*reply, what);
      if (status.ok()) return reply;
      if (status.code() != StatusCode::kUnavailable || tries >= options_.tries) return status;
      if (Ending() || !call.go_on(0)) return status;
      log::Warning("snapshot", "trying again in {} ms: {}", pause.count(), status.message());
      pause_(pause);
    }
  }

  Status PutParts(const std::string& name, const fs::path& from, std::ifstream& file,
                  int64_t size) {
    ASSIGN_OR_RETURN(const HttpReply begun,
                     Ask({.method = "POST", .path = PathOf(name), .query = {{"uploads", ""}}}, {}));
    ASSIGN_OR_RETURN(const std::string upload, ReadS3UploadId(begun.body));
    const Status sent = SendParts(name, upload, from, file, size);
    if (sent.ok()) return sent;
    // The parts would be paid for until somebody cleans up.
    const Status given_up =
        Ask({.method = "DELETE", .path = PathOf(name), .query = {{"uploadId", upload}}}, {})
            .status();
    if (!given_up.ok()) log::Warning("snapshot", "parts are left: {}", given_up.message());
    return sent;
  }

  Status SendParts(const std::string& name, const std::string& upload, const fs::path& from,
                   std::ifstream& file, int64_t size) {
    const int64_t part_bytes = std::max(options_.part_bytes, size / kPartsMax + 1);
    std::string list = "<CompleteMultipartUpload>";
    int number = 1;
    for (int64_t sent = 0; sent < size; ++number) {
      ASSIGN_OR_RETURN(const std::string bytes, Read(file, from, std::min(part_bytes, size - sent)));
      S3Request part{.method = "PUT", .path = PathOf(name)};
      part.query = {{"partNumber", std::to_string(number)}, {"uploadId", upload}};
      ASSIGN_OR_RETURN(const HttpReply taken, Ask(part, bytes));
      list += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", number,
                          taken.etag);
      sent += static_cast<int64_t>(bytes.size());
    }
    list += "</CompleteMultipartUpload>";
    return Ask({.method = "POST", .path = PathOf(name), .query = {{"uploadId", upload}}}, list)
        .status();
  }

  const S3Address address_;
  const Clock& clock_;
  const std::function<void(Milliseconds)> pause_;
  const std::function<bool()> is_ending_;
  const S3Options options_;
  /// Set once the process ends.
  std::optional<MonotonicTime> last_calls_until_;
  HttpExchange http_{address_.ca_file};
};

}  // namespace

std::unique_ptr<Location> NewS3Location(S3Address address, const LocationSurroundings& surroundings,
                                        S3Options options) {
  return std::make_unique<S3Location>(std::move(address), surroundings, options);
}

}  // namespace sidestream::snapshot
