// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Reading the model: application, streams, pipelines and steps. The cases of `tests:` are
// read in test_reader.cc.

#include "topology/model_reader.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "topology/fields.h"
#include "topology/format_reader.h"
#include "topology/scalars.h"
#include "topology/test_reader.h"
#include "topology/window_reader.h"

namespace sidestream::topology {
namespace {

const YamlNode kNothing;

const YamlNode& Child(const YamlNode& node, std::string_view key) {
  const YamlNode* child = node.Find(key);
  return child == nullptr ? kNothing : *child;
}

/// The text under `key`, or the default of `path` in the field table.
std::string TextOr(const YamlNode& node, std::string_view key, std::string_view path) {
  const YamlNode* child = node.Find(key);
  return child == nullptr ? std::string(DefaultOf(path)) : child->text;
}

std::optional<int32_t> Number(const YamlNode& node, std::string_view key) {
  const YamlNode* child = node.Find(key);
  if (child == nullptr) return std::nullopt;
  const auto value = ParseInteger(child->text);
  return value ? std::optional(static_cast<int32_t>(*value)) : std::nullopt;
}

ErrorAction Action(std::string_view text) {
  return text == "dlq"    ? ErrorAction::kDeadLetter
         : text == "skip" ? ErrorAction::kSkip
                          : ErrorAction::kFail;
}

Named NamedAt(const YamlNode& node) { return {node.text, node.position}; }

std::vector<Named> Texts(const YamlNode& node) {
  if (node.scalar()) return {NamedAt(node)};
  std::vector<Named> texts;
  for (const YamlNode& item : node.items) texts.push_back(NamedAt(item));
  return texts;
}

std::vector<NamedExpression> Expressions(const YamlNode& map) {
  std::vector<NamedExpression> expressions;
  for (const YamlEntry& entry : map.entries) {
    expressions.push_back({{entry.key, entry.key_position}, {entry.value}});
  }
  return expressions;
}

ExpressionOrFields ReadExpressionOrFields(const YamlNode& node) {
  if (node.map()) return {std::nullopt, Expressions(node)};
  return {ExpressionText{node}, {}};
}

std::map<std::string, std::string> Properties(const YamlNode& node) {
  std::map<std::string, std::string> properties;
  for (const YamlEntry& entry : node.entries) {
    if (entry.value.scalar()) properties[entry.key] = entry.value.text;
  }
  return properties;
}

ApplicationModel ReadApplication(const YamlNode& node, Arena& arena) {
  ApplicationModel application;
  application.id = Child(node, "id").text;
  if (TextOr(node, "processing_guarantee", "application.processing_guarantee") == "at_least_once") {
    application.guarantee = ProcessingGuarantee::kAtLeastOnce;
  }
  application.commit_interval =
      Milliseconds(application.guarantee == ProcessingGuarantee::kExactlyOnce ? 100 : 1000);
  if (const YamlNode* interval = node.Find("commit_interval")) {
    application.commit_interval =
        ParseDuration(interval->text).value_or(application.commit_interval);
  }
  application.workers = Number(node, "workers");
  application.parallelism = Number(node, "parallelism");
  application.format = Number(node, "format");
  const YamlNode& state = Child(node, "state");
  application.state_dir = TextOr(state, "dir", "application.state.dir");
  if (const YamlNode* memory = state.Find("memory")) {
    application.state_memory = ParseSize(memory->text);
  }
  application.standby_replicas = Number(state, "standby_replicas").value_or(0);
  const YamlNode* vars = node.Find("vars");
  application.vars = vars == nullptr ? serde::Value::Map({}) : ToValue(*vars, arena);
  return application;
}

ErrorsModel ReadErrors(const YamlNode& node) {
  ErrorsModel errors;
  errors.deserialization = Action(TextOr(node, "deserialization", "errors.deserialization"));
  errors.processing = Action(TextOr(node, "processing", "errors.processing"));
  errors.production = Action(TextOr(node, "production", "errors.production"));
  const YamlNode& dlq = Child(node, "dlq");
  if (const YamlNode* topic = dlq.Find("topic")) errors.dead_letter_topic = NamedAt(*topic);
  const YamlNode* hold = dlq.Find("hold_key");
  if (hold != nullptr && hold->text == "true") errors.hold_key = hold->position;
  return errors;
}

std::vector<std::string_view> VerbNames() {
  std::vector<std::string_view> names;
  for (const Field* verb : VerbFields()) names.push_back(FieldName(*verb));
  return names;
}

bool NeedsName(std::string_view verb) {
  const Field* field = FindField(fmt::format("{}.{}", kStepPath, verb));
  return field != nullptr && field->needs_name;
}

Milliseconds DurationOr(const YamlNode& node, std::string_view key, std::string_view path) {
  return ParseDuration(TextOr(node, key, path)).value_or(Milliseconds(0));
}

int64_t DurationOf(const YamlNode& node) {
  return ParseDuration(node.text).value_or(Milliseconds(0)).count();
}

SchemaRegistryModel ReadSchemaRegistry(const YamlNode& node) {
  SchemaRegistryModel registry;
  if (const YamlNode* url = node.Find("url")) {
    for (const Named& text : Texts(*url)) registry.urls.push_back(text.text);
  }
  registry.username = Child(node, "username").text;
  registry.password = Child(node, "password").text;
  registry.token = Child(node, "token").text;
  const YamlNode& tls = Child(node, "tls");
  registry.ca_file = Child(tls, "ca").text;
  registry.certificate_file = Child(tls, "certificate").text;
  registry.key_file = Child(tls, "key").text;
  registry.key_password = Child(tls, "key_password").text;
  registry.auto_register = TextOr(node, "auto_register", "schema_registry.auto_register") == "true";
  const std::string strategy = TextOr(node, "subject_strategy", "schema_registry.subject_strategy");
  registry.subject_strategy = strategy == "record_name"         ? SubjectStrategy::kRecordName
                              : strategy == "topic_record_name" ? SubjectStrategy::kTopicRecordName
                                                                : SubjectStrategy::kTopicName;
  registry.cache_ttl = DurationOr(node, "cache_ttl", "schema_registry.cache_ttl");
  registry.timeout = DurationOr(node, "timeout", "schema_registry.timeout");
  registry.max_wait = DurationOr(node, "max_wait", "schema_registry.max_wait");
  return registry;
}

CheckpointModel ReadCheckpoint(const YamlNode& node) {
  CheckpointModel checkpoint;
  if (const YamlNode* location = node.Find("location")) checkpoint.location = location->text;
  if (const YamlNode* interval = node.Find("interval")) {
    checkpoint.interval = ParseDuration(interval->text).value_or(checkpoint.interval);
  }
  checkpoint.retain = static_cast<int32_t>(
      ParseInteger(TextOr(node, "retain", "checkpoint.retain")).value_or(0));
  return checkpoint;
}

class Reader {
 public:
  Reader(const YamlNode& root, bool names_lost, Findings& findings)
      : root_(root), names_lost_(names_lost), findings_(findings) {}

