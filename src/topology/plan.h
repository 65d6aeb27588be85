// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The plan: everything that the engine does, derived from a topology file and the
// partition counts of its topics. Pure data; nothing here reads a record.
//
// Place in the flow: BuildPlan (build_plan.h) makes it; operators execute it by a switch
// over Node::operation; tasks, app and tests read names, counts and settings from it.
//
// Threading: immutable after BuildPlan; share a const Plan freely.
//
// How a record runs through a sub-topology
//  1. Input: the reader of `value` (and of `key`) fills the entry slots of `segment` in one
//     pass over the bytes, also when there are none: a broken record is found. A null value
//     under `drop_tombstones` ends here, counted. Then `timestamp`, when there, is evaluated
//     on the slots; its result is the event time and fills the slots (kMeta, "timestamp").
//     The record is pushed into `children`, in order.
//  2. Node: its programs see the slots of the segment that the node stands in. A node that
//     makes a new value names an `output_segment`: the entry slots of that are filled from
//     the new value in memory and from the row (key, headers, meta). Its children stand in it.
//  3. Row: key bytes and value bytes as they came (while the encodings say "not computed"),
//     slots, headers, event time, origin. An unchanged value leaves as it came.
//
// Invariants
//  P1. Nodes stand in topological order: children come after their parents.
//  P2. Inputs of a sub-topology may differ in partition count; task p takes partition p of
//      each input that has it. The anchor has the most partitions (ties: first in the file).
//  P3. A repartition topic is written by exactly one sub-topology.
//  P4. Slots with on_entry = false belong to exactly one RekeyNode or HeadersNode.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/arena.h"
#include "base/clock.h"
#include "base/store_layout.h"
#include "expression/program.h"
#include "serde/format.h"
#include "serde/value.h"

