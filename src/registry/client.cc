// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "registry/client.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace sidestream::registry {
namespace {

using serde::RegisteredSchema;
using serde::RegisteredSchemaPtr;

/// A follower that lags says no to what its leader has; a registry that starts, to everybody.
constexpr size_t kNoesMax = 3;
constexpr Milliseconds kTellInterval{30'000};
constexpr size_t kReferenceDepthMax = 64;

std::string KeyOf(const std::string& path, const std::string& body) { return path + '\n' + body; }

std::string WithoutSlash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

ClientOptions Checked(ClientOptions options) {
  CHECK(!options.urls.empty());
  for (std::string& url : options.urls) url = WithoutSlash(std::move(url));
  return options;
}

}  // namespace

Client::Client(ClientOptions options, std::unique_ptr<Transport> transport, const Clock& clock,
               uint64_t seed)
    : options_(Checked(std::move(options))),
      clock_(clock),
      transport_(std::move(transport)),
      random_(seed) {}

Client::~Client() = default;

Result<RegisteredSchemaPtr> Client::ById(serde::SchemaId id) {
  return Ask({.kind = Kind::kId, .path = fmt::format("/schemas/ids/{}", id), .id = id});
}

Result<RegisteredSchemaPtr> Client::ByGuid(const serde::SchemaGuid& guid) {
  return Ask({.kind = Kind::kId, .path = "/schemas/guids/" + serde::GuidText(guid)});
}

Result<RegisteredSchemaPtr> Client::Latest(std::string_view subject) {
  return Ask({.kind = Kind::kLatest,
              .path = fmt::format("/subjects/{}/versions/latest", EscapePathPart(subject))});
}

Result<RegisteredSchemaPtr> Client::Find(std::string_view subject, serde::SchemaLanguage language,
                                         const serde::SchemaText& schema) {
  if (!schema.references.empty()) {
    return Status::BadRecord(
        "a declared schema with references cannot be looked up, because subjects and versions of "
        "the "
        "references are not known; register it and leave `schema` out");
  }
  // To register what is there already gives its id too.
  return Ask({.kind = Kind::kFind,
              .path = fmt::format("/subjects/{}{}", EscapePathPart(subject),
                                  options_.auto_register ? "/versions" : ""),
              .body = SchemaBody(language, schema.text),
              .language = language,
              .text = schema.text});
}

Result<RegisteredSchemaPtr> Client::Ask(Question question) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = EntryOf(std::move(question));
  if (entry == nullptr) {
    return Status::Unavailable(fmt::format("{} questions to the schema registry wait for an answer",
                                           options_.answers_max));
  }
  switch (entry->state) {
    case State::kReady:
      return entry->schema;
    case State::kFailed:
      return entry->failure;
    default:
      break;
  }
  const auto waited = clock_.Now() - entry->since;
  const std::string words = entry->failure.ok()
                                ? entry->question.path
                                : entry->question.path + ": " + entry->failure.message();
  if (waited > options_.outage_max) {
    return Status::Fatal(
        fmt::format("the schema registry gave no answer for {} s: {}",
                    std::chrono::duration_cast<std::chrono::seconds>(waited).count(), words));
  }
  return Status::Unavailable("waiting for the schema registry: " + words);
}

Client::Entry* Client::EntryOf(Question question) {
  std::string key = KeyOf(question.path, question.body);
  const auto found = entries_.find(key);
  if (found != entries_.end() && !Stale(found->second)) {
    found->second.used = ++uses_;
    return &found->second;
  }
  if (found != entries_.end()) entries_.erase(found);
  if (!MakeRoom()) return nullptr;
  Entry& entry = entries_[std::move(key)];
  entry.question = std::move(question);
  entry.since = entry.due_at = clock_.Now();
  entry.used = ++uses_;
  ++counters_.waiting;
  transport_->Wake();
  return &entry;
}

