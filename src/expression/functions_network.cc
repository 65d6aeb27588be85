// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The network extension: addresses (net.IP) and networks (net.CIDR) of both families. A value
// holds its canonical text; an IPv4 address written as IPv6 in hex is the IPv4 address.

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "expression/function.h"

namespace sidestream::expression {
namespace {

using serde::Value;
using Kind = Value::Kind;

struct Address {
  std::array<uint8_t, 16> bytes{};  // IPv4 has the first four
  bool v4 = false;

  int bits() const { return v4 ? 32 : 128; }
  bool operator==(const Address&) const = default;
};

struct Network {
  Address address;
  int prefix = 0;
};

// Why a text is no address is in `error`.
std::optional<Address> ParseAddress(std::string_view text, std::string& error) {
  const std::string copy(text);
  Address address;
  error = "not an IP address: '" + copy.substr(0, 64) + "'";
  // The C functions below would take the text as ending there.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  if (text.find('%') != std::string_view::npos) {
    error += ", a zone is not allowed";
    return std::nullopt;
  }
  if (text.find(':') == std::string_view::npos) {
    address.v4 = true;
    if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) != 1) return std::nullopt;
    return address;
  }
  if (text.find('.') != std::string_view::npos) {
    error += ", an IPv4 address inside of an IPv6 address is not allowed";
    return std::nullopt;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) != 1) return std::nullopt;
  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (!std::equal(kMapped.begin(), kMapped.end(), address.bytes.begin())) return address;
  Address mapped;
  mapped.v4 = true;
  std::copy(address.bytes.begin() + 12, address.bytes.end(), mapped.bytes.begin());
  return mapped;
}

// RFC 5952: lower case, the longest run of zero groups (two at least, the first) as "::".
std::string AddressText(const Address& address) {
  std::string text;
  if (address.v4) {
    for (size_t i = 0; i < 4; ++i) text += (i > 0 ? "." : "") + std::to_string(address.bytes[i]);
    return text;
  }
  const auto group = [&](size_t i) { return address.bytes[2 * i] << 8 | address.bytes[2 * i + 1]; };
  size_t run_begin = 8;
  size_t run_length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t end = i;
    while (end < 8 && group(end) == 0) ++end;
    if (end - i > run_length) {
      run_begin = i;
      run_length = end - i;
    }
  }
  for (size_t i = 0; i < 8; ++i) {
    if (i == run_begin) {
      text += "::";
      i += run_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    char digits[4];
    text.append(digits, std::to_chars(digits, digits + sizeof(digits), group(i), 16).ptr);
  }
  return text;
}

std::optional<Network> ParseNetwork(std::string_view text, std::string& error) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    error = "not a network: '" + std::string(text.substr(0, 64)) + "' has no prefix length";
    return std::nullopt;
  }
  const std::optional<Address> address = ParseAddress(text.substr(0, slash), error);
  if (!address) return std::nullopt;
  const std::string_view digits = text.substr(slash + 1);
  Network network{*address, 0};
  const auto end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, network.prefix);
  const bool spare_zero = digits.size() > 1 && digits[0] == '0';
  if (read.ec != std::errc() || read.ptr != end || spare_zero || network.prefix < 0 ||
      network.prefix > address->bits()) {
    error = "not a prefix length: '" + std::string(digits.substr(0, 64)) + "'";
    return std::nullopt;
  }
  return network;
}

Address Masked(Address address, int prefix) {
  for (int i = 0; i < address.bits() / 8; ++i) {
    const int kept = std::clamp(prefix - 8 * i, 0, 8);
    address.bytes[static_cast<size_t>(i)] &= static_cast<uint8_t>(0xFF << (8 - kept));
  }
  return address;
}

// The text of a value of kind kIp or kCidr was made here.
Address AddressOf(const Value& value) {
  std::string error;
  return ParseAddress(value.string_value(), error).value_or(Address());
}
Network NetworkOf(const Value& value) {
  std::string error;
  return ParseNetwork(value.string_value(), error).value_or(Network());
}

