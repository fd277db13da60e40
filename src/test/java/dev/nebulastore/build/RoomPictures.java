package dev.nebulastore.build;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;

/**
 * Draws which rooms depend on which, as the class files have it: the whole house, where a room
 * stands for all below it, and the insides of those that have rooms below them.
 *
 * <p>Threads: immutable.
 */
final class RoomPictures {

  private RoomPictures() {}

  /** The pictures in the order in which they stand in docs/ARCHITECTURE.md. */
  static List<String> of(JavaClasses house) {
    return List.of(
        picture(edges(house, (room, _) -> group(room))),
        picture(edges(house, (room, other) -> group(room).equals(group(other)) ? room : "")));
  }

  private static String group(String room) {
    int dot = room.indexOf('.');
    return dot < 0 ? room : room.substring(0, dot);
  }

  /**
   * Which rooms see which.
   *
   * @param shown what stands for the first room in an edge between both, or nothing
   */
  private static Map<String, Set<String>> edges(JavaClasses house, BinaryOperator<String> shown) {
    Map<String, Set<String>> edges = new TreeMap<>();
    for (JavaClass type : house) {
      String from = room(type);
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String to = room(dependency.getTargetClass().getBaseComponentType());
        if (!from.isEmpty() && !to.isEmpty() && !from.equals(to)) {
          String start = shown.apply(from, to);
          String end = shown.apply(to, from);
          if (!start.isEmpty() && !start.equals(end)) {
            edges.computeIfAbsent(start, _ -> new TreeSet<>()).add(end);
          }
        }
      }
    }
    return edges;
  }

  /** The room of a type; empty for the root and for what stands outside the house. */
  private static String room(JavaClass type) {
    String inside = Room.HOUSE + ".";
    return type.getPackageName().startsWith(inside)
        ? type.getPackageName().substring(inside.length())
        : "";
  }

  private static String picture(Map<String, Set<String>> edges) {
    return edges.entrySet().stream()
        .map(edge -> "  %s --> %s\n".formatted(edge.getKey(), String.join(" & ", edge.getValue())))
        .collect(Collectors.joining("", "```mermaid\nflowchart TD\n", "```"));
  }
}
