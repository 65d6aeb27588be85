// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "kafka/rdkafka/taint.h"

#include <gtest/gtest.h>

namespace sidestream::kafka::rdkafka {
namespace {

TEST(TaintTest, StaysCleanThroughHealthyTransactions) {
  Taint taint;
  for (int i = 0; i < 3; ++i) {
    taint.OnRequestSent(24);
    taint.OnRequestSent(25);
    taint.OnRequestSent(25);  // repeated in health while markers are written
    taint.OnSendOffsetsCalled();
    taint.OnRequestSent(28);
    taint.OnRequestSent(26);
    taint.OnResponse(26, false);
    taint.OnTransactionEnded();
  }
  EXPECT_FALSE(taint.tainted());
}

TEST(TaintTest, IsTaintedByATransportErrorOnAnyTransactionalRequest) {
  for (const int16_t api : {0, 22, 24, 25, 26, 28}) {
    Taint taint;
    taint.OnResponse(api, true);
    EXPECT_TRUE(taint.tainted()) << api;
  }
}

TEST(TaintTest, IgnoresTransportErrorsOnOtherRequests) {
  Taint taint;
  for (const int16_t api : {1, 3, 10, 18}) taint.OnResponse(api, true);
  EXPECT_FALSE(taint.tainted());
}

TEST(TaintTest, IsTaintedByASecondEndOfOneTransaction) {
  Taint taint;
  taint.OnRequestSent(26);
  taint.OnRequestSent(26);
  taint.OnTransactionEnded();
  EXPECT_TRUE(taint.tainted());
}

TEST(TaintTest, CountsOffsetCommitsAgainstCalls) {
  Taint taint;
  taint.OnSendOffsetsCalled();
  taint.OnSendOffsetsCalled();
  taint.OnRequestSent(28);
  taint.OnRequestSent(28);
  taint.OnTransactionEnded();
  EXPECT_FALSE(taint.tainted());
  taint.OnSendOffsetsCalled();
  taint.OnRequestSent(28);
  taint.OnRequestSent(28);
  taint.OnTransactionEnded();
  EXPECT_TRUE(taint.tainted());
}

TEST(TaintTest, IsCleanAfterTheTransactionalIdWasTakenOver) {
  Taint taint;
  taint.OnResponse(22, true);
  taint.OnInitialized();
  EXPECT_FALSE(taint.tainted());
}

}  // namespace
}  // namespace sidestream::kafka::rdkafka
