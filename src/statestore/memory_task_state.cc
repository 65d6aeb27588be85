// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/memory_task_state.h"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/log.h"
#include "statestore/overlay_task_state.h"
#include "statestore/state_backend.h"

namespace sidestream::statestore {
namespace {

// Tables lie under the store's name, meta under a name that no store can have.
constexpr std::string_view kMetaName = "/meta";
constexpr char kImageFile[] = "tables";

using Table = std::map<std::string, std::string, std::less<>>;

}  // namespace

/// The directory of one task. Keeps beside the rows what would undo each unflushed write.
class MemoryDisk {
 public:
  Table& table(std::string_view name) {
    const auto found = tables_.find(name);
    return found != tables_.end() ? found->second : tables_[std::string(name)];
  }

  void Write(std::span<const TableRow> rows, const std::vector<std::string>& names) {
    std::vector<Undo>& undo = unflushed_.emplace_back();
    for (const TableRow& row : rows) {
      const std::string_view name = row.table == kMetaTable ? kMetaName : names.at(row.table);
      Table& rows_of = table(name);
      const auto found = rows_of.find(row.key);
      std::optional<std::string> before;
      if (found != rows_of.end()) before = found->second;
      undo.push_back({std::string(name), std::string(row.key), std::move(before)});
      if (!row.value) {
        if (found != rows_of.end()) rows_of.erase(found);
      } else if (found != rows_of.end()) {
        found->second = std::string(*row.value);
      } else {
        rows_of.emplace(row.key, *row.value);
      }
    }
  }

  void Flush() { unflushed_.clear(); }

  /// Takes back all unflushed writes but the first `keep`.
  void LoseUnflushed(size_t keep, bool rows_only) {
    while (unflushed_.size() > keep) {
      std::vector<Undo>& writes = unflushed_.back();
      for (auto undo = writes.rbegin(); undo != writes.rend(); ++undo) {
        if (rows_only && undo->table == kMetaName) continue;
        Table& rows = table(undo->table);
        if (undo->before) {
          rows[undo->key] = *undo->before;
        } else {
          rows.erase(undo->key);
        }
      }
      unflushed_.pop_back();
    }
    unflushed_.clear();
  }
  size_t unflushed() const { return unflushed_.size(); }

  /// All tables as one text of bytes; only this program reads it.
  std::string Image() const {
    std::string bytes;
    ByteWriter out(bytes);
    out.Varint(tables_.size());
    for (const auto& [name, rows] : tables_) {
      out.String(name);
      out.Varint(rows.size());
      for (const auto& [key, value] : rows) {
        out.String(key);
        out.String(value);
      }
    }
    return bytes;
  }
  /// False: these are no bytes of Image().
  bool Load(std::string_view bytes) {
    ByteReader in(bytes);
    const uint64_t tables = in.Varint();
    for (uint64_t i = 0; i < tables && in.ok(); ++i) {
      Table& rows = table(in.String());
      const uint64_t count = in.Varint();
      for (uint64_t row = 0; row < count && in.ok(); ++row) {
        const std::string key(in.String());
        rows[key] = std::string(in.String());
      }
    }
    return in.ok() && in.empty();
  }

  bool locked = false;

 private:
  struct Undo {
    std::string table;
    std::string key;
    std::optional<std::string> before;
  };
  std::map<std::string, Table, std::less<>> tables_;
  // One entry per write, oldest first.
  std::vector<std::vector<Undo>> unflushed_;
};

namespace {

class MemoryBackend final : public StateBackend {
 public:
  MemoryBackend(std::shared_ptr<MemoryDisk> disk, std::span<const StoreSpec> stores)
      : disk_(std::move(disk)) {
    disk_->locked = true;
    for (const StoreSpec& store : stores) names_.push_back(store.name);
  }
  ~MemoryBackend() override { disk_->locked = false; }

  Result<bool> Get(size_t table, std::string_view key, std::string& value) override {
    const Table& rows = disk_->table(NameOf(table));
    const auto found = rows.find(key);
    if (found == rows.end()) return false;
    value = found->second;
    return true;
  }
  Status Write(std::span<const TableRow> rows) override {
    disk_->Write(rows, names_);
    return {};
  }
  Status Ingest(size_t table, std::span<const Change> sorted,
                std::span<const TableRow> beside) override {
    std::vector<TableRow> rows(beside.begin(), beside.end());
    for (const Change& row : sorted) {
      rows.push_back({.table = table, .key = row.key, .value = row.value});
    }
    disk_->Write(rows, names_);
    return Flush();
  }
  Status Flush() override {
    disk_->Flush();
    return {};
  }
  Status SaveImage(const std::filesystem::path& into) override {
    std::error_code error;
    std::filesystem::create_directories(into, error);
    std::ofstream file(into / kImageFile, std::ios::binary);
    file << disk_->Image();
    file.close();
    if (file) return {};
    return Status::Fatal("an image of the state cannot be written: path=" + into.string());
  }
  Status Drop(size_t table) override {
    disk_->Flush();
    disk_->table(NameOf(table)).clear();
    return {};
  }
  Result<bool> Empty(size_t table) override { return disk_->table(NameOf(table)).empty(); }
  Status Scan(size_t table, std::string_view from, std::string_view to,
              const KeyValueStore::VisitRow& visit) override {
    const Table& rows = disk_->table(NameOf(table));
    for (auto row = rows.lower_bound(from); row != rows.end(); ++row) {
      if (!to.empty() && row->first >= to) break;
      ASSIGN_OR_RETURN(const bool more, visit(row->first, row->second));
      if (!more) break;
    }
    return {};
  }

