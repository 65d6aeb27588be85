// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The rows of the field table.

#include "topology/fields.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace sidestream::topology {
namespace {

using enum FieldType;

constexpr std::string_view kActions = "fail skip dlq";
constexpr int64_t kDurationMax = int64_t{36'500} * 86'400'000;  // 100 years, in milliseconds
constexpr std::string_view kFormats =
    "string bytes int32 int64 float double uuid json avro protobuf json_schema csv";

constexpr auto kFields = std::to_array<Field>({
    {.path = "version",
     .type = kInteger,
     .help = "Version of the language.",
     .required = true,
     .min = 1,
     .max = 1},
    {.path = "application",
     .type = kSection,
     .help = "The application as a whole.",
     .required = true},
    {.path = "application.id",
     .type = kName,
     .help = "Consumer group, and prefix of internal topics and transactional ids.",
     .required = true},
    {.path = "application.processing_guarantee",
     .type = kChoice,
     .help = "What a crash may do to results.",
     .default_text = "exactly_once",
     .choices = "exactly_once at_least_once"},
    {.path = "application.commit_interval",
     .type = kDuration,
     .help = "Time between commits. Default: 100ms under exactly_once, 1s under at_least_once.",
     .min = 1,
     .max = 3'600'000,
     .unit = "duration"},
    {.path = "application.workers",
     .type = kWorkers,
     .help = "Worker threads: `auto` (the CPU limit of the cgroup) or a number.",
     .default_text = "auto",
     .min = 1,
     .max = 1024},
    {.path = "application.parallelism",
     .type = kInteger,
     .help = "Partitions of new repartition topics; an existing topic keeps its count. Default: "
             "the highest count upstream.",
     .min = 1,
     .max = 10'000},
    {.path = "application.format",
     .type = kInteger,
     .help = "Version of the durable formats that is written; set it after a rolling update "
             "that raised them. Default: the newest.",
     .min = 1,
     .max = 1},
    {.path = "application.state", .type = kSection, .help = "Local state."},
    {.path = "application.state.dir",
     .type = kText,
     .help = "Directory of the state.",
     .default_text = "./state"},
    {.path = "application.state.memory",
     .type = kSize,
     .help = "Memory of all caches and buffers of the process. Default: from the cgroup limit.",
     .min = 1 << 20,
     .max = int64_t{1} << 50,
     .unit = "size"},
    {.path = "application.vars",
     .type = kConstants,
     .help = "Constants that expressions read as `vars.<name>`. Plain numbers, `true`, `false` and "
             "`null` are typed, and so is a text that is one `${env:X}` as a whole."},

    {.path = "kafka",
     .type = kProperties,
     .help = "Properties of librdkafka for all clients, `bootstrap.servers` among them."},
    {.path = "kafka.consumer", .type = kProperties, .help = "Properties of consumers only."},
    {.path = "kafka.producer", .type = kProperties, .help = "Properties of producers only."},
    {.path = "kafka.admin", .type = kProperties, .help = "Properties of admin clients only."},

    {.path = "errors", .type = kSection, .help = "What becomes of a record that fails."},
    {.path = "errors.deserialization",
     .type = kChoice,
     .help = "A record that cannot be read in its format.",
     .default_text = "fail",
     .choices = kActions},
    {.path = "errors.processing",
     .type = kChoice,
     .help = "A step that fails; the step's `on_error` goes first.",
     .default_text = "fail",
     .choices = kActions},
    {.path = "errors.production",
     .type = kChoice,
     .help = "A record that the output topic would refuse, or that its format cannot hold.",
     .default_text = "fail",
     .choices = kActions},
    {.path = "errors.dlq", .type = kSection, .help = "Dead letters: what `dlq` puts aside."},
    {.path = "errors.dlq.topic",
     .type = kTopic,
     .help = "Their topic. Default: `<application.id>-dlq`."},
    {.path = "errors.dlq.hold_key",
     .type = kBool,
     .help = "Puts later records of the same key aside too, in order, until the first one has been "
             "replayed. Needs streams that declare their `key`.",
     .default_text = "false"},

    {.path = "streams", .type = kNamed, .help = "The topics, under names of your own."},
    {.path = "streams.<name>", .type = kSection, .help = "One topic, or several alike."},
    {.path = "streams.<name>.topic",
     .type = kTopic,
     .help = "The topic; this or `topics` is required."},
    {.path = "streams.<name>.topics",
     .type = kTextList,
     .help = "Several topics with equal partition counts and formats; for reading only."},
    {.path = "streams.<name>.key",
     .type = kFormat,
     .help = "Format of keys.",
     .default_text = "bytes"},
    {.path = "streams.<name>.key.format",
     .type = kChoice,
     .help = "The format's name.",
     .required = true,
     .choices = kFormats},
    {.path = "streams.<name>.key.fields",
     .type = kFieldTypes,
     .help = "Types of named fields of a key, as for values."},
    {.path = "streams.<name>.key.schema",
     .type = kText,
     .help = "Schema of avro, protobuf and json_schema: its text, or `${file:orders.avsc}`."},
    {.path = "streams.<name>.key.references",
     .type = kProperties,
     .help =
         "Schemas that `schema` uses, each behind what it uses itself, under the names by which "
         "they are used."},
    {.path = "streams.<name>.key.message",
     .type = kText,
     .help = "Message of a protobuf schema. Default: its first."},
    {.path = "streams.<name>.key.framing",
     .type = kChoice,
     .help = "What stands in front of bytes that have a schema: nothing, or the frame of a schema "
             "registry.",
     .default_text = "none",
     .choices = "none confluent"},
    {.path = "streams.<name>.key.columns",
     .type = kTextList,
     .help = "Columns of csv, in order; required there."},
    {.path = "streams.<name>.key.delimiter",
     .type = kText,
     .help = "Character between the columns of csv.",
     .default_text = ","},
    {.path = "streams.<name>.key.quote",
     .type = kText,
     .help = "Character around columns of csv that need it.",
     .default_text = "\""},
    {.path = "streams.<name>.key.null_text",
     .type = kText,
     .help = "Text without quotes that is null in csv. Default: the empty text."},
    {.path = "streams.<name>.value",
     .type = kFormat,
     .help = "Format of values.",
     .default_text = "bytes"},
    {.path = "streams.<name>.value.format",
     .type = kChoice,
     .help = "The format's name.",
     .required = true,
     .choices = kFormats},
    {.path = "streams.<name>.value.fields",
     .type = kFieldTypes,
     .help = "Types of named fields of json or csv: int double string bool bytes timestamp "
             "duration decimal. A value that does not fit is a deserialization error; other fields "
             "stay as they are."},
    {.path = "streams.<name>.value.schema",
     .type = kText,
     .help = "Schema of avro, protobuf and json_schema: its text, or `${file:orders.avsc}`."},
    {.path = "streams.<name>.value.references",
     .type = kProperties,
     .help =
         "Schemas that `schema` uses, each behind what it uses itself, under the names by which "
         "they are used."},
    {.path = "streams.<name>.value.message",
     .type = kText,
     .help = "Message of a protobuf schema. Default: its first."},
    {.path = "streams.<name>.value.framing",
     .type = kChoice,
     .help = "What stands in front of bytes that have a schema: nothing, or the frame of a schema "
             "registry.",
     .default_text = "none",
     .choices = "none confluent"},
    {.path = "streams.<name>.value.columns",
     .type = kTextList,
     .help = "Columns of csv, in order; required there."},
    {.path = "streams.<name>.value.delimiter",
     .type = kText,
     .help = "Character between the columns of csv.",
     .default_text = ","},
    {.path = "streams.<name>.value.quote",
     .type = kText,
     .help = "Character around columns of csv that need it.",
     .default_text = "\""},
    {.path = "streams.<name>.value.null_text",
     .type = kText,
     .help = "Text without quotes that is null in csv. Default: the empty text."},
    {.path = "streams.<name>.timestamp",
     .type = kExpression,
     .help = "Event time: a CEL timestamp, epoch milliseconds or RFC 3339. Default: the record's "
             "own timestamp."},
    {.path = "streams.<name>.watermark",
     .type = kSection,
     .help = "How far event time stays behind what has been seen. For steps that wait for time; no "
             "step of this version does, so it is checked and changes nothing."},
    {.path = "streams.<name>.watermark.lateness",
     .type = kDuration,
     .help = "How far behind the highest timestamp a record may come.",
     .max = kDurationMax,
     .unit = "duration"},
    {.path = "streams.<name>.watermark.idle",
     .type = kDuration,
     .help = "After so long without a record a partition is not waited for.",
     .max = kDurationMax,
     .unit = "duration"},
    {.path = "streams.<name>.watermark.when_all_idle",
     .type = kChoice,
     .help = "Whether event time follows the clock when all inputs are idle.",
     .default_text = "advance",
     .choices = "advance hold"},
    {.path = "streams.<name>.watermark.max_ahead",
     .type = kDuration,
     .help = "A timestamp further in the future does not move the watermark.",
     .max = kDurationMax,
     .unit = "duration"},
    {.path = "streams.<name>.watermark.max_drift",
     .type = kDuration,
     .help = "How far one input may run ahead of the others.",
     .max = kDurationMax,
     .unit = "duration"},
    {.path = "streams.<name>.tombstones",
     .type = kChoice,
     .help = "Whether null values go to the steps, or are dropped and counted.",
     .default_text = "pass",
     .choices = "pass drop"},
    {.path = "streams.<name>.start_from",
     .type = kChoice,
     .help = "Where to begin in a topic that the application never read.",
     .default_text = "earliest",
     .choices = "earliest latest"},
    {.path = "streams.<name>.end_at",
     .type = kChoice,
     .help = "`latest`: read up to the ends found at the first start, then finish. Default: never "
             "ends.",
     .choices = "latest"},
    {.path = "streams.<name>.on_error",
     .type = kChoice,
     .help = "What becomes of a record of this stream that cannot be read, and of one that its "
             "topic would refuse. Default: `errors.deserialization` and `errors.production`.",
     .choices = kActions},
    {.path = "streams.<name>.partitions",
     .type = kInteger,
     .help = "Partitions of the topic where we create it: `topics --apply`, the embedded broker, "
             "tests.",
     .min = 1,
     .max = 10'000},

    {.path = "pipelines",
     .type = kNamed,
     .help = "What is done with the streams.",
     .required = true},
    {.path = "pipelines.<name>",
     .type = kSection,
     .help = "Steps from one or several inputs; can be read by others under its name."},
    {.path = "pipelines.<name>.from",
     .type = kNames,
     .help = "A stream, a pipeline, `<pipeline>.<branch>`, or a list of them (merge).",
     .required = true},
    {.path = "pipelines.<name>.to", .type = kName, .help = "The stream to write to."},
    {.path = "pipelines.<name>.steps",
     .type = kSteps,
     .help = "Steps in order; each is a map with exactly one verb."},
    {.path = "pipelines.<name>.steps[]", .type = kSection, .help = "One step."},
    {.path = "pipelines.<name>.steps[].name",
     .type = kName,
     .help = "Name of the step, unique in the application; required for `aggregate` and "
             "`repartition`, whose topics and stores are named after it."},
    {.path = "pipelines.<name>.steps[].on_error",
     .type = kChoice,
     .help = "What becomes of a record that this step fails on. Default: `errors.processing`.",
     .choices = kActions},
    {.path = "pipelines.<name>.steps[].filter",
     .type = kExpression,
     .help = "Keeps the records for which it is true."},
    {.path = "pipelines.<name>.steps[].map",
     .type = kExpressionOrMap,
     .help = "New value: an expression, or a map of fields to expressions. `null` is a tombstone."},
    {.path = "pipelines.<name>.steps[].set",
     .type = kExpressionMap,
     .help = "Changes some fields and keeps the others; dots go into nested fields."},
    {.path = "pipelines.<name>.steps[].unset",
     .type = kTextList,
     .help = "Removes fields; dots go into nested fields."},
    {.path = "pipelines.<name>.steps[].headers", .type = kSection, .help = "Changes headers."},
    {.path = "pipelines.<name>.steps[].headers.set",
     .type = kExpressionMap,
     .help = "Headers to set: text or bytes."},
    {.path = "pipelines.<name>.steps[].headers.unset",
     .type = kTextList,
     .help = "Headers to remove."},
    {.path = "pipelines.<name>.steps[].flat_map",
     .type = kExpression,
     .help = "A list; one record per element."},
    {.path = "pipelines.<name>.steps[].rekey",
     .type = kExpression,
     .help = "New key; a repartition topic appears before the next `aggregate`."},
    {.path = "pipelines.<name>.steps[].repartition",
     .type = kSection,
     .help = "Sends the records through a topic of our own.",
     .needs_name = true},
    {.path = "pipelines.<name>.steps[].repartition.partitions",
     .type = kInteger,
     .help = "Partitions of that topic. Default: as `application.parallelism`.",
     .min = 1,
     .max = 10'000},
    {.path = "pipelines.<name>.steps[].peek",
     .type = kSection,
     .help = "Logs a sample of the records."},
    {.path = "pipelines.<name>.steps[].peek.log",
     .type = kExpression,
     .help = "What to log.",
     .required = true},
    {.path = "pipelines.<name>.steps[].peek.every",
     .type = kInteger,
     .help = "Logs each n-th record.",
     .default_text = "1",
     .min = 1,
     .max = 1'000'000'000},
    {.path = "pipelines.<name>.steps[].branch",
     .type = kList,
     .help = "Last step: the first branch whose condition is true takes the record; what matches "
             "none is counted."},
    {.path = "pipelines.<name>.steps[].branch[]", .type = kSection, .help = "One branch."},
    {.path = "pipelines.<name>.steps[].branch[].name",
     .type = kName,
     .help = "Name; others read the branch as `<pipeline>.<name>`.",
     .required = true},
    {.path = "pipelines.<name>.steps[].branch[].when",
     .type = kExpression,
     .help = "Condition; this or `otherwise` is required."},
    {.path = "pipelines.<name>.steps[].branch[].otherwise",
     .type = kOtherwise,
     .help = "`true`: takes what no branch before it took."},
    {.path = "pipelines.<name>.steps[].branch[].steps",
     .type = kSteps,
     .help = "Steps of the branch."},
    {.path = "pipelines.<name>.steps[].branch[].to",
     .type = kName,
     .help = "The stream to write to."},
    {.path = "pipelines.<name>.steps[].aggregate",
     .type = kSection,
     .help = "A running aggregate per group.",
     .needs_name = true},
    {.path = "pipelines.<name>.steps[].aggregate.group_by",
     .type = kExpressionOrMap,
     .help = "The group: an expression (`key` needs no repartition topic), or a map of named "
             "expressions. `'\"all\"'` makes one group.",
     .required = true},
    {.path = "pipelines.<name>.steps[].aggregate.fields",
     .type = kExpressionMap,
     .help = "The result: fields over `count() sum(x) min(x) max(x)`, each with an optional "
             "`.where(condition)`, and `key`. This or `value` is required."},
    {.path = "pipelines.<name>.steps[].aggregate.value",
     .type = kExpression,
     .help = "The result as a bare value."},
    {.path = "pipelines.<name>.steps[].aggregate.emit",
     .type = kChoice,
     .help = "When results come out: at commit, where they differ from the last one sent.",
     .default_text = "changes",
     .choices = "changes"},

    {.path = "http", .type = kSection, .help = "The HTTP listener: metrics and probes."},
    {.path = "http.address",
     .type = kText,
     .help = "Address to listen on.",
     .default_text = "0.0.0.0"},
    {.path = "http.port",
     .type = kInteger,
     .help = "Port; 0 takes a free one.",
     .default_text = "8080",
     .min = 0,
     .max = 65'535},

    {.path = "tests", .type = kList, .help = "Cases for `sidestream test`."},
    {.path = "tests[]", .type = kSection, .help = "One case."},
    {.path = "tests[].name", .type = kText, .help = "What it shows.", .required = true},
    {.path = "tests[].partitions",
     .type = kInteger,
     .help = "Partitions of every topic.",
     .default_text = "3",
     .min = 1,
     .max = 1'000},
    {.path = "tests[].input", .type = kNamed, .help = "Records of streams, in order."},
    {.path = "tests[].input.<name>", .type = kList, .help = "Records of one stream."},
    {.path = "tests[].input.<name>[]", .type = kSection, .help = "One record."},
    {.path = "tests[].input.<name>[].key", .type = kAny, .help = "Key."},
    {.path = "tests[].input.<name>[].value", .type = kAny, .help = "Value; absent: null."},
    {.path = "tests[].input.<name>[].raw",
     .type = kText,
     .help = "Bytes of the value, in place of `value`."},
    {.path = "tests[].input.<name>[].at",
     .type = kKeepText,
     .help = "Timestamp: a duration since 2026-01-01T00:00:00Z, `HH:MM[:SS[.mmm]]` of that day, "
             "or RFC 3339."},
    {.path = "tests[].input.<name>[].headers", .type = kProperties, .help = "Headers."},
    {.path = "tests[].input.<name>[].partition",
     .type = kInteger,
     .help = "Partition. Default: where the key lies.",
     .min = 0,
     .max = 999},
    {.path = "tests[].advance",
     .type = kDuration,
     .help = "Moves the clock after the input.",
     .min = 0,
     .max = kDurationMax,
     .unit = "duration"},
    {.path = "tests[].end", .type = kBool, .help = "Ends all inputs.", .default_text = "false"},
    {.path = "tests[].expect",
     .type = kNamed,
     .help = "What streams hold in the end; `$dlq` stands for the dead letters."},
    {.path = "tests[].expect.<name>", .type = kSection, .help = "Expectation for one stream."},
    {.path = "tests[].expect.<name>.match",
     .type = kChoice,
     .help = "How records are compared: the same ones, order checked per key (`exact`).",
     .default_text = "exact",
     .choices = "exact ordered unordered contains last_per_key"},
    {.path = "tests[].expect.<name>.count",
     .type = kInteger,
     .help = "Number of records.",
     .min = 0,
     .max = 1'000'000'000},
    {.path = "tests[].expect.<name>.records", .type = kList, .help = "The records."},
    {.path = "tests[].expect.<name>.records[]", .type = kSection, .help = "One record."},
    {.path = "tests[].expect.<name>.records[].key", .type = kAny, .help = "Key."},
    {.path = "tests[].expect.<name>.records[].value",
     .type = kAny,
     .help = "Value, compared exactly; numbers by value."},
    {.path = "tests[].expect.<name>.records[].has",
     .type = kAny,
     .help = "Some fields of the value; only these are compared."},
    {.path = "tests[].expect.<name>.records[].timestamp",
     .type = kKeepText,
     .help = "Timestamp: epoch milliseconds, or as `at` of an input record."},
    {.path = "tests[].expect.<name>.records[].headers",
     .type = kProperties,
     .help = "Headers that must be there."},
    {.path = "tests[].expect_store", .type = kNamed, .help = "What stores hold in the end."},
    {.path = "tests[].expect_store.<name>",
     .type = kAny,
     .help = "Of a step: keys (as text) and their results."},
});

std::string_view Parent(std::string_view path) {
  if (path.ends_with("[]")) return path.substr(0, path.size() - 2);
  const size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

}  // namespace

std::span<const Field> AllFields() { return kFields; }

const Field* FindField(std::string_view path) {
  const auto found = std::find_if(kFields.begin(), kFields.end(),
                                  [&](const Field& field) { return field.path == path; });
  return found == kFields.end() ? nullptr : &*found;
}

std::vector<const Field*> ChildFields(std::string_view path) {
  std::vector<const Field*> children;
  for (const Field& field : kFields) {
    if (field.path != path && Parent(field.path) == path && !field.path.ends_with("[]") &&
        !field.path.ends_with("<name>")) {
      children.push_back(&field);
    }
  }
  return children;
}

std::vector<const Field*> VerbFields() {
  std::vector<const Field*> verbs = ChildFields(kStepPath);
  std::erase_if(verbs, [](const Field* field) {
    return FieldName(*field) == "name" || FieldName(*field) == "on_error";
  });
  return verbs;
}

std::string_view FieldName(const Field& field) {
  return field.path.substr(field.path.rfind('.') + 1);
}

std::vector<std::string> Choices(const Field& field) {
  std::vector<std::string> words;
  std::string_view rest = field.choices;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return words;
}

std::string_view DefaultOf(std::string_view path) {
  const Field* field = FindField(path);
  CHECK(field != nullptr && !field->default_text.empty()) << path;
  return field->default_text;
}

}  // namespace sidestream::topology
