// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/settings.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>

#include "base/check.h"

namespace sidestream::kafka::rdkafka {
namespace {

constexpr int kLibraryVersionMin = 0x020e02ff;
constexpr size_t kSuggestionDistanceMax = 4;

// What a user may not set. With `allowed` one of its values is what we set anyway, and repeating
// that is no mistake.
struct Refusal {
  std::string_view canonical;
  std::vector<std::string_view> allowed;
  std::string_view reason;
};

const std::vector<Refusal>& Refusals() {
  static const std::vector<Refusal> refusals = {
      {"enable.auto.commit", {"false"}, "offsets are committed with the results, never by a timer"},
      {"auto.commit.enable", {"false"}, "offsets are committed with the results, never by a timer"},
      {"auto.commit.interval.ms", {}, "offsets are committed with the results, never by a timer"},
      {"enable.auto.offset.store", {"false"}, "the engine keeps its own positions"},
      {"offset.store.method", {"broker"}, "offsets belong to the group, not to a file"},
      {"offset.store.path", {}, "offsets belong to the group, not to a file"},
      {"offset.store.sync.interval.ms", {}, "offsets belong to the group, not to a file"},
      {"isolation.level", {"read_committed"}, "records of aborted transactions would be processed"},
      {"group.id", {}, "the group is named by application.id"},
      {"group.instance.id", {}, "it is derived from the name of the instance"},
      {"group.protocol", {"classic"},
       "the partitions of a task that the group does not assign would lose their place"},
      {"group.remote.assignor", {}, "it belongs to group.protocol=consumer, which is not used"},
      {"group.protocol.type", {"consumer"}, "it is fixed by Kafka's consumers"},
      {"partition.assignment.strategy", {"cooperative-sticky", "range"},
       "all members must use one and the same: cooperative-sticky or range, never a mixture"},
      {"auto.offset.reset", {"error"}, "a missing offset is decided by start_from, never silently"},
      {"enable.partition.eof", {"true"}, "positions step over transaction markers through it"},
      {"allow.auto.create.topics", {"false"}, "topics are created with the right settings or not"},
      {"transactional.id", {}, "it is derived from application, instance and worker"},
      {"transaction.timeout.ms", {}, "the engine's own deadlines depend on it"},
      {"enable.idempotence", {"true"}, "without it a retry writes a record twice"},
      {"request.required.acks", {"all", "-1"}, "less than all loses records that were acknowledged"},
      {"enable.gapless.guarantee", {"false"}, "it ends the producer where a retry would do"},
      {"queuing.strategy", {"fifo"}, "it breaks the order of records"},
      {"delivery.report.only.error", {"false"}, "a commit waits for every delivery report"},
      {"partitioner", {}, "partitions are chosen by murmur2 of the key, as the Java client does"},
      {"plugin.library.paths", {}, "a plug-in can change what is sent"},
      {"log.queue", {"false"}, "nobody would read the log"},
      {"test.mock.num.brokers", {}, "the mock cluster ignores transactions"},
      {"test.mock.broker.rtt", {}, "the mock cluster ignores transactions"},
  };
  return refusals;
}

const Refusal* FindRefusal(const std::string& canonical) {
  for (const Refusal& refusal : Refusals()) {
    if (refusal.canonical == canonical) return &refusal;
  }
  return nullptr;
}

std::string Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(' ') - first + 1));
}

// The library prints its properties as a table and offers no other list:
//   name | C/P | range | default | importance | description ("Alias for `x`: …")
std::map<std::string, KnownProperty> ParsePropertyTable(std::string_view table) {
  static constexpr std::string_view kAlias = "Alias for `";
  std::map<std::string, KnownProperty> known;
  while (!table.empty()) {
    const std::string_view line = table.substr(0, table.find('\n'));
    table.remove_prefix(std::min(table.size(), line.size() + 1));
    const size_t bar = line.find(" | ");
    if (bar == std::string_view::npos) continue;
    const std::string name = Trimmed(line.substr(0, bar));
    const std::string scope = Trimmed(line.substr(bar + 3, 3));
    KnownProperty property{.canonical = name};
    if (scope == "C") {
      property.scope = PropertyScope::kConsumer;
    } else if (scope == "P") {
      property.scope = PropertyScope::kProducer;
    } else if (scope != "*") {
      continue;  // the heading
    }
    if (const size_t alias = line.find(kAlias); alias != std::string_view::npos) {
      const std::string_view rest = line.substr(alias + kAlias.size());
      property.canonical = std::string(rest.substr(0, rest.find('`')));
    }
    known.emplace(name, std::move(property));
  }
  return known;
}

