// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// SS6xxx: what works, and is hardly what was meant.

#include <array>

#include "topology/finding_rows.h"

namespace sidestream::topology {
namespace {

constexpr auto kRules = std::to_array<FindingRule>({
    {.code = "SS6001",
     .severity = Severity::kWarning,
     .title = "State that grows with every record",
     .explanation = "The group is another one for each record, so the aggregate keeps a row per "
                    "record, for ever, and none of them ever counts to two.",
     .example = R"(- name: per_offset
  aggregate: { group_by: string(meta.offset), fields: { n: count() } })",
     .remedy = "Group by something that comes back: a user, a product, a day."},
    {.code = "SS6002",
     .severity = Severity::kWarning,
     .title = "A call that differs from run to run, where results are kept",
     .explanation =
         "now() and uuid() give something else after a restart or when the input is read "
         "again. In an aggregate, or as event time, the same input no longer gives the "
         "same results.",
     .example = R"(- name: per_user
  aggregate: { group_by: value.user, fields: { last: max(now()) } })",
     .remedy = "Use meta.timestamp, or a field of the record."},
    {.code = "SS6003",
     .severity = Severity::kWarning,
     .title = "A branch that no record reaches",
     .explanation = "The first branch whose condition is true takes the record; a branch before "
                    "this one takes all that it could get, or its condition is always false.",
     .example = R"(pipelines:
  pay:
    from: orders
    steps:
      - branch:
          - { name: large, when: value.amount > 100, to: paid }
          - { name: huge, when: value.amount > 100, to: paid })",
     .remedy = "Put the narrower condition first, or remove the branch."},
    {.code = "SS6004",
     .severity = Severity::kWarning,
     .title = "A condition with one outcome",
     .explanation = "The comparison is true, or false, whatever the record holds.",
     .example = R"(- filter: value.status == "paid" && value.status == "sent")",
     .remedy = "Look at what is compared: || in place of &&, the other field, the other constant."},
    {.code = "SS6005",
     .severity = Severity::kWarning,
     .title = "Floating-point numbers that are compared for equality",
     .explanation = "Most decimal fractions have no exact double: 0.1 + 0.2 == 0.3 is false.",
     .example = R"(- filter: value.amount * 1.19 == 0.3)",
     .remedy = "Compare with a tolerance: math.abs(a - b) < 0.001; or count in cents."},
    {.code = "SS6006",
     .severity = Severity::kWarning,
     .title = "Keys that cannot meet",
     .explanation = "Streams are merged whose keys have other formats. The same key has other "
                    "bytes in each, so its records lie in different partitions, and a string is "
                    "never equal to a number.",
     .example = R"(streams:
  orders: { topic: orders, key: string, value: json }
  returns: { topic: returns, key: int64, value: json }
  paid: { topic: paid, key: json, value: json }
pipelines:
  pay: { from: [orders, returns], to: paid })",
     .remedy = "rekey one of them in a pipeline of its own, and merge that."},
    {.code = "SS6007",
     .severity = Severity::kWarning,
     .title = "A division whose kind the record decides",
     .explanation = "JSON numbers without a fraction are integers, and / of two integers cuts the "
                    "fraction off. Many producers write 250.0 as 250, so results differ from "
                    "record to record.",
     .example = R"(- set: { euros: value.cents / 100 })",
     .remedy = "Write double(value.cents) / 100, or declare the type: value: { format: json, "
               "fields: { cents: double } }."},
    {.code = "SS6008",
     .severity = Severity::kWarning,
     .title = "A window over a stream without a watermark",
     .explanation = "Without watermark: timestamps of a partition are taken to rise. A window ends "
                    "with the first record behind it, and a record of it that comes after that one "
                    "is late: dropped and counted, or in the side output late.",
     .example = R"(streams:
  clicks: { topic: clicks, key: string, value: json }
  counts: { topic: counts, key: string, value: json }
pipelines:
  count_clicks:
    from: clicks
    steps:
      - name: per_minute
        aggregate: { group_by: key, window: { tumbling: 1m }, value: count() }
    to: counts)",
     .remedy = "Say in the stream how far behind the newest record others may come: watermark: { "
               "lateness: 5s }; or lateness: 0s where they come in order."},
    {.code = "SS6009",
     .severity = Severity::kWarning,
     .title = "Final results of inputs that do not end",
     .explanation = "Without a window emit: final sends the result of each group when all inputs "
                    "have ended. A stream without end_at never ends.",
     .example = R"(- name: totals
  aggregate: { group_by: key, emit: final, value: count() })",
     .remedy = "end_at: latest for every stream that leads to the step; or a window, or emit: "
               "changes."},
});

}  // namespace

std::span<const FindingRule> DoubtFindingRules() { return kRules; }

}  // namespace sidestream::topology
