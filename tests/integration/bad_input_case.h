// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Bad input, as an operator meets it: the program runs on a real cluster, something is wrong, and
// it must end (or go on) as docs/operations says: the exit code, the words of the message, and no
// record lost or doubled. One TEST_F is one case; cases do not depend on each other.
//
//   what is wrong                                     tested in
//   a topic is missing, recreated, deleted, grown,    bad_input_topics_test.cc
//     not co-partitioned, has other settings
//   offsets changed from outside, a group id of       bad_input_group_test.cc
//     another application, a newer release's stamp,
//     two topology versions, two of one name
//   a record that cannot be read or processed, or     bad_input_records_test.cc
//     that the output topic refuses; nulls
//   a state directory that is locked, foreign,        bad_input_state_test.cc
//     truncated, damaged, full or too old
//   a broker that is down, goes away, comes back;     bad_input_cluster_test.cc
//     wrong credentials
//   rights that are missing                           bad_input_rights_test.cc
//   certificates that are replaced                    bad_input_certificates_test.cc
//   a mistake in the YAML                             tests/unit/topology (mutation_test.cc,
//                                                       golden_test.cc), tests/unit/app
//
// Wants SIDESTREAM_TEST_BOOTSTRAP, SIDESTREAM_PROGRAM, the program to run, and SIDESTREAM_CLOCK_SHIM,
// which sets its clock. After a failure the files of the case, the program's logs among them, stay
// where the test says.
//
// Threading: confined to one thread, but for what a case starts itself.

#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <string>
#include <vector>

#include "base/clock.h"
#include "tests/integration/cluster_edit.h"
#include "tests/integration/cluster_view.h"
#include "tests/integration/spawned.h"

namespace sidestream::integration {

/// How a run of the program ended.
struct Ended {
  int exit_code = 0;
  std::string log;
};

class BadInputTest : public ::testing::Test {
 protected:
  using Lines = std::vector<std::string>;
  using Running = std::unique_ptr<BackgroundProgram>;
  using Where = std::source_location;

  /// On the cluster of SIDESTREAM_TEST_BOOTSTRAP.
  BadInputTest();
  explicit BadInputTest(ClusterView::Properties properties);
  ~BadInputTest() override;

  /// The names of this case: `Name("in")` is what `@-in` stands for in a topology.
  std::string Name(const std::string& name) const { return run_ + "-" + name; }
  const std::filesystem::path& dir() const { return dir_; }
  ClusterView& view() { return *view_; }
  ClusterEdit& edit() { return *edit_; }

  /// Properties that the program connects with, in place of those of the case.
  void ConnectWith(const ClusterView::Properties& properties);
  /// The same, and the case's own clients are new.
  void ConnectAnew(const ClusterView::Properties& properties);
  /// Writes the topology of `application`: its streams and pipelines, and what goes before them.
  void Topology(const std::string& application, const std::string& text);
  /// Streams in -> out of strings, one partition each; `from` may name `first` too.
  void CopyTopology(const std::string& application, const std::string& from = "in");
  /// Counts `in` by key into `out`; `more` goes into the stream `in`.
  void CountTopology(const std::string& application, const std::string& more = "");

  Command ProgramCommand(const std::string& application, const std::string& verb,
                         const Command& options = {}) const;
  /// Runs a command of the program until it ends.
  Ended Run(const std::string& application, const std::string& verb, const Command& options = {});
  Ended Run(const Command& command);
  /// `topics --apply`, which must succeed.
  void MakeTopics(const std::string& application);

  Running Start(const std::string& application, const Command& options = {});
  Running Start(const Command& command);
  void AwaitWords(BackgroundProgram& program, const std::string& words);
  /// The program ends by itself.
  Ended AwaitEnd(BackgroundProgram& program);
  /// SIGTERM, and the program ends in order.
  void Stop(BackgroundProgram& program, Where where = Where::current());
  /// Runs `application` until `topic` holds `count` records, and stops it in order.
  void RunUntil(const std::string& application, const std::string& topic, size_t count,
                Where where = Where::current());

  static void ExpectEnd(const Ended& ended, int exit_code, const Lines& words,
                        Where where = Where::current());

  /// Writes lines `key|value` to the topic; NULL stands for null.
  void Feed(const std::string& topic, const Lines& lines, Milliseconds pause = Milliseconds(0));
  /// All committed records of the topic, as Feed() takes them, sorted.
  Lines Committed(const std::string& topic);
  void AwaitCommitted(BackgroundProgram& program, const std::string& topic, size_t count,
                      Where where = Where::current());
  /// Exactly these lines, in any order.
  void ExpectHolds(const std::string& topic, Lines lines, Where where = Where::current());
  /// The leader has noted that the group reads `topic`, under the id that it has now.
  void AwaitAdopted(const std::string& application, const std::string& topic);

 private:
  std::filesystem::path NewLog();

  const std::string program_;
  const std::string run_;
  const std::filesystem::path dir_;
  std::unique_ptr<ClusterView> view_;
  std::unique_ptr<ClusterEdit> edit_;
  int logs_ = 0;
};

}  // namespace sidestream::integration
