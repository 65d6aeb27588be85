// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The plan: sources, pipelines in the order in which they read each other, totals.

#include "topology/build_plan.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "topology/field_types.h"
#include "topology/internal_topics.h"
#include "topology/plan_draft.h"
#include "topology/references.h"
#include "topology/step_builder.h"

namespace sidestream::topology {
namespace {

using Kind = serde::Value::Kind;

/// Streams that pipelines read and write, by name.
struct Use {
  std::set<std::string, std::less<>> read;
  std::set<std::string, std::less<>> written;
};

Use UseOf(const Model& model) {
  Use use;
  for (const PipelineModel& pipeline : model.pipelines) {
    for (const Named& from : pipeline.from) {
      if (model.FindStream(from.text) != nullptr) use.read.insert(from.text);
    }
    if (pipeline.to) use.written.insert(pipeline.to->text);
    for (const BranchModel::Entry* entry : BranchesOf(pipeline.steps)) {
      if (entry->to) use.written.insert(entry->to->text);
    }
  }
  return use;
}

class PlanBuilder {
 public:
  PlanBuilder(const Model& model, const SourceFiles& files, const PartitionCounts& counts,
              const ScriptChecker* scripts, Findings& findings)
      : model_(model),
        files_(files),
        counts_(counts),
        findings_(findings),
        use_(UseOf(model)),
        steps_(model, files, counts_, scripts, draft_, findings) {}

  std::shared_ptr<const Plan> Build() {
    CheckTopics();
    for (const StreamModel& stream : model_.streams) {
      if (use_.read.contains(stream.name.text)) AddSource(stream);
    }
    for (const size_t index : PipelineOrder(model_)) AddPipeline(model_.pipelines[index]);
    auto plan = std::make_shared<Plan>();
    NameApplication(*plan);
    plan->sources = steps_.compiler().TakeSources();
    draft_.Finish(model_, counts_, findings_, *plan);
    if (findings_.has_errors()) return nullptr;
    return plan;
  }

 private:
  void CheckTopics() {
    std::set<std::string> internal{ControlTopicName(model_.application.id)};
    const std::string dead_letters = DeadLetterTopicOf(model_);
    for (const PipelineModel& pipeline : model_.pipelines)
      CollectInternal(pipeline.steps, internal);
    for (const StreamModel& stream : model_.streams) {
      const bool used =
          use_.read.contains(stream.name.text) || use_.written.contains(stream.name.text);
      std::optional<int32_t> first;
      for (const Named& topic : stream.topics) {
        if (topic.text == dead_letters) {
          findings_.Error("SS3004", topic.position,
                          fmt::format("{} is the topic of the dead letters", topic.text),
                          "name another one in errors.dlq.topic, or read it in an application of "
                          "its own");
          counts_.emplace(topic.text, 1);
          continue;
        }
        if (internal.contains(topic.text)) {
          findings_.Error("SS3004", topic.position,
                          fmt::format("{} is a topic of the application's own", topic.text),
                          "rename the step that it is named after, or read its pipeline instead");
          counts_.emplace(topic.text, 1);
          continue;
        }
        const auto count = counts_.find(topic.text);
        if (count == counts_.end() || count->second < 1) {
          if (used) {
            findings_.Error("SS5001", topic.position,
                            fmt::format("there is no topic {}", topic.text),
                            "sidestream topics --apply creates it");
          }
          // The rest is checked all the same: all findings come in one go.
          counts_[topic.text] = stream.partitions.value_or(1);
          continue;
        }
        if (first && *first != count->second) {
          findings_.Error("SS5002", topic.position,
                          fmt::format("{} has {} partitions, {} has {}", topic.text, count->second,
                                      stream.topics.front().text, *first),
                          "topics of one stream have equal partition counts; declare two streams "
                          "and merge them with from: [a, b]");
        }
        if (!first) first = count->second;
      }
    }
  }

