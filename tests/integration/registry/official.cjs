// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// The official serializers and deserializers, as a filter. Wants NODE_PATH with the packages of
// package.json.
//
//   node official.cjs write FORMAT URL TOPIC SCHEMA_FILE   values as lines of JSON -> bytes in hexadecimal
//   node official.cjs read FORMAT URL TOPIC                the way back
//   node official.cjs vectors                              tests/golden/registry/vectors.ndjson
//
// FORMAT: avro, json_schema, protobuf (whose schema is that of protobuf_order.cjs).

const { readFileSync } = require('fs');
const {
  SchemaRegistryClient, SerdeType, AvroSerializer, AvroDeserializer, JsonSerializer,
  JsonDeserializer, ProtobufSerializer, ProtobufDeserializer,
} = require('@confluentinc/schemaregistry');

const kinds = {
  avro: { type: 'AVRO', Serializer: AvroSerializer, Deserializer: AvroDeserializer },
  json_schema: { type: 'JSON', Serializer: JsonSerializer, Deserializer: JsonDeserializer },
  protobuf: { type: 'PROTOBUF', Serializer: ProtobufSerializer, Deserializer: ProtobufDeserializer },
};

function json(value) {
  return JSON.stringify(value, (name, part) => {
    if (typeof part === 'bigint') return Number(part);
    return name === '$typeName' ? undefined : part;
  });
}

// Avro's int and long as numbers; a union's value without its branch.
const avroOptions = { wrapUnions: 'never' };

async function write(kind, format, client, topic, schema, values) {
  const config = { ...(format === 'avro' ? avroOptions : {}) };
  if (format === 'protobuf') {
    const { registry, message } = require('./protobuf_order.cjs');
    const serializer = new kind.Serializer(client, SerdeType.VALUE,
      { ...config, registry, autoRegisterSchemas: true });
    return Promise.all(values.map((value) => serializer.serialize(topic, message(value))));
  }
  await client.register(`${topic}-value`, { schemaType: kind.type, schema });
  const serializer = new kind.Serializer(client, SerdeType.VALUE,
    { ...config, autoRegisterSchemas: false, useLatestVersion: true });
  const all = [];
  for (const value of values) all.push(await serializer.serialize(topic, value));
  return all;
}

async function read(kind, format, client, topic, frames) {
  const config = format === 'avro' ? avroOptions : {};
  const deserializer = new kind.Deserializer(client, SerdeType.VALUE, config);
  const all = [];
  for (const bytes of frames) all.push(await deserializer.deserialize(topic, bytes));
  return all;
}

const lines = () => readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
const clientOf = (url) => SchemaRegistryClient.newClient({ baseURLs: [url] });

async function vectors() {
  const cases = readFileSync(`${__dirname}/../../golden/registry/cases.ndjson`, 'utf8')
    .split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
  for (const [index, one] of cases.entries()) {
    const kind = kinds[one.format];
    const client = clientOf('mock://');
    const schema = typeof one.schema === 'string' ? one.schema : JSON.stringify(one.schema);
    const [bytes] = await write(kind, one.format, client, `t${index}`, schema, [one.value]);
    const latest = await client.getLatestSchemaMetadata(`t${index}-value`);
    console.log(json({ name: one.name, format: one.format, message: one.message,
      schema: latest.schema, id: latest.id,
      value: one.value, bytes: bytes.toString('hex') }));
  }
}

async function main([verb, format, url, topic, file]) {
  if (verb === 'vectors') return vectors();
  const kind = kinds[format];
  if (verb === 'write') {
    const values = lines().map((line) => JSON.parse(line));
    const schema = file ? readFileSync(file, 'utf8') : '';
    for (const bytes of await write(kind, format, clientOf(url), topic, schema, values)) {
      console.log(bytes.toString('hex'));
    }
  } else {
    const frames = lines().map((line) => Buffer.from(line, 'hex'));
    for (const value of await read(kind, format, clientOf(url), topic, frames)) {
      console.log(json(value));
    }
  }
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