  Model Read() {
    model_.application = ReadApplication(Child(root_, "application"), *model_.constants);
    const YamlNode& kafka = Child(root_, "kafka");
    model_.kafka = {Properties(kafka), Properties(Child(kafka, "consumer")),
                    Properties(Child(kafka, "producer")), Properties(Child(kafka, "admin"))};
    model_.schema_registry = ReadSchemaRegistry(Child(root_, "schema_registry"));
    model_.checkpoint = ReadCheckpoint(Child(root_, "checkpoint"));
    model_.errors = ReadErrors(Child(root_, "errors"));
    for (const YamlEntry& entry : Child(root_, "streams").entries) ReadStream(entry);
    for (const YamlEntry& entry : Child(root_, "pipelines").entries) ReadPipeline(entry);
    const YamlNode& http = Child(root_, "http");
    model_.http.address = TextOr(http, "address", "http.address");
    model_.http.port =
        static_cast<int32_t>(ParseInteger(TextOr(http, "port", "http.port")).value_or(0));
    model_.tests = ReadTests(Child(root_, "tests"), model_, names_lost_, findings_);
    return std::move(model_);
  }

 private:
  bool HasRegistry() const { return root_.Find("schema_registry") != nullptr; }

  void ReadStream(const YamlEntry& entry) {
    const YamlNode& node = entry.value;
    StreamModel stream;
    stream.name = {entry.key, entry.key_position};
    const YamlNode* topic = node.Find("topic");
    const YamlNode* topics = node.Find("topics");
    if (topic != nullptr && topics != nullptr) {
      findings_.Error("SS2005", topics->position, "topic and topics exclude each other");
    } else if (topic == nullptr && topics == nullptr && !node.damaged) {
      findings_.Error("SS2004", entry.key_position, fmt::format("{} has no topic", entry.key),
                      "add topic: <name of the Kafka topic>");
    }
    if (topic != nullptr) stream.topics = Texts(*topic);
    if (topics != nullptr) {
      stream.topics = Texts(*topics);
      stream.topic_list = true;
    }
    stream.declares_key = node.Find("key") != nullptr;
    if (const YamlNode* action = node.Find("on_error")) stream.on_error = Action(action->text);
    stream.key = ReadFormat(Child(node, "key"), "streams.<name>.key", HasRegistry(), findings_);
    stream.value =
        ReadFormat(Child(node, "value"), "streams.<name>.value", HasRegistry(), findings_);
    if (const YamlNode* cdc = node.Find("cdc")) {
      stream.changes = cdc->position;
      const auto kind = stream.value.kind;
      if (kind != serde::FormatKind::kJson && !serde::HasSchema(kind)) {
        findings_.Error("SS2005", cdc->position,
                        fmt::format("cdc goes with the formats json, avro, json_schema and protobuf, "
                                    "not {}",
                                    serde::FormatName(kind)));
      }
    }
    ReadTime(node, stream);
    stream.drop_tombstones = TextOr(node, "tombstones", "streams.<name>.tombstones") == "drop";
    stream.start_from = TextOr(node, "start_from", "streams.<name>.start_from") == "latest"
                            ? StartFrom::kLatest
                            : StartFrom::kEarliest;
    stream.bounded = node.Find("end_at") != nullptr;
    stream.partitions = Number(node, "partitions");
    model_.streams.push_back(std::move(stream));
  }