bool Client::Stale(const Entry& entry) const {
  const bool passes = entry.state == State::kFailed ||
                      (entry.state == State::kReady && entry.question.kind == Kind::kLatest);
  return passes && clock_.Now() - entry.since > options_.cache_ttl;
}

bool Client::MakeRoom() {
  if (entries_.size() < options_.answers_max) return true;
  auto oldest = entries_.end();
  for (auto it = entries_.begin(); it != entries_.end(); ++it) {
    if (it->second.state != State::kReady && it->second.state != State::kFailed) continue;
    if (oldest == entries_.end() || it->second.used < oldest->second.used) oldest = it;
  }
  if (oldest == entries_.end()) return false;
  entries_.erase(oldest);
  return true;
}

void Client::Step(Milliseconds wait) {
  wait = StartDue(wait);
  for (HttpAnswer& answer : transport_->Poll(wait)) Take(std::move(answer));
  SettleReferences();
}

Milliseconds Client::StartDue(Milliseconds wait) {
  const std::lock_guard lock(mutex_);
  const MonotonicTime now = clock_.Now();
  for (auto& [key, entry] : entries_) {
    if (entry.state != State::kDue) continue;
    if (entry.due_at > now) {
      const auto left = std::chrono::ceil<Milliseconds>(entry.due_at - now);
      wait = std::min(wait, left);
      continue;
    }
    entry.state = State::kInFlight;
    entry.url = url_;
    ++counters_.requests;
    in_flight_[++last_token_] = key;
    transport_->Start(last_token_,
                      {options_.urls[url_] + entry.question.path, entry.question.body});
  }
  return wait;
}

void Client::Take(HttpAnswer answer) {
  const std::lock_guard lock(mutex_);
  const auto found = in_flight_.find(answer.token);
  CHECK(found != in_flight_.end()) << answer.token;
  // What is in flight is never evicted.
  Entry& entry = entries_.at(found->second);
  in_flight_.erase(found);
  const Status read = Read(entry, answer);
  if (read.code() == StatusCode::kUnavailable) return TryAgain(entry, read);
  if (std::exchange(outage_, false)) log::Info("registry", "the schema registry answers again");
  if (read.ok()) {
    if (entry.question.kind == Kind::kVersion) {
      // Whoever refers to it gathers what it refers to.
      entry.state = State::kReady;
      --counters_.waiting;
    } else {
      entry.state = State::kReferences;
    }
    return;
  }
  const bool settled = read.code() == StatusCode::kBadRecord && entry.question.kind != Kind::kId &&
                       entry.question.kind != Kind::kVersion;
  if (settled || ++entry.noes == kNoesMax) return Fail(entry, read);
  entry.state = State::kDue;
  entry.failure = read;
  entry.due_at = clock_.Now() + Backoff(entry.noes - 1);
}

Status Client::Read(Entry& entry, const HttpAnswer& answer) {
  const Question& question = entry.question;
  if (question.kind == Kind::kFind) {
    ASSIGN_OR_RETURN(entry.document.id, ReadIdAnswer(answer));
    entry.document.language = question.language;
    entry.document.text = question.text;
    return Status::Ok();
  }
  ASSIGN_OR_RETURN(entry.document, ReadSchemaAnswer(answer));
  if (!entry.document.id && question.kind == Kind::kLatest) {
    return Status::Unavailable("the registry does not tell the id of the subject's latest version");
  }
  if (!entry.document.id || question.id != 0) entry.document.id = question.id;
  return Status::Ok();
}

void Client::TryAgain(Entry& entry, const Status& why) {
  ++counters_.failures;
  ++entry.failures;
  entry.state = State::kDue;
  entry.failure = why;
  TellOutage(entry, why);
  // All that is asked next goes elsewhere too, unless somebody else saw this already.
  if (url_ == entry.url) url_ = (url_ + 1) % options_.urls.size();
  const bool round = entry.failures % options_.urls.size() == 0;
  entry.due_at =
      clock_.Now() + (round ? Backoff(entry.failures / options_.urls.size() - 1) : Milliseconds(0));
}

