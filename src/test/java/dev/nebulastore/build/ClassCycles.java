package dev.nebulastore.build;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds dependency cycles among the top-level classes of one room. A nested class counts as its
 * top-level class. A sealed type and the types that it permits are one family, in which cycles are
 * allowed.
 *
 * <p>Threads: confined to one thread.
 */
final class ClassCycles extends ArchCondition<JavaClass> {

  private final Map<String, Set<String>> dependencies = new TreeMap<>();
  private final Map<String, Set<String>> families = new HashMap<>();

  ClassCycles() {
    super("not depend on each other in a cycle");
  }

  @Override
  public void init(Collection<JavaClass> room) {
    for (JavaClass type : room) {
      String name = topLevel(type);
      Set<String> seen = dependencies.computeIfAbsent(name, _ -> new TreeSet<>());
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().equals(type.getPackageName())
            && !topLevel(target).equals(name)) {
          seen.add(topLevel(target));
        }
      }
      Set<String> permitted = permitted(type);
      if (!permitted.isEmpty()) {
        families.computeIfAbsent(name, _ -> new HashSet<>()).addAll(permitted);
        families.get(name).add(name);
      }
    }
  }

  @Override
  public void check(JavaClass item, ConditionEvents events) {
    // Does nothing: only the dependencies of all classes together show cycles.
  }

  @Override
  public void finish(ConditionEvents events) {
    Set<String> told = new HashSet<>();
    for (String name : dependencies.keySet()) {
      Set<String> circle = circleOf(name);
      if (circle.size() > 1 && told.addAll(circle) && !isFamily(circle)) {
        events.add(SimpleConditionEvent.violated(name, "a cycle of " + circle));
      }
    }
    dependencies.clear();
    families.clear();
  }

  /** The classes in a cycle with a class: those that it depends on and that depend on it. */
  private Set<String> circleOf(String name) {
    Set<String> circle = new TreeSet<>(Set.of(name));
    for (String other : reachable(name)) {
      if (reachable(other).contains(name)) {
        circle.add(other);
      }
    }
    return circle;
  }

  private Set<String> reachable(String from) {
    Set<String> reached = new HashSet<>();
    Deque<String> open = new ArrayDeque<>(Set.of(from));
    while (!open.isEmpty()) {
      for (String next : dependencies.getOrDefault(open.pop(), Set.of())) {
        if (reached.add(next)) {
          open.push(next);
        }
      }
    }
    return reached;
  }

  private boolean isFamily(Set<String> circle) {
    return families.values().stream().anyMatch(family -> family.containsAll(circle));
  }

  private static String topLevel(JavaClass type) {
    return topLevel(type.getName());
  }

  private static String topLevel(String name) {
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }

  /**
   * ArchUnit does not report the permitted subclasses of a sealed type; its class file lists them.
   */
  private static Set<String> permitted(JavaClass type) {
    Set<String> names = new HashSet<>();
    type.getSource()
        .ifPresent(source -> {
          try (InputStream file = source.getUri().toURL().openStream()) {
            ClassModel model = ClassFile.of().parse(file.readAllBytes());
            model
                .findAttribute(Attributes.permittedSubclasses())
                .ifPresent(sealed ->
                    sealed.permittedSubclasses().stream()
                        .map(permitted -> topLevel(permitted.asInternalName().replace('/', '.')))
                        .forEach(names::add));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return names;
  }
}
