// Copyright (c) 2026 The Sidestream authors. SPDX-License-Identifier: Apache-2.0
//
// Random records through the windows of Kafka Streams: one JSON object a line, with the window, the
// records in the order in which they came, and the last count of each window.
//
//   java -cp 'lib/*' GenerateVectors.java SEED CASES STATE_FOLDER

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;

public final class GenerateVectors {
  private static final String[] KINDS = {"tumbling", "hopping", "sliding", "session"};
  private static final long START = 1_767_225_600_000L;

  private record Case(String kind, long size, long every, long grace) {}

  private record Fact(String key, long time) {}

  public static void main(String[] args) {
    final Random random = new Random(Long.parseLong(args[0]));
    final int cases = Integer.parseInt(args[1]);
    for (int i = 0; i < cases; ++i) {
      final String kind = KINDS[i % KINDS.length];
      final long unit = random.nextBoolean() ? 1_000 : 100;
      final long every = unit * (1 + random.nextInt(4));
      final long size = kind.equals("hopping") ? every * (1 + random.nextInt(5)) : unit * (1 + random.nextInt(8));
      final long grace = random.nextInt(3) == 0 ? 0 : random.nextInt(4_000);
      final Case one = new Case(kind, size, kind.equals("hopping") ? every : size, grace);
      final List<Fact> facts = facts(one, random);
      System.out.println(line(one, facts, results(one, facts, args[2] + "/" + i)));
    }
  }

  private static List<Fact> facts(Case one, Random random) {
    final List<Fact> facts = new ArrayList<>();
    final int count = 5 + random.nextInt(40);
    final int step = 1 + random.nextInt(random.nextBoolean() ? 150 : 2_000);
    long cursor = START + one.size();
    for (int i = 0; i < count; ++i) {
      cursor += random.nextInt(step + 1);
      long back = 0;
      final int dice = random.nextInt(8);
      if (dice < 2) back = (long) (random.nextDouble() * (one.grace() + 1));
      // Where the two differ on purpose (docs/kafka-streams.md) with records that come too late, such
      // records lie before all others.
      final boolean differs = one.kind().equals("session") || one.kind().equals("sliding");
      if (dice == 2) back = differs ? cursor - START + 3 * one.size() : one.grace() + random.nextInt((int) (3 * one.size()));
      facts.add(new Fact("k" + random.nextInt(3), cursor - back));
    }
    return facts;
  }

  private static KTable<Windowed<String>, Long> counts(Case one, KGroupedStream<String, String> grouped) {
    final Duration size = Duration.ofMillis(one.size());
    final Duration grace = Duration.ofMillis(one.grace());
    switch (one.kind()) {
      case "sliding":
        return grouped.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(size, grace)).count();
      case "session":
        return grouped.windowedBy(SessionWindows.ofInactivityGapAndGrace(size, grace)).count();
      default:
        return grouped
            .windowedBy(TimeWindows.ofSizeAndGrace(size, grace).advanceBy(Duration.ofMillis(one.every())))
            .count();
    }
  }

  /** The last count of each window; a session that became part of another one is taken back. */
  private static TreeMap<String, String> results(Case one, List<Fact> facts, String folder) {
    final StreamsBuilder builder = new StreamsBuilder();
    counts(one, builder.stream("in", Consumed.with(Serdes.String(), Serdes.String())).groupByKey())
        .toStream()
        .map((window, count) ->
            KeyValue.pair(
                "[\"" + window.key() + "\"," + window.window().start() + "," + window.window().end(),
                count == null ? null : count.toString()))
        .to("out", Produced.with(Serdes.String(), Serdes.String()));
    final Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "vectors");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "none:1");
    properties.put(StreamsConfig.STATE_DIR_CONFIG, folder);
    properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
    properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
    properties.put(
        StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG,
        BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    final TreeMap<String, String> newest = new TreeMap<>();
    try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties)) {
      final TestInputTopic<String, String> in =
          driver.createInputTopic("in", new StringSerializer(), new StringSerializer());
      final TestOutputTopic<String, String> out =
          driver.createOutputTopic("out", new StringDeserializer(), new StringDeserializer());
      for (final Fact fact : facts) in.pipeInput(fact.key(), "x", fact.time());
      for (final KeyValue<String, String> result : out.readKeyValuesToList()) {
        if (result.value == null) {
          newest.remove(result.key);
        } else {
          newest.put(result.key, result.value);
        }
      }
    }
    return newest;
  }

  private static String line(Case one, List<Fact> facts, TreeMap<String, String> results) {
    final StringBuilder text = new StringBuilder();
    text.append("{\"window\":\"").append(one.kind()).append("\",\"size\":").append(one.size());
    text.append(",\"every\":").append(one.every()).append(",\"grace\":").append(one.grace());
    text.append(",\"records\":[");
    String comma = "";
    for (final Fact fact : facts) {
      text.append(comma).append("[\"").append(fact.key()).append("\",").append(fact.time()).append("]");
      comma = ",";
    }
    text.append("],\"results\":[");
    comma = "";
    for (final var result : results.entrySet()) {
      text.append(comma).append(result.getKey()).append(",").append(result.getValue()).append("]");
      comma = ",";
    }
    return text.append("]}").toString();
  }
}