Outcome MakeAddress(Evaluation& evaluation, const Address& address, Value& out) {
  if (!evaluation.MakeString(AddressText(address), out)) return Outcome::kFailed;
  out = Value::Ip(out.string_value());
  return Outcome::kOk;
}

Outcome MakeNetwork(Evaluation& evaluation, const Network& network, Value& out) {
  const std::string text = AddressText(network.address) + "/" + std::to_string(network.prefix);
  if (!evaluation.MakeString(text, out)) return Outcome::kFailed;
  out = Value::Cidr(out.string_value());
  return Outcome::kOk;
}

Outcome Fail(Evaluation& evaluation, std::string message) {
  evaluation.Fail(std::move(message));
  return Outcome::kFailed;
}

Outcome ToAddress(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() == Kind::kIp) {
    out = a[0];
    return Outcome::kOk;
  }
  if (a[0].kind() != Kind::kString) return Outcome::kNoOverload;
  std::string error;
  const std::optional<Address> address = ParseAddress(a[0].string_value(), error);
  if (!address) return Fail(evaluation, "ip(): " + error);
  return MakeAddress(evaluation, *address, out);
}

Outcome ToNetwork(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() == Kind::kCidr) {
    out = a[0];
    return Outcome::kOk;
  }
  if (a[0].kind() != Kind::kString) return Outcome::kNoOverload;
  std::string error;
  const std::optional<Network> network = ParseNetwork(a[0].string_value(), error);
  if (!network) return Fail(evaluation, "cidr(): " + error);
  return MakeNetwork(evaluation, *network, out);
}

template <auto kParse>
Outcome Parses(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString) return Outcome::kNoOverload;
  std::string error;
  out = Value::Bool(kParse(a[0].string_value(), error).has_value());
  return Outcome::kOk;
}

Outcome IsCanonical(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kString) return Outcome::kNoOverload;
  std::string error;
  const std::optional<Address> address = ParseAddress(a[0].string_value(), error);
  if (!address) return Fail(evaluation, "ip.isCanonical(): " + error);
  out = Value::Bool(AddressText(*address) == a[0].string_value());
  return Outcome::kOk;
}

bool IsUnspecified(const Address& a) { return a == Address{{}, a.v4}; }
bool IsLoopback(const Address& a) {
  Address loopback;
  loopback.bytes[15] = 1;
  return a.v4 ? a.bytes[0] == 127 : a == loopback;
}
bool IsMulticast(const Address& a) { return a.v4 ? a.bytes[0] >> 4 == 14 : a.bytes[0] == 0xFF; }
bool IsLinkLocalMulticast(const Address& a) {
  if (a.v4) return a.bytes[0] == 224 && a.bytes[1] == 0 && a.bytes[2] == 0;
  return a.bytes[0] == 0xFF && (a.bytes[1] & 0x0F) == 2;
}
bool IsLinkLocalUnicast(const Address& a) {
  if (a.v4) return a.bytes[0] == 169 && a.bytes[1] == 254;
  return a.bytes[0] == 0xFE && (a.bytes[1] & 0xC0) == 0x80;
}
// Private addresses count, as in Go's net/netip, which the extension follows.
bool IsGlobalUnicast(const Address& a) {
  const bool broadcast = a.v4 && std::all_of(a.bytes.begin(), a.bytes.begin() + 4,
                                             [](uint8_t byte) { return byte == 255; });
  return !broadcast && !IsUnspecified(a) && !IsLoopback(a) && !IsMulticast(a) &&
         !IsLinkLocalUnicast(a);
}

template <bool (*kTest)(const Address&)>
Outcome Test(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kIp) return Outcome::kNoOverload;
  out = Value::Bool(kTest(AddressOf(a[0])));
  return Outcome::kOk;
}

