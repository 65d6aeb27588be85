// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// dlq replay: puts dead letters back to the topics and partitions that their records came from. A
// dry run unless --execute is given.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

#include "app/commands/commands.h"
#include "app/commands/letter_box.h"
#include "app/exit_code.h"
#include "app/letter_replay.h"
#include "operators/dead_letter/letter_headers.h"

namespace sidestream::app {
namespace {

constexpr size_t kLettersPerCommit = 500;
// Of the letters that one call looks at; it is called again for more.
constexpr size_t kBytesMax = 256u << 20;
// Of the metadata of a committed offset: a broker takes 4,096.
constexpr size_t kMetadataBytesMax = 4'000;
constexpr size_t kLeftShownMax = 20;

size_t BytesOf(const OwnedRecord& record) {
  size_t bytes = sizeof(Letter) + (record.key ? record.key->size() : 0) +
                 (record.value ? record.value->size() : 0);
  for (const auto& [name, value] : record.headers) {
    bytes += name.size() + (value ? value->size() : 0) + 64;
  }
  return bytes;
}

bool IsHop(const Letter& letter) {
  return letter.HeaderOr(operators::kLetterContents) == operators::kContentsHop;
}

/// Brings the letters of each hold into the order of their numbers: one that was put back and
/// failed again lies behind younger ones.
void SortHolds(std::vector<Letter>& letters) {
  std::map<std::pair<std::string, std::string>, std::vector<size_t>> holds;
  for (size_t i = 0; i < letters.size(); ++i) {
    const std::string hold = letters[i].HeaderOr(operators::kHold);
    if (!hold.empty()) holds[{hold, letters[i].record.key.value_or("")}].push_back(i);
  }
  for (const auto& [_, places] : holds) {
    std::vector<Letter> sorted;
    for (const size_t place : places) sorted.push_back(std::move(letters[place]));
    std::stable_sort(sorted.begin(), sorted.end(), [](const Letter& a, const Letter& b) {
      return a.NumberIn(operators::kHoldSequence) < b.NumberIn(operators::kHoldSequence);
    });
    for (size_t i = 0; i < places.size(); ++i) letters[places[i]] = std::move(sorted[i]);
  }
}

/// `record` of the source with what the application needs to know of the letter.
PutBack MakePutBack(const Letter& letter, const kafka::PartitionOffset& source,
                    OwnedRecord record) {
  const bool hop = IsHop(letter);
  std::erase_if(record.headers, [hop](const auto& header) {
    const std::string& name = header.first;
    const bool hold = !hop && (name == operators::kHold || name == operators::kHoldSequence);
    return name.starts_with(operators::kErrorHeaders) ||
           (name.starts_with(operators::kOwnHeaders) && !hold);
  });
  record.headers.emplace_back(operators::kReplayCount, std::to_string(letter.replays() + 1));
  record.headers.emplace_back(operators::kReplayLetter,
                              fmt::format("{}/{}/{}", letter.partition.topic,
                                          letter.partition.partition, letter.offset.value()));
  return {source.partition, std::move(record)};
}

class Replay {
 public:
  Replay(LetterBox& box, const Arguments& arguments, CommandContext& context)
      : box_(box),
        wanted_(arguments.dlq),
        patience_{.total = arguments.connect_timeout},
        context_(context) {}

  Status Run() {
    RETURN_IF_ERROR(LearnPartitions());
    if (wanted_.execute) {
      ASSIGN_OR_RETURN(replay_, LetterReplay::Join(box_.cluster(), box_.application(), box_.topic(),
                                                   context_.waiting, patience_));
      RETURN_IF_ERROR(box_.Refresh());
    }
    RETURN_IF_ERROR(Choose());
    for (auto& [partition, letters] : chosen_) {
      SortHolds(letters);
      const auto left = static_cast<size_t>(wanted_.limit.value_or(INT64_MAX) - put_back_);
      if (letters.size() > left)
        letters.erase(letters.begin() + static_cast<ptrdiff_t>(left), letters.end());
      for (size_t start = 0; start < letters.size(); start += kLettersPerCommit) {
        const size_t count = std::min(kLettersPerCommit, letters.size() - start);
        RETURN_IF_ERROR(PutBackSome(partition, std::span(letters).subspan(start, count)));
      }
    }
    Summarize();
    return Status::Ok();
  }

