// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Every code that a finding may have, declared once: what it means, an example that brings it,
// and what mends it. `sidestream docs CODE`, the rules in SARIF and docs/reference/findings.md are
// made from it. A code keeps its meaning for ever; one that went out of use is not given again.
//
//   SS1xxx YAML and files   SS2xxx fields   SS3xxx names and references

//
// To add a code: its name into kFindingCodes, its row into the finding_codes_*.cc of its family.
// A code that is not in kFindingCodes does not compile.
//
// Threading: immutable static data.

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sidestream::topology {

enum class Severity { kError, kWarning };

/// All codes, in order.
inline constexpr std::string_view kFindingCodes[] = {
    "SS1000", "SS1001", "SS1002", "SS1003", "SS1004", "SS1005", "SS1006", "SS1007", "SS1008",
    "SS1009", "SS1010", "SS1011", "SS1012", "SS1013", "SS1014", "SS1015", "SS1016", "SS2001",
    "SS2002", "SS2003", "SS2004", "SS2005", "SS2006", "SS2007", "SS2008", "SS2009", "SS2010",
    "SS2011", "SS3001", "SS3002", "SS3003", "SS3004", "SS3005", "SS3006", "SS3007", "SS3008",
    "SS3009", "SS3010", "SS3020", "SS3021", "SS3022", "SS3023", "SS3024", "SS4001", "SS4002",
    "SS4003", "SS4004", "SS4005", "SS4901", "SS4902", "SS5001", "SS5002", "SS5003", "SS5004",
    "SS5005", "SS5006", "SS5007", "SS5008", "SS5009", "SS6001", "SS6002", "SS6003", "SS6004",
    "SS6005", "SS6006", "SS6007", "SS6008", "SS6009"};

/// A code that is in kFindingCodes; made of a literal: Error("SS2001", …).
class FindingCode {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is how a code is written
  consteval FindingCode(const char* text) : text_(text) {
    for (const std::string_view code : kFindingCodes) {
      if (code == text_) return;
    }
    ThisCodeIsMissingInFindingCodesH();
  }
  std::string_view text() const { return text_; }

 private:
  // Not constexpr: calling it where a code is made is a compile error that has its name.
  static void ThisCodeIsMissingInFindingCodesH() {}
  std::string_view text_;
};

/// What is known of a code. Text is static.
struct FindingRule {
  std::string_view code;
  Severity severity = Severity::kError;
  /// A few words: "Unknown key".
  std::string_view title;
  /// What is wrong, and why it matters.
  std::string_view explanation;
  /// A part of a topology file that brings this finding and no other: whole sections, or steps
  /// when it begins with "- "; a shell line when it begins with "$ ".
  std::string_view example;
  std::string_view remedy;
};

/// All rows, in the order of kFindingCodes.
std::span<const FindingRule> FindingRules();

/// The row of `code`, whatever its case, or null pointer.
const FindingRule* FindFindingRule(std::string_view code);

/// What `sidestream docs CODE` prints.
std::string FindingText(const FindingRule& rule);

/// docs/reference/findings.md, made from the table.
std::string FindingReferencePage();

}  // namespace sidestream::topology
