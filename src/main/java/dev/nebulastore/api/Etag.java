package dev.nebulastore.api;

import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a revision as a strong entity tag, and reads the lists of tags that conditions hold (RFC
 * 9110, sections 8.8.3 and 13.1). A tag that this store never gives is read, and matches nothing.
 *
 * <p>Threads: immutable.
 */
final class Etag {

  private static final int RADIX = 36;

  private Etag() {}

  /** The tag of a revision, quotes included. */
  static String of(Revision revision) {
    return '"' + Long.toString(revision.number(), RADIX) + '"';
  }

  /**
   * Reads the values of a conditional header.
   *
   * @param weak whether weak tags count, as they do for {@code If-None-Match}
   * @return null if there is no such header
   */
  static @Nullable Versions parse(String header, Enumeration<String> values, boolean weak) {
    if (!values.hasMoreElements()) {
      return null;
    }
    String first = values.nextElement();
    if (first.strip().equals("*") && !values.hasMoreElements()) {
      return Versions.Any.ANY;
    }
    Set<Revision> revisions = new HashSet<>();
    int tags = readList(header, first, weak, revisions);
    while (values.hasMoreElements()) {
      tags += readList(header, values.nextElement(), weak, revisions);
    }
    if (tags == 0) {
      throw malformed(header);
    }
    return new Versions.OneOf(revisions);
  }

  private static int readList(String header, String list, boolean weak, Set<Revision> revisions) {
    int tags = 0;
    boolean separated = true;
    int at = 0;
    while (at < list.length()) {
      char c = list.charAt(at);
      if (c == ' ' || c == '\t') {
        at++;
      } else if (c == ',') {
        separated = true;
        at++;
      } else {
        boolean isWeak = list.startsWith("W/", at);
        int open = isWeak ? at + 2 : at;
        int close = list.indexOf('"', open + 1);
        if (!separated || open >= list.length() || list.charAt(open) != '"' || close < 0) {
          throw malformed(header);
        }
        String opaque = list.substring(open + 1, close);
        if (opaque.chars().anyMatch(ch -> ch <= ' ' || ch == 0x7f)) {
          throw malformed(header);
        }
        if (weak || !isWeak) {
          add(opaque, revisions);
        }
        tags++;
        separated = false;
        at = close + 1;
      }
    }
    return tags;
  }

  private static void add(String opaque, Set<Revision> revisions) {
    try {
      long number = Long.parseLong(opaque, RADIX);
      // Only the spelling that this store writes names a version.
      if (number > 0 && Long.toString(number, RADIX).equals(opaque)) {
        revisions.add(new Revision(number));
      }
    } catch (NumberFormatException e) {
      // A tag of somebody else: it matches nothing here.
    }
  }

  private static ApiException malformed(String header) {
    return new ApiException(
        Problem.INVALID_CONDITION,
        header + " is neither * nor a list of entity tags in double quotes.");
  }
}
