// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0

#include "http/client.h"

#include <httplib.h>

namespace sidestream::http {

Result<std::string> Get(const std::string& address, const std::string& path, Milliseconds timeout) {
  httplib::Client client("http://" + address);
  client.set_connection_timeout(timeout);
  client.set_read_timeout(timeout);
  const httplib::Result answer = client.Get(path);
  const std::string place = "http://" + address + path;
  if (!answer) {
    return Status::Unavailable("no answer from " + place + ": " +
                               httplib::to_string(answer.error()));
  }
  if (answer->status != 200) {
    return Status::Unavailable(place + " answers with status " + std::to_string(answer->status));
  }
  return answer->body;
}

}  // namespace sidestream::http
