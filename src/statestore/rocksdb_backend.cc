// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "statestore/rocksdb_backend.h"

#include <fmt/format.h>
#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/rate_limiter.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "statestore/state_directory.h"

namespace sidestream::statestore {
namespace {

namespace fs = std::filesystem;

// Persistent: docs/formats/state-directory.md.
constexpr char kMetaFamily[] = "meta";
constexpr char kStoreFamilyPrefix[] = "store.";
constexpr char kIngestedPrefix[] = "ingest-";

constexpr size_t kMiB = size_t{1} << 20;
constexpr int64_t kBackgroundBytesPerSecond = 128 * int64_t{kMiB};
// For what a flush writes beside its rows.
constexpr uint64_t kSpareBytes = 256 * 1024;

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

Status ToStatus(const rocksdb::Status& status, const fs::path& path) {
  if (status.ok()) return {};
  if (status.IsIOError() && status.subcode() == rocksdb::Status::kNoSpace) {
    return DiskFullError(path, status.ToString());
  }
  // A file that the manifest names but that is not there is damage, not a bad volume.
  if (status.IsCorruption() || status.IsPathNotFound()) {
    return Status::TaskCorrupted("the state directory is damaged: path=" + path.string() +
                                 " error=" + status.ToString());
  }
  return DiskError(path, status.ToString());
}

// At open, what RocksDB calls an argument or not supported is something in the directory.
Status ToOpenStatus(const rocksdb::Status& status, const fs::path& path) {
  if (status.IsInvalidArgument() || status.IsNotSupported() || status.IsNotFound()) {
    return Status::TaskCorrupted("the state directory cannot be opened: path=" + path.string() +
                                 " error=" + status.ToString());
  }
  return ToStatus(status, path);
}

class SharedResources final : public RocksdbResources {
 public:
  explicit SharedResources(size_t bytes) : bytes_(std::max(bytes, 4 * kMiB)) {}

  size_t used_bytes() const override {
    const std::lock_guard lock(mutex_);
    return cache_ == nullptr ? 0 : cache_->GetUsage();
  }

  void Configure(rocksdb::DBOptions& options) {
    const std::lock_guard lock(mutex_);
    MakeOnce();
    options.write_buffer_manager = write_buffers_;
    options.rate_limiter = rate_limiter_;
  }
  void Configure(rocksdb::ColumnFamilyOptions& options) {
    const std::lock_guard lock(mutex_);
    MakeOnce();
    options.table_factory = table_factory_;
    options.compression = fast_;
    options.bottommost_compression = small_;
    // The write-buffer manager counts arena blocks, not bytes used: small blocks, or idle
    // tables eat the budget (engine.md E3).
    options.arena_block_size = 64 * 1024;
    options.write_buffer_size = std::clamp(bytes_ / 8, kMiB, 16 * kMiB);
    options.max_write_buffer_number = 3;
    // Most keys that are asked for are not in a write buffer (the cache has what is): a bit each saves
    // the search in its skip list, which was half of a Get().
    options.memtable_whole_key_filtering = true;
    options.memtable_prefix_bloom_size_ratio = 0.05;
    options.level_compaction_dynamic_level_bytes = true;
    options.ttl = 0;
    options.periodic_compaction_seconds = 0;
  }

 private:
  void MakeOnce() {
    if (cache_ != nullptr) return;
    rocksdb::LRUCacheOptions cache;
    cache.capacity = bytes_;
    // A filter block must fit into a shard: shards of 16 MiB or more (engine.md E3).
    cache.num_shard_bits = 0;
    while (cache.num_shard_bits < 6 && (bytes_ >> (cache.num_shard_bits + 1)) >= 16 * kMiB) {
      ++cache.num_shard_bits;
    }
    cache.high_pri_pool_ratio = 0.4;
    cache_ = rocksdb::NewLRUCache(cache);
    // Charged to the cache, so that one number bounds both.
    write_buffers_ = std::make_shared<rocksdb::WriteBufferManager>(bytes_ / 2, cache_);
    rate_limiter_.reset(rocksdb::NewGenericRateLimiter(kBackgroundBytesPerSecond));
    table_factory_.reset(rocksdb::NewBlockBasedTableFactory(TableOptions()));
    for (const rocksdb::CompressionType type : rocksdb::GetSupportedCompressions()) {
      if (type == rocksdb::kLZ4Compression) fast_ = type;
      if (type == rocksdb::kZSTD) small_ = type;
    }
  }

