// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/sha256.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>
#include <fstream>
#include <memory>
#include <vector>

#include "base/check.h"

namespace sidestream::snapshot {
namespace {

constexpr size_t kReadBytes = 256 * 1024;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

class Hasher {
 public:
  Hasher() : context_(EVP_MD_CTX_new()) {
    CHECK(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  void Add(std::string_view bytes) {
    CHECK(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1);
  }
  Digest Finish() {
    Digest digest;
    unsigned int size = 0;
    CHECK(EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), &size) == 1 &&
          size == digest.bytes.size());
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
};

}  // namespace

Digest Sha256(std::string_view bytes) {
  Hasher hasher;
  hasher.Add(bytes);
  return hasher.Finish();
}

Result<Digest> Sha256OfFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(kReadBytes);
  Hasher hasher;
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    hasher.Add({buffer.data(), static_cast<size_t>(in.gcount())});
  }
  if (!in.eof()) return Status::Fatal("a file of the snapshot cannot be read: path=" + file.string());
  return hasher.Finish();
}

Digest HmacSha256(std::string_view key, std::string_view bytes) {
  Digest digest;
  unsigned int size = 0;
  CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
             digest.bytes.data(), &size) != nullptr);
  return digest;
}

std::string Hex(const Digest& digest) {
  std::string text;
  text.reserve(2 * digest.bytes.size());
  for (const uint8_t byte : digest.bytes) text += fmt::format("{:02x}", byte);
  return text;
}

std::optional<Digest> DigestOfHex(std::string_view text) {
  Digest digest;
  if (text.size() != 2 * digest.bytes.size()) return std::nullopt;
  for (size_t i = 0; i < digest.bytes.size(); ++i) {
    const char* const begin = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(begin, begin + 2, digest.bytes[i], 16);
    if (error != std::errc() || end != begin + 2) return std::nullopt;
  }
  return digest;
}

}  // namespace sidestream::snapshot
