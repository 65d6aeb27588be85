// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The schema of shop.Order, the second message of its file, for the official serializer, which takes
// descriptors and no .proto text:
//
//   message Customer { string name = 1; }
//   message Order { int64 id = 1; double amount = 2; Customer customer = 3; repeated string tags = 4; }

const { create, createFileRegistry, fromJson } = require('@bufbuild/protobuf');
const { FileDescriptorProtoSchema, FileDescriptorSetSchema } = require('@bufbuild/protobuf/wkt');

const optional = 1;
const repeated = 3;
const field = (name, number, type, more = {}) => ({ name, number, type, label: optional, jsonName: name, ...more });

const file = create(FileDescriptorProtoSchema, {
  name: 'order.proto',
  package: 'shop',
  syntax: 'proto3',
  messageType: [
    { name: 'Customer', field: [field('name', 1, 9)] },
    { name: 'Order',
      field: [field('id', 1, 3), field('amount', 2, 1),
        field('customer', 3, 11, { typeName: '.shop.Customer' }), field('tags', 4, 9, { label: repeated })] },
  ],
});
const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] }));

module.exports = { registry, message: (json) => fromJson(registry.getMessage('shop.Order'), json) };