  void CollectInternal(const std::vector<StepModel>& steps, std::set<std::string>& names) const {
    const std::string& application = model_.application.id;
    for (const StepModel& step : steps) {
      const bool keeps_state =
          step.verb == "aggregate" || step.verb == "dedup" || step.verb == "process";
      if (step.verb == "repartition" || keeps_state) {
        names.insert(RepartitionTopicName(application, step.name ? step.name->text : ""));
      }
      if (keeps_state) {
        names.insert(ChangelogTopicName(application, step.name ? step.name->text : ""));
      }
    }
    for (const BranchModel::Entry* entry : BranchesOf(steps)) CollectInternal(entry->steps, names);
  }

  Watermark CompileWatermark(const StreamModel& stream, const Point& point) {
    Watermark watermark = stream.watermark;
    const auto compile = [&](const std::optional<ExpressionText>& text) {
      if (!text) return ProgramPtr();
      steps_.compiler().RemarkImpure(*text, "reading the records again gives another watermark",
                                     "use a field of the record");
      return steps_.compiler().Compile(*text, point);
    };
    watermark.when = compile(stream.watermark_when);
    watermark.value = compile(stream.watermark_value);
    return watermark;
  }

  void AddSource(const StreamModel& stream) {
    Point point;
    point.segment = draft_.NewSegment();
    point.key = {{false, stream.key}, TypeOfValues(stream.key), {}};
    point.value = {{false, stream.value}, TypeOfValues(stream.value), {}};
    if (stream.changes) {
      // The rows lie where the bytes of their keys do, which are equal where the keys are.
      point.key = {.encoding = {true, {}}, .meaning = "key"};
      point.value = {.encoding = {true, {}}};
      point.changes = true;
    }
    ProgramPtr timestamp;
    if (stream.timestamp) {
      timestamp = steps_.compiler().Compile(*stream.timestamp, point, RowScope::For::kTimestamp);
      steps_.compiler().RemarkImpure(*stream.timestamp,
                                     "reading the records again gives other event times",
                                     "leave timestamp out: the record's own is the default");
    }
    const Watermark watermark = CompileWatermark(stream, point);
    point.processing_time = stream.dated == Dated::kProcessing;
    if (stream.dated == Dated::kByRecord && !stream.declares_watermark) {
      point.unmarked = {stream.name.text};
    }
    point.unbounded = !stream.bounded;
    for (const Named& topic : stream.topics) {
      Input input;
      input.alias = stream.name.text;
      input.topic = topic.text;
      input.partitions = counts_.at(topic.text);
      input.key = point.key.encoding;
      input.value = point.value.encoding;
      input.segment = point.segment;
      if (stream.changes) input.changes = {stream.key, stream.value};
      input.dated = stream.dated;
      input.timestamp = timestamp;
      input.watermark = watermark;
      input.drop_tombstones = stream.drop_tombstones;
      input.start_from = stream.start_from;
      input.bounded = stream.bounded;
      input.on_deserialization_error = stream.on_error.value_or(model_.errors.deserialization);
      point.partitions = input.partitions;
      const int32_t index = draft_.AddInput(std::move(input), topic.position);
      point.ends.push_back({Point::End::At::kInput, index, -1});
    }
    points_.insert_or_assign(stream.name.text, std::move(point));
  }

  void AddPipeline(const PipelineModel& pipeline) {
    std::vector<Point> points;
    for (const Named& from : pipeline.from) {
      const auto inner = steps_.inner_points().find(from.text);
      points.push_back(inner != steps_.inner_points().end() ? inner->second
                                                            : points_.at(from.text));
    }
    CheckKeysMeet(pipeline, points);
    CheckTimesMeet(pipeline, points);
    const Position& position = pipeline.from.front().position;
    Point point =
        draft_.Merge(points, pipeline.name.text + ".from", files_.Location(position), position);
    point = steps_.AddSteps(pipeline.name.text, pipeline.steps, pipeline.to, std::move(point));
    points_.insert_or_assign(pipeline.name.text, std::move(point));
  }

