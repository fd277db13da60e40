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
 * Draws the dependencies between rooms, as found in the class files: all rooms, where a room
 * includes those below it, and the inside of each room with rooms below it.
 *
 * <p>Threads: immutable.
 */
final class RoomPictures {

  private RoomPictures() {}

  /** The pictures in the order in which they appear in docs/ARCHITECTURE.md. */
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
   * The dependencies between rooms.
   *
   * @param shown the name of the first room for an edge between both, or nothing
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

  /** The room of a type; empty for the root and for types outside NebulaStore. */
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
