# Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
"""Prints one line of JSON per message: its schema, its bytes as Google's Protobuf for Python writes
them, and what an expression must see of it (src/serde/protobuf/proto_reader.h), from reflection.
Called by generate.sh with the folder of the descriptor sets."""

import base64
import json
import pathlib
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

WRAPPERS = "google/protobuf/wrappers.proto"


def message_class(file, name):
    files = descriptor_pb2.FileDescriptorSet()
    files.ParseFromString((pathlib.Path(sys.argv[1]) / f"{file}.pb").read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for one in files.file:
        pool.Add(one)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(name))


def scalar(field, value):
    if field.message_type is not None:
        return seen(value)
    if field.type == field.TYPE_BYTES:
        return base64.b64encode(value).decode()
    return value


def text(key):
    return str(key).lower() if isinstance(key, bool) else str(key)


def of_field(message, field):
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        of = field.message_type.fields_by_name["value"]
        return {text(key): scalar(of, value[key]) for key in value}
    if field.label == field.LABEL_REPEATED:
        return [scalar(field, one) for one in value]
    if field.has_presence and not message.HasField(field.name):
        oneof = field.containing_oneof
        if oneof is not None and not (len(oneof.fields) == 1 and oneof.name.startswith("_")):
            return ...
        if field.message_type is not None:
            name = field.message_type.full_name
            null = field.message_type.file.name == WRAPPERS or name == "google.protobuf.Value"
            return None if null else ...
        if not field.has_default_value:
            return ...
    return scalar(field, value)


def seen(message):
    kind = message.DESCRIPTOR.full_name
    if message.DESCRIPTOR.file.name == WRAPPERS:
        return scalar(message.DESCRIPTOR.fields[0], message.value)
    if kind.startswith("google.protobuf.") and kind != "google.protobuf.Any":
        return json_format.MessageToDict(message)
    fields = {}
    for field in message.DESCRIPTOR.fields:
        value = of_field(message, field)
        if value is not ...:
            fields[field.name] = value
    return fields


def put(file, message, name, encodes=True):
    schema = (pathlib.Path(__file__).parent / f"{file}.proto").read_text()
    print(json.dumps({
        "name": name,
        "schema": schema,
        "message": message.DESCRIPTOR.full_name,
        "bytes": message.SerializeToString(deterministic=True).hex(),
        "encodes": encodes,
        "value": seen(message),
    }))


def main():
    order = message_class("order", "shop.Order")
    put("order", order(), "nothing is set")
    full = order(id=-7, customer="Zoë", status=1, card="4000", flag=True, u32=2**32 - 1,
                 f64=2**64 - 1, s64=-2**63)
    full.lines.add(sku="a", quantity=-3, price=1.25)
    full.lines.add(sku="b", discount=0.0)
    full.totals["EUR"] = 10
    full.by_position[3].sku = "c"
    full.by_position[4].CopyFrom(order.Line())
    full.at.FromJsonString("2026-01-01T12:00:00.250Z")
    full.took.FromJsonString("-1.500s")
    full.note.value = ""
    full.big.value = 2**63
    full.extra.update({"list": [1, None, "x", {"deep": True}], "text": "t"})
    full.anything.number_value = -0.5
    full.packed_message.type_url = "type.googleapis.com/shop.Order"
    full.packed_message.value = b"\x08\x01"
    full.checks.extend([1, 2, 2**32 - 1])
    full.loose.extend([-1, 2**62])
    full.history.extend([1, -2, 0, 77])
    full.previous.previous.id = 1
    put("order", full, "everything is set")
    for payment in [{"card": ""}, {"cash": b"\x00\xff"}, {"voucher": order.Line(sku="v")}]:
        put("order", order(**payment), f"oneof: {next(iter(payment))}")
    for moment in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.5Z"]:
        at = order()
        at.at.FromJsonString(moment)
        put("order", at, f"timestamp {moment}")
    for length in ["315576000000s", "-315576000000s", "0.000000001s", "-0.000000001s"]:
        took = order()
        took.took.FromJsonString(length)
        put("order", took, f"duration {length}")
    for number in [0, 1, -1, 127, 128, 2**31 - 1, -2**31, 2**63 - 1, -2**63]:
        put("order", order(id=number, s64=number), f"integer {number}")
    row = message_class("legacy", "legacy.Row")
    put("legacy", row(id=0), "proto2 defaults", encodes=False)
    put("legacy", row(id=1, name="", color=1, numbers=[1, -1], packed_numbers=[300, 0], ratio=0.0,
                      colors={-1: 5}), "proto2, all set")


main()
