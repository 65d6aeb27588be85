// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/support/fake_processor_context.h"

namespace sidestream::testing {

Result<std::optional<std::string_view>> FakeStore::Get(std::string_view key) {
  ++gets_;
  const std::string name(key);
  if (const auto found = pending_.find(name); found != pending_.end()) {
    if (!found->second) return std::optional<std::string_view>();
    return std::optional<std::string_view>(*found->second);
  }
  const auto found = committed_.find(name);
  if (found == committed_.end()) return std::optional<std::string_view>();
  return std::optional<std::string_view>(found->second);
}

void FakeStore::Put(std::string_view key, std::string_view value) {
  ++puts_;
  pending_[std::string(key)] = std::string(value);
}

void FakeStore::Delete(std::string_view key) { pending_[std::string(key)] = std::nullopt; }

Status FakeStore::Scan(std::string_view from, std::string_view to, const VisitRow& visit) {
  ++scans_;
  scanned_from_ = from;
  std::map<std::string, std::string> rows = committed_;
  for (const auto& [key, value] : pending_) {
    if (value) {
      rows[key] = *value;
    } else {
      rows.erase(key);
    }
  }
  for (auto row = rows.lower_bound(std::string(from)); row != rows.end(); ++row) {
    if (!to.empty() && row->first >= to) break;
    ASSIGN_OR_RETURN(const bool more, visit(row->first, row->second));
    if (!more) break;
  }
  return Status::Ok();
}

void FakeStore::Commit() {
  for (auto& [key, value] : pending_) {
    if (value) {
      committed_[key] = *value;
    } else {
      committed_.erase(key);
    }
  }
  pending_.clear();
}

FakeStore& FakeProcessorContext::store(size_t index) {
  while (stores_.size() <= index) stores_.push_back(std::make_unique<FakeStore>());
  return *stores_[index];
}

Status FakeProcessorContext::Produce(const operators::OutputRecord& record) {
  if (record.value && record.value->size() > largest_value) {
    return Status::BadRecord("the record is larger than the output topic allows");
  }
  ProducedRecord copy;
  copy.output = record.output;
  if (record.key) copy.key = std::string(*record.key);
  if (record.value) copy.value = std::string(*record.value);
  copy.timestamp = record.timestamp;
  copy.key_kind = record.key_kind;
  if (record.origin) {
    copy.origin = {std::string(record.origin->topic), record.origin->partition,
                   record.origin->offset};
  }
  for (const Header& header : record.headers) {
    std::optional<std::string> value;
    if (header.value) value = std::string(*header.value);
    copy.headers.emplace_back(std::string(header.name), std::move(value));
  }
  produced_.push_back(std::move(copy));
  return Status::Ok();
}

void FakeProcessorContext::CountDropped(std::string_view step, std::string_view reason) {
  ++dropped_[{std::string(step), std::string(reason)}];
}

void FakeProcessorContext::CountDeadLetter(std::string_view step, std::string_view cause) {
  ++dead_letters_[{std::string(step), std::string(cause)}];
}

void FakeProcessorContext::Commit() {
  for (const auto& store : stores_) store->Commit();
  produced_.clear();
}

void FakeProcessorContext::Rollback() {
  for (const auto& store : stores_) store->Rollback();
  produced_.clear();
}

int64_t FakeProcessorContext::dropped(const std::string& step, const std::string& reason) const {
  const auto found = dropped_.find({step, reason});
  return found == dropped_.end() ? 0 : found->second;
}

int64_t FakeProcessorContext::dead_letters(const std::string& step,
                                           const std::string& cause) const {
  const auto found = dead_letters_.find({step, cause});
  return found == dead_letters_.end() ? 0 : found->second;
}

}  // namespace sidestream::testing
