// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "snapshot/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/bytes.h"

namespace sidestream::snapshot {
namespace {

constexpr std::string_view kManifestMark = "SSSM";
constexpr std::string_view kPartMark = "SSSP";
constexpr uint8_t kVersion = 1;
constexpr uint8_t kRepartition = 1;
constexpr uint8_t kDrained = 1;

void WriteFiles(ByteWriter& out, const std::vector<StoredFile>& files) {
  out.Varint(files.size());
  for (const StoredFile& file : files) {
    out.String(file.name);
    out.Raw(file.digest.view());
    out.Varint(static_cast<uint64_t>(file.bytes));
  }
}

void WriteInput(ByteWriter& out, const KeptInput& input) {
  out.String(input.partition.topic);
  out.U32(static_cast<uint32_t>(input.partition.partition));
  out.U8(input.repartition ? kRepartition : 0);
  out.U64(static_cast<uint64_t>(input.position.value()));
  out.String(input.stamp);
  if (!input.repartition) return;
  out.U64(static_cast<uint64_t>(input.end.value()));
  out.Varint(static_cast<uint64_t>(input.in_flight_records));
  WriteFiles(out, input.in_flight);
}

void WriteTask(ByteWriter& out, const KeptTask& task) {
  out.String(task.id.anchor_topic);
  out.U32(static_cast<uint32_t>(task.id.partition));
  out.U64(static_cast<uint64_t>(task.sequence.value()));
  out.Varint(task.inputs.size());
  for (const KeptInput& input : task.inputs) WriteInput(out, input);
  WriteFiles(out, task.image);
}

void WriteStores(ByteWriter& out, const KeptTask& task) {
  out.Varint(task.stores.size());
  for (const statestore::ImageStore& store : task.stores) {
    out.String(store.name);
    out.U64(store.fingerprint);
    const auto& id = store.changelog_id.bytes;
    out.Raw({reinterpret_cast<const char*>(id.data()), id.size()});
    out.U64(static_cast<uint64_t>(store.position.value()));
  }
}

/// The checksum stands before what it is of, so that a later release may append.
std::string Framed(std::string_view mark, const std::string& body) {
  std::string bytes;
  ByteWriter out(bytes);
  out.Raw(mark);
  out.U8(kVersion);
  out.Raw(Sha256(body).view());
  out.Raw(body);
  return bytes;
}

Result<std::string_view> Unframe(std::string_view mark, std::string_view what,
                                 std::string_view bytes) {
  ByteReader in(bytes);
  if (in.Raw(mark.size()) != mark) {
    return Status::Stopped(fmt::format("these bytes are no {}", what));
  }
  const uint8_t version = in.U8();
  if (in.ok() && version > kVersion) {
    return Status::InvalidConfig(fmt::format(
        "the {} is of a newer release of Sidestream: version={} known={}", what, version, kVersion));
  }
  const std::string_view digest = in.Raw(sizeof(Digest));
  if (!in.ok() || version != kVersion || digest != Sha256(in.rest()).view()) {
    return Status::Stopped(fmt::format("the {} is damaged: its checksum is another", what));
  }
  return in.rest();
}

/// Reads `count` things, each of which takes a byte at least.
template <typename T, typename ReadOne>
std::vector<T> ReadMany(ByteReader& in, const ReadOne& read) {
  const uint64_t count = in.Varint();
  std::vector<T> all;
  for (uint64_t i = 0; i < count && in.ok(); ++i) all.push_back(read(in));
  return all;
}

StoredFile ReadFile(ByteReader& in) {
  StoredFile file;
  file.name = std::string(in.String());
  const std::string_view digest = in.Raw(sizeof(Digest));
  std::copy(digest.begin(), digest.end(), file.digest.bytes.begin());
  file.bytes = static_cast<int64_t>(in.Varint());
  return file;
}

KeptInput ReadInput(ByteReader& in) {
  KeptInput input;
  input.partition.topic = std::string(in.String());
  input.partition.partition = static_cast<Partition>(in.U32());
  input.repartition = (in.U8() & kRepartition) != 0;
  input.position = Offset(static_cast<int64_t>(in.U64()));
  input.stamp = std::string(in.String());
  if (!input.repartition) return input;
  input.end = Offset(static_cast<int64_t>(in.U64()));
  input.in_flight_records = static_cast<int64_t>(in.Varint());
  input.in_flight = ReadMany<StoredFile>(in, ReadFile);
  return input;
}

KeptTask ReadTask(ByteReader& in) {
  KeptTask task;
  task.id.anchor_topic = std::string(in.String());
  task.id.partition = static_cast<Partition>(in.U32());
  task.sequence = CommitSequence(static_cast<int64_t>(in.U64()));
  task.inputs = ReadMany<KeptInput>(in, ReadInput);
  task.image = ReadMany<StoredFile>(in, ReadFile);
  return task;
}

statestore::ImageStore ReadImageStore(ByteReader& in) {
  statestore::ImageStore store;
  store.name = std::string(in.String());
  store.fingerprint = in.U64();
  const std::string_view id = in.Raw(store.changelog_id.bytes.size());
  std::copy(id.begin(), id.end(), store.changelog_id.bytes.begin());
  store.position = Offset(static_cast<int64_t>(in.U64()));
  return store;
}

/// Behind what the first release wrote, which ends before.
void ReadStores(ByteReader& in, KeptTask& task) {
  if (!in.empty()) task.stores = ReadMany<statestore::ImageStore>(in, ReadImageStore);
}

KeptTopic ReadTopic(ByteReader& in) {
  KeptTopic topic;
  topic.topic = std::string(in.String());
  topic.partitions = static_cast<int32_t>(in.U32());
  topic.repartition = (in.U8() & kRepartition) != 0;
  return topic;
}

KeptStore ReadStore(ByteReader& in) {
  KeptStore store;
  store.name = std::string(in.String());
  store.fingerprint = in.U64();
  return store;
}

/// A name becomes a path: of one part, and not out of its folder.
bool NamesAreSafe(const std::vector<StoredFile>& files) {
  return std::all_of(files.begin(), files.end(), [](const StoredFile& file) {
    return !file.name.empty() && file.name != "." && file.name != ".." &&
           file.name.find('/') == std::string::npos && file.name.find('\0') == std::string::npos &&
           file.bytes >= 0;
  });
}

bool NamesAreSafe(const KeptTask& task) {
  return NamesAreSafe(task.image) &&
         std::all_of(task.inputs.begin(), task.inputs.end(),
                     [](const KeptInput& input) { return NamesAreSafe(input.in_flight); });
}

Status Cut(std::string_view what) {
  return Status::Stopped(fmt::format("the {} is damaged: it ends too early, or names are wrong", what));
}

}  // namespace

std::string EncodeManifest(const Manifest& manifest) {
  std::string body;
  ByteWriter out(body);
  out.U8(static_cast<uint8_t>(manifest.kind));
  out.String(manifest.name);
  out.String(manifest.application);
  out.U64(static_cast<uint64_t>(manifest.number));
  out.U64(manifest.request);
  out.U64(static_cast<uint64_t>(manifest.created_at.value()));
  out.U64(manifest.plan_hash);
  out.String(manifest.plan_text);
  out.Varint(manifest.topics.size());
  for (const KeptTopic& topic : manifest.topics) {
    out.String(topic.topic);
    out.U32(static_cast<uint32_t>(topic.partitions));
    out.U8(topic.repartition ? kRepartition : 0);
  }
  out.Varint(manifest.stores.size());
  for (const KeptStore& store : manifest.stores) {
    out.String(store.name);
    out.U64(store.fingerprint);
  }
  out.Varint(manifest.tasks.size());
  for (const KeptTask& task : manifest.tasks) WriteTask(out, task);
  out.U8(manifest.drained ? kDrained : 0);
  for (const KeptTask& task : manifest.tasks) WriteStores(out, task);
  out.Varint(manifest.unread.size());
  for (const KeptInput& input : manifest.unread) WriteInput(out, input);
  return Framed(kManifestMark, body);
}

std::string EncodePart(const KeptTask& task) {
  std::string body;
  ByteWriter out(body);
  WriteTask(out, task);
  WriteStores(out, task);
  return Framed(kPartMark, body);
}

Result<Manifest> DecodeManifest(std::string_view bytes) {
  constexpr std::string_view kWhat = "manifest of a snapshot";
  ASSIGN_OR_RETURN(const std::string_view body, Unframe(kManifestMark, kWhat, bytes));
  ByteReader in(body);
  Manifest manifest;
  const uint8_t kind = in.U8();
  manifest.kind = static_cast<SnapshotKind>(kind);
  manifest.name = std::string(in.String());
  manifest.application = std::string(in.String());
  manifest.number = static_cast<int64_t>(in.U64());
  manifest.request = in.U64();
  manifest.created_at = Timestamp(static_cast<int64_t>(in.U64()));
  manifest.plan_hash = in.U64();
  manifest.plan_text = std::string(in.String());
  manifest.topics = ReadMany<KeptTopic>(in, ReadTopic);
  manifest.stores = ReadMany<KeptStore>(in, ReadStore);
  manifest.tasks = ReadMany<KeptTask>(in, ReadTask);
  if (!in.empty()) manifest.drained = (in.U8() & kDrained) != 0;
  for (KeptTask& task : manifest.tasks) ReadStores(in, task);
  if (!in.empty()) manifest.unread = ReadMany<KeptInput>(in, ReadInput);
  const bool kind_known = kind == static_cast<uint8_t>(SnapshotKind::kSavepoint) ||
                          kind == static_cast<uint8_t>(SnapshotKind::kCheckpoint);
  const auto safe = [](const KeptTask& task) { return NamesAreSafe(task); };
  if (!in.ok() || !kind_known ||
      !std::all_of(manifest.tasks.begin(), manifest.tasks.end(), safe)) {
    return Cut(kWhat);
  }
  return manifest;
}

Result<KeptTask> DecodePart(std::string_view bytes) {
  constexpr std::string_view kWhat = "part of a snapshot";
  ASSIGN_OR_RETURN(const std::string_view body, Unframe(kPartMark, kWhat, bytes));
  ByteReader in(body);
  KeptTask task = ReadTask(in);
  ReadStores(in, task);
  if (!in.ok() || !NamesAreSafe(task)) return Cut(kWhat);
  return task;
}

std::vector<StoredFile> FilesOf(const Manifest& manifest) {
  std::vector<StoredFile> files;
  for (const KeptTask& task : manifest.tasks) {
    files.insert(files.end(), task.image.begin(), task.image.end());
    for (const KeptInput& input : task.inputs) {
      files.insert(files.end(), input.in_flight.begin(), input.in_flight.end());
    }
  }
  return files;
}

}  // namespace sidestream::snapshot