  void ReadTime(const YamlNode& node, StreamModel& stream) {
    if (const YamlNode* timestamp = node.Find("timestamp")) {
      // Words of the language, not expressions.
      if (timestamp->text == "processing_time") {
        stream.dated = Dated::kProcessing;
      } else if (timestamp->text == "ingestion_time") {
        stream.dated = Dated::kIngestion;
      } else {
        stream.timestamp = ExpressionText{*timestamp};
      }
    }
    stream.declares_watermark = node.Find("watermark") != nullptr;
    const YamlNode& watermark = Child(node, "watermark");
    const auto duration = [&](std::string_view key) {
      const std::string path = fmt::format("streams.<name>.watermark.{}", key);
      return ParseDuration(TextOr(watermark, key, path)).value_or(Milliseconds(0));
    };
    stream.watermark.lateness = duration("lateness");
    stream.watermark.idle = duration("idle");
    stream.watermark.max_ahead = duration("max_ahead");
    if (watermark.Find("max_drift") != nullptr) stream.watermark.max_drift = duration("max_drift");
    stream.watermark.holds_when_all_idle =
        TextOr(watermark, "when_all_idle", "streams.<name>.watermark.when_all_idle") == "hold";
    if (const YamlNode* when = watermark.Find("when")) stream.watermark_when = {*when};
    if (const YamlNode* value = watermark.Find("value")) stream.watermark_value = {*value};
    CheckWatermark(watermark, stream);
  }

