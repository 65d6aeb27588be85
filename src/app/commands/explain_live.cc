// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// explain --live: where event time stands in a running instance, and what holds it there.

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "app/load.h"
#include "app/settings.h"
#include "base/log.h"
#include "http/client.h"
#include "serde/json_text.h"

namespace sidestream::app {
namespace {

using Json = nlohmann::json;

constexpr Milliseconds kAnswerTimeout{5'000};

std::string TimeText(int64_t millis) {
  std::string text;
  // Rounded down, also before 1970.
  const int64_t seconds = millis / 1000 - (millis % 1000 < 0 ? 1 : 0);
  const serde::Nanos time{seconds, static_cast<int32_t>((millis - seconds * 1000) * 1'000'000)};
  return serde::AppendTimestamp(time, text).ok() ? text : fmt::format("{} ms", millis);
}

std::string WatermarkText(const Json& state) {
  if (state.value("ended", false)) return "ended";
  if (!state.contains("watermark")) return "not known";
  return TimeText(state["watermark"].get<int64_t>());
}

std::string SinceText(const Json& state) {
  if (!state.contains("since")) return "";
  return ", since " + TimeText(state["since"].get<int64_t>());
}

void AddHolder(const Json& task, std::string& text) {
  if (!task.contains("held_by")) {
    text += "  held by nothing: all inputs are idle or have ended\n";
    return;
  }
  const Json& holder = task["held_by"];
  text += fmt::format("  held by {}", holder["partition"].get<std::string>());
  if (holder.contains("upstream_task")) {
    text += fmt::format(", task {} that writes it", holder["upstream_task"].get<int64_t>());
  }
  text += fmt::format(" ({}): {}{}\n", holder["progress"].get<std::string>(), WatermarkText(holder),
                      SinceText(holder));
}

void AddInput(const Json& input, std::string& text) {
  text += fmt::format("  {:<40} {:<9} {}{}\n", input["partition"].get<std::string>(),
                      input["progress"].get<std::string>(), WatermarkText(input), SinceText(input));
  if (input.contains("newer_plan_tasks")) {
    text += fmt::format("    holds for the {} tasks of a newer plan that write it\n",
                        input["newer_plan_tasks"].get<int64_t>());
  }
  for (const Json& upstream : input.value("upstreams", Json::array())) {
    text += fmt::format("    task {:<33} {:<9} {}{}\n", upstream["task"].get<int64_t>(),
                        upstream["progress"].get<std::string>(), WatermarkText(upstream),
                        SinceText(upstream));
  }
}

Result<std::string> TextOf(const std::string& body) {
  // What answers need not be one of ours.
  try {
    const Json answer = Json::parse(body);
    std::string text;
    for (const Json& task : answer.at("tasks")) {
      text += fmt::format("task {}: event time {}{}\n", task.at("task").get<std::string>(),
                          WatermarkText(task), SinceText(task));
      AddHolder(task, text);
      for (const Json& input : task.value("inputs", Json::array())) AddInput(input, text);
    }
    return text.empty() ? std::string("no task runs on this instance\n") : text;
  } catch (const Json::exception& error) {
    return Status::Unavailable(std::string("the answer is not that of a sidestream: ") +
                               error.what());
  }
}

}  // namespace

int ExplainLive(const Arguments& arguments, CommandContext& context) {
  std::string address = arguments.live_address;
  if (address.empty()) {
    const topology::LoadedTopology loaded = Load(arguments, context);
    if (!loaded.ok()) return kExitConfig;
    address = fmt::format("localhost:{}", MakeSettings(loaded.model).http.port);
  }
  const Result<std::string> body = http::Get(address, "/api/event-time", kAnswerTimeout);
  const Result<std::string> text = body.ok() && arguments.format != "json" ? TextOf(*body) : body;
  if (!text.ok()) {
    log::Error("app", "{}", text.status().message());
    return ExitCodeOf(text.status());
  }
  context.out << *text;
  return kExitOk;
}

}  // namespace sidestream::app
