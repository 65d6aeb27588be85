#!/usr/bin/env bash
# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
#
# Prints a topology of some 500 lines as a team might have it: an input that everything reads,
# many pipelines of several steps, an aggregate here and there, and tests.
#
#   bench/long_topology.sh [PIPELINES] [TESTS]    default: 25 pipelines and 10 tests, 500 lines
set -euo pipefail

readonly pipelines=${1:-25} tests=${2:-10}

cat <<'YAML'
version: 1
application:
  id: long
  vars: { home: DE, limit: 100 }
streams:
  orders:
    topic: orders
    key: string
    value:
      format: json
      fields: { id: string, country: string, customer: string, amount: double, quantity: int, created_at: timestamp }
    timestamp: value.created_at
YAML
for ((i = 0; i < pipelines; ++i)); do
  printf '  out_%d: { topic: out.%d, key: string, value: json }\n' "$i" "$i"
done
echo 'pipelines:'
for ((i = 0; i < pipelines; ++i)); do
  cat <<YAML
  pipeline_$i:
    from: orders
    steps:
      - filter: value.amount > $i.0 && value.country in ["DE", "FR", vars.home]
      - map:
          id: value.id
          customer: value.customer.lowerAscii()
          total: value.amount * double(value.quantity)
          large: 'value.amount >= double(vars.limit) ? "yes" : "no"'
          hour: value.created_at.getHours("Europe/Berlin")
      - set:
          label: '"%s/%s".format([value.customer, value.large])'
YAML
  if ((i % 5 == 0)); then
    cat <<YAML
      - name: totals_$i
        aggregate:
          group_by: value.customer
          fields: { customer: key, orders: count(), total: sum(value.total) }
YAML
  fi
  printf '    to: out_%d\n' "$i"
done
echo 'tests:'
for ((i = 0; i < tests; ++i)); do
  cat <<YAML
  - name: case $i
    input:
      orders:
        - { key: a, value: { id: a, country: DE, customer: Ada, amount: 120, quantity: 2, created_at: "2026-01-01T00:00:01Z" } }
        - { key: b, value: { id: b, country: US, customer: Bo, amount: 120, quantity: 1, created_at: "2026-01-01T00:00:02Z" } }
        - { key: c, value: { id: c, country: FR, customer: Ada, amount: 30, quantity: 1, created_at: "2026-01-01T00:00:03Z" } }
    expect:
      out_0:
        match: last_per_key
        records:
          - { key: ada, value: { customer: ada, orders: 2, total: 270.0 } }
      out_1: { count: 2 }
YAML
done