  void CheckWatermark(const YamlNode& node, const StreamModel& stream) {
    if (stream.dated == Dated::kProcessing && node.position.line > 0) {
      findings_.Error("SS2005", node.position,
                      "watermark does not go with timestamp: processing_time, which is never late",
                      "remove one of them");
    } else if (stream.watermark_when && !stream.watermark_value) {
      findings_.Error("SS2005", stream.watermark_when->scalar.position,
                      "watermark has when and no value", "add value: the watermark of such records");
    } else if (const YamlNode* lateness = node.Find("lateness");
               lateness != nullptr && stream.watermark_value) {
      findings_.Error("SS2005", lateness->position,
                      "lateness does not go with value, which says the watermark itself",
                      "remove one of them");
    }
  }

  void ReadPipeline(const YamlEntry& entry) {
    const YamlNode& node = entry.value;
    PipelineModel pipeline;
    pipeline.name = {entry.key, entry.key_position};
    pipeline.from = Texts(Child(node, "from"));
    if (const YamlNode* to = node.Find("to")) pipeline.to = NamedAt(*to);
    pipeline.steps = ReadSteps(Child(node, "steps"));
    if (pipeline.to && EndsInBranch(pipeline.steps)) {
      findings_.Error("SS2005", pipeline.to->position, "after a branch nothing is left for to",
                      "give a branch its own to");
    }
    model_.pipelines.push_back(std::move(pipeline));
  }

  static bool EndsInBranch(const std::vector<StepModel>& steps) {
    return !steps.empty() && std::holds_alternative<BranchModel>(steps.back().operation);
  }

  std::vector<StepModel> ReadSteps(const YamlNode& list) {
    std::vector<StepModel> steps;
    for (size_t i = 0; i < list.items.size(); ++i) {
      std::optional<StepModel> step = ReadStep(list.items[i]);
      if (!step) continue;
      if (step->verb == "branch" && i + 1 < list.items.size()) {
        findings_.Error("SS2005", list.items[i + 1].position, "branch is the last step",
                        "put this step into the branches, or into a pipeline that reads one");
      }
      steps.push_back(std::move(*step));
    }
    return steps;
  }

  std::optional<StepModel> ReadStep(const YamlNode& node) {
    StepModel step;
    step.position = node.position;
    std::vector<const YamlEntry*> verbs;
    for (const YamlEntry& entry : node.entries) {
      if (entry.key == "name") {
        step.name = NamedAt(entry.value);
      } else if (entry.key == "on_error") {
        step.on_error = Action(entry.value.text);
      } else {
        verbs.push_back(&entry);
      }
    }
    if (verbs.empty() && !node.damaged) {
      findings_.Error("SS2005", node.position, "this step has no verb",
                      fmt::format("write one of {}", fmt::join(VerbNames(), ", ")));
    }
    if (verbs.size() > 1) {
      findings_.Error(
          "SS2005", verbs[1]->key_position,
          fmt::format("a step has exactly one verb; this one is {} already", verbs[0]->key),
          fmt::format("begin a new step: - {}: ...", verbs[1]->key));
    }
    if (verbs.empty()) return std::nullopt;
    step.verb = verbs[0]->key;
    if (NeedsName(step.verb) && !step.name && !node.damaged) {
      findings_.Error("SS2004", node.position, fmt::format("{} needs a name", step.verb),
                      "topics and stores are named after the step: add name: <name>");
    }
    ReadVerb(verbs[0]->value, step);
    return step;
  }

