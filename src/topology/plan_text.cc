// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Printing a plan.

#include "topology/plan_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "topology/scalars.h"

namespace sidestream::topology {
namespace {

std::string Path(std::string_view variable, const std::vector<std::string>& path) {
  return path.empty() ? std::string(variable)
                      : fmt::format("{}.{}", variable, fmt::join(path, "."));
}

std::string_view ActionText(ErrorAction action) {
  switch (action) {
    case ErrorAction::kFail:
      return "fail";
    case ErrorAction::kSkip:
      return "skip";
    case ErrorAction::kDeadLetter:
      return "dlq";
  }
  return "";
}

std::string Names(const std::vector<FieldExpression>& fields) {
  std::vector<std::string> names;
  for (const FieldExpression& field : fields)
    names.push_back(fmt::format("{}", fmt::join(field.path, ".")));
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string List(const std::vector<int32_t>& indices) {
  return fmt::format("[{}]", fmt::join(indices, ", "));
}

std::string EmitText(const AggregateNode& aggregate) {
  switch (aggregate.emit) {
    case Emit::kEach:
      return "each";
    case Emit::kChanges:
      return "changes";
    case Emit::kEvery:
      return "every " + DurationText(Milliseconds(aggregate.emit_every));
    case Emit::kFinal:
      return "final";
  }
  return "";
}

/// One operation on one line, without the node's own fields.
struct OperationText {
  std::string operator()(const FilterNode&) const { return "filter"; }
  std::string operator()(const MapNode& map) const {
    return map.program ? "map expression" : "map { " + Names(map.fields) + " }";
  }
  std::string operator()(const SetNode& set) const {
    return fmt::format("set {{ {} }} of slot {}", Names(set.fields), set.value_slot);
  }
  std::string operator()(const UnsetNode& unset) const {
    std::vector<std::string> paths;
    for (const auto& path : unset.paths) paths.push_back(fmt::format("{}", fmt::join(path, ".")));
    return fmt::format("unset [{}] of slot {}", fmt::join(paths, ", "), unset.value_slot);
  }
  std::string operator()(const HeadersNode& headers) const {
    std::vector<std::string> names;
    for (const auto& [name, _] : headers.set) names.push_back(name);
    return fmt::format("headers set [{}] unset [{}] fills {}", fmt::join(names, ", "),
                       fmt::join(headers.unset, ", "), List(headers.header_slots));
  }
  std::string operator()(const FlatMapNode&) const { return "flat_map"; }
  std::string operator()(const RekeyNode& rekey) const {
    return fmt::format("rekey {}{} fills {}",
                       rekey.program ? "expression" : "{ " + Names(rekey.fields) + " }",
                       rekey.drop_null ? ", drops null keys," : "", List(rekey.key_slots));
  }
  std::string operator()(const PeekNode& peek) const {
    return fmt::format("peek every {}", peek.every);
  }
  std::string operator()(const BranchNode& branch) const {
    std::string text = "branch";
    for (const BranchNode::Branch& entry : branch.branches) {
      text += fmt::format(" {}{} -> {}", entry.name, entry.when ? "" : " (otherwise)",
                          List(entry.children));
    }
    return text;
  }
  std::string operator()(const MergeNode& merge) const {
    return fmt::format("merge key slot {}{}, value slot {}{}", merge.key_slot,
                       merge.key_becomes_computed ? " becomes computed" : "", merge.value_slot,
                       merge.value_becomes_computed ? " becomes computed" : "");
  }
  std::string operator()(const AggregateNode& aggregate) const {
    std::vector<std::string> calls;
    for (const AggregateCall& call : aggregate.calls) calls.push_back(call.text);
    return fmt::format("aggregate store {} key {} calls [{}] results segment {} gives {}{}",
                       aggregate.store, EncodingText(aggregate.key), fmt::join(calls, "; "),
                       aggregate.results_segment,
                       aggregate.fields.empty() && aggregate.group_fields.empty()
                           ? "a value"
                           : "{ " + Names(aggregate.fields) + " }",
                       aggregate.group_fields.empty()
                           ? ""
                           : fmt::format(" and {}", fmt::join(aggregate.group_fields, ", "))) +
           TimeText(aggregate);
  }
  static std::string TtlText(const Ttl& ttl) {
    return fmt::format("ttl {}{}{}", DurationText(Milliseconds(ttl.length_ms)),
                       ttl.wall_clock ? " of the wall clock" : "",
                       ttl.on_read ? " since the last record" : "");
  }
  static std::string TimeText(const AggregateNode& aggregate) {
    if (!aggregate.window) {
      return (aggregate.emit == Emit::kChanges ? "" : ", emit " + EmitText(aggregate)) +
             (aggregate.ttl ? ", " + TtlText(*aggregate.ttl) : "");
    }
    std::string text = fmt::format(" in {}, emit {}", aggregate.window->text, EmitText(aggregate));
    if (aggregate.adds_window_start) text += ", window_start";
    if (aggregate.adds_window_end) text += ", window_end";
    if (aggregate.allowed_lateness > 0) {
      text += fmt::format(", {} late",
                          DurationText(Milliseconds(aggregate.allowed_lateness)));
    }
    if (aggregate.output_key == OutputKey::kWindowedJson) text += ", key windowed_json";
    if (aggregate.output_key == OutputKey::kWindowedBinary) text += ", key windowed_binary";
    return text;
  }
  std::string operator()(const DedupNode& dedup) const {
    return fmt::format("dedup store {} key {} by {}, keeps the {} of {} ms{}", dedup.store,
                       EncodingText(dedup.key), dedup.id == nullptr ? "key" : "an expression",
                       dedup.keep_last ? "last" : "first", dedup.ttl_ms,
                       dedup.wall_clock ? " of the wall clock" : "");
  }
  std::string operator()(const ProcessNode& process) const {
    return fmt::format("process store {} key {} with {}{}", process.store,
                       EncodingText(process.key), process.script.name,
                       process.outputs.empty()
                           ? ""
                           : fmt::format(", outputs {}", fmt::join(process.outputs, ", ")));
  }
  std::string operator()(const SinkNode& sink) const {
    const auto side = [](const serde::FormatSpec& format, int32_t slot) {
      return slot < 0 ? std::string("as it came")
                      : fmt::format("{} from slot {}", serde::FormatName(format.kind), slot);
    };
    return fmt::format("sink {} to {} ({} partitions) key {}, value {}, on refusal {}", sink.alias,
                       sink.topic, sink.partitions, side(sink.key_format, sink.key_slot),
                       side(sink.value_format, sink.value_slot),
                       ActionText(sink.on_production_error));
  }
  std::string operator()(const RepartitionNode& hop) const {
    const auto side = [](const Encoding& encoding, int32_t slot) {
      return slot < 0 ? EncodingText(encoding) : fmt::format("computed from slot {}", slot);
    };
    return fmt::format("repartition to {} ({} partitions) key {}, value {}{}{}", hop.topic,
                       hop.partitions, side(hop.key, hop.key_slot), side(hop.value, hop.value_slot),
                       hop.carries_headers ? ", headers" : "",
                       hop.carries_origin ? ", origin" : "");
  }
};

std::string_view TimestampText(const Input& input) {
  if (input.dated == Dated::kIngestion) return "at ingestion";
  if (input.dated == Dated::kProcessing) return "of the wall clock";
  return input.timestamp ? "by expression" : "of the record";
}

std::string WatermarkText(const Input& input) {
  const Watermark& watermark = input.watermark;
  const std::string basis = watermark.value
                                ? std::string("stated by records")
                                : fmt::format("lateness {} ms", watermark.lateness.count());
  return fmt::format(
      "{}, idle {} ms{}, max ahead {} ms{}", basis, watermark.idle.count(),
      watermark.holds_when_all_idle ? " (holds when all are)" : "", watermark.max_ahead.count(),
      watermark.max_drift ? fmt::format(", max drift {} ms", watermark.max_drift->count())
                          : std::string());
}

void AddInput(const Input& input, std::string& text) {
  text += fmt::format("  input {} topic {} ({} partitions) key {}, value {}, segment {} -> {}\n",
                      input.alias, input.topic, input.partitions, EncodingText(input.key),
                      EncodingText(input.value), input.segment, List(input.children));
  if (input.kind == Input::Kind::kRepartition) {
    text += fmt::format("    written by sub-topology {}{}{}{}\n", input.upstream,
                        input.has_headers ? ", with headers" : "",
                        input.has_origin ? ", with origin" : "",
                        input.dated == Dated::kProcessing ? ", in processing time" : "");
    return;
  }
  text += fmt::format("    from {}{}, timestamp {}{}, on broken bytes {}\n",
                      input.start_from == StartFrom::kEarliest ? "earliest" : "latest",
                      input.bounded ? " to the end" : "", TimestampText(input),
                      input.drop_tombstones ? ", drops tombstones" : "",
                      ActionText(input.on_deserialization_error));
  if (input.dated != Dated::kProcessing) {
    text += fmt::format("    watermark: {}\n", WatermarkText(input));
  }
  if (input.held_store >= 0) text += fmt::format("    holds keys in store {}\n", input.held_store);
}

void AddNode(size_t index, const Node& node, std::string& text) {
  text += fmt::format("  node {} {} ({}) in segment {}: {}", index, node.name, node.location,
                      node.segment, std::visit(OperationText(), node.operation));
  std::visit(
      [&](const auto& operation) {
        if constexpr (requires { operation.output_segment; }) {
          if (operation.output_segment < 0) return;
          text += fmt::format(", into segment {}", operation.output_segment);
        }
      },
      node.operation);
  if (node.on_error != ErrorAction::kFail) {
    text += fmt::format(", on error {}", ActionText(node.on_error));
  }
  if (!node.children.empty()) text += " -> " + List(node.children);
  for (const Node::Side& side : node.sides) {
    if (!side.children.empty()) text += fmt::format(", {} -> {}", side.name, List(side.children));
  }
  text += '\n';
}

void AddSubTopology(const SubTopology& sub, std::string& text) {
  text += fmt::format("\nsub-topology {}: {} tasks, anchor {}\n", sub.index, sub.partitions,
                      sub.anchor_topic);
  for (const Input& input : sub.inputs) AddInput(input, text);
  for (size_t i = 0; i < sub.segments.size(); ++i) {
    std::vector<std::string> slots;
    for (const Slot& slot : sub.segments[i].slots) slots.push_back(SlotText(slot));
    text += fmt::format("  segment {} [{}]\n", i, fmt::join(slots, ", "));
  }
  for (size_t i = 0; i < sub.nodes.size(); ++i) AddNode(i, sub.nodes[i], text);
  for (const Store& store : sub.stores) {
    if (store.kind == Store::Kind::kHeldKeys) {
      text += fmt::format("  store {} of held keys, changelog {}, fingerprint {:016x}\n",
                          store.name, store.changelog_topic, store.layout.fingerprint);
      continue;
    }
    text += fmt::format("  store {} key {}{}{}, value {}, changelog {}, fingerprint {:016x}\n",
                        store.name, EncodingText(store.key), store.key_meaning.empty() ? "" : " ",
                        store.key_meaning, store.value_layout, store.changelog_topic,
                        store.layout.fingerprint);
  }
  if (sub.dead_letters) {
    text += fmt::format("  dead letters to {} ({} partitions)\n", sub.dead_letters->name,
                        sub.dead_letters->partitions);
  }
}

}  // namespace

std::string SlotText(const Slot& slot) {
  std::string text;
  switch (slot.source) {
    case Slot::Source::kKey:
      text = Path("key", slot.path);
      break;
    case Slot::Source::kValue:
      text = Path("value", slot.path);
      break;
    case Slot::Source::kHeaders:
      text = Path("headers", slot.path);
      break;
    case Slot::Source::kMeta:
      text = Path("meta", slot.path);
      break;
    case Slot::Source::kOld:
      text = Path("old", slot.path);
      break;
    case Slot::Source::kRecordTimestamp:
      text = "record timestamp";
      break;
    case Slot::Source::kConstant:
      text = fmt::format("{} = {}", Path("vars", slot.path), serde::DebugString(slot.constant));
      break;
    case Slot::Source::kAccumulator:
      text = Path("acc", slot.path);
      break;
    case Slot::Source::kWindow:
      text = Path("window", slot.path);
      break;
    case Slot::Source::kCall:
      text = fmt::format("call {}", slot.call);
      break;
  }
  return slot.on_entry ? text : "new " + text;
}

std::string EncodingText(const Encoding& encoding) {
  if (encoding.computed) return "computed";
  std::string text(serde::FormatName(encoding.format.kind));
  for (size_t i = 0; i < encoding.format.fields.size(); ++i) {
    const serde::FieldSpec& field = encoding.format.fields[i];
    text += fmt::format("{}{}: {}", i == 0 ? " { " : ", ", field.path,
                        serde::FieldTypeName(field.type));
  }
  return encoding.format.fields.empty() ? text : text + " }";
}

std::string ToText(const Plan& plan) {
  std::string text =
      fmt::format("application {}: group {}, control topic {}, transactional ids {}* and {}\n",
                  plan.application_id, plan.group_id, plan.control_topic,
                  plan.transactional_id_prefix, plan.leader_transactional_id);
  for (const SubTopology& sub : plan.sub_topologies) AddSubTopology(sub, text);
  text += '\n';
  for (const InternalTopic& topic : plan.internal_topics) {
    std::vector<std::string> settings;
    for (const auto& [name, value] : topic.settings) settings.push_back(name + "=" + value);
    text += fmt::format("internal topic {} ({} partitions) {}\n", topic.name, topic.partitions,
                        fmt::join(settings, " "));
  }
  for (const UserTopic& topic : plan.user_topics) {
    text += fmt::format("topic {} ({} partitions) of {},{}{}\n", topic.name, topic.partitions,
                        topic.alias, topic.read ? " read" : "", topic.written ? " written" : "");
  }
  return text;
}

}  // namespace sidestream::topology