 private:
  Status LearnPartitions() {
    const std::vector<std::string> names(box_.inputs().begin(), box_.inputs().end());
    ASSIGN_OR_RETURN(const auto topics, Ask<std::vector<kafka::TopicDescription>>(
                                            [&] { return box_.admin().DescribeTopics(names); },
                                            "the inputs", context_.waiting, patience_));
    for (const kafka::TopicDescription& topic : topics) counts_[topic.name] = topic.partitions;
    return Status::Ok();
  }

  Status Choose() {
    size_t bytes = 0;
    return box_.Read(/*all=*/false, [&](Letter letter, bool replayed) {
      if (replay_ != nullptr && !Ours(letter.partition)) return false;
      bytes += BytesOf(letter.record);
      if (bytes > kBytesMax) {
        more_ = true;
        return false;
      }
      box_.replayed(letter.partition).Saw(letter.offset);
      if (replayed || !box_.filter().Takes(letter)) return true;
      if (const std::optional<std::string> why = ReasonToLeave(letter)) {
        Leave(letter, *why);
      } else {
        chosen_[letter.partition].push_back(std::move(letter));
      }
      return true;
    });
  }

  bool Ours(const TopicPartition& partition) const {
    const auto& ours = replay_->partitions();
    return std::find(ours.begin(), ours.end(), partition) != ours.end();
  }

  std::optional<std::string> ReasonToLeave(const Letter& letter) const {
    const std::string application = letter.HeaderOr(operators::kErrorApplication);
    if (application != box_.application()) {
      return fmt::format("it is of the application {}", application.empty() ? "?" : application);
    }
    const auto source = letter.Source();
    if (!source || letter.HeaderOr(operators::kLetterContents) == operators::kContentsResult) {
      return "it is a result of many records, no one of them can be put back";
    }
    const auto count = counts_.find(source->partition.topic);
    if (count == counts_.end()) {
      return fmt::format("the application does not read {}", source->partition.topic);
    }
    if (source->partition.partition >= count->second) {
      return fmt::format("there is no partition {}", ToString(source->partition));
    }
    if (letter.replays() >= wanted_.max_replays) {
      return fmt::format("it was put back {} times already; --max-replays {} does it again",
                         letter.replays(), letter.replays() + 1);
    }
    return std::nullopt;
  }

  void Leave(const Letter& letter, const std::string& why) {
    if (++left_ > kLeftShownMax) return;
    context_.err << fmt::format("left {}@{}: {}\n", letter.partition.partition,
                                letter.offset.value(), why);
  }

  /// One transaction.
  Status PutBackSome(const TopicPartition& partition, std::span<Letter> letters) {
    ReplayedLetters& replayed = box_.replayed(partition);
    std::vector<PutBack> records;
    for (Letter& letter : letters) {
      const kafka::PartitionOffset source = *letter.Source();
      std::optional<OwnedRecord> record;
      if (!IsHop(letter)) {
        record = std::move(letter.record);
        letter.record.headers = record->headers;
        record->timestamp = letter.SourceTimestamp();
      } else if (replay_ != nullptr) {
        ASSIGN_OR_RETURN(record, ReadSource(source));
        if (!record) {
          Leave(letter, "its record is no longer in " + ToString(source.partition));
          continue;
        }
      }
      if (replay_ == nullptr) {
        context_.out << fmt::format("would put back {}@{} to {} (step {})\n", partition.partition,
                                    letter.offset.value(), ToString(source.partition),
                                    letter.HeaderOr(operators::kErrorStep));
      } else {
        records.push_back(MakePutBack(letter, source, std::move(*record)));
      }
      replayed.Add(letter.offset);
      ++put_back_;
    }
    if (records.empty()) return Status::Ok();
    const std::string runs = EncodeRuns(replayed.NextRuns());
    if (runs.size() > kMetadataBytesMax) {
      return Status::Stopped(
          "too many letters are left in between those that were put back: put "
          "them all back, without --step, --topic, --key and --since");
    }
    return replay_->Commit(records, {{partition, replayed.NextBase(), runs}});
  }

