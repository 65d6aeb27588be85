// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/change_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

namespace sidestream::app {
namespace {

using Json = nlohmann::ordered_json;

std::string_view ChangeName(StepChange change) {
  switch (change) {
    case StepChange::kSame:
      return "same";
    case StepChange::kChanged:
      return "changed";
    case StepChange::kNew:
      return "new";
    case StepChange::kGone:
      return "gone";
  }
  return "";
}

std::string Bytes(int64_t bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  size_t unit = 0;
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, kUnits[unit]);
}

void AddSteps(const ApplicationChange& change, std::string& text) {
  text += "Steps\n";
  size_t width = 0;
  size_t same = 0;
  for (const StepFate& step : change.steps) {
    if (step.change == StepChange::kSame) ++same;
    else width = std::max(width, step.name.size());
  }
  for (const StepFate& step : change.steps) {
    if (step.change == StepChange::kSame) continue;
    text += fmt::format("  {:<{}}  {}\n", step.name, width, ChangeName(step.change));
  }
  const bool all = same == change.steps.size();
  text += fmt::format("  {} {}stay{} as they are\n", same, all ? "" : "others ",
                      same == 1 ? "s" : "");
}

void AddStores(const ApplicationChange& change, std::string& text) {
  if (change.stores.empty()) return;
  text += "State\n";
  size_t width = 0;
  for (const StoreFate& store : change.stores) width = std::max(width, store.store.size());
  for (const StoreFate& store : change.stores) {
    std::string line =
        fmt::format("  {:<{}}  {:<8}  {}", store.store, width, FateName(store.fate), store.reason);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
}

void AddTopics(const ApplicationChange& change, std::string& text) {
  if (change.topics_to_create.empty() && change.left_topics.empty()) return;
  text += "Topics\n";
  for (const std::string& topic : change.topics_to_create) {
    const bool lost = std::ranges::find(change.lost_topics, topic) != change.lost_topics.end();
    text +=
        fmt::format("  {}  {}\n", topic, lost ? "was deleted, with what it held" : "to create");
  }
  for (const LeftTopic& topic : change.left_topics) {
    text += fmt::format("  {}  left over", topic.topic);
    if (topic.unread > 0) text += fmt::format(", with about {} unread records", topic.unread);
    text += "\n";
  }
}

std::pair<int64_t, int64_t> Restore(const ApplicationChange& change) {
  int64_t records = 0;
  int64_t bytes = 0;
  for (const StoreFate& store : change.stores) {
    records += store.records;
    bytes += store.bytes;
  }
  return {records, bytes};
}

std::string LostSentence(const ApplicationChange& change) {
  return fmt::format(
      "internal topics that the application works with were deleted, and what they held is gone: {}; "
      "stop all instances and start anew with `sidestream reset`",
      fmt::join(change.lost_topics, ", "));
}

std::string Sentences(const std::vector<std::string>& reasons) {
  std::string text;
  for (const std::string& reason : reasons) text += "  " + reason + "\n";
  return text;
}

}  // namespace

std::string ChangeAsText(const ApplicationChange& change) {
  if (change.first_start) {
    std::string text = fmt::format("{} has not run yet: it starts anew\n", change.application);
    AddStores(change, text);
    AddTopics(change, text);
    return text;
  }
  std::string text = change.differs() ? "" : fmt::format("{}: no changes\n", change.application);
  AddSteps(change, text);
  AddStores(change, text);
  AddTopics(change, text);
  const auto [records, bytes] = Restore(change);
  if (records > 0) {
    text += fmt::format("Restore of all tasks without a disk: at most {} records, about {}\n",
                        records, Bytes(bytes));
  }
  text += fmt::format("Instances that run now: {}\n", change.members);
  if (change.stop_first.empty()) {
    text += "A rolling update is safe\n";
  } else {
    text += "No rolling update: all instances have to be stopped first\n" +
            Sentences(change.stop_first);
  }
  const std::vector<std::string> losses = change.Losses();
  if (!losses.empty()) {
    text += "State would be lost: `run` refuses it without --allow-dropped-state\n" +
            Sentences(losses);
  }
  if (!change.lost_topics.empty()) {
    text += "`run` refuses: " + LostSentence(change) + "\n";
  }
  return text;
}

std::string ChangeAsJson(const ApplicationChange& change) {
  Json steps = Json::array();
  for (const StepFate& step : change.steps) {
    steps.push_back({{"step", step.name}, {"change", std::string(ChangeName(step.change))}});
  }
  Json stores = Json::array();
  for (const StoreFate& store : change.stores) {
    stores.push_back({{"store", store.store},
                      {"fate", std::string(FateName(store.fate))},
                      {"reason", store.reason},
                      {"loses_state", store.loses},
                      {"changelog", store.changelog},
                      {"records", store.records},
                      {"bytes", store.bytes}});
  }
  Json left = Json::array();
  for (const LeftTopic& topic : change.left_topics) {
    left.push_back({{"topic", topic.topic}, {"unread", topic.unread}});
  }
  const auto [records, bytes] = Restore(change);
  const Json json = {{"application", change.application},
                     {"first_start", change.first_start},
                     {"changes", change.differs()},
                     {"steps", steps},
                     {"stores", stores},
                     {"topics_to_create", change.topics_to_create},
                     {"left_over_topics", left},
                     {"lost_topics", change.lost_topics},
                     {"restore", {{"records", records}, {"bytes", bytes}}},
                     {"instances", change.members},
                     {"rolling_update", {{"safe", change.stop_first.empty()},
                                         {"reasons", change.stop_first}}},
                     {"losses", change.Losses()}};
  return json.dump(2) + "\n";
}

Status RefuseChange(const ApplicationChange& change, bool may_lose_state) {
  if (!change.lost_topics.empty()) return Status::Stopped(LostSentence(change));
  const std::vector<std::string> losses = change.Losses();
  if (!losses.empty() && !may_lose_state) {
    return Status::InvalidConfig(fmt::format(
        "the topology gives up state, nothing was started: {}; take the edit back, give the step a "
        "new name, or agree to the loss with --allow-dropped-state; `sidestream plan` shows all of "
        "it",
        fmt::join(losses, "; ")));
  }
  if (!change.stop_first.empty() && change.members > 0) {
    return Status::InvalidConfig(
        fmt::format("the topology cannot replace the running one instance by instance: {}; {} "
                    "members are in the group, one with a stable name until its session time-out "
                    "is over",
                    fmt::join(change.stop_first, "; "), change.members));
  }
  return Status::Ok();
}

}  // namespace sidestream::app
