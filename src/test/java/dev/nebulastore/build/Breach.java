package dev.nebulastore.build;

import static dev.nebulastore.build.Room.HOUSE;

import java.util.List;

/**
 * A type that violates a rule: its name, its source, and the start of the description of the rule
 * that must report it.
 */
record Breach(String type, String source, String rule) {

  private static final String COMPONENT = "@org.springframework.stereotype.Component ";
  private static final String AUTOWIRED =
      "@org.springframework.beans.factory.annotation.Autowired ";
  private static final String PROPERTIES =
      "@org.springframework.boot.context.properties.ConfigurationProperties ";

  private static final String ROOMS = "no rooms except those in the table";
  private static final String ROOT = "the root holds only Launcher and NebulaStoreApplication";
  private static final String SPRING = "kv and ring do not depend on Spring";
  private static final String IO = "kv and ring do no I/O";
  private static final String ROCKSDB = "only storage.rocksdb depends on org.rocksdb";
  private static final String RATIS = "only replication depends on org.apache.ratis";
  private static final String TOMCAT = "only http.tomcat depends on org.apache.catalina";
  private static final String API = "no other room depends on api";
  private static final String OPS = "no other room depends on ops";
  private static final String FIELD = "nothing is injected into a field";
  private static final String STATIC = "no static field changes";
  private static final String SETTINGS = "configuration is a record";

  /**
   * Types that violate the rules beside the table of rooms. The test adds a public {@code Door} to
   * each room.
   */
  static final List<Breach> ALL =
      List.of(
          new Breach("util.Strings", "class Strings {}", ROOMS),
          new Breach("kv.impl.Keys", "class Keys {}", ROOMS),
          new Breach("Beans", "class Beans {}", ROOT),
          new Breach("kv.Late", COMPONENT + "class Late {}", SPRING),
          new Breach("ring.Late", COMPONENT + "class Late {}", SPRING),
          new Breach("kv.Load", "class Load { java.io.File file; }", IO),
          new Breach("kv.View", "class View { java.nio.Buffer view; }", IO),
          new Breach("ring.Call", "class Call { java.net.URI uri; }", IO),
          new Breach("storage.Disk", "class Disk extends org.rocksdb.RocksDB {}", ROCKSDB),
          new Breach("storage.memory.Copy", "class Copy extends org.rocksdb.RocksDB {}", ROCKSDB),
          new Breach("shard.Log", "class Log extends org.apache.ratis.Raft {}", RATIS),
          new Breach("api.kv.Path", "class Path { org.apache.tomcat.util.buf.Bytes b; }", TOMCAT),
          new Breach("http.Guard", "class Guard extends org.apache.catalina.Valve {}", TOMCAT),
          new Breach("ops.Drain", "class Drain { org.apache.coyote.Protocol it; }", TOMCAT),
          new Breach("router.Up", "class Up { " + HOUSE + ".api.Door door; }", API),
          new Breach("watch.Up", "class Up { " + HOUSE + ".api.watch.Door door; }", API),
          new Breach("api.Round", "class Round { " + HOUSE + ".ops.Door door; }", OPS),
          new Breach("api.Wired", "class Wired { " + AUTOWIRED + "Object it; }", FIELD),
          new Breach("ops.Count", "class Count { static int count; }", STATIC),
          new Breach("api.Loose", PROPERTIES + "class Loose {}", SETTINGS),
          new Breach("api.Open", PROPERTIES + "public record Open() {}", SETTINGS),
          new Breach("Home", PROPERTIES + "record Home() {}", SETTINGS));

  String fullName() {
    return HOUSE + "." + type;
  }
}
