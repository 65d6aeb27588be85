// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/http_exchange.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/check.h"

namespace sidestream::snapshot {
namespace {

constexpr Milliseconds kConnectTimeout{10'000};
constexpr std::string_view kEtag = "etag:";
constexpr size_t kErrorBytesMax = 64 * 1024;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};

/// A call under way. libcurl keeps its address.
struct Exchange {
  CURL* easy = nullptr;
  const HttpCall* call = nullptr;
  std::string_view unsent;
  HttpReply reply;
  std::ofstream file;
  int64_t file_bytes = 0;
  bool too_long = false;
  bool file_failed = false;
  std::array<char, CURL_ERROR_SIZE> reason{};

  bool good() const {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status >= 200 && status < 300;
  }
  bool into_file() const { return !call->into.empty() && good(); }
  bool wanted() const { return !call->go_on || call->go_on(file_bytes); }
};

size_t GiveBytes(char* to, size_t size, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const size_t bytes = std::min(size * count, exchange.unsent.size());
  std::memcpy(to, exchange.unsent.data(), bytes);
  exchange.unsent.remove_prefix(bytes);
  return bytes;
}

int Rewind(void* context, curl_off_t offset, int origin) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (origin != SEEK_SET || offset != 0) return CURL_SEEKFUNC_CANTSEEK;
  exchange.unsent = exchange.call->body;
  return CURL_SEEKFUNC_OK;
}

size_t TakeBytes(const char* bytes, size_t, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (exchange.into_file()) {
    if (!exchange.file.is_open()) {
      exchange.file.open(exchange.call->into, std::ios::binary | std::ios::trunc);
    }
    exchange.file.write(bytes, static_cast<std::streamsize>(count));
    exchange.file_failed = !exchange.file;
    if (exchange.file_failed) return 0;
    exchange.file_bytes += static_cast<int64_t>(count);
    return exchange.wanted() ? count : 0;
  }
  std::string& body = exchange.reply.body;
  if (!exchange.good()) {
    // Enough to say why.
    body.append(bytes, std::min(count, kErrorBytesMax - body.size()));
    return count;
  }
  exchange.too_long = body.size() + count > exchange.call->reply_bytes_max;
  if (exchange.too_long) return 0;
  body.append(bytes, count);
  return count;
}

size_t TakeHeader(const char* bytes, size_t, size_t count, void* context) {
  auto& exchange = *static_cast<Exchange*>(context);
  const std::string_view line(bytes, count);
  const bool is_etag =
      line.size() > kEtag.size() &&
      std::equal(kEtag.begin(), kEtag.end(), line.begin(),
                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  if (is_etag) {
    const size_t begin = line.find_first_not_of(" \t", kEtag.size());
    const size_t end = line.find_last_not_of(" \t\r\n");
    if (begin != std::string_view::npos && end >= begin) {
      exchange.reply.etag = std::string(line.substr(begin, end - begin + 1));
    }
  }
  return count;
}

/// Also while a name is looked up, while nobody takes the connection, and while nothing comes.
int LookAround(void* context, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<const Exchange*>(context)->wanted() ? 0 : 1;
}

bool MayPass(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return false;
    default:
      return true;
  }
}

}  // namespace

class HttpExchange::Impl {
 public:
  Impl(std::string ca_file, Milliseconds silence_max)
      : ca_file_(std::move(ca_file)), silence_max_(silence_max) {
    easy_.reset(curl_easy_init());
    CHECK(easy_ != nullptr) << "libcurl has no memory";
  }

  Result<HttpReply> Send(const HttpCall& call) {
    Exchange exchange;
    exchange.easy = easy_.get();
    exchange.call = &call;
    exchange.unsent = call.body;
    // Keeps the connection.
    curl_easy_reset(easy_.get());
    const std::unique_ptr<curl_slist, FreeList> headers = Headers(call);
    SetUp(exchange, headers.get());
    const CURLcode code = curl_easy_perform(easy_.get());
    return Finish(exchange, code);
  }

 private:
  static std::unique_ptr<curl_slist, FreeList> Headers(const HttpCall& call) {
    // Without it libcurl waits a second for a server's leave to send.
    std::unique_ptr<curl_slist, FreeList> list(curl_slist_append(nullptr, "Expect:"));
    for (const auto& [name, value] : call.headers) {
      const std::string line = name + ": " + value;
      curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
      CHECK(longer != nullptr) << "libcurl has no memory";
    }
    return list;
  }

  void SetUp(Exchange& exchange, curl_slist* headers) {
    CURL* const easy = easy_.get();
    const HttpCall& call = *exchange.call;
    curl_easy_setopt(easy, CURLOPT_URL, call.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // What was signed is what is to be sent.
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(kConnectTimeout.count()));
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(silence_max_.count() / 1000));
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &LookAround);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &exchange);
    // A call that is given up does not wait for its thread that asks a name server.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    if (!ca_file_.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file_.c_str());
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, exchange.reason.data());
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sidestream");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &TakeBytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &TakeHeader);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
    if (call.method == "GET") {
      curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    } else {
      curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
      curl_easy_setopt(easy, CURLOPT_READFUNCTION, &GiveBytes);
      curl_easy_setopt(easy, CURLOPT_READDATA, &exchange);
      curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Rewind);
      curl_easy_setopt(easy, CURLOPT_SEEKDATA, &exchange);
      curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call.method.c_str());
    }
  }

  static Result<HttpReply> Finish(Exchange& exchange, CURLcode code) {
    if (code == CURLE_OK && exchange.into_file()) {
      // An empty object brings no byte that would have opened it.
      if (!exchange.file.is_open()) {
        exchange.file.open(exchange.call->into, std::ios::binary | std::ios::trunc);
      }
      exchange.file.close();
      exchange.file_failed = !exchange.file;
    }
    if (exchange.file_failed) {
      return Status::Fatal("a file of the snapshot cannot be written here: path=" +
                           exchange.call->into.string());
    }
    if (exchange.too_long) {
      return Status::Stopped("the answer is longer than " +
                             std::to_string(exchange.call->reply_bytes_max) + " bytes");
    }
    if (code != CURLE_OK) {
      if (code == CURLE_ABORTED_BY_CALLBACK) return Status::Unavailable("given up");
      const std::string reason =
          exchange.reason[0] != 0 ? exchange.reason.data() : curl_easy_strerror(code);
      return MayPass(code) ? Status::Unavailable(reason) : Status::InvalidConfig(reason);
    }
    long status = 0;
    curl_easy_getinfo(exchange.easy, CURLINFO_RESPONSE_CODE, &status);
    exchange.reply.status = static_cast<int>(status);
    return std::move(exchange.reply);
  }

  const std::string ca_file_;
  const Milliseconds silence_max_;
  std::unique_ptr<CURL, FreeEasy> easy_;
};

HttpExchange::HttpExchange(std::string ca_file, Milliseconds silence_max)
    : impl_(std::make_unique<Impl>(std::move(ca_file), silence_max)) {}
HttpExchange::~HttpExchange() = default;
Result<HttpReply> HttpExchange::Send(const HttpCall& call) { return impl_->Send(call); }

}  // namespace sidestream::snapshot
