// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Client: a schema registry that speaks Confluent's API (also Karapace, Redpanda, Apicurio's
// ccompat). Start reading here.
//
// Place in the flow: workers ask through SchemaSource and are answered at once; the asking of the
// registry happens in Step(), on a thread of the client's own or of whoever drives it.
//
//   asked ──▶ due ──▶ in flight ──▶ references missing ──▶ ready
//              ▲          │  └──────────────────────────────▶ failed (the registry's no)
//              └ back-off ┘
//
// Invariants
//  C1. Of each question one request at most is under way.
//  C2. What an id stands for never changes, so it is kept; what a subject's latest version is, and
//      every no, is asked again after `cache_ttl`.
//  C3. A no counts only when it is the registry's. Whatever may be the network, a proxy or a
//      registry that starts is tried again: the next URL at once, then after a back-off.
//  C4. Nothing is tried for ever: after `outage_max` the answer is kFatal.
//
// Threading: SchemaSource and counters() from any thread; Step() on one.

#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "registry/answer.h"
#include "registry/transport.h"
#include "serde/schema_source.h"

namespace sidestream::registry {

struct ClientOptions {
  /// Of equal rank; the one that answered last is asked first. At least one.
  std::vector<std::string> urls;
  /// Find() registers what is not there.
  bool auto_register = false;
  Milliseconds cache_ttl{300'000};
  Milliseconds outage_max{600'000};
  Milliseconds backoff_min{100};
  Milliseconds backoff_max{10'000};
  /// Most questions whose answers are kept; beyond it the one that was not asked for longest goes.
  size_t answers_max = 10'000;
};

struct ClientCounters {
  std::atomic<int64_t> requests{0};
  /// Of them those that have to be sent again.
  std::atomic<int64_t> failures{0};
  /// Questions without an answer yet.
  std::atomic<int64_t> waiting{0};
};

class Client final : public serde::SchemaSource {
 public:
  /// `clock` is borrowed and outlives the client. `seed`: of the jitter.
  Client(ClientOptions options, std::unique_ptr<Transport> transport, const Clock& clock,
         uint64_t seed);
  ~Client() override;

  /// Sends what is due and takes what came, waiting at most `wait` for it.
  void Step(Milliseconds wait);
  /// Ends the waiting of Step(); from any thread.
  void Wake() { transport_->Wake(); }
  const ClientCounters& counters() const { return counters_; }

  // serde::SchemaSource
  Result<serde::RegisteredSchemaPtr> ById(serde::SchemaId id) override;
  Result<serde::RegisteredSchemaPtr> ByGuid(const serde::SchemaGuid& guid) override;
  Result<serde::RegisteredSchemaPtr> Latest(std::string_view subject) override;
  Result<serde::RegisteredSchemaPtr> Find(std::string_view subject, serde::SchemaLanguage language,
                                          const serde::SchemaText& schema) override;

 private:
  enum class State { kDue, kInFlight, kReferences, kReady, kFailed };
  /// What a question is about decides how its answer is read.
  enum class Kind { kId, kLatest, kVersion, kFind };
  struct Question {
    Kind kind = Kind::kId;
    std::string path;
    std::string body;  // kFind: a POST
    /// Not repeated in the answer: of kId, and of kFind.
    serde::SchemaId id = 0;
    serde::SchemaLanguage language = serde::SchemaLanguage::kAvro;
    std::string text;
  };
  struct Entry {
    Question question;
    State state = State::kDue;
    /// Since when it is asked for without an answer; then, when the answer came.
    MonotonicTime since;
    MonotonicTime due_at;
    size_t failures = 0;
    size_t noes = 0;
    size_t url = 0;  // of the request in flight
    SchemaDocument document;
    serde::RegisteredSchemaPtr schema;
    Status failure;
    uint64_t used = 0;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  /// The references of a schema on their way together.
  struct Gathering {
    std::vector<serde::SchemaText::Reference> found;
    std::vector<std::string> open;  // paths from the schema to here
    std::vector<std::string> seen;
    bool complete = true;
  };

  Result<serde::RegisteredSchemaPtr> Ask(Question question);
  /// The entry of a question, new or not; null: there is no room.
  Entry* EntryOf(Question question);
  bool MakeRoom();
  bool Stale(const Entry& entry) const;
  Milliseconds StartDue(Milliseconds wait);
  void Take(HttpAnswer answer);
  Status Read(Entry& entry, const HttpAnswer& answer);
  void TryAgain(Entry& entry, const Status& why);
  void SettleReferences();
  void Settle(Entry& entry);
  Status Gather(const SchemaDocument& document, Gathering& gathering);
  void Fail(Entry& entry, Status why);
  void TellOutage(const Entry& entry, const Status& why);
  Milliseconds Backoff(size_t round);

  const ClientOptions options_;
  const Clock& clock_;
  const std::unique_ptr<Transport> transport_;
  ClientCounters counters_;

  // Of the stepping thread.
  Random random_;
  std::map<uint64_t, std::string> in_flight_;  // token and key
  uint64_t last_token_ = 0;
  size_t url_ = 0;
  bool outage_ = false;
  MonotonicTime told_at_{};

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Entries entries_;
  uint64_t uses_ = 0;
};

}  // namespace sidestream::registry
