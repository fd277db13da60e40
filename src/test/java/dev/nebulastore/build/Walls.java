package dev.nebulastore.build;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static dev.nebulastore.build.Room.HOUSE;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;

/** The architecture rules over the class files, each with its reason. */
final class Walls {

  private static final String[] ROOMS =
      Room.ALL.stream().map(Room::inPackage).toArray(String[]::new);

  private Walls() {}

  /** All rules. An empty room breaks none, so that rooms can be planned in the table. */
  static List<ArchRule> rules() {
    return Stream.of(rooms(), house(), libraries(), habits())
        .flatMap(rules -> rules)
        .map(rule -> rule.allowEmptyShould(true))
        .toList();
  }

  private static Stream<ArchRule> rooms() {
    Stream<ArchRule> sights = Room.ALL.stream().map(Walls::seesOnlyItsNeighbours);
    Stream<ArchRule> doors =
        Room.ALL.stream().filter(room -> !room.showsAll()).map(Walls::showsOnlyItsDoor);
    Stream<ArchRule> insides = Room.ALL.stream().map(Walls::hasNoCycles);
    return Stream.of(sights, doors, insides).flatMap(rules -> rules);
  }

  private static ArchRule hasNoCycles(Room room) {
    return classes()
        .that()
        .resideInAPackage(room.inPackage())
        .should(new ClassCycles())
        .as("no circle of classes in " + room.name())
        .because("classes in a circle can only be read, tested and changed together");
  }

  private static ArchRule seesOnlyItsNeighbours(Room room) {
    return classes()
        .that()
        .resideInAPackage(room.inPackage())
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage(HOUSE + "..").or(resideInAnyPackage(room.visible())))
        .as(room.name() + " sees only " + room.sees())
        .because(room.because());
  }

  private static ArchRule showsOnlyItsDoor(Room room) {
    return classes()
        .that(standOutside(room))
        .should()
        .notBePublic()
        .as(room.name() + " shows only " + room.shows())
        .because("what no other room can name can be changed without asking");
  }

  private static Stream<ArchRule> house() {
    return Stream.of(
        classes()
            .that()
            .resideOutsideOfPackage(HOUSE)
            .should()
            .resideInAnyPackage(ROOMS)
            .as("no rooms but those of the table")
            .because("a room is named by what it is for, which util, common and impl don't say"),
        classes()
            .that()
            .resideInAPackage(HOUSE)
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .haveSimpleName("NebulaStoreApplication")
            .as("the root holds only NebulaStoreApplication")
            .because("each room wires itself, so that leaving a room out leaves its beans out"),
        slices()
            .matching(HOUSE + ".(**)")
            .should()
            .beFreeOfCycles()
            .as("no rooms see each other in a circle")
            .because("rooms in a circle are one room"),
        nobodySees("api"),
        nobodySees("ops"));
  }

  private static ArchRule nobodySees(String edge) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(HOUSE + "." + edge + "..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(HOUSE + "." + edge + "..")
        .as("nobody sees " + edge)
        .because("the edges depend on the core, never the core on an edge");
  }

  private static Stream<ArchRule> libraries() {
    return Stream.of(
        noClasses()
            .that()
            .resideInAnyPackage(HOUSE + ".kv", HOUSE + ".ring")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..")
            .as("kv and ring see no Spring")
            .because("the words and the ring must mean the same in any process"),
        noClasses()
            .that()
            .resideInAnyPackage(HOUSE + ".kv", HOUSE + ".ring")
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("java.io..", "java.nio..", "java.net..")
                    .and(resideOutsideOfPackage("java.nio.charset")))
            .as("kv and ring do no I/O")
            .because("what is pure gives every engine, node and replay the same answer"),
        onlySeenBy("storage.rocksdb", "an engine is a choice, not a foundation", "org.rocksdb"),
        onlySeenBy("replication", "who orders commands is a choice too", "org.apache.ratis"),
        onlySeenBy(
            "http.tomcat",
            "its insides change with each release, and what they touch is then in one place",
            "org.apache.catalina",
            "org.apache.coyote",
            "org.apache.tomcat"));
  }

  private static ArchRule onlySeenBy(String room, String because, String... libraries) {
    return noClasses()
        .that()
        .resideOutsideOfPackage(HOUSE + "." + room + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            Stream.of(libraries).map(library -> library + "..").toArray(String[]::new))
        .as("only %s sees %s".formatted(room, String.join(", ", libraries)))
        .because(because);
  }

  private static Stream<ArchRule> habits() {
    return Stream.of(
        NO_CLASSES_SHOULD_USE_FIELD_INJECTION
            .as("nothing is injected into a field")
            .because("a constructor names all that a class needs, also to its tests"),
        fields()
            .that()
            .areStatic()
            .should()
            .beFinal()
            .as("no static field changes")
            .because("state that nobody owns can't be confined to a thread"),
        classes()
            .that()
            .areAnnotatedWith(ConfigurationProperties.class)
            .should()
            .beRecords()
            .andShould()
            .notBePublic()
            .andShould()
            .resideInAnyPackage(ROOMS)
            .as("configuration is a record that only its own room reads")
            .because("a setting that two rooms read belongs to neither"));
  }

  /** Nested types are as public as their top-level type. */
  private static DescribedPredicate<JavaClass> standOutside(Room room) {
    return describe(
        "are top-level types of " + room.name() + " that its door doesn't name",
        type ->
            type.isTopLevelClass()
                && type.getPackageName().equals(room.inPackage())
                && !room.shows().contains(type.getSimpleName()));
  }
}
