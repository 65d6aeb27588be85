// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writes the message types that cel-spec's tests use, as one google.protobuf.FileDescriptorSet:
//   node types.mjs FOLDER OUT    FOLDER has node_modules/@bufbuild/cel-spec
// A file stands behind those that it imports. Called by scripts/setup.sh.
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";

const [folder, out] = process.argv.slice(2);
const load = createRequire(join(resolve(folder), "package.json"));
const { create, toBinary } = load("@bufbuild/protobuf");
const { FileDescriptorSetSchema } = load("@bufbuild/protobuf/wkt");
const roots = [
  ["test/simple", "file_cel_expr_conformance_test_simple"],
  ["proto2/test_all_types_extensions", "file_cel_expr_conformance_proto2_test_all_types_extensions"],
  ["proto3/test_all_types", "file_cel_expr_conformance_proto3_test_all_types"],
];

const files = new Map();
const visit = (file) => {
  if (files.has(file.proto.name)) return;
  file.dependencies.forEach(visit);
  files.set(file.proto.name, file.proto);
};
for (const [module, name] of roots) {
  visit(load(`@bufbuild/cel-spec/cel/expr/conformance/${module}_pb.js`)[name]);
}
const set = create(FileDescriptorSetSchema, { file: [...files.values()] });
writeFileSync(out, toBinary(FileDescriptorSetSchema, set));
