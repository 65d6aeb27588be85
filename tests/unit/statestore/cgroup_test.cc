// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "base/cgroup.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_dir.h"

namespace sidestream {
namespace {

class CgroupTest : public ::testing::Test {
 protected:
  void Write(const std::string& file, const std::string& text) {
    const auto path = root_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  std::optional<int64_t> Limit() { return CgroupMemoryLimit(root_.path()); }

  testing::TempDir root_;
};

TEST_F(CgroupTest, NoFilesMeanNoLimit) { EXPECT_EQ(Limit(), std::nullopt); }

TEST_F(CgroupTest, ReadsTheLimitOfVersionTwo) {
  Write("proc/self/cgroup", "0::/pod/app\n");
  Write("sys/fs/cgroup/pod/app/memory.max", "268435456\n");
  EXPECT_EQ(Limit(), 268435456);
  EXPECT_EQ(UsableMemoryBytes(root_.path()), 268435456);
}

TEST_F(CgroupTest, TheLowestLimitOnTheWayUpCounts) {
  Write("proc/self/cgroup", "0::/pod/app\n");
  Write("sys/fs/cgroup/pod/app/memory.max", "max\n");
  Write("sys/fs/cgroup/pod/memory.max", "100000\n");
  Write("sys/fs/cgroup/memory.max", "200000\n");
  EXPECT_EQ(Limit(), 100000);
}

TEST_F(CgroupTest, ReadsTheLimitOfVersionOneAmongOtherControllers) {
  Write("proc/self/cgroup", "3:cpu,cpuacct:/x\n2:hugetlb,memory:/docker/abc\n");
  // Seen from inside the container, where the host's path does not exist.
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912\n");
  EXPECT_EQ(Limit(), 536870912);
}

TEST_F(CgroupTest, TheHugeNumberOfVersionOneIsNoLimit) {
  Write("proc/self/cgroup", "2:memory:/\n");
  Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  EXPECT_EQ(Limit(), std::nullopt);
}

TEST_F(CgroupTest, NonsenseIsNoLimit) {
  Write("proc/self/cgroup", "garbage\n0::/\n:\n");
  Write("sys/fs/cgroup/memory.max", "12monkeys\n");
  EXPECT_EQ(Limit(), std::nullopt);
}

}  // namespace
}  // namespace sidestream
