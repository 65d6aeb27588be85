// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// BidTable: Nexmark's bids as a table of SQLite in memory, for answers that share nothing with the
// engine. Columns are named as in Nexmark; `arrival` counts the bids as they came.
//
// Errors: SQLite's message is a test failure.
//
// Threading: confined to the test's thread.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "tests/support/nexmark.h"

struct sqlite3;

namespace sidestream::testing {

/// A line of an answer: the key under which it stands, empty where every line stands for itself.
struct AnswerRow {
  std::string key;
  std::string value;
};

class BidTable {
 public:
  explicit BidTable(const std::vector<nexmark::Bid>& bids);

  /// Rows of a query with two columns of text.
  std::vector<AnswerRow> Select(const std::string& sql);

 private:
  struct Closer {
    void operator()(sqlite3* database) const;
  };
  void Check(int code);

  std::unique_ptr<sqlite3, Closer> database_;
};

}  // namespace sidestream::testing
