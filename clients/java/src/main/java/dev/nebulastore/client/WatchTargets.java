package dev.nebulastore.client;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a {@link Watch} is about: keys and prefixes, and which of their events. A key that matches
 * more than once has its events once.
 *
 * {@snippet class="dev.nebulastore.client.WatchIT" region="targets"}
 *
 * @param keys at most 64, together with the prefixes
 * @param prefixes each stands for all keys that begin with it; an empty one for all keys
 * @param kinds the kinds of events; all if empty. A reset is always told
 * @param values whether events of writes have the value
 */
public record WatchTargets(
    List<String> keys, List<String> prefixes, Set<Kind> kinds, boolean values) {

  /** A kind of event. */
  public enum Kind {
    /** An entry was written: {@link Event.Put}. */
    PUT,
    /** The expiry of an entry changed: {@link Event.Put}, too. */
    TOUCH,
    /** An entry was deleted: {@link Event.Delete}. */
    DELETE,
    /** An entry expired: {@link Event.Expire}. */
    EXPIRE
  }

  /** Copies the collections. */
  public WatchTargets {
    keys = List.copyOf(keys);
    prefixes = List.copyOf(prefixes);
    kinds = Set.copyOf(kinds);
  }

  /** Some keys. */
  public static WatchTargets keys(String... keys) {
    return new WatchTargets(List.of(keys), List.of(), Set.of(), false);
  }

  /** All keys that begin with one of these. */
  public static WatchTargets prefixes(String... prefixes) {
    return new WatchTargets(List.of(), List.of(prefixes), Set.of(), false);
  }

  /** These and others. Kinds and values are those of this one. */
  public WatchTargets and(WatchTargets others) {
    return new WatchTargets(
        both(keys, others.keys), both(prefixes, others.prefixes), kinds, values);
  }

  /** The same with these kinds of events only. */
  public WatchTargets only(Kind first, Kind... more) {
    return new WatchTargets(keys, prefixes, EnumSet.of(first, more), values);
  }

  /** The same with the values of writes. */
  public WatchTargets withValues() {
    return new WatchTargets(keys, prefixes, kinds, true);
  }

  /** The kinds as the server reads them. */
  String events() {
    return kinds.stream()
        .map(kind -> kind.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(","));
  }

  private static List<String> both(List<String> some, List<String> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }
}