std::map<std::string, KnownProperty> ReadKnownProperties() {
  char* text = nullptr;
  size_t size = 0;
  FILE* stream = open_memstream(&text, &size);
  CHECK(stream != nullptr) << "no memory for the list of Kafka properties";
  rd_kafka_conf_properties_show(stream);
  std::fclose(stream);
  std::map<std::string, KnownProperty> known = ParsePropertyTable({text, size});
  std::free(text);
  return known;
}

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({substitution, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[b.size()];
}

std::string UnknownReason(const std::string& name) {
  std::string nearest;
  size_t distance = kSuggestionDistanceMax + 1;
  for (const auto& [candidate, property] : KnownProperties()) {
    const size_t d = EditDistance(name, candidate);
    if (d < distance) {
      distance = d;
      nearest = candidate;
    }
  }
  if (nearest.empty()) return "librdkafka has no such property";
  return fmt::format("librdkafka has no such property; did you mean {}?", nearest);
}

std::optional<std::string> ValueProblem(const std::string& name, const std::string& value) {
  std::unique_ptr<rd_kafka_conf_t, void (*)(rd_kafka_conf_t*)> conf(rd_kafka_conf_new(),
                                                                    rd_kafka_conf_destroy);
  char text[512];
  if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), text, sizeof(text)) ==
      RD_KAFKA_CONF_OK) {
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> Problem(const std::string& section, const std::string& name,
                                   const std::string& value) {
  const auto known = KnownProperties().find(name);
  if (known == KnownProperties().end()) {
    // Hidden ones are not listed but may be refused by name.
    if (const Refusal* refusal = FindRefusal(name)) return std::string(refusal->reason);
    return UnknownReason(name);
  }
  if (const Refusal* refusal = FindRefusal(known->second.canonical)) {
    const bool same = std::find(refusal->allowed.begin(), refusal->allowed.end(), value) !=
                      refusal->allowed.end();
    if (!same) return std::string(refusal->reason);
  }
  const PropertyScope scope = known->second.scope;
  if (section == "consumer" && scope == PropertyScope::kProducer) {
    return "it is a property of producers";
  }
  if ((section == "producer" || section == "admin") && scope == PropertyScope::kConsumer) {
    return "it is a property of consumers";
  }
  return ValueProblem(name, value);
}

void Check(const std::string& section, const Properties& properties,
           std::vector<PropertyFinding>& findings) {
  for (const auto& [name, value] : properties) {
    if (auto problem = Problem(section, name, value)) {
      findings.push_back({section, name, std::move(*problem)});
    }
  }
}

// Puts `layer` over `base`, by canonical names: otherwise an alias that sorts first loses.
void Overlay(Properties& base, const Properties& layer, PropertyScope client) {
  for (const auto& [name, value] : layer) {
    const auto known = KnownProperties().find(name);
    if (known == KnownProperties().end()) {
      base[name] = value;
      continue;
    }
    const PropertyScope scope = known->second.scope;
    if (scope == PropertyScope::kAll || scope == client) base[known->second.canonical] = value;
  }
}

Properties Merge(const Properties& defaults, const Properties& common, const Properties& own,
                 const Properties& fixed, PropertyScope client) {
  Properties merged;
  Overlay(merged, defaults, client);
  Overlay(merged, common, client);
  Overlay(merged, own, client);
  Overlay(merged, fixed, client);
  return merged;
}

/// The user's value, unless it is longer.
void Cap(Properties& properties, const std::string& name, Milliseconds longest) {
  const int64_t wanted = std::strtoll(properties[name].c_str(), nullptr, 10);
  if (wanted <= 0 || wanted > longest.count()) properties[name] = std::to_string(longest.count());
}

// The longest that an answer to a producer may take.
Milliseconds AnswerTimeout(const Properties& properties, Milliseconds transaction_timeout) {
  const auto value = [&](const char* name) {
    return std::strtoll(properties.at(name).c_str(), nullptr, 10);
  };
  const int64_t delivery = value("message.timeout.ms");  // 0: without a limit of its own
  return Milliseconds(value("socket.timeout.ms")) +
         (delivery > 0 ? Milliseconds(delivery) : transaction_timeout);
}

std::string Text(Milliseconds duration) { return std::to_string(duration.count()); }

Properties CommonDefaults(const std::string& client_id) {
  return {{"client.id", client_id},
          // With the default of 10 s a broker's pause of 2 s became a commit of 8 s (decision 17).
          {"reconnect.backoff.ms", "50"},
          {"reconnect.backoff.max.ms", "500"},
          // The library's way back to the bootstrap addresses makes threads and connections for them
          // up to forty times a second for as long as no node answers (2.16.0, its issue 5546: 15 % of
          // a processor for an instance). The thread of rebootstrap.h goes back ever more slowly.
          {"metadata.recovery.strategy", "none"},
          {"socket.nagle.disable", "true"},
          {"enable.metrics.push", "false"}};
}

// Bounded prefetch: the library's defaults hold 64 MiB for each partition.
void AddFetchDefaults(Properties& defaults) {
  defaults["fetch.wait.max.ms"] = "100";
  defaults["queued.min.messages"] = "5000";
  defaults["queued.max.messages.kbytes"] = "16384";
  defaults["fetch.queue.backoff.ms"] = "2";
  // What waits in the socket is cold when it is copied: with the system's automatic size that copy
  // alone took a third of the fetching thread. Java's client has 64 KiB here.
  defaults["socket.receive.buffer.bytes"] = "262144";
}

Properties FetchFixed() {
  return {{"isolation.level", "read_committed"},
          {"enable.partition.eof", "true"},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "error"},
          {"allow.auto.create.topics", "false"}};
}

}  // namespace

