// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The verbs of the program, one file each in this folder. command_table.cc says how they
// are called and what they promise.

#pragma once

#include "app/command.h"

namespace sidestream::app {

int Run(const Arguments& arguments, CommandContext& context);
/// run --embedded.
int RunEmbedded(const Arguments& arguments, CommandContext& context);
int Test(const Arguments& arguments, CommandContext& context);
int Validate(const Arguments& arguments, CommandContext& context);
int Topics(const Arguments& arguments, CommandContext& context);
int Reset(const Arguments& arguments, CommandContext& context);
/// docs CODE.
int Docs(const Arguments& arguments, CommandContext& context);
int DlqList(const Arguments& arguments, CommandContext& context);
int DlqReplay(const Arguments& arguments, CommandContext& context);
int Completion(const Arguments& arguments, CommandContext& context);
int Create(const Arguments& arguments, CommandContext& context);
int Eval(const Arguments& arguments, CommandContext& context);
int Explain(const Arguments& arguments, CommandContext& context);
/// explain --live.
int ExplainLive(const Arguments& arguments, CommandContext& context);
int Plan(const Arguments& arguments, CommandContext& context);
int Graph(const Arguments& arguments, CommandContext& context);
int Man(const Arguments& arguments, CommandContext& context);
int SavepointCreate(const Arguments& arguments, CommandContext& context);
int SavepointDelete(const Arguments& arguments, CommandContext& context);
int SavepointDescribe(const Arguments& arguments, CommandContext& context);
int SavepointList(const Arguments& arguments, CommandContext& context);
/// stop --savepoint.
int Stop(const Arguments& arguments, CommandContext& context);
int Schema(const Arguments& arguments, CommandContext& context);
int Version(const Arguments& arguments, CommandContext& context);

}  // namespace sidestream::app