  void ReadVerb(const YamlNode& node, StepModel& step) {
    if (step.verb == "filter") {
      step.operation = FilterModel{{node}};
    } else if (step.verb == "map") {
      step.operation = MapModel{ReadExpressionOrFields(node)};
    } else if (step.verb == "set") {
      step.operation = SetModel{Expressions(node)};
    } else if (step.verb == "unset") {
      step.operation = UnsetModel{Texts(node)};
    } else if (step.verb == "headers") {
      step.operation = HeadersModel{Expressions(Child(node, "set")), Texts(Child(node, "unset"))};
      if (node.entries.empty() && !node.damaged) {
        findings_.Error("SS2004", step.position, "headers needs set or unset");
      }
    } else if (step.verb == "flat_map") {
      step.operation = FlatMapModel{{node}};
    } else if (step.verb == "rekey") {
      step.operation = RekeyModel{{node}};
    } else if (step.verb == "repartition") {
      step.operation =
          RepartitionModel{Number(node, "partitions"), Child(node, "partitions").position};
    } else if (step.verb == "peek") {
      const auto every = ParseInteger(TextOr(node, "every", "pipelines.<name>.steps[].peek.every"));
      step.operation = PeekModel{{Child(node, "log")}, every.value_or(1)};
    } else if (step.verb == "aggregate") {
      ReadAggregate(node, step);
    } else if (step.verb == "dedup") {
      ReadDedup(node, step);
    } else if (step.verb == "process") {
      ReadProcess(node, step);
    } else {
      ReadBranch(node, step);
    }
  }

  void ReadAggregate(const YamlNode& node, StepModel& step) {
    AggregateModel aggregate;
    const YamlNode* value = node.Find("value");
    const YamlNode* fields = node.Find("fields");
    const YamlNode* fold = node.Find("fold");
    const YamlNode* second = fold != nullptr ? fold : value;
    const int written = (value != nullptr ? 1 : 0) + (fields != nullptr ? 1 : 0) +
                        (fold != nullptr ? 1 : 0);
    if (written > 1) {
      findings_.Error("SS2005", second->position, "fields, value and fold exclude each other");
    } else if (written == 0 && !node.damaged) {
      findings_.Error("SS2004", node.position, "aggregate has no result",
                      "add fields: { <name>: count() } or value: count()");
    }
    aggregate.group_by = ReadExpressionOrFields(Child(node, "group_by"));
    if (fields != nullptr) aggregate.result = ReadExpressionOrFields(*fields);
    if (value != nullptr) aggregate.result = ReadExpressionOrFields(*value);
    if (fold != nullptr) {
      aggregate.fold = FoldModel{{Child(*fold, "init")}, {Child(*fold, "step")}, std::nullopt};
      const YamlNode* merge = fold->Find("merge");
      if (merge != nullptr) aggregate.fold->merge = ExpressionText{*merge};
    }
    ReadWindow(node, aggregate, findings_);
    aggregate.ttl = ReadTtl(node, "pipelines.<name>.steps[].aggregate.");
    if (aggregate.ttl && node.Find("window") != nullptr) {
      findings_.Error("SS2005", node.Find("ttl")->position,
                      "ttl does not go with window: windows go when they are over",
                      "remove ttl; allowed_lateness says how long a window stays behind its end");
    }
    step.operation = std::move(aggregate);
  }

  /// The fields ttl, ttl_time and ttl_update of `node`; `path` is what they stand under.
  std::optional<Ttl> ReadTtl(const YamlNode& node, std::string_view path) {
    const YamlNode* length = node.Find("ttl");
    if (length == nullptr) {
      for (const char* const word : {"ttl_time", "ttl_update"}) {
        const YamlNode* found = node.Find(word);
        if (found == nullptr) continue;
        findings_.Error("SS2005", found->position, fmt::format("{} says nothing without ttl", word),
                        "add ttl: how long it lives");
      }
      return std::nullopt;
    }
    Ttl ttl;
    ttl.length_ms = DurationOf(*length);
    ttl.wall_clock = TextOr(node, "ttl_time", fmt::format("{}ttl_time", path)) == "processing";
    ttl.on_read = TextOr(node, "ttl_update", fmt::format("{}ttl_update", path)) == "read_write";
    return ttl;
  }