const std::map<std::string, KnownProperty>& KnownProperties() {
  static const std::map<std::string, KnownProperty> known = ReadKnownProperties();
  return known;
}

std::vector<PropertyFinding> CheckProperties(const RdkafkaOptions& options) {
  std::vector<PropertyFinding> findings;
  Check("", options.common, findings);
  Check("consumer", options.consumer, findings);
  Check("producer", options.producer, findings);
  Check("admin", options.admin, findings);
  if (!options.common.contains("bootstrap.servers") &&
      !options.common.contains("metadata.broker.list")) {
    findings.push_back({"", "bootstrap.servers", "it is missing: where is the cluster?"});
  }
  return findings;
}

Status CheckLibraryVersion(int version) {
  if (version >= kLibraryVersionMin) return Status::Ok();
  return Status::InvalidConfig(
      fmt::format("librdkafka is older than 2.14.2 and loses assignments or logins: have={}.{}.{}",
                  (version >> 24) & 0xff, (version >> 16) & 0xff, (version >> 8) & 0xff));
}

Properties ConsumerProperties(const RdkafkaOptions& options, const ConsumerOptions& consumer) {
  Properties defaults = CommonDefaults(consumer.client_id);
  AddFetchDefaults(defaults);
  // A changed subscription that meets the client without a usable connection waits for the next
  // refresh: with the default that is five minutes (seen with 2.14.2).
  defaults["topic.metadata.refresh.interval.ms"] = "10000";
  Properties fixed = FetchFixed();
  // The engine's own clocks and reactions follow these: the options rule, see ConsumerOptionsFrom().
  fixed["session.timeout.ms"] = Text(consumer.session_timeout);
  fixed["heartbeat.interval.ms"] = Text(consumer.heartbeat_interval);
  fixed["max.poll.interval.ms"] = Text(consumer.max_poll_interval);
  fixed["partition.assignment.strategy"] =
      consumer.strategy == AssignmentStrategy::kRange ? "range" : "cooperative-sticky";
  fixed["group.id"] = consumer.group;
  fixed["group.protocol"] = "classic";
  if (!consumer.instance_id.empty()) fixed["group.instance.id"] = consumer.instance_id;
  return Merge(defaults, options.common, options.consumer, fixed, PropertyScope::kConsumer);
}