  // Partitioned index and filters in the cache at high priority: the monolithic form took
  // milliseconds per get once a filter outgrew its shard (engine.md E3).
  rocksdb::BlockBasedTableOptions TableOptions() const {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = cache_;
    table.block_size = 8 * 1024;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
    table.partition_filters = true;
    table.metadata_block_size = 4096;
    table.cache_index_and_filter_blocks = true;
    table.cache_index_and_filter_blocks_with_high_priority = true;
    table.pin_top_level_index_and_filter = true;
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    table.format_version = 5;
    return table;
  }

  const size_t bytes_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<rocksdb::Cache> cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> write_buffers_;
  std::shared_ptr<rocksdb::RateLimiter> rate_limiter_;
  std::shared_ptr<rocksdb::TableFactory> table_factory_;
  rocksdb::CompressionType fast_ = rocksdb::kNoCompression;
  rocksdb::CompressionType small_ = rocksdb::kNoCompression;
};

rocksdb::DBOptions DatabaseOptions(SharedResources& resources) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.atomic_flush = true;
  // A dirty close loses what was not flushed, as a crash does: one path, tested.
  options.avoid_flush_during_shutdown = true;
  // One writer per database.
  options.allow_concurrent_memtable_write = false;
  options.max_background_jobs = 2;
  // Not -1, which opens every file at start.
  options.max_open_files = 256;
  options.skip_stats_update_on_db_open = true;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.bytes_per_sync = kMiB;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::InfoLogLevel::ERROR_LEVEL;
  // After a failed flush the task stops; it does not heal in the background.
  options.max_bgerror_resume_count = 0;
  resources.Configure(options);
  return options;
}

class RocksdbBackend final : public StateBackend {
 public:
  RocksdbBackend(fs::path path, std::shared_ptr<SharedResources> resources)
      : path_(std::move(path)), resources_(std::move(resources)) {
    write_.disableWAL = true;
  }

  ~RocksdbBackend() override {
    if (db_ == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
    const rocksdb::Status closed = db_->Close();
    if (!closed.ok()) {
      log::Warning("statestore", "closing the database failed: path={} error={}", path_.string(),
                   closed.ToString());
    }
  }

  Status Open(std::span<const std::string> stores) {
    RemoveIngested();
    ASSIGN_OR_RETURN(const std::set<std::string> existing, ExistingFamilies());
    std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName, kMetaFamily};
    for (const std::string& store : stores) names.push_back(kStoreFamilyPrefix + store);
    for (const std::string& name : existing) {
      // RocksDB wants them all, also those of stores that are out of the plan.
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    resources_->Configure(family_options_);
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names) families.emplace_back(name, family_options_);
    rocksdb::DB* db = nullptr;
    RETURN_IF_ERROR(ToOpenStatus(
        rocksdb::DB::Open(DatabaseOptions(*resources_), path_.string(), families, &handles_, &db),
        path_));
    db_.reset(db);
    store_count_ = stores.size();
    return {};
  }

  Result<bool> Get(size_t table, std::string_view key, std::string& value) override {
    rocksdb::PinnableSlice found;
    const rocksdb::Status status = db_->Get(read_, HandleOf(table), ToSlice(key), &found);
    if (status.IsNotFound()) return false;
    RETURN_IF_ERROR(ToStatus(status, path_));
    value.assign(found.data(), found.size());
    return true;
  }

