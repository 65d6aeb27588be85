// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "tests/nexmark/bid_table.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

namespace sidestream::testing {
namespace {

struct Finalizer {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalizer>;

void BindText(sqlite3_stmt* statement, int index, const std::string& text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

std::string TextAt(sqlite3_stmt* statement, int column) {
  const unsigned char* text = sqlite3_column_text(statement, column);
  const int size = sqlite3_column_bytes(statement, column);
  return {reinterpret_cast<const char*>(text), static_cast<size_t>(size)};
}

}  // namespace

void BidTable::Closer::operator()(sqlite3* database) const { sqlite3_close(database); }

void BidTable::Check(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  ADD_FAILURE() << sqlite3_errmsg(database_.get());
}

BidTable::BidTable(const std::vector<nexmark::Bid>& bids) {
  sqlite3* database = nullptr;
  const int opened = sqlite3_open(":memory:", &database);
  database_.reset(database);
  Check(opened);
  Check(
      sqlite3_exec(database,
                   "CREATE TABLE bid(arrival INTEGER PRIMARY KEY, auction INTEGER, bidder INTEGER, "
                   "price INTEGER, channel TEXT, url TEXT, dateTime INTEGER, extra TEXT);"
                   "BEGIN",
                   nullptr, nullptr, nullptr));
  sqlite3_stmt* raw = nullptr;
  Check(sqlite3_prepare_v2(database, "INSERT INTO bid VALUES(?, ?, ?, ?, ?, ?, ?, ?)", -1, &raw,
                           nullptr));
  const Statement insert(raw);
  int64_t arrival = 0;
  for (const nexmark::Bid& bid : bids) {
    sqlite3_bind_int64(raw, 1, ++arrival);
    sqlite3_bind_int64(raw, 2, bid.auction);
    sqlite3_bind_int64(raw, 3, bid.bidder);
    sqlite3_bind_int64(raw, 4, bid.price);
    BindText(raw, 5, bid.channel);
    BindText(raw, 6, bid.url);
    sqlite3_bind_int64(raw, 7, bid.date_time);
    BindText(raw, 8, bid.extra);
    Check(sqlite3_step(raw));
    Check(sqlite3_reset(raw));
  }
  Check(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr));
}

std::vector<AnswerRow> BidTable::Select(const std::string& sql) {
  sqlite3_stmt* raw = nullptr;
  Check(sqlite3_prepare_v2(database_.get(), sql.c_str(), -1, &raw, nullptr));
  const Statement select(raw);
  std::vector<AnswerRow> rows;
  int code = raw == nullptr ? SQLITE_DONE : sqlite3_step(raw);
  for (; code == SQLITE_ROW; code = sqlite3_step(raw)) {
    rows.push_back({TextAt(raw, 0), TextAt(raw, 1)});
  }
  Check(code);
  return rows;
}

}  // namespace sidestream::testing