Properties ProducerProperties(const RdkafkaOptions& options, const ProducerOptions& producer) {
  Properties defaults = CommonDefaults(producer.client_id);
  defaults["linger.ms"] = "5";
  defaults["queue.buffering.max.kbytes"] = "8192";
  Properties fixed = {{"enable.idempotence", "true"}, {"request.required.acks", "all"}};
  // The library's own default of 1,000,000 fits the broker's default limit.
  if (producer.batch_bytes_max > 0 && producer.batch_bytes_max < 1'000'000) {
    fixed["batch.size"] = std::to_string(producer.batch_bytes_max);
  }
  if (producer.transactional_id.empty()) {
    defaults["message.timeout.ms"] = "30000";
  } else {
    // Both at most the transaction's time-out; a socket time-out of 1 s rebuilt producers for
    // nothing (engine-kafka4 C4).
    const Milliseconds timeout = producer.transaction_timeout;
    defaults["socket.timeout.ms"] = Text(std::min(timeout, Milliseconds(5'000)));
    defaults["message.timeout.ms"] = Text(std::min(timeout, Milliseconds(10'000)));
    fixed["transactional.id"] = producer.transactional_id;
    fixed["transaction.timeout.ms"] = Text(timeout);
  }
  Properties merged =
      Merge(defaults, options.common, options.producer, fixed, PropertyScope::kProducer);
  if (producer.transactional_id.empty() && producer.delivery_timeout > Milliseconds(0)) {
    Cap(merged, "message.timeout.ms", producer.delivery_timeout);
  }
  if (!producer.transactional_id.empty()) {
    // Sending offsets waits without a limit for a group coordinator that left the cluster or was
    // forgotten, until a connection to any node comes or goes (librdkafka issues 5456 and 5511, all
    // releases to 2.16). Idle ones that are closed are what goes. Longer than any answer may take,
    // because a connection whose answer is awaited counts as idle.
    merged.try_emplace("connections.max.idle.ms",
                       Text(AnswerTimeout(merged, producer.transaction_timeout)));
  }
  return merged;
}

Properties LogReaderProperties(const RdkafkaOptions& options, const std::string& client_id) {
  Properties defaults = CommonDefaults(client_id);
  AddFetchDefaults(defaults);
  Properties merged =
      Merge(defaults, options.common, options.consumer, FetchFixed(), PropertyScope::kConsumer);
  // What only a member of a group has.
  for (const char* name : {"session.timeout.ms", "heartbeat.interval.ms", "max.poll.interval.ms",
                           "partition.assignment.strategy", "group.protocol"}) {
    merged.erase(name);
  }
  return merged;
}

Properties AdminProperties(const RdkafkaOptions& options, const std::string& client_id) {
  // A producer that produces nothing: the library has no third kind, and a consumer would look
  // for a group.
  Properties defaults = CommonDefaults(client_id);
  // Requests about partitions go to the leaders that the library knows. It does not look again
  // when a broker refuses an epoch that is over, when it has heard of a moment without a leader, or
  // when it has forgotten a leader's node that was not named for a moment: it then refuses without
  // a question until the next refresh, by default five minutes later (seen with 2.14.2).
  defaults["topic.metadata.refresh.interval.ms"] = "1000";
  return Merge(defaults, options.common, options.admin, {}, PropertyScope::kProducer);
}

}  // namespace sidestream::kafka::rdkafka
