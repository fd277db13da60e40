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

/** The architecture rules for the class files, each with its reason. */
final class Walls {

  private static final String[] ROOMS =
      Room.ALL.stream().map(Room::inPackage).toArray(String[]::new);

  private Walls() {}

  /** All rules. An empty room violates none, so the table can list rooms that are planned. */
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
        .as("no cycle of classes in " + room.name())
        .because("classes in a cycle can only be read, tested and changed together");
  }

  private static ArchRule seesOnlyItsNeighbours(Room room) {
    return classes()
        .that()
        .resideInAPackage(room.inPackage())
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage(HOUSE + "..").or(resideInAnyPackage(room.visible())))
        .as(room.name() + " depends only on " + room.sees())
        .because(room.because());
  }

  private static ArchRule showsOnlyItsDoor(Room room) {
    return classes()
        .that(standOutside(room))
        .should()
        .notBePublic()
        .as(room.name() + " exposes only " + room.shows())
        .because("a type that no other room can use can be changed freely");
  }

  private static Stream<ArchRule> house() {
    return Stream.of(
        classes()
            .that()
            .resideOutsideOfPackage(HOUSE)
            .should()
            .resideInAnyPackage(ROOMS)
            .as("no rooms except those in the table")
            .because("the name of a room states its purpose, which util, common and impl don't"),
        classes()
            .that()
            .resideInAPackage(HOUSE)
            .and()
            .doNotHaveSimpleName("package-info")
            .should()
            .haveSimpleName("NebulaStoreApplication")
            .orShould()
            .haveSimpleName("Launcher")
            .as("the root holds only Launcher and NebulaStoreApplication")
            .because("each room defines its own beans, so that a room can be left out"),
        slices()
            .matching(HOUSE + ".(**)")
            .should()
            .beFreeOfCycles()
            .as("no cycle of rooms")
            .because("rooms in a cycle can only be changed together"),
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
        .as("no other room depends on " + edge)
        .because("api and ops depend on the core, never the core on them");
  }

  private static Stream<ArchRule> libraries() {
    return Stream.of(
        noClasses()
            .that()
            .resideInAnyPackage(HOUSE + ".kv", HOUSE + ".ring")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.springframework..")
            .as("kv and ring do not depend on Spring")
            .because("the vocabulary and the ring must mean the same in any process"),
        noClasses()
            .that()
            .resideInAnyPackage(HOUSE + ".kv", HOUSE + ".ring")
            .should()
            .dependOnClassesThat(
                resideInAnyPackage("java.io..", "java.nio..", "java.net..")
                    .and(resideOutsideOfPackage("java.nio.charset")))
            .as("kv and ring do no I/O")
            .because("pure code gives every engine, node and replay the same result"),
        onlySeenBy("storage.rocksdb", "the engine must be replaceable", "org.rocksdb"),
        onlySeenBy("replication", "what orders commands must be replaceable", "org.apache.ratis"),
        onlySeenBy(
            "http.tomcat",
            "Tomcat's internals change with each release, and only one room must follow",
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
        .as("only %s depends on %s".formatted(room, String.join(", ", libraries)))
        .because(because);
  }

  private static Stream<ArchRule> habits() {
    return Stream.of(
        NO_CLASSES_SHOULD_USE_FIELD_INJECTION
            .as("nothing is injected into a field")
            .because("a constructor shows all that a class needs, also to its tests"),
        fields()
            .that()
            .areStatic()
            .should()
            .beFinal()
            .as("no static field changes")
            .because("static state can't be confined to a thread"),
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
            .because("a setting that two rooms read has no owner"));
  }

  /** Nested types are as public as their top-level type. */
  private static DescribedPredicate<JavaClass> standOutside(Room room) {
    return describe(
        "are top-level types of " + room.name() + " that it doesn't expose",
        type ->
            type.isTopLevelClass()
                && type.getPackageName().equals(room.inPackage())
                && !room.shows().contains(type.getSimpleName()));
  }
}
