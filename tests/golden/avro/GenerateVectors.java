// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Writes vectors.ndjson: bytes and values as Apache Avro for Java makes them. Run by generate.sh.
//
// Each line: a case's name, the writer's schema and, where it differs, the reader's; the bytes in
// hexadecimal; the value that Java reads, in JSON as Sidestream maps it (src/serde/avro/decoder.h); the
// canonical form and the fingerprint of the writer's schema. "encodes" is false where the
// bytes are not the only ones for the value.

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.avro.Conversions;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.util.RandomData;

public class GenerateVectors {
  private static final StringBuilder OUT = new StringBuilder();

  public static void main(String[] args) throws IOException {
    primitives();
    containers();
    names();
    logicalTypes();
    promotions();
    records();
    blocks();
    random();
    System.out.write(OUT.toString().getBytes(StandardCharsets.UTF_8));
    System.out.flush();
  }

  private static void primitives() throws IOException {
    write("null", "'null'", "null");
    write("boolean", "'boolean'", "true");
    for (String number : List.of("0", "-1", "1", "-64", "64", "8192", "2147483647", "-2147483648")) {
      write("int " + number, "'int'", number);
    }
    for (String number : List.of("0", "-65", "9223372036854775807", "-9223372036854775808")) {
      write("long " + number, "'long'", number);
    }
    write("float", "'float'", "-1.5");
    write("double", "'double'", "0.1");
    write("string", "'string'", "'h\u00e9llo \u20ac \ud83d\ude00'");
    write("bytes", "'bytes'", "'\\u0000\\u00ff\\u0080A'");
    write("fixed", "{'type':'fixed','name':'F','size':3}", "'\\u0001\\u00fe\\u0003'");
    write("enum", "{'type':'enum','name':'E','symbols':['A','B','C']}", "'C'");
  }

  private static void containers() throws IOException {
    write("empty array", "{'type':'array','items':'int'}", "[]");
    write("array", "{'type':'array','items':'long'}", "[3,27,-5000000000]");
    write("map", "{'type':'map','values':'string'}", "{'a':'x','b':''}");
    write("array of nulls", "{'type':'array','items':'null'}", "[null,null,null]");
    write("union null", "['null','string']", "null");
    write("union string", "['null','string']", "{'string':'a'}");
    write("specification record", "{'type':'record','name':'test','fields':["
        + "{'name':'a','type':'long'},{'name':'b','type':'string'}]}", "{'a':27,'b':'foo'}");
    write("list", "{'type':'record','name':'LongList','aliases':['LinkedLongs'],'fields':["
        + "{'name':'value','type':'long'},{'name':'next','type':['null','LongList']}]}",
        "{'value':1,'next':{'LongList':{'value':2,'next':null}}}");
  }

  private static void names() throws IOException {
    write("namespaces", "{'type':'record','name':'Outer','namespace':'a.b','doc':'d','fields':["
        + "{'name':'x','type':{'type':'enum','name':'E','symbols':['P','Q']}},"
        + "{'name':'y','type':{'type':'fixed','name':'c.d.F','size':2}},"
        + "{'name':'z','type':['null','E','c.d.F',{'type':'record','name':'In','namespace':'',"
        + "'fields':[{'name':'o','type':['null','a.b.Outer']}]}]},"
        + "{'name':'m','type':{'type':'map','values':{'type':'array','items':'a.b.E'}}}]}",
        "{'x':'Q','y':'ab','z':{'In':{'o':null}},'m':{'k':['P','Q']}}");
  }