namespace sidestream::topology {

using ProgramPtr = std::shared_ptr<const expression::Program>;

/// What a program was compiled from, for people: trimmed text and place ("orders.yaml:31").
struct ProgramSource {
  ProgramPtr program;
  std::string text;
  std::string location;
};

/// What becomes of a record that cannot be read, processed or written.
enum class ErrorAction { kFail, kSkip, kDeadLetter };

/// How a key or value lies in a row, a repartition record or a store.
struct Encoding {
  /// True: made by an expression; in the row it is a Value in memory, in internal records
  /// the engine's own tagged encoding of a Value (a computed key: its contract bytes and its
  /// kind). False: bytes of a user topic, in `format`, which travel unchanged.
  bool computed = false;
  /// Empty when computed.
  serde::FormatSpec format;
};

/// One wanted (variable, path). Its index in Segment::slots is what programs know.
struct Slot {
  enum class Source {
    kKey,              // the record's key, then `path`
    kValue,            // the record's value, then `path`; a field that is not there: kMissing
    kHeaders,          // path empty: map of name to bytes; else the last header of that name
    kMeta,             // path {"topic"}, {"partition"}, {"offset"}, {"timestamp"}; empty: the map;
                       // {"op"}: of a row change
    kOld,              // the row before the change, then `path`
    kRecordTimestamp,  // the Kafka record's own timestamp: only seen by Input::timestamp
    kConstant,         // `constant`, for every record
    kCall,             // result of AggregateNode::calls[call]; only in a results segment
    kAccumulator,      // what a `fold` holds, then `path`; filled before its step is evaluated
    kWindow,           // path {"start"}, {"end"}; empty: both; only in a results segment
  };
  Source source = Source::kValue;
  std::vector<std::string> path;
  /// True: filled when a row enters the segment. False: filled by the node that names it.
  bool on_entry = true;
  serde::Value constant;
  int32_t call = -1;
  /// kValue: nobody looks into it on its way to a JSON topic (serde::WantedPath).
  bool may_stay_text = false;
};

/// A stretch of nodes that see one and the same value.
struct Segment {
  std::vector<Slot> slots;
};

/// `path` has one element, several for the nested fields of `set`.
struct FieldExpression {
  std::vector<std::string> path;
  ProgramPtr program;
};

/// Keeps the record where true; any result that is not a bool is a processing error.
struct FilterNode {
  ProgramPtr condition;
};

/// New value: `program`, or an object of `fields` (each path has one element) in their order.
/// A field whose result is optional.none() is left out.
struct MapNode {
  ProgramPtr program;  // null: fields
  std::vector<FieldExpression> fields;
  int32_t output_segment = -1;
};

/// The value with some fields set; objects on the way are made when missing.
struct SetNode {
  int32_t value_slot = -1;  // whole value
  std::vector<FieldExpression> fields;
  int32_t output_segment = -1;
};

/// The value without some fields; a missing one is left alone.
struct UnsetNode {
  int32_t value_slot = -1;
  std::vector<std::vector<std::string>> paths;
  int32_t output_segment = -1;
};

/// Changes headers: first `unset`, then `set`. Fills `header_slots` from the new headers.
struct HeadersNode {
  std::vector<std::string> unset;
  std::vector<std::pair<std::string, ProgramPtr>> set;
  std::vector<int32_t> header_slots;
};

/// A list; one record per element.
struct FlatMapNode {
  ProgramPtr program;
  int32_t output_segment = -1;
};

/// New key: `program`, or an object of `fields`. Fills `key_slots` from it; from here on the
/// row's key is computed.
struct RekeyNode {
  ProgramPtr program;  // null: fields
  std::vector<FieldExpression> fields;
  /// A null key ends here, counted (it was made for an aggregate).
  bool drop_null = false;
  std::vector<int32_t> key_slots;
};

/// Logs every n-th result of `program`, then passes the record on.
struct PeekNode {
  ProgramPtr program;
  int64_t every = 1;
};

/// The first branch whose condition is true takes the record; none: counted, gone.
struct BranchNode {
  struct Branch {
    std::string name;
    ProgramPtr when;  // null: otherwise
    std::vector<int32_t> children;
  };
  std::vector<Branch> branches;
};

/// Takes the row over into `output_segment`, where rows of several parents meet.
struct MergeNode {
  /// Slots of this node's segment with the whole key and value; -1: not needed behind.
  int32_t key_slot = -1;
  int32_t value_slot = -1;
  /// True: behind this node the row's key (value) is computed, taken from the slot.
  bool key_becomes_computed = false;
  bool value_becomes_computed = false;
  int32_t output_segment = -1;
};

/// aggregate_functions.h says what each computes; docs/language.md is made of it.
enum class AggregateFunction {
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kFirst,
  kLast,
  kAny,
  kMinBy,
  kMaxBy,
  kStddev,
  kVariance,
  kCollect,
  kCollectSet,
  kCountDistinct,
  kApproxCountDistinct,
  kQuantile,
  kTop,
  kTopWithTies,
  kBottom,
  kBoolAnd,
  kBoolOr,
  kFold,  // not a call: `fold:` in place of one
};

/// `fold: { init, step, merge }`: an accumulator of the user's own.
struct FoldPrograms {
  /// A slot with the path below an accumulator.
  struct AccumulatorSlot {
    int32_t slot = -1;
    std::vector<std::string> path;
  };
  /// Of the first record of a group: what `acc` is before it. Sees the slots of the node.
  ProgramPtr init;
  /// The next `acc`; sees the slots of the node, of which `acc` are filled with the held one.
  ProgramPtr step;
  std::vector<AccumulatorSlot> acc;
  /// Of two accumulators one; null: nothing ever merges them. Sees `merge_slots` alone: constants,
  /// and the two accumulators, that of the earlier records as `merge_acc`.
  ProgramPtr merge;
  std::vector<serde::Value> merge_slots;
  std::vector<AccumulatorSlot> merge_acc;
  std::vector<AccumulatorSlot> merge_other;
};

/// One call inside the result expressions; equal calls are one.
struct AggregateCall {
  AggregateFunction function = AggregateFunction::kCount;
  std::vector<ProgramPtr> arguments;  // those that see the record: x, then what it is ordered by
  int64_t limit = 0;                  // n of top(x, n, y), collect(x, n) and their like
  double fraction = 0;                // p of quantile(x, p)
  std::shared_ptr<const FoldPrograms> fold;  // of kFold alone
  ProgramPtr condition;                      // of .where(); null: always
  std::string text;                          // "sum(value.price).where(value.ok)"
  /// Its name in rows (StoreLayout::fields).
  uint32_t id = 0;
};

/// Which records of a key make a result together. Numbers are milliseconds where nothing else is
/// said.
struct Window {
  enum class Kind { kTumbling, kHopping, kSliding, kSession, kCount };
  Kind kind = Kind::kTumbling;
  /// Its length: of a session the gap, of a count window the number of records.
  int64_t size = 0;
  /// Hopping, count: from one window to the next; else 0.
  int64_t every = 0;
  /// Session; 0: as long as there are records.
  int64_t max_length = 0;
  /// Tumbling and hopping: how far behind the epoch, or the local midnight, they begin.
  int64_t offset = 0;
  /// Calendar windows: their time zone.
  std::string zone;
  /// Calendar windows of whole months: their length, in place of `size`.
  int32_t months = 0;
  /// "hopping 5m every 1m": one spelling of each.
  std::string text;
};

/// Whether it begins and ends in time: what comes too late can be told.
inline bool HasBounds(const Window& window) { return window.kind != Window::Kind::kCount; }

/// How long results are held back; of windows also: until their end.
enum class Emit { kEach, kChanges, kEvery, kFinal };

/// What the key of a windowed result is.
enum class OutputKey { kPlain, kWindowedJson, kWindowedBinary };

/// Names that results of a window gain.
inline constexpr std::string_view kWindowStart = "window_start";
inline constexpr std::string_view kWindowEnd = "window_end";

/// The name of the side that takes what no window took.
inline constexpr std::string_view kLate = "late";

/// How long state lives, from its last update.
struct Ttl {
  int64_t length_ms = 0;
  /// By the wall clock; else in event time.
  bool wall_clock = false;
  /// Reading is an update, too.
  bool on_read = false;
};

/// An aggregate per key (the row's key; a null key is dropped and counted, and so is a null
/// value), or per key and window.
struct AggregateNode {
  int32_t store = -1;  // index in SubTopology::stores
  /// The row's key, as it is stored and as results carry it.
  Encoding key;
  std::vector<AggregateCall> calls;
  /// Result expressions see the slots of `results_segment`: calls, key, constants.
  int32_t results_segment = -1;
  ProgramPtr value;  // null: fields
  std::vector<FieldExpression> fields;
  /// Whether the results gain `window_start` and `window_end` behind `fields`.
  bool adds_window_start = false;
  bool adds_window_end = false;
  /// Names of a group_by map that the results gain behind those, taken from the key's object.
  std::vector<std::string> group_fields;
  std::optional<Window> window;
  /// Milliseconds behind its end for which a window takes records, and corrects its result.
  int64_t allowed_lateness = 0;
  Emit emit = Emit::kChanges;
  int64_t emit_every = 0;  // milliseconds; of kEvery
  OutputKey output_key = OutputKey::kPlain;
  /// Of a group, without a window.
  std::optional<Ttl> ttl;
  int32_t output_segment = -1;
};

/// Lets the first (the last) row of each id within the ttl through. An id is a key of its own
/// within the row's key; a null one is dropped and counted.
struct DedupNode {
  int32_t store = -1;
  /// The row's key, as it is stored.
  Encoding key;
  ProgramPtr id;  // null: the key is the id
  int64_t ttl_ms = 0;
  bool wall_clock = false;
  /// `keep: last`. Such rows have computed values and enter `output_segment`; else the row passes
  /// as it is.
  bool keep_last = false;
  int32_t value_slot = -1;  // keep_last: the whole value
  int32_t output_segment = -1;
};

/// The text of a script and where it stands: name and line are those of messages.
struct ScriptText {
  std::string text;
  std::string name;
  int32_t line = 1;
};

/// A store of a ProcessNode: its rows lie in the one store of the node.
struct ProcessStore {
  enum class Kind { kValue, kList, kMap };
  std::string name;
  Kind kind = Kind::kValue;
  std::optional<Ttl> ttl;
};

/// User code with keyed state and timers (a null key is dropped and counted). What it emits has a
/// new value; its key is encoded as the row's. Its named outputs are the node's sides.
struct ProcessNode {
  int32_t store = -1;
  Encoding key;
  ScriptText script;
  std::vector<ProcessStore> stores;
  std::vector<std::string> outputs;
  int32_t value_slot = -1;
  int32_t output_segment = -1;
};

/// Whether its store has slices of windows instead of windows: where several windows hold a record,
/// and only their ends have results.
inline bool InSlices(const AggregateNode& node) {
  return node.window && node.window->kind == Window::Kind::kHopping && node.emit == Emit::kFinal;
}

/// Writes the record to a user topic. Partition: murmur2 of the key bytes.
struct SinkNode {
  std::string alias;
  std::string topic;
  int32_t partitions = 0;
  serde::FormatSpec key_format;
  serde::FormatSpec value_format;
  /// -1: the row's bytes as they came; else the slot (this segment) to be written.
  int32_t key_slot = -1;
  int32_t value_slot = -1;
  ErrorAction on_production_error = ErrorAction::kFail;
};

/// Writes the row to a repartition topic of our own.
struct RepartitionNode {
  std::string topic;
  int32_t partitions = 0;
  Encoding key;
  Encoding value;
  int32_t key_slot = -1;    // used when key.computed
  int32_t value_slot = -1;  // used when value.computed
  /// What downstream still looks at; the rest is left out.
  bool carries_headers = false;
  bool carries_origin = false;  // meta.topic, partition, offset
};

using Operation = std::variant<FilterNode, MapNode, SetNode, UnsetNode, HeadersNode, FlatMapNode,
                               RekeyNode, PeekNode, BranchNode, MergeNode, AggregateNode, DedupNode,
                               ProcessNode, SinkNode, RepartitionNode>;

struct Node {
  /// "<pipeline>.<step>": the step's name, or "<verb>_<n>" with its 1-based place. Unique in
  /// the plan; metrics and messages use it.
  std::string name;
  /// Where the step stands: "orders.yaml:31", for messages.
  std::string location;
  /// Segment that the node's programs and slots refer to.
  int32_t segment = -1;
  ErrorAction on_error = ErrorAction::kFail;
  Operation operation;
  /// Empty for branches (theirs are in the operation), sinks and repartitions.
  std::vector<int32_t> children;
  /// What the step puts aside, each under a name of its own: others read it as
  /// "<pipeline>.<step>.<name>". Without children it is dropped and counted under that name.
  struct Side {
    std::string name;
    std::vector<int32_t> children;
    /// -1: the rows as they came to the node, in its segment. Else they have new values, and enter
    /// this one.
    int32_t segment = -1;
  };
  std::vector<Side> sides;
};

enum class StartFrom { kEarliest, kLatest };

/// Whose clock says when a record of a source happened.
enum class Dated {
  kByRecord,        // its own timestamp, or an expression over it
  kIngestion,       // the wall clock when it is first taken
  kProcessing,      // the wall clock wherever it is; event time is the wall clock, too
};

/// `watermark:` of a stream: how far event time stays behind what has been seen.
struct Watermark {
  Milliseconds lateness{0};
  Milliseconds idle{0};
  bool holds_when_all_idle = false;
  Milliseconds max_ahead{0};
  /// Empty: no bound.
  std::optional<Milliseconds> max_drift;
  /// In place of `lateness`: of records with a true `when` (null: of all) `value` is the watermark.
  ProgramPtr when;
  ProgramPtr value;
};

/// A topic that a sub-topology reads.
struct Input {
  enum class Kind { kSource, kRepartition };
  Kind kind = Kind::kSource;
  std::string alias;  // of `streams:`; the step's name for a repartition topic
  std::string topic;
  int32_t partitions = 0;
  Encoding key;
  Encoding value;
  int32_t segment = -1;
  std::vector<int32_t> children;
  /// Behind a hop kProcessing as before it, all else kByRecord: the event time travels.
  Dated dated = Dated::kByRecord;

