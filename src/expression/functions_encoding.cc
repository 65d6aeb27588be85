// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// base64, JSON, hashes, and what is not a function of its arguments: now and uuid.

#include <openssl/evp.h>
#include <xxhash.h>

#include <span>
#include <string>

#include "base/bytes.h"
#include "expression/function.h"
#include "serde/json_text.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

Outcome Fail(Evaluation& evaluation, std::string message) {
  evaluation.Fail(std::move(message));
  return Outcome::kFailed;
}

Outcome ToBase64(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kBytes) return Outcome::kNoOverload;
  return evaluation.MakeString(Base64Encode(a[0].string_value()), out) ? Outcome::kOk
                                                                       : Outcome::kFailed;
}

Outcome FromBase64(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString) return Outcome::kNoOverload;
  std::string text(a[0].string_value());
  // Padding may be left out.
  while (text.size() % 4 != 0 && text.size() % 4 != 1) text += '=';
  const std::optional<std::string> bytes = Base64Decode(text);
  if (!bytes) return Fail(evaluation, "base64.decode(): the text is not base64");
  if (!evaluation.Reserve(bytes->size())) return Outcome::kFailed;
  out = Value::Bytes(evaluation.arena().Copy(*bytes));
  return Outcome::kOk;
}

Outcome ToJson(Evaluation& evaluation, Arguments a, Value& out) {
  std::string text;
  if (const Status status = serde::AppendJson(a[0], text); !status.ok()) {
    return Fail(evaluation, "json.encode(): " + status.message());
  }
  return evaluation.MakeString(text, out) ? Outcome::kOk : Outcome::kFailed;
}

Outcome FromJson(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString) return Outcome::kNoOverload;
  // Its buffers are worth keeping, and an evaluation never leaves its thread.
  thread_local serde::JsonParser parser;
  if (!evaluation.Reserve(a[0].string_value().size())) return Outcome::kFailed;
  Result<Value> parsed = parser.Parse(a[0].string_value(), evaluation.arena());
  if (!parsed.ok()) return Fail(evaluation, "json.parse(): " + parsed.status().message());
  out = *parsed;
  return Outcome::kOk;
}

// As an int of the same 64 bits: JSON and keys take ints.
Outcome Xxh64(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString && a[0].kind() != Kind::kBytes) return Outcome::kNoOverload;
  const std::string_view bytes = a[0].string_value();
  out = Value::Int(static_cast<int64_t>(XXH64(bytes.data(), bytes.size(), 0)));
  return Outcome::kOk;
}

Outcome Sha256(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString && a[0].kind() != Kind::kBytes) return Outcome::kNoOverload;
  const std::string_view bytes = a[0].string_value();
  std::span<char> digest;
  if (!evaluation.NewText(32, digest)) return Outcome::kFailed;
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                 EVP_sha256(), nullptr) != 1 ||
      size != digest.size()) {
    return Fail(evaluation, "hash.sha256() is not there: OpenSSL refuses it on this machine");
  }
  out = Value::Bytes({digest.data(), digest.size()});
  return Outcome::kOk;
}

Outcome Now(Evaluation& evaluation, Arguments, Value& out) {
  out = Value::TimestampOf(evaluation.environment().Now(), evaluation.arena());
  return Outcome::kOk;
}

// Version 4, variant 1 (RFC 9562).
Outcome Uuid(Evaluation& evaluation, Arguments, Value& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  const uint64_t high = (evaluation.environment().RandomBits() & ~uint64_t{0xF000}) | 0x4000;
  const uint64_t low = (evaluation.environment().RandomBits() & ~(uint64_t{3} << 62)) | uint64_t{1}
                                                                                            << 63;
  std::string text;
  for (int digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) text += '-';
    text += kHex[((digit < 16 ? high : low) >> (60 - digit % 16 * 4)) & 15];
  }
  return evaluation.MakeString(text, out) ? Outcome::kOk : Outcome::kFailed;
}

constexpr Function kFunctions[] = {
    {"base64.encode", CallStyle::kGlobal, "bytes -> string", ToBase64},
    {"base64.decode", CallStyle::kGlobal, "string -> bytes", FromBase64},
    {"json.encode", CallStyle::kGlobal, "A -> string", ToJson},
    {"json.parse", CallStyle::kGlobal, "string -> dyn", FromJson},
    {"hash.xxh64", CallStyle::kGlobal, "string -> int | bytes -> int", Xxh64},
    {"hash.sha256", CallStyle::kGlobal, "string -> bytes | bytes -> bytes", Sha256},
    {"now", CallStyle::kGlobal, "-> timestamp", Now, false},
    {"uuid", CallStyle::kGlobal, "-> string", Uuid, false},
};

}  // namespace

std::span<const Function> EncodingFunctions() { return kFunctions; }

}  // namespace sidestream::expression
