// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/integration/ledger_commits.h"

#include <map>
#include <optional>
#include <string_view>

#include "tests/integration/ledger_entry.h"
#include "time/commit_stamp.h"

namespace sidestream::integration {
namespace {

constexpr size_t kFindingsMax = 40;
constexpr char kOffsetsTopic[] = "__consumer_offsets";

/// Big-endian fields of the broker's own records, each empty behind the end of the bytes.
class Fields {
 public:
  explicit Fields(std::string_view bytes) : bytes_(bytes) {}

  std::optional<int64_t> Integer(size_t width) {
    const auto bytes = Take(width);
    if (!bytes) return std::nullopt;
    // The first byte carries the sign.
    int64_t value = static_cast<signed char>(bytes->front());
    for (const char byte : bytes->substr(1)) value = value * 256 + static_cast<uint8_t>(byte);
    return value;
  }
  std::optional<std::string_view> Text() {
    const auto length = Integer(2);
    if (!length || *length < 0) return std::nullopt;
    return Take(static_cast<size_t>(*length));
  }
  /// With a length of one varint, plus one, as newer versions have it.
  std::optional<std::string_view> CompactText() {
    size_t length = 0;
    for (int shift = 0; shift < 28; shift += 7) {
      const auto byte = Integer(1);
      if (!byte) return std::nullopt;
      length |= static_cast<size_t>(*byte & 0x7f) << shift;
      if (*byte >= 0) return length == 0 ? std::nullopt : Take(length - 1);
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string_view> Take(size_t count) {
    if (count == 0 || bytes_.size() < count) {
      return count == 0 ? std::optional(bytes_.substr(0, 0)) : std::nullopt;
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

  std::string_view bytes_;
};

/// Of a record about an offset of `group`; keys of other kinds and groups are none.
std::optional<TopicPartition> PartitionOf(std::string_view key, std::string_view group) {
  Fields fields(key);
  const auto version = fields.Integer(2);
  if (!version || *version > 1) return std::nullopt;
  const auto of = fields.Text();
  const auto topic = fields.Text();
  const auto partition = fields.Integer(4);
  if (!of || *of != group || !topic || !partition) return std::nullopt;
  return TopicPartition{std::string(*topic), static_cast<Partition>(*partition)};
}

struct Commit {
  int64_t offset = 0;
  int64_t sequence = 0;
  friend bool operator==(const Commit&, const Commit&) = default;
};

std::optional<Commit> CommitOf(std::string_view value) {
  constexpr int64_t kWithEpoch = 3;
  constexpr int64_t kCompact = 4;
  Fields fields(value);
  const auto version = fields.Integer(2);
  const auto offset = fields.Integer(8);
  if (!version || !offset) return std::nullopt;
  if (*version >= kWithEpoch && !fields.Integer(4)) return std::nullopt;
  const auto metadata = *version >= kCompact ? fields.CompactText() : fields.Text();
  if (!metadata) return std::nullopt;
  const auto stamp = time::DecodeCommitStamp(*metadata);
  if (!stamp.ok() || !*stamp) return std::nullopt;
  return Commit{*offset, static_cast<int64_t>((*stamp)->sequence.value())};
}

}  // namespace

std::vector<std::string> CheckCommits(ClusterView& view, const std::string& application,
                                      uint64_t* commits) {
  std::vector<std::string> findings;
  const LedgerTopics topics(application);
  std::map<TopicPartition, Commit> last;
  *commits = 0;
  view.ReadAll(kOffsetsTopic, [&](const TopicPartition&, const kafka::Record& record) {
    const auto partition = PartitionOf(record.key.value_or(""), topics.application);
    // Led, not processed: offsets of the control topic have no stamps.
    if (!partition || partition->topic == topics.control || findings.size() >= kFindingsMax) return;
    const std::string where = " of " + ToString(*partition);
    if (!record.value) return findings.push_back("the committed offset" + where + " was deleted");
    const auto commit = CommitOf(*record.value);
    if (!commit) return findings.push_back("a commit without a stamp" + where);
    ++*commits;
    const auto [before, first] = last.emplace(*partition, *commit);
    // The very same one again: its request was sent twice, within one transaction.
    if (!first && *commit == before->second) return;
    if (!first &&
        (commit->offset < before->second.offset || commit->sequence <= before->second.sequence)) {
      findings.push_back(
          "the commit" + where + " went from " + std::to_string(before->second.offset) +
          " in commit " + std::to_string(before->second.sequence) + " to " +
          std::to_string(commit->offset) + " in commit " + std::to_string(commit->sequence));
    }
    before->second = *commit;
  });
  if (*commits == 0) findings.push_back("the log of offsets knows no commit of " + application);
  return findings;
}

}  // namespace sidestream::integration
