// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The table of the commands, and the tree of CLI11 made from it: what parsing, completion
// scripts and the manual page share.
//
// Threading: the table is static; a tree is confined to one thread.

#pragma once

#include <memory>
#include <span>

#include "app/command.h"

namespace CLI {
class App;
}

namespace sidestream::app {

/// A command that works; one that does not has no row. Texts are static.
struct CommandRow {
  /// One word, or two: a verb of a group.
  const char* name;
  const char* summary;
  const char* details;
  /// Command lines to copy, one a line.
  const char* example;
  unsigned options;  // of OptionGroup
  CommandFunction function;
};

std::span<const CommandRow> Commands();

/// The program with all its commands. Parsing fills `arguments`, which is borrowed for the
/// life of the tree.
std::unique_ptr<CLI::App> NewCommandTree(Arguments& arguments);

/// The command of `row` in such a tree.
const CLI::App& CommandIn(const CLI::App& tree, const CommandRow& row);

}  // namespace sidestream::app
