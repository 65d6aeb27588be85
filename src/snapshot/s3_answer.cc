// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/s3_answer.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace sidestream::snapshot {
namespace {

constexpr size_t kShownMax = 80;

/// The elements of S3's answers have no attributes save the root's, and a name never stands inside
/// itself: text between tags is all that there is to find. Moves `xml` behind the element.
std::optional<std::string_view> TakeElement(std::string_view& xml, std::string_view name) {
  const std::string open = "<" + std::string(name) + ">";
  const std::string close = "</" + std::string(name) + ">";
  const size_t begin = xml.find(open);
  if (begin == std::string_view::npos) return std::nullopt;
  const size_t end = xml.find(close, begin + open.size());
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inner = xml.substr(begin + open.size(), end - begin - open.size());
  xml.remove_prefix(end + close.size());
  return inner;
}

std::optional<std::string_view> Element(std::string_view xml, std::string_view name) {
  return TakeElement(xml, name);
}

/// A reference to a character: what it stands for, or nothing when there is no such.
std::optional<char> CharacterOf(std::string_view reference) {
  if (reference == "amp") return '&';
  if (reference == "lt") return '<';
  if (reference == "gt") return '>';
  if (reference == "quot") return '"';
  if (reference == "apos") return '\'';
  if (!reference.starts_with('#')) return std::nullopt;
  reference.remove_prefix(1);
  const int base = reference.starts_with('x') ? 16 : 10;
  if (base == 16) reference.remove_prefix(1);
  uint32_t code = 0;
  const auto [end, error] =
      std::from_chars(reference.data(), reference.data() + reference.size(), code, base);
  // Names of objects of ours are ASCII.
  if (error != std::errc() || end != reference.data() + reference.size() || code > 0x7f) return {};
  return static_cast<char>(code);
}

std::string Text(std::string_view escaped) {
  std::string text;
  while (!escaped.empty()) {
    const size_t semicolon = escaped[0] == '&' ? escaped.find(';') : std::string_view::npos;
    std::optional<char> character;
    if (semicolon != std::string_view::npos) character = CharacterOf(escaped.substr(1, semicolon - 1));
    text += character.value_or(escaped[0]);
    escaped.remove_prefix(character ? semicolon + 1 : 1);
  }
  return text;
}

Status NoAnswer(std::string_view xml) {
  return Status::Unavailable("the snapshot location gave no answer of S3: " +
                             std::string(xml.substr(0, kShownMax)));
}

}  // namespace

Result<S3ListPage> ReadS3List(std::string_view xml) {
  if (xml.find("ListBucketResult") == std::string_view::npos) return NoAnswer(xml);
  S3ListPage page;
  std::string_view rest = xml;
  while (const auto entry = TakeElement(rest, "Contents")) {
    const auto key = Element(*entry, "Key");
    const auto size = Element(*entry, "Size");
    StoredObject object;
    if (!key || !size) return NoAnswer(xml);
    const auto [end, error] =
        std::from_chars(size->data(), size->data() + size->size(), object.bytes);
    if (error != std::errc() || end != size->data() + size->size() || object.bytes < 0) {
      return NoAnswer(xml);
    }
    object.name = Text(*key);
    page.objects.push_back(std::move(object));
  }
  if (Element(xml, "IsTruncated").value_or("false") == "true") {
    page.continuation = Text(Element(xml, "NextContinuationToken").value_or(""));
    if (page.continuation.empty()) return NoAnswer(xml);
  }
  return page;
}

Result<std::string> ReadS3UploadId(std::string_view xml) {
  const auto id = Element(xml, "UploadId");
  if (!id || id->empty()) return NoAnswer(xml);
  return Text(*id);
}

std::string ReadS3ErrorCode(std::string_view xml) {
  const auto error = Element(xml, "Error");
  return error ? Text(Element(*error, "Code").value_or("unknown")) : std::string();
}

}  // namespace sidestream::snapshot
