// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Any bytes as the row of a held key and as the headers of a record that was put back: a row that
// decodes is encoded to one that decodes to the same, and whatever a record does to a key leaves a
// row that decodes, or none.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "operators/dead_letter/held_keys.h"
#include "operators/dead_letter/letter_headers.h"
#include "statestore/key_value_store.h"

using namespace sidestream;
using operators::HeldKeys;
using operators::HeldRow;

namespace {

/// A store with one row.
class OneRow final : public statestore::KeyValueStore {
 public:
  explicit OneRow(std::string_view row) : row_(row) {}
  Result<std::optional<std::string_view>> Get(std::string_view /*key*/) override {
    if (!row_) return std::optional<std::string_view>();
    return std::optional<std::string_view>(*row_);
  }
  void Put(std::string_view /*key*/, std::string_view value) override { row_ = value; }
  void Delete(std::string_view /*key*/) override { row_.reset(); }
  Status Scan(std::string_view /*from*/, std::string_view /*to*/,
              const VisitRow& /*visit*/) override {
    return Status::Ok();  // nothing here scans
  }
  bool sound() const { return !row_ || operators::DecodeHeldRow(*row_).ok(); }

 private:
  std::optional<std::string> row_;
};

void Row(std::string_view bytes) {
  const Result<HeldRow> row = operators::DecodeHeldRow(bytes);
  if (!row.ok()) return;
  std::string encoded;
  operators::EncodeHeldRow(*row, encoded);
  const Result<HeldRow> again = operators::DecodeHeldRow(encoded);
  CHECK(again.ok() && again->head == row->head && again->next == row->next);
  CHECK(again->hold == row->hold);
}

void Meet(std::string_view row, std::string_view hold, std::string_view number, bool passes) {
  // Numbers end here (held_keys.cc); a record more has none.
  const Result<HeldRow> before = operators::DecodeHeldRow(row);
  if (!before.ok() || before->next >= uint64_t{1} << 62) return;
  OneRow store(row);
  HeldKeys keys("app");
  const std::vector<Header> headers{{operators::kHold, hold}, {operators::kHoldSequence, number}};
  operators::InputRecord record;
  record.topic = "in";
  record.key = "k";
  record.headers = headers;
  const auto admission = keys.Admit(record, store);
  if (!admission.ok() || *admission == HeldKeys::Admission::kRepeated) return;
  if (passes && *admission != HeldKeys::Admission::kWaits) {
    keys.Pass(record, store);
  } else {
    keys.PutAside(record, store);
  }
  CHECK(store.sound());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Row(bytes);
  // The first byte says where the row ends and what becomes of the record.
  if (bytes.empty()) return 0;
  const auto first = static_cast<unsigned char>(bytes.front());
  const std::string_view rest = bytes.substr(1);
  const size_t end = std::min<size_t>(first >> 1U, rest.size());
  const std::string_view behind = rest.substr(end);
  const size_t middle = behind.size() - std::min<size_t>(behind.size(), 2);
  Meet(rest.substr(0, end), behind.substr(0, middle), behind.substr(middle), (first & 1U) != 0);
  return 0;
}