  private static void logicalTypes() throws IOException {
    write("decimal", "{'type':'bytes','logicalType':'decimal','precision':6,'scale':2}", "'\\u00cf\\u00c7'");
    write("decimal zero", "{'type':'bytes','logicalType':'decimal','precision':6,'scale':3}", "'\\u0000'");
    write("decimal wide", "{'type':'bytes','logicalType':'decimal','precision':38,'scale':9}",
        "'\\u0012\\u0034\\u0056\\u0078\\u009a\\u00bc\\u00de\\u00f0\\u0012\\u0034\\u0056\\u0078\\u009a\\u00bc'");
    write("decimal fixed", "{'type':'fixed','name':'D','size':8,'logicalType':'decimal','precision':18,'scale':4}",
        "'\\u00ff\\u00ff\\u00ff\\u00ff\\u00ff\\u00ff\\u00fe\\u000c'");
    write("uuid", "{'type':'string','logicalType':'uuid'}", "'123e4567-e89b-12d3-a456-426614174000'");
    write("date", "{'type':'int','logicalType':'date'}", "-1");
    write("time-millis", "{'type':'int','logicalType':'time-millis'}", "45296789");
    write("time-micros", "{'type':'long','logicalType':'time-micros'}", "45296789012");
    for (String kind : List.of("timestamp", "local-timestamp")) {
      write(kind + "-millis", "{'type':'long','logicalType':'" + kind + "-millis'}", "1767225600123");
      write(kind + "-micros", "{'type':'long','logicalType':'" + kind + "-micros'}", "-1");
      write(kind + "-nanos", "{'type':'long','logicalType':'" + kind + "-nanos'}", "1767225600123456789");
    }
    write("duration", "{'type':'fixed','name':'Du','size':12,'logicalType':'duration'}",
        "'\\u0001\\u0000\\u0000\\u0000\\u0002\\u0000\\u0000\\u0000\\u00ff\\u00ff\\u00ff\\u00ff'");
    write("unknown logical type", "{'type':'long','logicalType':'fortnight'}", "7");
    write("logical type that does not fit", "{'type':'string','logicalType':'date'}", "'x'");
  }

  private static void promotions() throws IOException {
    resolve("int to long", "'int'", "'long'", "5");
    resolve("int to float", "'int'", "'float'", "16777217");
    resolve("int to double", "'int'", "'double'", "16777217");
    resolve("long to float", "'long'", "'float'", "9007199254740993");
    resolve("long to double", "'long'", "'double'", "9007199254740993");
    resolve("float to double", "'float'", "'double'", "0.1");
    resolve("string to bytes", "'string'", "'bytes'", "'\u00e9'");
    resolve("bytes to string", "'bytes'", "'string'", "'ab'");
    resolve("into a union", "'int'", "['null','double','long']", "5");
    resolve("into a union, same type first", "'int'", "['double','int']", "5");
    resolve("out of a union", "['null','int']", "'long'", "{'int':5}");
    resolve("union to union", "['int','string']", "['string','long']", "{'int':5}");
    resolve("items", "{'type':'array','items':'int'}", "{'type':'array','items':['null','long']}", "[1,2]");
    resolve("enum", "{'type':'enum','name':'E','symbols':['A','B','C']}",
        "{'type':'enum','name':'E','symbols':['C','A','X'],'default':'X'}", "'C'");
    resolve("enum default", "{'type':'enum','name':'E','symbols':['A','B','C']}",
        "{'type':'enum','name':'E','symbols':['C','A','X'],'default':'X'}", "'B'");
  }