  // Sources only.
  ProgramPtr timestamp;  // null: the record's own
  Watermark watermark;
  bool drop_tombstones = false;
  StartFrom start_from = StartFrom::kEarliest;
  /// `cdc: debezium`: what the bytes of key and value are in; the rows are computed from them.
  struct Changes {
    serde::FormatSpec key;
    serde::FormatSpec value;
  };
  std::optional<Changes> changes;
  /// `end_at: latest`: read up to the end offsets at the first start, then finished.
  bool bounded = false;
  ErrorAction on_deserialization_error = ErrorAction::kFail;
  /// `hold_key`: index in SubTopology::stores of the keys whose records are put aside; -1: none.
  int32_t held_store = -1;

  // Repartition topics only.
  int32_t upstream = -1;  // index of the sub-topology that writes it
  bool has_headers = false;
  bool has_origin = false;
};

struct Store {
  enum class Kind { kAggregate, kWindows, kHeldKeys, kDedup, kProcess };
  std::string name;
  Kind kind = Kind::kAggregate;
  std::string changelog_topic;
  Encoding key;
  /// Of a computed key: the expression that made it last, "value.user"; else empty.
  std::string key_meaning;
  /// Of the value: the calls whose accumulators it holds, in their order, and the names in its
  /// last result: "[sum(value.a); count()] as { total, n }", "[count()] as value"; and the window:
  /// " in tumbling 1m".
  std::string value_layout;
  int32_t partitions = 0;
  /// All that decides what stored bytes mean. State under another one is never read: the start is
  /// refused (checkpoint/control_view.h). Its fingerprint is a stable hash of name, kind, key
  /// format, key meaning, value layout and partition count.
  StoreLayout layout;
};

/// Where the application puts records aside.
struct DeadLetterTopic {
  std::string name;
  int32_t partitions = 0;
};

struct SubTopology {
  int32_t index = 0;
  std::string anchor_topic;
  /// Number of tasks: partition count of the anchor.
  int32_t partitions = 0;
  std::vector<Input> inputs;  // in the file's order; sources first
  std::vector<Segment> segments;
  std::vector<Node> nodes;
  std::vector<Store> stores;
  /// There when a policy of the sub-topology is `dlq`.
  std::optional<DeadLetterTopic> dead_letters;
};

/// A topic that the application creates and checks at every start.
struct InternalTopic {
  enum class Kind { kRepartition, kChangelog, kControl, kPresence, kDeadLetters };
  Kind kind = Kind::kRepartition;
  std::string name;
  int32_t partitions = 0;
  /// By Kafka's names; all that the engine relies on.
  std::map<std::string, std::string> settings;
  /// What it is created with beside those; the user may change them.
  std::map<std::string, std::string> settings_at_creation = {};
};

/// A topic of the user.
struct UserTopic {
  std::string name;
  std::string alias;
  bool read = false;
  bool written = false;
  int32_t partitions = 0;
};

struct Plan {
  std::string application_id;
  std::string group_id;                 // "<app>"
  std::string transactional_id_prefix;  // "<app>-", then "<instance>-<worker>"
  std::string leader_transactional_id;  // "<app>-leader"
  std::string control_topic;            // "<app>-control", one partition
  std::string presence_topic;           // "<app>-presence"; empty: no standbys are kept
  std::vector<SubTopology> sub_topologies;
  std::vector<InternalTopic> internal_topics;
  std::vector<UserTopic> user_topics;
  /// Of all programs but those inside of aggregate calls, whose texts stand in the calls.
  std::vector<ProgramSource> sources;
  /// Memory of the constants in slots.
  std::shared_ptr<const Arena> constants;
};

}  // namespace sidestream::topology
