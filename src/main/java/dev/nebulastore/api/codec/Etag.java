package dev.nebulastore.api.codec;

import dev.nebulastore.api.error.ApiException;
import dev.nebulastore.api.error.Problem;
import dev.nebulastore.kv.Precondition.Versions;
import dev.nebulastore.kv.Revision;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a revision as a strong entity tag, and parses the lists of tags of conditions (RFC 9110,
 * sections 8.8.3 and 13.1). A tag that this store never writes is accepted and matches nothing.
 *
 * <p>Threads: immutable.
 */
public final class Etag {

  private static final int RADIX = 36;

  private Etag() {}

  /** The tag of a revision, quotes included. */
  public static String of(Revision revision) {
    return '"' + Long.toString(revision.number(), RADIX) + '"';
  }

  /**
   * Parses the values of a conditional header.
   *
   * @param weak whether weak tags match, as they do for {@code If-None-Match}
   * @return null if there is no such header
   */
  public static @Nullable Versions parse(String header, Enumeration<String> values, boolean weak) {
    if (!values.hasMoreElements()) {
      return null;
    }
    String first = values.nextElement();
    if (first.strip().equals("*") && !values.hasMoreElements()) {
      return Versions.Any.ANY;
    }
    Set<Revision> strong = new HashSet<>();
    Set<Revision> weakly = weak ? strong : new HashSet<>();
    int tags = readList(header, first, strong, weakly);
    while (values.hasMoreElements()) {
      tags += readList(header, values.nextElement(), strong, weakly);
    }
    if (tags == 0) {
      throw malformed(header);
    }
    return new Versions.OneOf(strong, weak ? Set.of() : weakly);
  }

  private static int readList(
      String header, String list, Set<Revision> strong, Set<Revision> weakly) {
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
        add(opaque, isWeak ? weakly : strong);
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
      // Only the spelling that this store writes matches.
      if (number > 0 && Long.toString(number, RADIX).equals(opaque)) {
        revisions.add(new Revision(number));
      }
    } catch (NumberFormatException e) {
      // A tag of another server matches nothing.
    }
  }

  private static ApiException malformed(String header) {
    return new ApiException(
        Problem.INVALID_CONDITION,
        header + " is neither * nor a list of entity tags in double quotes.");
  }
}
