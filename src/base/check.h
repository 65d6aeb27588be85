// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// CHECK(condition) << context: an invariant that is broken ends the process, in
// release builds too. Restart is a tested path; going on with a broken invariant
// is not. Never CHECK on something that the outside can cause.

#pragma once

#include <sstream>

namespace sidestream::internal {

/// Collects the context and ends the process in its destructor.
class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  [[noreturn]] ~CheckFailure();
  CheckFailure(const CheckFailure&) = delete;
  CheckFailure& operator=(const CheckFailure&) = delete;
  std::ostream& stream() { return stream_; }

 private:
  std::ostringstream stream_;
};

/// Gives the streamed expression the type void, so that CHECK is one expression.
struct Voidify {
  void operator&(std::ostream&) const {}
};

}  // namespace sidestream::internal

#define CHECK(condition)                     \
  (condition) ? static_cast<void>(0)         \
              : ::sidestream::internal::Voidify() & \
                    ::sidestream::internal::CheckFailure(__FILE__, __LINE__, #condition).stream()

#ifdef NDEBUG
#define DCHECK(condition) CHECK(true || (condition))
#else
#define DCHECK(condition) CHECK(condition)
#endif
