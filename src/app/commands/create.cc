// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// create: a topology to begin with.

#include <fmt/format.h>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/skeletons.h"

namespace sidestream::app {

int Create(const Arguments& arguments, CommandContext& context) {
  if (arguments.list) {
    for (const Skeleton& skeleton : Skeletons()) {
      context.out << fmt::format("{:<10} {}\n", skeleton.name, SummaryOf(skeleton));
    }
    return kExitOk;
  }
  const Skeleton* skeleton = FindSkeleton(arguments.skeleton);
  if (skeleton == nullptr) {
    context.err << "sidestream: name a skeleton; sidestream create --list shows them\n";
    return kExitUsage;
  }
  context.out << skeleton->text;
  return kExitOk;
}

}  // namespace sidestream::app
