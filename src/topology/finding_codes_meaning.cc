// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SS3xxx to SS6xxx: names, expressions, topics, schemas.

#include <array>

#include "topology/finding_rows.h"

namespace sidestream::topology {
namespace {

constexpr auto kRules = std::to_array<FindingRule>({
    {.code = "SS3001",
     .title = "A name that is taken",
     .explanation = "Streams and pipelines share one name space; names of steps and of branches "
                    "are unique, a topic is declared once, and an input is listed once.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json }
  paid: { topic: orders, key: string, value: json })",
     .remedy = "Rename one of the two, or use the one that is there."},
    {.code = "SS3002",
     .title = "A name that leads nowhere",
     .explanation = "from, to, a test's input or expectation names a stream, pipeline, branch or "
                    "step that is not there, or that cannot be read or written so.",
     .example = R"(pipelines:
  pay: { from: [orders, order], to: paid })",
     .remedy = "Correct the name; the finding tells the nearest one."},
    {.code = "SS3003",
     .title = "A cycle",
     .explanation = "Pipelines that read each other in a circle have no first one.",
     .example = R"(pipelines:
  pay: { from: [orders, again], to: paid }
  again: { from: pay })",
     .remedy = "Break the circle, or write to a topic and read that."},
    {.code = "SS3004",
     .title = "A reserved name",
     .explanation = "Topics, stores and outputs of our own have names made from those of steps; "
                    "a name that ends or reads like one of these would collide.",
     .example = R"(- { name: orders-changelog, filter: value.ok })",
     .remedy = "Choose another name; use _ in place of -."},
    {.code = "SS3005",
     .title = "Not a name",
     .explanation = "Names are made of letters, digits, _ and -; topics may have dots, too, and "
                    "at most 249 characters.",
     .example = R"(application: { id: my shop })",
     .remedy = "Choose a name of these characters."},
    {.code = "SS3006",
     .severity = Severity::kWarning,
     .title = "A stream that nobody uses",
     .explanation = "No pipeline reads or writes it. Most often a name was misspelt, or a "
                    "pipeline was taken out.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json }
  paid: { topic: paid, key: string, value: json }
  refunds: { topic: refunds, key: string, value: json })",
     .remedy = "Use the stream, or remove it."},
    {.code = "SS3007",
     .severity = Severity::kWarning,
     .title = "A pipeline that writes to what it reads",
     .explanation = "Each record that it writes comes back to it: records may go round for ever.",
     .example = R"(pipelines:
  pay: { from: orders, to: orders }
  copy: { from: orders, to: paid })",
     .remedy = "Write to another topic, or make sure that a filter ends the circle."},
    {.code = "SS3008",
     .title = "Nothing reads what a step sends",
     .explanation = "repartition sends records through a topic, and nobody takes them out of it.",
     .example = R"(pipelines:
  pay:
    from: orders
    steps:
      - name: spread
        repartition: { partitions: 4 }
  copy: { from: orders, to: paid })",
     .remedy = "Add steps or to: behind it, or read the pipeline from another one."},
    {.code = "SS3009",
     .title = "An aggregate of results that change",
     .explanation = "The results of an aggregate are corrected later; another aggregate would "
                    "count each correction as a new record.",
     .example = R"(- name: per_user
  aggregate: { group_by: value.user, fields: { n: count() } }
- name: total
  aggregate: { group_by: '"all"', fields: { n: count() } })",
     .remedy = "Aggregate the records themselves."},
    {.code = "SS3010",
     .severity = Severity::kWarning,
     .title = "A pipeline that nobody uses",
     .explanation =
         "It has no to:, no other pipeline reads it, and no step keeps or logs anything: "
         "its records are read and dropped.",
     .example = R"(pipelines:
  pay: { from: orders, to: paid }
  large: { from: orders, steps: [ filter: value.amount > 100 ] })",
     .remedy = "Add to:, read it from another pipeline, or remove it."},
    {.code = "SS3020",
     .title = "hold_key behind a repartition topic",
     .explanation = "hold_key keeps later records of a key back from the moment one fails. A step "
                    "behind a repartition topic fails when they are on their way already.",
     .example = R"(errors: { processing: dlq, dlq: { hold_key: true } }
pipelines:
  pay:
    from: orders
    steps: [ { name: per_user, aggregate: { group_by: value.user, value: sum(value.n) } } ]
    to: paid)",
     .remedy = "Give the steps behind the repartition topic on_error: fail or skip, or set "
               "hold_key: false."},
    {.code = "SS3021",
     .title = "hold_key without keys",
     .explanation = "hold_key keeps the order of records of one key. A stream that declares no key "
                    "does not say that its records have one.",
     .example = R"(errors: { deserialization: dlq, dlq: { hold_key: true } }
streams:
  orders: { topic: orders, value: json }
  paid: { topic: paid, value: json })",
     .remedy = "Declare the stream's key, or set hold_key: false."},
    {.code = "SS3022",
     .severity = Severity::kWarning,
     .title = "hold_key without dead letters",
     .explanation = "hold_key keeps records back behind a dead letter of their key, and no policy "
                    "of the topology makes dead letters.",
     .example = R"(errors: { dlq: { hold_key: true } })",
     .remedy = "Set a policy to dlq, or remove hold_key."},
    {.code = "SS3023",
     .title = "Two times that do not meet",
     .explanation =
         "A stream with timestamp: processing_time goes by the wall clock, the others by "
         "event time. A step has one time.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json }
  clicks: { topic: clicks, key: string, value: json, timestamp: processing_time }
  paid: { topic: paid, key: string, value: json }
pipelines:
  all: { from: [orders, clicks], to: paid })",
     .remedy =
         "Read them in two pipelines, or date both streams in the same way; ingestion_time is "
         "event time."},
    {.code = "SS3024",
     .title = "A step that waits for itself",
     .explanation =
         "Pipelines that are merged share their tasks. Where one of them lies behind a repartition "
         "topic that these tasks write, they wait for the watermark of what they write themselves: "
         "no window of theirs would ever end.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json, watermark: { lateness: 1s } }
  paid: { topic: paid, key: string, value: json }
pipelines:
  hourly:
    from: orders
    steps:
      - name: per_hour
        aggregate: { group_by: value.user, window: { tumbling: 1h }, value: count() }
    to: paid
  all: { from: [orders, hourly], to: paid })",
     .remedy = "Give each its own pipeline, with to: the same stream."},
    {.code = "SS4001",
     .title = "An expression that does not compile",
     .explanation = "A syntax error, an unknown variable or function, or types that do not meet. "
                    "The place is that of the part that is wrong.",
     .example = R"(- filter: valeu.ok)",
     .remedy = "The message says what was expected. Expressions are CEL; docs/reference has "
               "the functions."},
    {.code = "SS4002",
     .title = "A field that cannot be there",
     .explanation = "The variable is known, but has no such field: value is bytes, a header has "
                    "no fields, or application.vars has no such constant.",
     .example = R"(- filter: vars.limit > 3)",
     .remedy = "Declare the format (value: json), or correct the name."},
    {.code = "SS4003",
     .title = "A result of the wrong type",
     .explanation = "The expression is right by itself, but the step, the key or the topic needs "
                    "another type.",
     .example = R"(- filter: '"yes"')",
     .remedy = "Change the expression, or the format of the stream."},
    {.code = "SS4004",
     .severity = Severity::kWarning,
     .title = "An expression that may cost too much",
     .explanation = "With lists and texts of 1000 elements it takes more than 10 million steps for "
                    "one record. A run that needs so many ends with an error of the record.",
     .example = R"(- filter: value.a.all(x, value.b.all(y, value.c.exists(z, x + y == z))))",
     .remedy = "Put fewer macros into each other. Where the lists are short, nothing happens."},
    {.code = "SS4005",
     .title = "A script that does not load",
     .explanation = "The text of a process step is no Lua 5.4, fails when it is loaded, or has no "
                    "function process(key, value, ctx).",
     .example = R"(- name: alerts
  process:
    script: |
      function process(key, value, ctx)
        if value.amount > 100 ctx.emit(value) end
      end)",
     .remedy = "Correct the line; docs/scripts.md says what a script has at hand."},
    {.code = "SS4901",
     .title = "An expression that fails on the given record",
     .explanation = "`sidestream eval` only: the expression is well formed, but it has no result "
                    "for this value, or one that is no JSON. In a topology the step's on_error "
                    "decides about such a record.",
     .example = R"($ sidestream eval 'value.price' --value - <<< '{}')",
     .remedy = "Ask with has() or .? for what may be missing, or try another value."},
    {.code = "SS4902",
     .title = "Input of eval that cannot be read",
     .explanation = "`sidestream eval` only: the value, the key, the headers or the vars are no "
                    "JSON, or the value does not fit the types in --fields.",
     .example = R"($ sidestream eval 'vars.limit' --vars 5)",
     .remedy = "Correct what the message names; headers and vars are JSON objects."},
    {.code = "SS5001",
     .title = "A topic that does not exist",
     .explanation = "A topic that the application reads or writes is not in the cluster. It is "
                    "never created without being asked.",
     .example = R"($ sidestream run -f shop.yaml   # where the topic orders does not exist)",
     .remedy = "Create it; `sidestream topics --apply` does for streams that say partitions."},
    {.code = "SS5002",
     .title = "Partition counts that do not match",
     .explanation = "Topics of one stream must have equal partition counts, and a repartition "
                    "topic that exists keeps the count that it has, because its records are "
                    "placed by it.",
     .example =
         R"($ sidestream run -f shop.yaml   # topics: [a, b], a with 3 partitions, b with 4)",
     .remedy = "Give the topics equal counts, or declare two streams and merge them; for a "
               "repartition topic keep the old count or reset the application."},
    {.code = "SS5003",
     .title = "Too many tasks write to one topic",
     .explanation = "A repartition topic carries the progress of each task that writes to it; "
                    "220 are the most.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json, partitions: 300 }
  paid: { topic: paid, key: string, value: json }
pipelines:
  pay:
    from: orders
    steps:
      - name: spread
        repartition: {}
    to: paid)",
     .remedy = "Use an input with fewer partitions."},
    {.code = "SS5004",
     .title = "A property that the Kafka client refuses",
     .explanation = "librdkafka does not know the property, or its value, or it is one that the "
                    "engine sets itself because its guarantees rest on it.",
     .example = "$ sidestream validate -f shop.yaml   # kafka: { enable.idempotence: false }",
     .remedy = "Correct or remove the property."},
    {.code = "SS5005",
     .title = "An internal topic that is not as it must be",
     .explanation = "An internal topic exists with other settings or another number of partitions "
                    "than the engine relies on: records could be lost, or lie where nobody looks.",
     .example =
         "$ sidestream validate -f shop.yaml --connect   # a changelog that is not compacted",
     .remedy = "Run the command in the finding."},
    {.code = "SS5006",
     .title = "A cluster that cannot be asked",
     .explanation = "--connect was given, and the brokers do not answer in time, refuse the user, "
                    "or are not named at all.",
     .example = "$ sidestream validate -f shop.yaml --connect   # nobody listens there",
     .remedy = "Check kafka.bootstrap.servers, the network and the credentials."},
    {.code = "SS5007",
     .title = "A right that is missing",
     .explanation = "The user of kafka: may not do what the application has to.",
     .example = "$ sidestream validate -f shop.yaml --connect   # no ACL for the group",
     .remedy = "Grant the right that the finding names."},
    {.code = "SS5008",
     .severity = Severity::kWarning,
     .title = "A setting of the cluster that makes trouble later",
     .explanation = "The application starts, and loses its place after a time without records: the "
                    "brokers forget committed offsets early.",
     .example = "$ sidestream validate -f shop.yaml --connect   # offsets.retention.minutes=60",
     .remedy = "Raise the setting on the brokers."},
    {.code = "SS5009",
     .title = "A schema that cannot be had",
     .explanation = "What is written needs a schema of the schema registry, and there is none in "
                    "the subject, it is in another language than the format, or it cannot be used. "
                    "Nothing is registered without being asked.",
     .example = R"($ sidestream run -f shop.yaml   # value: avro, and no subject paid-value)",
     .remedy = "Register the schema, name the right `subject`, or declare `schema` with "
               "`schema_registry: { auto_register: true }`."},
});

}  // namespace

std::span<const FindingRule> MeaningFindingRules() { return kRules; }

}  // namespace sidestream::topology
