// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The two forms of a computed key. Internal to this folder.
//
// Threading: free functions; parser and arena are the caller's.

#pragma once

#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/status.h"
#include "operators/row.h"
#include "serde/json_text.h"
#include "topology/plan.h"

namespace sidestream::operators {

/// Makes the bytes and kind of `key` when they are not there. Requires a computed key.
/// Fails with kBadRecord: this value can be no key.
Status EncodeRowKey(RowKey& key, std::string& scratch, Arena& arena);

/// Makes the value of `key` when it is not there. Requires a computed key.
Status DecodeRowKey(RowKey& key, serde::JsonParser& parser, Arena& arena);

/// Appends the key under which a store keeps the rows of `key`: a stream's own bytes, or the
/// kind as one byte and the bytes of a computed key (docs/formats/aggregate-row.md): "1" and
/// b"1" have equal bytes, and are two keys. Requires a key that is not null.
Status AppendStoreKey(RowKey& key, std::string& out);

/// The key of a row that is kept under `store_key`. Points into it.
Result<RowKey> ReadStoreKey(std::string_view store_key, bool computed);

}  // namespace sidestream::operators
