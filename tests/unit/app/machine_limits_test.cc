// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "app/machine_limits.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/temp_dir.h"

namespace sidestream::app {
namespace {

class MachineLimitsTest : public ::testing::Test {
 protected:
  void Write(const std::string& file, const std::string& text) {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }

  testing::TempDir dir_;
  const std::filesystem::path root_ = dir_.path();
};

TEST_F(MachineLimitsTest, ReadsTheQuotaOfEitherCgroupVersion) {
  EXPECT_EQ(CgroupCpuLimit(root_), std::nullopt);
  Write("cpu,cpuacct/cpu.cfs_quota_us", "150000\n");
  Write("cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(CgroupCpuLimit(root_), 1.5);
  Write("cpu.max", "250000 100000\n");
  EXPECT_EQ(CgroupCpuLimit(root_), 2.5);
}

TEST_F(MachineLimitsTest, NoQuotaIsNoLimit) {
  Write("cpu.max", "max 100000\n");
  EXPECT_EQ(CgroupCpuLimit(root_), std::nullopt);
  Write("cpu/cpu.cfs_quota_us", "-1\n");
  Write("cpu/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(CgroupCpuLimit(root_), std::nullopt);
}

TEST_F(MachineLimitsTest, WorkersFollowTheLimitRoundedUpAndNeverExceedTheMachine) {
  EXPECT_EQ(DefaultWorkers(std::nullopt, 8), 8);
  EXPECT_EQ(DefaultWorkers(0.2, 8), 1);
  EXPECT_EQ(DefaultWorkers(2.5, 8), 3);
  EXPECT_EQ(DefaultWorkers(16, 4), 4);
  EXPECT_EQ(DefaultWorkers(std::nullopt, 0), 1);
}

}  // namespace
}  // namespace sidestream::app