  static void ReadDedup(const YamlNode& node, StepModel& step) {
    constexpr std::string_view kPath = "pipelines.<name>.steps[].dedup.";
    DedupModel dedup;
    if (const YamlNode* key = node.Find("key")) dedup.key = ExpressionText{*key};
    dedup.ttl_ms = DurationOf(Child(node, "ttl"));
    dedup.wall_clock = TextOr(node, "time", std::string(kPath) + "time") == "processing";
    dedup.keep_last = TextOr(node, "keep", std::string(kPath) + "keep") == "last";
    step.operation = std::move(dedup);
  }

  void ReadProcess(const YamlNode& node, StepModel& step) {
    ProcessModel process;
    const YamlNode* script = node.Find("script");
    const YamlNode* file = node.Find("file");
    if (script != nullptr && file != nullptr) {
      findings_.Error("SS2005", step.position, "script and file exclude each other");
    } else if (script == nullptr && file == nullptr && !node.damaged) {
      findings_.Error("SS2004", node.position, "process has no script",
                      "add script: with the text, or file: <name>.lua");
    }
    if (file != nullptr) process.script = *file;
    if (script != nullptr) process.script = *script;
    constexpr std::string_view kPath = "pipelines.<name>.steps[].process.stores.<name>.";
    for (const YamlEntry& entry : Child(node, "stores").entries) {
      ProcessModel::Store store;
      store.name = {entry.key, entry.key_position};
      const std::string kind = TextOr(entry.value, "kind", std::string(kPath) + "kind");
      store.kind = kind == "list"  ? ProcessStore::Kind::kList
                   : kind == "map" ? ProcessStore::Kind::kMap
                                   : ProcessStore::Kind::kValue;
      store.ttl = ReadTtl(entry.value, kPath);
      process.stores.push_back(std::move(store));
    }
    process.outputs = Texts(Child(node, "outputs"));
    step.operation = std::move(process);
  }

  void ReadBranch(const YamlNode& list, StepModel& step) {
    BranchModel branch;
    if (list.items.empty() && !list.damaged) {
      findings_.Error("SS2003", step.position, "branch is empty");
    }
    for (size_t i = 0; i < list.items.size(); ++i) {
      const YamlNode& item = list.items[i];
      BranchModel::Entry entry;
      const YamlNode& name = Child(item, "name");
      entry.name = {name.text, name.scalar() ? name.position : item.position};
      const YamlNode* when = item.Find("when");
      const YamlNode* otherwise = item.Find("otherwise");
      if (when != nullptr && otherwise != nullptr) {
        findings_.Error("SS2005", otherwise->position, "when and otherwise exclude each other");
      } else if (when == nullptr && otherwise == nullptr && !item.damaged) {
        findings_.Error("SS2004", item.position, "this branch has neither when nor otherwise");
      }
      if (otherwise != nullptr && i + 1 < list.items.size()) {
        findings_.Error("SS2005", otherwise->position, "otherwise takes everything",
                        "make it the last branch");
      }
      if (when != nullptr) entry.when = ExpressionText{*when};
      entry.steps = ReadSteps(Child(item, "steps"));
      if (const YamlNode* to = item.Find("to")) {
        entry.to = NamedAt(*to);
        if (EndsInBranch(entry.steps)) {
          findings_.Error("SS2005", entry.to->position, "after a branch nothing is left for to");
        }
      }
      branch.entries.push_back(std::move(entry));
    }
    step.operation = std::move(branch);
  }

  const YamlNode& root_;
  const bool names_lost_;
  Findings& findings_;
  Model model_;
};

}  // namespace

const StreamModel* Model::FindStream(std::string_view name) const {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const StreamModel& s) { return s.name.text == name; });
  return found == streams.end() ? nullptr : &*found;
}

const PipelineModel* Model::FindPipeline(std::string_view name) const {
  const auto found = std::find_if(pipelines.begin(), pipelines.end(),
                                  [&](const PipelineModel& p) { return p.name.text == name; });
  return found == pipelines.end() ? nullptr : &*found;
}

Model ReadModel(const YamlNode& root, bool names_lost, Findings& findings) {
  return Reader(root, names_lost, findings).Read();
}

}  // namespace sidestream::topology
