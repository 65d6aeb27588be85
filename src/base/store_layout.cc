// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/store_layout.h"

#include <algorithm>

#include "base/fnv.h"

namespace sidestream {
namespace {

const StoreLayout::Part* FindPart(const StoreLayout& layout, const std::string& name) {
  const auto found = std::ranges::find(layout.parts, name, &StoreLayout::Part::name);
  return found == layout.parts.end() ? nullptr : &*found;
}

std::string ValueOf(const StoreLayout& layout, const std::string& name) {
  const StoreLayout::Part* const part = FindPart(layout, name);
  return part == nullptr || part->value.empty() ? "nothing" : part->value;
}

std::string FirstDifference(const StoreLayout& recorded, const StoreLayout& planned) {
  for (const StoreLayout* layout : {&planned, &recorded}) {
    for (const StoreLayout::Part& part : layout->parts) {
      const std::string was = ValueOf(recorded, part.name);
      const std::string is = ValueOf(planned, part.name);
      if (was != is) return part.name + " was " + was + ", is " + is;
    }
  }
  return "its parts have another order";
}

std::vector<std::string> Missing(const std::vector<std::string>& from,
                                 const std::vector<std::string>& in) {
  std::vector<std::string> missing;
  for (const std::string& field : from) {
    if (std::ranges::find(in, field) == in.end()) missing.push_back(field);
  }
  return missing;
}

LayoutChange Other(std::string reason) {
  LayoutChange change;
  change.kind = LayoutChange::Kind::kOther;
  change.reason = std::move(reason);
  return change;
}

}  // namespace

uint32_t FieldId(std::string_view field) {
  const uint64_t hash = Fnv1a(field);
  return static_cast<uint32_t>(hash ^ (hash >> 32U));
}

uint64_t PartsFingerprint(std::string_view store, const StoreLayout& layout) {
  std::string text(store);
  for (const StoreLayout::Part& part : layout.parts) text += "\n" + part.name + "\n" + part.value;
  return Fnv1a(text);
}

LayoutChange CompareLayouts(const StoreLayout& recorded, const StoreLayout& planned) {
  if (recorded.parts.empty()) {
    if (recorded.fingerprint == planned.fingerprint) return {};
    return Other("its definition is another one; the release that recorded it did not say which");
  }
  if (recorded.parts != planned.parts || recorded.fields_by_place != planned.fields_by_place) {
    return Other(FirstDifference(recorded, planned));
  }
  LayoutChange change;
  if (planned.fields_by_place) {
    const bool follows =
        recorded.fields.size() <= planned.fields.size() &&
        std::equal(recorded.fields.begin(), recorded.fields.end(), planned.fields.begin());
    if (!follows) return Other("its stores were renamed, changed, moved or taken away");
  }
  change.added = Missing(planned.fields, recorded.fields);
  change.removed = Missing(recorded.fields, planned.fields);
  const bool same = change.added.empty() && change.removed.empty();
  change.kind = same ? LayoutChange::Kind::kSame : LayoutChange::Kind::kEvolved;
  return change;
}

std::string Describe(const LayoutChange& change) {
  if (change.kind == LayoutChange::Kind::kOther) return change.reason;
  std::string text;
  const auto list = [&](const char* one, const std::vector<std::string>& fields, const char* end) {
    for (const std::string& field : fields) {
      text += (text.empty() ? "" : "; ") + std::string(one) + field + end;
    }
  };
  list("lost: ", change.removed, "");
  list("new, begins empty: ", change.added, "");
  return text;
}

}  // namespace sidestream
