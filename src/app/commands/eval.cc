// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// eval: an expression on one record.

#include <nlohmann/json.hpp>
#include <random>

#include "app/commands/commands.h"
#include "app/exit_code.h"
#include "topology/trial.h"

namespace sidestream::app {
namespace {

class EvalEnvironment final : public expression::Environment {
 public:
  explicit EvalEnvironment(const Clock& clock) : clock_(clock) {}
  serde::Nanos Now() override {
    const int64_t now = clock_.WallTime().value();
    return {now / 1'000, static_cast<int32_t>(now % 1'000 * 1'000'000)};
  }
  uint64_t RandomBits() override {
    return static_cast<uint64_t>(random_()) << 32U | static_cast<uint64_t>(random_());
  }

 private:
  const Clock& clock_;
  std::random_device random_;
};

/// A key is most often a text, and quotes within quotes are a nuisance.
std::string JsonOrText(const std::string& text) {
  if (nlohmann::json::accept(text)) return text;
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

int Eval(const Arguments& arguments, CommandContext& context) {
  const EvalArguments& eval = arguments.eval;
  topology::Trial trial{.expression = eval.expression,
                        .value = std::nullopt,
                        .key = std::nullopt,
                        .headers = eval.headers,
                        .vars = eval.vars,
                        .fields = eval.fields};
  if (eval.key) trial.key = JsonOrText(*eval.key);
  if (!eval.value_file.empty()) {
    Result<std::string> value = context.surroundings.ReadFile(eval.value_file);
    if (!value.ok()) {
      context.err << "sidestream: " << value.status().message() << "\n";
      return kExitFailed;
    }
    trial.value = std::move(*value);
  }
  EvalEnvironment environment(context.waiting.clock());
  const topology::TrialResult result = topology::TryExpression(trial, environment);
  context.err << topology::Render(result.findings, context.color_err);
  if (topology::HasErrors(result.findings)) return kExitFailed;
  context.out << result.json << "\n";
  return kExitOk;
}

}  // namespace sidestream::app