  Status Write(std::span<const TableRow> rows) override {
    batch_.Clear();
    for (const TableRow& row : rows) {
      rocksdb::ColumnFamilyHandle* handle = HandleOf(row.table);
      const rocksdb::Status added = row.value
                                        ? batch_.Put(handle, ToSlice(row.key), ToSlice(*row.value))
                                        : batch_.Delete(handle, ToSlice(row.key));
      RETURN_IF_ERROR(ToStatus(added, path_));
    }
    RETURN_IF_ERROR(CheckSpace(batch_.GetDataSize()));
    return ToStatus(db_->Write(write_, &batch_), path_);
  }

  Status Ingest(size_t table, std::span<const Change> sorted,
                std::span<const TableRow> beside) override {
    // What was written before must not be lost by a crash that this survives.
    RETURN_IF_ERROR(Flush());
    uint64_t bytes = 0;
    for (const Change& row : sorted) bytes += row.key.size() + (row.value ? row.value->size() : 0);
    RETURN_IF_ERROR(CheckSpace(bytes));
    std::vector<rocksdb::IngestExternalFileArg> files;
    RETURN_IF_ERROR(AddFile(table, sorted, files));
    std::vector<Change> meta;
    for (const TableRow& row : beside) {
      CHECK(row.table == kMetaTable);
      meta.push_back({.key = row.key, .value = row.value});
    }
    std::sort(meta.begin(), meta.end(),
              [](const Change& a, const Change& b) { return a.key < b.key; });
    RETURN_IF_ERROR(AddFile(kMetaTable, meta, files));
    if (files.empty()) return {};
    return ToStatus(db_->IngestExternalFiles(files), path_);
  }

  Status Flush() override {
    RETURN_IF_ERROR(CheckSpace(0));
    return ToStatus(db_->Flush(rocksdb::FlushOptions(), handles_), path_);
  }

  Status SaveImage(const fs::path& into) override {
    rocksdb::Checkpoint* made = nullptr;
    RETURN_IF_ERROR(ToStatus(rocksdb::Checkpoint::Create(db_.get(), &made), into));
    const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
    return ToStatus(checkpoint->CreateCheckpoint(into.string()), into);
  }

  Status Drop(size_t table) override {
    RETURN_IF_ERROR(Flush());
    rocksdb::ColumnFamilyHandle*& handle = handles_[IndexOf(table)];
    const std::string name = handle->GetName();
    RETURN_IF_ERROR(ToStatus(db_->DropColumnFamily(handle), path_));
    rocksdb::ColumnFamilyHandle* fresh = nullptr;
    RETURN_IF_ERROR(ToStatus(db_->CreateColumnFamily(family_options_, name, &fresh), path_));
    const rocksdb::Status destroyed = db_->DestroyColumnFamilyHandle(handle);
    handle = fresh;
    return ToStatus(destroyed, path_);
  }

  Result<bool> Empty(size_t table) override {
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(read_, HandleOf(table)));
    rows->SeekToFirst();
    RETURN_IF_ERROR(ToStatus(rows->status(), path_));
    return !rows->Valid();
  }