  private static void records() throws IOException {
    String writer = "{'type':'record','name':'R','fields':[{'name':'gone','type':{'type':'map','values':"
        + "{'type':'array','items':'string'}}},{'name':'b','type':'int'},{'name':'a','type':'string'},"
        + "{'name':'gone_too','type':['null',{'type':'record','name':'S','fields':["
        + "{'name':'x','type':'double'}]}]},{'name':'old','type':'long'}]}";
    String reader = "{'type':'record','name':'R','fields':[{'name':'a','type':'string'},"
        + "{'name':'b','type':'double'},{'name':'renamed','aliases':['old'],'type':'long'},"
        + "{'name':'s','type':'string','default':'d\\u00e9'},{'name':'n','type':['null','int'],'default':null},"
        + "{'name':'by','type':'bytes','default':'\\u0000\\u00ff'},"
        + "{'name':'f','type':{'type':'fixed','name':'F','size':2},'default':'\\u0001\\u0002'},"
        + "{'name':'e','type':{'type':'enum','name':'E','symbols':['P','Q']},'default':'Q'},"
        + "{'name':'l','type':{'type':'array','items':'long'},'default':[1,2]},"
        + "{'name':'m','type':{'type':'map','values':'boolean'},'default':{'k':true}},"
        + "{'name':'t','type':{'type':'long','logicalType':'timestamp-millis'},'default':1500},"
        + "{'name':'r','type':{'type':'record','name':'T','fields':[{'name':'p','type':'int'},"
        + "{'name':'q','type':'float','default':1.5}]},'default':{'p':3}}]}";
    String data = "{'gone':{'k':['v','w'],'l':[]},'b':7,'a':'text',"
        + "'gone_too':{'S':{'x':2.5}},'old':-9}";
    write("record to skip", writer, data);
    resolve("reordered, renamed, defaults", writer, reader, data);
    resolve("records in unions", "['null',{'type':'record','name':'n.A','fields':[{'name':'x','type':'int'}]}]",
        "[{'type':'record','name':'n.B','fields':[{'name':'y','type':'string','default':''}]},"
        + "{'type':'record','name':'n.A','fields':[{'name':'x','type':'long'}]},'null']", "{'n.A':{'x':4}}");
  }

  private static void blocks() throws IOException {
    String text = "{'type':'record','name':'R','fields':[{'name':'l','type':{'type':'array','items':'string'}},"
        + "{'name':'m','type':{'type':'map','values':'int'}},{'name':'z','type':'int'}]}";
    Schema schema = parse(text);
    GenericData.Record record = new GenericData.Record(schema);
    List<String> items = new ArrayList<>();
    for (int i = 0; i < 40; ++i) items.add("item " + i);
    record.put("l", items);
    record.put("m", Map.of("k", 1));
    record.put("z", 9);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(bytes, null);
    new GenericDatumWriter<>(schema).write(record, encoder);
    encoder.flush();
    line("blocks with sizes", schema, null, bytes.toByteArray(), record, false);
  }

  private static void random() throws IOException {
    Schema schema = parse("{'type':'record','name':'Big','fields':[{'name':'i','type':'int'},{'name':'l','type':'long'},"
        + "{'name':'f','type':'float'},{'name':'d','type':'double'},{'name':'b','type':'boolean'},"
        + "{'name':'s','type':'string'},{'name':'y','type':'bytes'},{'name':'n','type':'null'},"
        + "{'name':'x','type':{'type':'fixed','name':'X','size':5}},"
        + "{'name':'e','type':{'type':'enum','name':'E','symbols':['A','B','C','D']}},"
        + "{'name':'u','type':['null','boolean','long','string',{'type':'array','items':['null','Big']},"
        + "{'type':'map','values':['double','bytes','E']}]}]}");
    for (Object datum : new RandomData(schema, 20, 20260101L, true)) {
      line("random", schema, null, encode(schema, datum), datum, false);
    }
  }

  private static Schema parse(String text) {
    return new Schema.Parser().parse(text.replace('\'', '"'));
  }