  /// The record that a letter from behind a repartition topic began as; empty when it is gone.
  Result<std::optional<OwnedRecord>> ReadSource(const kafka::PartitionOffset& source) {
    if (source_reader_ == nullptr) {
      ASSIGN_OR_RETURN(source_reader_, box_.cluster().NewLogReader("dlq-source"));
    }
    ASSIGN_OR_RETURN(const auto earliest,
                     Ask<std::vector<kafka::PartitionOffset>>(
                         [&] {
                           return box_.admin().ListOffsets({source.partition},
                                                           kafka::OffsetSpec::kEarliest,
                                                           kafka::IsolationLevel::kReadCommitted);
                         },
                         "the beginning of an input", context_.waiting, patience_));
    if (source.offset < earliest.front().offset) return std::optional<OwnedRecord>();
    RETURN_IF_ERROR(source_reader_->Assign(source));
    const MonotonicTime deadline = context_.waiting.clock().Now() + patience_.total;
    std::optional<OwnedRecord> found;
    // A position behind the record's place tells that it is gone, by compaction.
    while (source_reader_->Position(source.partition).value_or(source.offset) <= source.offset) {
      const auto chunks = source_reader_->Poll(1, Milliseconds(20));
      if (!chunks.ok() && chunks.status().code() != StatusCode::kUnavailable) {
        return chunks.status();
      }
      for (size_t i = 0; chunks.ok() && i < chunks->size(); ++i) {
        const kafka::RecordChunk& chunk = *(*chunks)[i];
        for (size_t j = 0; j < chunk.records().size(); ++j) {
          if (chunk.partition() != source.partition) continue;
          if (chunk.records()[j].offset == source.offset) found = CopyOf(chunk, j);
        }
      }
      if (context_.waiting.clock().Now() >= deadline) {
        return Status::Unavailable("the cluster does not answer: wanted=a record of " +
                                   ToString(source.partition));
      }
      context_.waiting.Pass(Milliseconds(1));
    }
    RETURN_IF_ERROR(source_reader_->Unassign(source.partition));
    return found;
  }

  void Summarize() {
    if (left_ > kLeftShownMax) {
      context_.err << fmt::format("and {} more\n", left_ - kLeftShownMax);
    }
    if (replay_ == nullptr) {
      context_.err << fmt::format("{} letters would be put back, {} left; add --execute to do it\n",
                                  put_back_, left_);
    } else {
      context_.out << fmt::format("put back {} letters, left {}\n", put_back_, left_);
    }
    if (more_) context_.err << "there are more letters than one call looks at: call it again\n";
  }

  LetterBox& box_;
  const DlqArguments& wanted_;
  const Patience patience_;
  CommandContext& context_;
  std::unique_ptr<LetterReplay> replay_;  // null: a dry run
  std::unique_ptr<kafka::LogReader> source_reader_;
  std::map<std::string, int32_t> counts_;
  std::map<TopicPartition, std::vector<Letter>> chosen_;
  int64_t put_back_ = 0;
  size_t left_ = 0;
  bool more_ = false;
};

}  // namespace

int DlqReplay(const Arguments& arguments, CommandContext& context) {
  auto box = LetterBox::Open(arguments, context);
  if (!box.ok()) return Failed(box.status(), context);
  if ((*box)->partitions().empty()) {
    context.err << fmt::format("there are no dead letters: the topic {} does not exist\n",
                               (*box)->topic());
    return kExitOk;
  }
  const Status done = Replay(**box, arguments, context).Run();
  return done.ok() ? kExitOk : Failed(done, context);
}

}  // namespace sidestream::app