Outcome Family(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kIp) return Outcome::kNoOverload;
  out = Value::Int(AddressOf(a[0]).v4 ? 4 : 6);
  return Outcome::kOk;
}

Outcome ContainsAddress(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kCidr) return Outcome::kNoOverload;
  Value inner;
  if (const Outcome outcome = ToAddress(evaluation, a.subspan(1), inner); outcome != Outcome::kOk)
    return outcome;
  const Network network = NetworkOf(a[0]);
  const Address address = AddressOf(inner);
  out = Value::Bool(Masked(address, network.prefix) == Masked(network.address, network.prefix));
  return Outcome::kOk;
}

Outcome ContainsNetwork(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kCidr) return Outcome::kNoOverload;
  Value inner;
  if (const Outcome outcome = ToNetwork(evaluation, a.subspan(1), inner); outcome != Outcome::kOk)
    return outcome;
  const Network outside = NetworkOf(a[0]);
  const Network inside = NetworkOf(inner);
  out = Value::Bool(inside.prefix >= outside.prefix && Masked(inside.address, outside.prefix) ==
                                                           Masked(outside.address, outside.prefix));
  return Outcome::kOk;
}

Outcome AddressOfNetwork(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kCidr) return Outcome::kNoOverload;
  return MakeAddress(evaluation, NetworkOf(a[0]).address, out);
}

Outcome MaskedNetwork(Evaluation& evaluation, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kCidr) return Outcome::kNoOverload;
  const Network network = NetworkOf(a[0]);
  return MakeNetwork(evaluation, {Masked(network.address, network.prefix), network.prefix}, out);
}

Outcome PrefixLength(Evaluation&, Arguments a, Value& out) {
  if (a[0].kind() != Kind::kCidr) return Outcome::kNoOverload;
  out = Value::Int(NetworkOf(a[0]).prefix);
  return Outcome::kOk;
}

constexpr Function kFunctions[] = {
    {"ip", CallStyle::kGlobal, "string -> net.IP | net.IP -> net.IP", ToAddress},
    {"isIP", CallStyle::kGlobal, "string -> bool", Parses<ParseAddress>},
    {"ip.isCanonical", CallStyle::kGlobal, "string -> bool", IsCanonical},
    {"family", CallStyle::kMember, "net.IP -> int", Family},
    {"isUnspecified", CallStyle::kMember, "net.IP -> bool", Test<IsUnspecified>},
    {"isLoopback", CallStyle::kMember, "net.IP -> bool", Test<IsLoopback>},
    {"isGlobalUnicast", CallStyle::kMember, "net.IP -> bool", Test<IsGlobalUnicast>},
    {"isLinkLocalMulticast", CallStyle::kMember, "net.IP -> bool", Test<IsLinkLocalMulticast>},
    {"isLinkLocalUnicast", CallStyle::kMember, "net.IP -> bool", Test<IsLinkLocalUnicast>},
    {"cidr", CallStyle::kGlobal, "string -> net.CIDR | net.CIDR -> net.CIDR", ToNetwork},
    {"isCIDR", CallStyle::kGlobal, "string -> bool", Parses<ParseNetwork>},
    {"containsIP", CallStyle::kMember, "net.CIDR, net.IP -> bool | net.CIDR, string -> bool",
     ContainsAddress},
    {"containsCIDR", CallStyle::kMember, "net.CIDR, net.CIDR -> bool | net.CIDR, string -> bool",
     ContainsNetwork},
    {"ip", CallStyle::kMember, "net.CIDR -> net.IP", AddressOfNetwork},
    {"masked", CallStyle::kMember, "net.CIDR -> net.CIDR", MaskedNetwork},
    {"prefixLength", CallStyle::kMember, "net.CIDR -> int", PrefixLength},
};

}  // namespace

std::span<const Function> NetworkFunctions() { return kFunctions; }

}  // namespace sidestream::expression