  private static byte[] encode(Schema schema, Object datum) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<>(schema).write(datum, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  /** {@code data} in Avro's own JSON encoding. */
  private static Object decode(Schema schema, String data) throws IOException {
    return new GenericDatumReader<>(schema).read(
        null, DecoderFactory.get().jsonDecoder(schema, data.replace('\'', '"')));
  }

  private static void write(String name, String schema, String data) throws IOException {
    Schema parsed = parse(schema);
    Object datum = decode(parsed, data);
    line(name, parsed, null, encode(parsed, datum), datum, true);
  }

  private static void resolve(String name, String writer, String reader, String data) throws IOException {
    Schema from = parse(writer);
    Schema to = parse(reader);
    byte[] bytes = encode(from, decode(from, data));
    Object datum = new GenericDatumReader<>(from, to).read(
        null, DecoderFactory.get().binaryDecoder(bytes, null));
    line(name, from, to, bytes, datum, false);
  }

  private static void line(String name, Schema writer, Schema reader, byte[] bytes, Object datum,
                           boolean encodes) {
    OUT.append("{\"name\":").append(quoted(name));
    OUT.append(",\"schema\":").append(quoted(writer.toString()));
    if (reader != null) OUT.append(",\"reader\":").append(quoted(reader.toString()));
    OUT.append(",\"bytes\":\"").append(HexFormat.of().formatHex(bytes)).append('"');
    OUT.append(",\"encodes\":").append(encodes);
    OUT.append(",\"canonical\":").append(quoted(SchemaNormalization.toParsingForm(writer)));
    OUT.append(",\"fingerprint\":\"").append(
        String.format("%016x", SchemaNormalization.parsingFingerprint64(writer))).append('"');
    OUT.append(",\"value\":").append(json(reader != null ? reader : writer, datum)).append("}\n");
  }

  private static String json(Schema schema, Object datum) {
    LogicalType logical = schema.getLogicalType();
    switch (schema.getType()) {
      case NULL: return "null";
      case BOOLEAN: return datum.toString();
      case INT:
      case LONG: return logical == null ? datum.toString() : time(logical.getName(), ((Number) datum).longValue());
      case FLOAT: return Double.toString(((Float) datum).doubleValue());
      case DOUBLE: return datum.toString();
      case STRING: return quoted(datum.toString());
      case ENUM: return quoted(datum.toString());
      case BYTES: return binary(schema, bytesOf((ByteBuffer) datum));
      case FIXED: return binary(schema, ((GenericFixed) datum).bytes());
      case UNION: return json(schema.getTypes().get(GenericData.get().resolveUnion(schema, datum)), datum);
      default: return nested(schema, datum);
    }
  }

  private static String nested(Schema schema, Object datum) {
    List<String> parts = new ArrayList<>();
    if (schema.getType() == Schema.Type.ARRAY) {
      for (Object item : (Iterable<?>) datum) parts.add(json(schema.getElementType(), item));
      return "[" + String.join(",", parts) + "]";
    }
    if (schema.getType() == Schema.Type.MAP) {
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) datum).entrySet()) {
        parts.add(quoted(entry.getKey().toString()) + ":" + json(schema.getValueType(), entry.getValue()));
      }
    } else {
      for (Schema.Field field : schema.getFields()) {
        parts.add(quoted(field.name()) + ":" + json(field.schema(), ((IndexedRecord) datum).get(field.pos())));
      }
    }
    return "{" + String.join(",", parts) + "}";
  }

  private static String time(String logical, long raw) {
    long units = logical.endsWith("nanos") ? 1_000_000_000 : logical.endsWith("micros") ? 1_000_000 : 1_000;
    if (logical.equals("date")) return "\"" + LocalDate.ofEpochDay(raw).atStartOfDay().toInstant(ZoneOffset.UTC) + "\"";
    long seconds = Math.floorDiv(raw, units);
    long nanos = Math.floorMod(raw, units) * (1_000_000_000 / units);
    if (logical.startsWith("time-")) {
      // Protobuf's JSON mapping: 0, 3, 6 or 9 digits of fraction.
      String digits = nanos % 1_000_000 == 0 ? String.format(".%03d", nanos / 1_000_000)
          : String.format(".%06d", nanos / 1_000);
      return "\"" + seconds + (nanos == 0 ? "" : digits) + "s\"";
    }
    return "\"" + Instant.ofEpochSecond(seconds, nanos) + "\"";
  }

  private static String binary(Schema schema, byte[] bytes) {
    LogicalType logical = schema.getLogicalType();
    if (logical instanceof LogicalTypes.Decimal) {
      return quoted(new Conversions.DecimalConversion().fromBytes(
          ByteBuffer.wrap(bytes), schema, logical).toPlainString());
    }
    if ("duration".equals(schema.getProp("logicalType"))) {
      ByteBuffer parts = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      return String.format("{\"months\":%d,\"days\":%d,\"millis\":%d}", parts.getInt() & 0xffffffffL,
          parts.getInt() & 0xffffffffL, parts.getInt() & 0xffffffffL);
    }
    return "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
  }

  private static byte[] bytesOf(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20) {
        out.append(String.format("\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