  /// The wall clock and event time are two times: no step can go by both.
  void CheckTimesMeet(const PipelineModel& pipeline, const std::vector<Point>& points) {
    for (size_t i = 1; i < points.size(); ++i) {
      if (points[i].processing_time == points.front().processing_time) continue;
      const bool first = points.front().processing_time;
      findings_.Error(
          "SS3023", pipeline.from[i].position,
          fmt::format("{} goes by the wall clock and {} by event time",
                      pipeline.from[first ? 0 : i].text, pipeline.from[first ? i : 0].text),
          "read them in two pipelines, or date both streams in the same way");
    }
  }

  /// Inputs of a merge whose keys differ in their bytes: equal ones lie in other partitions.
  void CheckKeysMeet(const PipelineModel& pipeline, const std::vector<Point>& points) {
    const auto text = [](const Flow& key) -> std::string_view {
      if (!key.encoding.computed) return serde::FormatName(key.encoding.format.kind);
      return key.kind() ? serde::KindName(*key.kind()) : std::string_view();
    };
    for (size_t i = 1; i < points.size(); ++i) {
      const Flow& first = points.front().key;
      const Flow& other = points[i].key;
      const bool kinds = first.kind() && other.kind() && first.kind() != other.kind();
      const bool formats = !first.encoding.computed && !other.encoding.computed &&
                           first.encoding.format.kind != other.encoding.format.kind;
      if (!kinds && !formats) continue;
      findings_.Warning(
          "SS6006", pipeline.from[i].position,
          fmt::format("the keys of {} are {}, those of {} {}: the same key has other bytes and "
                      "lies in another partition",
                      pipeline.from[i].text, text(other), pipeline.from.front().text, text(first)),
          "rekey one of them, so that both have one type, before they are merged");
    }
  }

  void NameApplication(Plan& plan) const {
    const std::string& id = model_.application.id;
    plan.application_id = id;
    plan.group_id = id;
    plan.transactional_id_prefix = id + "-";
    plan.leader_transactional_id = id + "-leader";
    plan.control_topic = ControlTopicName(id);
    plan.constants = model_.constants;
    plan.internal_topics.push_back(
        MakeInternalTopic(InternalTopic::Kind::kControl, plan.control_topic, 1));
    if (model_.application.standby_replicas > 0) {
      plan.presence_topic = PresenceTopicName(id);
      plan.internal_topics.push_back(
          MakeInternalTopic(InternalTopic::Kind::kPresence, plan.presence_topic, 1));
    }
    for (const StreamModel& stream : model_.streams) {
      const bool read = use_.read.contains(stream.name.text);
      const bool written = use_.written.contains(stream.name.text);
      if (!read && !written) continue;
      for (const Named& topic : stream.topics) {
        plan.user_topics.push_back(
            {topic.text, stream.name.text, read, written, counts_.at(topic.text)});
      }
    }
  }

  const Model& model_;
  const SourceFiles& files_;
  PartitionCounts counts_;
  Findings& findings_;
  Use use_;
  PlanDraft draft_;
  StepBuilder steps_;
  std::map<std::string, Point, std::less<>> points_;
};

}  // namespace

PlanResult BuildPlan(const Model& model, const SourceFiles& files, const PartitionCounts& counts,
                     const ScriptChecker* scripts) {
  Findings findings(files);
  PlanResult result;
  result.plan = PlanBuilder(model, files, counts, scripts, findings).Build();
  result.findings = findings.Take();
  return result;
}

PartitionCounts DeclaredPartitionCounts(const Model& model, int32_t fallback) {
  PartitionCounts counts;
  for (const StreamModel& stream : model.streams) {
    for (const Named& topic : stream.topics) {
      counts[topic.text] = stream.partitions.value_or(fallback);
    }
  }
  return counts;
}

std::string DeadLetterTopicOf(const Model& model) {
  return model.errors.dead_letter_topic ? model.errors.dead_letter_topic->text
                                        : DeadLetterTopicName(model.application.id);
}

std::vector<std::string> UserTopicNames(const Model& model) {
  const Use use = UseOf(model);
  std::vector<std::string> names;
  for (const StreamModel& stream : model.streams) {
    if (!use.read.contains(stream.name.text) && !use.written.contains(stream.name.text)) continue;
    for (const Named& topic : stream.topics) names.push_back(topic.text);
  }
  return names;
}

}  // namespace sidestream::topology