 private:
  std::string_view NameOf(size_t table) const {
    return table == kMetaTable ? kMetaName : std::string_view(names_.at(table));
  }

  const std::shared_ptr<MemoryDisk> disk_;
  std::vector<std::string> names_;
};

}  // namespace

MemoryTaskStateFactory::MemoryTaskStateFactory(MemoryTaskStateOptions options)
    : options_(std::move(options)), budget_(std::make_shared<CacheBudget>(options_.cache_bytes)) {}

MemoryTaskStateFactory::~MemoryTaskStateFactory() = default;

Result<std::unique_ptr<TaskState>> MemoryTaskStateFactory::Open(const TaskId& task,
                                                                std::span<const StoreSpec> stores) {
  const std::lock_guard lock(mutex_);
  const Identity identity{.application = options_.application, .task = task};
  for (;;) {
    std::shared_ptr<MemoryDisk>& disk = disks_[task];
    const bool fresh = disk == nullptr;
    if (fresh) disk = std::make_shared<MemoryDisk>();
    if (disk->locked) {
      return Status::Unavailable("the state of the task is open: task=" + ToString(task));
    }
    auto state = OverlayTaskState::Open(identity, stores,
                                        std::make_unique<MemoryBackend>(disk, stores), budget_);
    if (state.ok()) return std::unique_ptr<TaskState>(std::move(state).value());
    if (fresh || state.status().code() != StatusCode::kTaskCorrupted) return state.status();
    log::Warning("statestore", "state moved aside: task={} reason={}", ToString(task),
                 state.status().message());
    ++moved_aside_;
    disks_.erase(task);
  }
}

Result<std::shared_ptr<MemoryDisk>> MemoryTaskStateFactory::ReadImage(
    const std::filesystem::path& image) {
  std::ifstream file(image / kImageFile, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  auto disk = std::make_shared<MemoryDisk>();
  if (!file || !disk->Load(bytes)) {
    return Status::TaskCorrupted("there is no image of a state: path=" + image.string());
  }
  return disk;
}

Result<std::unique_ptr<TaskState>> MemoryTaskStateFactory::OpenImage(
    const std::filesystem::path& image, const Identity& owner, std::span<const StoreSpec> stores) {
  ASSIGN_OR_RETURN(std::shared_ptr<MemoryDisk> disk, ReadImage(image));
  auto backend = std::make_unique<MemoryBackend>(std::move(disk), stores);
  ASSIGN_OR_RETURN(auto state, OverlayTaskState::Open(owner, stores, std::move(backend), budget_));
  return std::unique_ptr<TaskState>(std::move(state));
}

Status MemoryTaskStateFactory::PlaceImage(const TaskId& task, const std::filesystem::path& image) {
  ASSIGN_OR_RETURN(std::shared_ptr<MemoryDisk> disk, ReadImage(image));
  const std::lock_guard lock(mutex_);
  std::shared_ptr<MemoryDisk>& there = disks_[task];
  if (there != nullptr && there->locked) {
    return Status::Unavailable("the state of the task is open: task=" + ToString(task));
  }
  there = std::move(disk);
  std::error_code error;
  std::filesystem::remove_all(image, error);
  return {};
}

Status MemoryTaskStateFactory::MoveAside(const TaskId& task, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  const auto found = disks_.find(task);
  if (found == disks_.end()) return {};
  if (found->second->locked) {
    return Status::Unavailable("the state of the task is open: task=" + ToString(task));
  }
  log::Warning("statestore", "state moved aside: task={} reason={}", ToString(task), reason);
  disks_.erase(found);
  ++moved_aside_;
  return {};
}

void MemoryTaskStateFactory::Crash(Random* random) {
  const std::lock_guard lock(mutex_);
  for (auto& [task, disk] : disks_) {
    // A ghost keeps the old object; the task goes on with a copy.
    auto survivor = std::make_shared<MemoryDisk>(*disk);
    const auto unflushed = static_cast<int64_t>(survivor->unflushed());
    const size_t keep = random == nullptr ? 0 : static_cast<size_t>(random->Below(unflushed + 1));
    survivor->LoseUnflushed(keep, /*rows_only=*/!options_.atomic_flush);
    survivor->locked = false;
    disk = std::move(survivor);
  }
}

void MemoryTaskStateFactory::Wipe() {
  const std::lock_guard lock(mutex_);
  disks_.clear();
}

int64_t MemoryTaskStateFactory::moved_aside() const {
  const std::lock_guard lock(mutex_);
  return moved_aside_;
}

}  // namespace sidestream::statestore
