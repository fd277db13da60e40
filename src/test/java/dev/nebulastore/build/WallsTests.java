package dev.nebulastore.build;

import static dev.nebulastore.build.Room.HOUSE;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.ArchRule;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks the architecture rules against sample code that violates each of them, and sample code
 * that violates none.
 */
class WallsTests {

  private static final Map<String, String> LIBRARIES =
      Map.of(
          "org.rocksdb.RocksDB", "public class RocksDB {}",
          "org.apache.ratis.Raft", "public class Raft {}",
          "org.apache.catalina.Valve", "public class Valve {}",
          "org.apache.coyote.Protocol", "public class Protocol {}",
          "org.apache.tomcat.util.buf.Bytes", "public class Bytes {}");

  private static final Map<String, String> GOOD_HOUSE =
      Map.ofEntries(
          Map.entry("Launcher", "public class Launcher {}"),
          Map.entry("NebulaStoreApplication", "public class NebulaStoreApplication {}"),
          Map.entry("kv.Key", "public record Key(java.nio.charset.Charset charset) {}"),
          Map.entry("kv.Kind", "public enum Kind { READ, WRITE }"),
          Map.entry(
              "kv.Shape",
              "sealed interface Shape permits Square, Round { Shape NONE = new Square(); }"),
          Map.entry(
              "kv.Square", "record Square() implements Shape { static class Side { Square of; } }"),
          Map.entry("kv.Round", "record Round(Shape around) implements Shape {}"),
          Map.entry("ring.HashRing", "public class HashRing { public record Member() {} }"),
          Map.entry(
              "storage.ShardStore",
              "public interface ShardStore { dev.nebulastore.kv.Key first(); }"),
          Map.entry(
              "storage.rocksdb.Disk",
              "abstract class Disk implements dev.nebulastore.storage.ShardStore"
                  + " { org.rocksdb.RocksDB database; }"),
          Map.entry("http.tomcat.Guard", "class Guard extends org.apache.catalina.Valve {}"),
          Map.entry("replication.Log", "class Log extends org.apache.ratis.Raft {}"),
          Map.entry("watch.WatchHub", "public class WatchHub { static final int LIMIT = 1; }"),
          Map.entry(
              "api.Limits",
              "@org.springframework.boot.context.properties.ConfigurationProperties"
                  + " record Limits() {}"));

  @TempDir private static Path folder;

  /** The report of each rule, by its description, for the sample code that violates it. */
  private static Map<String, String> objections = Map.of();

  @BeforeAll
  static void buildTheRuin() {
    Map<String, String> sources = new HashMap<>();
    for (Room room : Room.ALL) {
      sources.put(room.name() + ".Door", "public class Door {}");
      for (Room other : Room.ALL) {
        String sight = sight(other);
        sources.put(
            room.name() + "." + sight,
            "class %s { %s.Door door; }".formatted(sight, other.inPackage()));
      }
      sources.put(room.name() + ".There", "class There { static class In { Back back; } }");
      sources.put(room.name() + ".Back", "class Back extends There {}");
    }
    Breach.ALL.forEach(breach -> sources.put(breach.type(), breach.source()));
    objections = objectionsTo(compile("ruin", sources));
  }

  static List<Breach> breaches() {
    return Breach.ALL;
  }

  static List<Room> rooms() {
    return Room.ALL;
  }

  static Stream<String> rules() {
    return Walls.rules().stream().map(ArchRule::getDescription);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rules")
  void everyRuleCanFail(String rule) {
    assertThat(objections).containsKey(rule);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("breaches")
  void eachRuleReportsItsViolations(Breach breach) {
    assertThat(objectionOf(breach.rule())).contains(breach.fullName());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rooms")
  void aRoomDependsOnlyOnTheRoomsInItsLine(Room room) {
    String objection = objectionOf(room.name() + " depends only on ");
    for (Room other : Room.ALL) {
      boolean mayLook = room.equals(other) || room.sees().contains(other.name());
      assertThat(objection.contains(room.inPackage() + "." + sight(other) + "."))
          .as("%s must not depend on %s", room.name(), other.name())
          .isEqualTo(!mayLook);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rooms")
  void aRoomExposesOnlyTheTypesInItsLine(Room room) {
    if (!room.showsAll()) {
      assertThat(objectionOf(room.name() + " exposes only ")).contains(room.inPackage() + ".Door");
    }
  }

  @Test
  void cyclesOfRoomsAreReported() {
    Map<String, String> circle =
        Map.of(
            "kv.Back", "public class Back { dev.nebulastore.watch.Forth forth; }",
            "watch.Forth", "public class Forth { dev.nebulastore.kv.Back back; }");
    assertThat(objectionsTo(compile("circle", circle)))
        .hasEntrySatisfying(
            "no cycle of rooms, because rooms in a cycle can only be changed together",
            objection -> assertThat(objection).contains("kv.Back", "watch.Forth"));
  }

  @Test
  void cyclesOfClassesAreReported() {
    Map<String, String> circle =
        Map.of(
            "kv.A", "class A { B[] b; }",
            "kv.B", "class B { static class In { void see(C c) {} } }",
            "kv.C", "class C { Object a = new A(); D d; }",
            "kv.D", "class D {}");
    assertThat(objectionsTo(compile("classes", circle)))
        .hasEntrySatisfying(
            "no cycle of classes in kv, because classes in a cycle can only be read, tested and"
                + " changed together",
            objection ->
                assertThat(objection).contains("kv.A", "kv.B", "kv.C").doesNotContain(".D"));
  }

  @Test
  void everyRuleGivesItsReason() {
    assertThat(rules()).allMatch(rule -> rule.contains(", because "));
  }

  @Test
  void correctCodeViolatesNoRule() {
    assertThat(objectionsTo(compile("good", GOOD_HOUSE))).isEmpty();
  }

  private static String sight(Room of) {
    return "Sees_" + of.name().replace('.', '_');
  }

  private static String objectionOf(String rule) {
    return objections.entrySet().stream()
        .filter(objection -> objection.getKey().startsWith(rule))
        .map(Map.Entry::getValue)
        .collect(Collectors.joining("\n"));
  }

  private static Map<String, String> objectionsTo(JavaClasses classes) {
    return Walls.rules().stream()
        .map(rule -> Map.entry(rule.getDescription(), rule.evaluate(classes)))
        .filter(entry -> entry.getValue().hasViolation())
        .collect(
            Collectors.toMap(
                Map.Entry::getKey,
                entry -> String.join("\n", entry.getValue().getFailureReport().getDetails())));
  }

  private static JavaClasses compile(String name, Map<String, String> house) {
    Map<String, String> sources = new HashMap<>(LIBRARIES);
    house.forEach((type, source) -> sources.put(HOUSE + "." + type, source));
    return Sketch.compile(folder.resolve(name), sources);
  }
}