/// Doubles with each round; between half of it and all of it, so that instances do not come
/// back together.
Milliseconds Client::Backoff(size_t round) {
  const int64_t most = std::min(options_.backoff_max.count(), options_.backoff_min.count()
                                                                  << std::min<size_t>(round, 20));
  return Milliseconds(most / 2 + random_.Below(most / 2 + 1));
}

void Client::TellOutage(const Entry& entry, const Status& why) {
  const MonotonicTime now = clock_.Now();
  if (outage_ && now - told_at_ < kTellInterval) return;
  outage_ = true;
  told_at_ = now;
  log::Warning("registry",
               "the schema registry does not answer, records that need it wait: url={} question={} "
               "tries={} waiting={}: {}",
               options_.urls[entry.url], entry.question.path, entry.failures,
               counters_.waiting.load(), why.message());
}

void Client::Fail(Entry& entry, Status why) {
  entry.state = State::kFailed;
  entry.failure = Status(why.code(), entry.question.path + ": " + why.message());
  entry.since = clock_.Now();
  --counters_.waiting;
}

void Client::SettleReferences() {
  const std::lock_guard lock(mutex_);
  // Settling may ask for more, which adds entries.
  std::vector<std::string> keys;
  for (const auto& [key, entry] : entries_) {
    if (entry.state == State::kReferences) keys.push_back(key);
  }
  for (const std::string& key : keys) {
    if (const auto found = entries_.find(key); found != entries_.end()) Settle(found->second);
  }
}

void Client::Settle(Entry& entry) {
  Gathering gathering;
  gathering.open.push_back(entry.question.path);
  if (Status gathered = Gather(entry.document, gathering); !gathered.ok()) {
    return Fail(entry, std::move(gathered));
  }
  if (!gathering.complete) return;
  auto schema = std::make_shared<RegisteredSchema>();
  schema->language = entry.document.language;
  schema->id = entry.document.id.value_or(0);
  schema->schema = {entry.document.text, std::move(gathering.found)};
  entry.schema = std::move(schema);
  entry.state = State::kReady;
  entry.failure = Status::Ok();
  entry.since = clock_.Now();
  --counters_.waiting;
}

Status Client::Gather(const SchemaDocument& document, Gathering& gathering) {
  for (const SchemaDocument::Reference& reference : document.references) {
    // Versions that were deleted since are still what the schema was written with.
    Question question{.kind = Kind::kVersion,
                      .path = fmt::format("/subjects/{}/versions/{}?deleted=true",
                                          EscapePathPart(reference.subject), reference.version)};
    const std::string path = question.path;
    if (std::ranges::find(gathering.open, path) != gathering.open.end()) {
      return Status::BadRecord("the schema's references go round in a circle: " + path);
    }
    if (std::ranges::find(gathering.seen, path) != gathering.seen.end()) continue;
    if (gathering.seen.size() == kReferencesMax || gathering.open.size() == kReferenceDepthMax) {
      return Status::BadRecord(
          fmt::format("the schema has more than {} references, or over {} deep", kReferencesMax,
                      kReferenceDepthMax));
    }
    gathering.seen.push_back(path);
    const Entry* const entry = EntryOf(std::move(question));
    if (entry != nullptr && entry->state == State::kFailed) {
      return entry->failure.WithContext("reference " + reference.name);
    }
    if (entry == nullptr || entry->state == State::kDue || entry->state == State::kInFlight) {
      gathering.complete = false;
      continue;
    }
    gathering.open.push_back(path);
    // A copy: asking for more may evict the entry.
    const SchemaDocument inner = entry->document;
    RETURN_IF_ERROR(Gather(inner, gathering));
    gathering.open.pop_back();
    gathering.found.push_back({reference.name, inner.text});
  }
  return Status::Ok();
}

}  // namespace sidestream::registry
