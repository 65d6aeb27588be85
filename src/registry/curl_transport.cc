// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "registry/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/check.h"

namespace sidestream::registry {
namespace {

constexpr const char* kAccept =
    "Accept: application/vnd.schemaregistry.v1+json, application/json;q=0.9";
constexpr const char* kContentType = "Content-Type: application/vnd.schemaregistry.v1+json";

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct FreeEasy {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct FreeMulti {
  void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

/// A request under way. libcurl keeps its address.
struct Transfer {
  std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};
  HttpRequest request;
  HttpAnswer answer;
  size_t answer_bytes_max = 0;
  std::array<char, CURL_ERROR_SIZE> reason{};
};

size_t TakeBytes(const char* bytes, size_t, size_t count, void* context) {
  auto& transfer = *static_cast<Transfer*>(context);
  if (transfer.answer.body.size() + count > transfer.answer_bytes_max) return 0;
  transfer.answer.body.append(bytes, count);
  return count;
}

/// Whether the next try may go better.
bool MayPass(CURLcode code) {
  switch (code) {
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_CIPHER:
      return false;
    default:
      return true;
  }
}

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(TransportOptions options) : options_(std::move(options)) {
    multi_.reset(curl_multi_init());
    CHECK(multi_ != nullptr) << "libcurl has no memory";
    headers_.reset(curl_slist_append(nullptr, kAccept));
    post_headers_.reset(curl_slist_append(curl_slist_append(nullptr, kAccept), kContentType));
  }

  ~CurlTransport() override {
    for (const auto& [easy, transfer] : transfers_) curl_multi_remove_handle(multi_.get(), easy);
  }

  void Start(uint64_t token, HttpRequest request) override {
    auto transfer = std::make_unique<Transfer>();
    transfer->request = std::move(request);
    transfer->answer.token = token;
    transfer->answer_bytes_max = options_.answer_bytes_max;
    CURL* const easy = transfer->easy.get();
    CHECK(easy != nullptr) << "libcurl has no memory";
    SetUp(*transfer);
    CHECK(curl_multi_add_handle(multi_.get(), easy) == CURLM_OK);
    transfers_.emplace(easy, std::move(transfer));
  }

  std::vector<HttpAnswer> Poll(Milliseconds wait) override {
    std::vector<HttpAnswer> answers = TakeFinished();
    if (!answers.empty()) return answers;
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(wait.count()), nullptr);
    return TakeFinished();
  }

  void Wake() override { curl_multi_wakeup(multi_.get()); }

 private:
  void SetUp(Transfer& transfer) {
    CURL* const easy = transfer.easy.get();
    const bool post = !transfer.request.body.empty();
    curl_easy_setopt(easy, CURLOPT_URL, transfer.request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    // A subject may be called "..".
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.reason.data());
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &TakeBytes);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, post ? post_headers_.get() : headers_.get());
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "sidestream");
    if (post) {
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, transfer.request.body.data());
      curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                       static_cast<curl_off_t>(transfer.request.body.size()));
    }
    if (!options_.bearer_token.empty()) {
      curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BEARER);
      curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, options_.bearer_token.c_str());
    } else if (!options_.username.empty()) {
      curl_easy_setopt(easy, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
      curl_easy_setopt(easy, CURLOPT_USERNAME, options_.username.c_str());
      curl_easy_setopt(easy, CURLOPT_PASSWORD, options_.password.c_str());
    }
    const auto set_file = [easy](CURLoption option, const std::string& file) {
      if (!file.empty()) curl_easy_setopt(easy, option, file.c_str());
    };
    set_file(CURLOPT_CAINFO, options_.ca_file);
    set_file(CURLOPT_SSLCERT, options_.certificate_file);
    set_file(CURLOPT_SSLKEY, options_.key_file);
    set_file(CURLOPT_KEYPASSWD, options_.key_password);
  }

  std::vector<HttpAnswer> TakeFinished() {
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    std::vector<HttpAnswer> answers;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      Transfer& transfer = *transfers_.at(easy);
      answers.push_back(Finish(transfer, code));
      curl_multi_remove_handle(multi_.get(), easy);
      transfers_.erase(easy);
    }
    return answers;
  }

  HttpAnswer Finish(Transfer& transfer, CURLcode code) const {
    HttpAnswer answer = std::move(transfer.answer);
    if (code == CURLE_OK) {
      long status = 0;
      curl_easy_getinfo(transfer.easy.get(), CURLINFO_RESPONSE_CODE, &status);
      answer.http_status = static_cast<int>(status);
      return answer;
    }
    std::string reason =
        transfer.reason[0] != 0 ? transfer.reason.data() : curl_easy_strerror(code);
    if (code == CURLE_WRITE_ERROR) {
      reason = "the answer is longer than " + std::to_string(options_.answer_bytes_max) + " bytes";
    }
    answer.body.clear();
    answer.status = MayPass(code) ? Status::Unavailable(reason) : Status::InvalidConfig(reason);
    return answer;
  }

  const TransportOptions options_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::unique_ptr<curl_slist, FreeList> headers_;
  std::unique_ptr<curl_slist, FreeList> post_headers_;
  std::map<CURL*, std::unique_ptr<Transfer>> transfers_;
};

}  // namespace

std::unique_ptr<Transport> NewCurlTransport(TransportOptions options) {
  return std::make_unique<CurlTransport>(std::move(options));
}

}  // namespace sidestream::registry