  Status Scan(size_t table, std::string_view from, std::string_view to,
              const KeyValueStore::VisitRow& visit) override {
    // Told where to end, it need not step over what was deleted behind.
    rocksdb::ReadOptions read = read_;
    const rocksdb::Slice end = ToSlice(to);
    if (!to.empty()) read.iterate_upper_bound = &end;
    const std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(read, HandleOf(table)));
    for (rows->Seek(ToSlice(from)); rows->Valid(); rows->Next()) {
      ASSIGN_OR_RETURN(const bool more, visit(ToView(rows->key()), ToView(rows->value())));
      if (!more) return {};
    }
    return ToStatus(rows->status(), path_);
  }

 private:
  // Behind the default family, which RocksDB insists on and which stays empty.
  size_t IndexOf(size_t table) const {
    if (table == kMetaTable) return 1;
    CHECK(table < store_count_) << "no such store: " << table;
    return table + 2;
  }
  rocksdb::ColumnFamilyHandle* HandleOf(size_t table) const { return handles_[IndexOf(table)]; }

  // An assertion of RocksDB 7.8 ends the process when a table meets a full volume half-way, without
  // a word that helps. So it is told before, by what a flush would write.
  Status CheckSpace(size_t added) const {
    struct statvfs volume {};
    uint64_t unflushed = 0;
    if (statvfs(path_.c_str(), &volume) != 0 ||
        !db_->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &unflushed)) {
      return {};
    }
    const uint64_t free = uint64_t{volume.f_bavail} * volume.f_frsize;
    const uint64_t needed = unflushed + added + kSpareBytes;
    if (free >= needed) return {};
    return DiskFullError(path_, fmt::format("free_bytes={} needed_bytes={}", free, needed));
  }

  /// Writes a file of these rows, to be brought into the table.
  Status AddFile(size_t table, std::span<const Change> sorted,
                 std::vector<rocksdb::IngestExternalFileArg>& files) {
    if (sorted.empty()) return {};
    const fs::path file = path_ / (kIngestedPrefix + std::to_string(ingested_files_++) + ".sst");
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), rocksdb::Options({}, family_options_),
                                  HandleOf(table), /*invalidate_page_cache=*/false);
    rocksdb::Status status = writer.Open(file.string());
    for (const Change& row : sorted) {
      if (!status.ok()) break;
      status = row.value ? writer.Put(ToSlice(row.key), ToSlice(*row.value))
                         : writer.Delete(ToSlice(row.key));
    }
    if (status.ok()) status = writer.Finish();
    RETURN_IF_ERROR(ToStatus(status, path_));
    rocksdb::IngestExternalFileArg arg;
    arg.column_family = HandleOf(table);
    arg.external_files = {file.string()};
    arg.options.move_files = true;
    arg.options.snapshot_consistency = false;
    arg.options.write_global_seqno = false;
    files.push_back(std::move(arg));
    return {};
  }

  // What a crash left between writing and bringing in.
  void RemoveIngested() const {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(path_, error)) {
      if (entry.path().filename().string().starts_with(kIngestedPrefix)) {
        fs::remove(entry.path(), error);
      }
    }
  }

  Result<std::set<std::string>> ExistingFamilies() const {
    std::error_code error;
    if (!fs::exists(path_, error) || fs::is_empty(path_, error)) {
      if (error) return DiskError(path_, error.message());
      return std::set<std::string>();
    }
    // RocksDB would make a new, empty database over the files of the old one.
    if (!fs::exists(path_ / "CURRENT", error)) {
      return Status::TaskCorrupted("the state directory is damaged: path=" + path_.string() +
                                   " error=no file CURRENT");
    }
    std::vector<std::string> names;
    const rocksdb::Status listed =
        rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path_.string(), &names);
    RETURN_IF_ERROR(ToOpenStatus(listed, path_));
    return std::set<std::string>(names.begin(), names.end());
  }

  const fs::path path_;
  const std::shared_ptr<SharedResources> resources_;
  rocksdb::ReadOptions read_;
  rocksdb::WriteOptions write_;
  rocksdb::ColumnFamilyOptions family_options_;
  rocksdb::WriteBatch batch_;
  size_t store_count_ = 0;
  uint64_t ingested_files_ = 0;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

std::shared_ptr<RocksdbResources> RocksdbResources::Make(size_t bytes) {
  return std::make_shared<SharedResources>(bytes);
}

Result<std::unique_ptr<StateBackend>> OpenRocksdb(const fs::path& path,
                                                  std::span<const std::string> stores,
                                                  std::shared_ptr<RocksdbResources> resources) {
  auto backend = std::make_unique<RocksdbBackend>(
      path, std::static_pointer_cast<SharedResources>(std::move(resources)));
  RETURN_IF_ERROR(backend->Open(stores));
  return std::unique_ptr<StateBackend>(std::move(backend));
}

}  // namespace sidestream::statestore
