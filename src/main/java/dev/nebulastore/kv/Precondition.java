package dev.nebulastore.kv;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What must hold of the current entry for a command to be carried out, as in RFC 9110, section 13.
 * Each part may be missing (null). It is decided by {@link Applier}, together with the command.
 *
 * @param ifMatch the entry must stand, at one of these versions
 * @param ifNoneMatch the entry must not stand at one of these versions
 * @param ifModifiedSince for reads: the entry must be younger, to the second
 * @param ifUnmodifiedSince the entry must not be younger, to the second
 */
public record Precondition(
    @Nullable Versions ifMatch,
    @Nullable Versions ifNoneMatch,
    @Nullable Instant ifModifiedSince,
    @Nullable Instant ifUnmodifiedSince) {

  /** Always holds. */
  public static final Precondition NONE = new Precondition(null, null, null, null);

  /** A set of versions that a condition names. */
  public sealed interface Versions {

    /** Any version at all: the {@code *} of HTTP. */
    enum Any implements Versions {
      ANY
    }

    /**
     * Just these versions.
     *
     * @param revisions may be empty, when the caller named only versions that this store never gave
     * @param weak those that the caller named by weak tags where these never match, so that a
     *     refusal can say so
     */
    record OneOf(Set<Revision> revisions, Set<Revision> weak) implements Versions {
      /** Copies the sets. */
      public OneOf {
        revisions = Set.copyOf(revisions);
        weak = Set.copyOf(weak);
      }

      /** Versions of which none was named by a weak tag. */
      public OneOf(Set<Revision> revisions) {
        this(revisions, Set.of());
      }
    }

    /** Whether the current entry, if any, is one of them. */
    default boolean contains(@Nullable Entry current) {
      return current != null
          && switch (this) {
            case Any any -> true;
            case OneOf(Set<Revision> revisions, _) -> revisions.contains(current.revision());
          };
    }
  }

  /** What a precondition says to a command. */
  public enum Verdict {
    /** Carry it out. */
    PROCEED,
    /** The caller has this version already: only for reads. */
    NOT_MODIFIED,
    /** Leave everything as it is. */
    FAILED
  }

  /** Whether the caller named this version in {@code ifMatch}, but by a weak tag. */
  public boolean namesWeakly(Revision revision) {
    return ifMatch instanceof Versions.OneOf(_, var weak) && weak.contains(revision);
  }

  /** Whether a write that needs a condition has one: {@code ifModifiedSince} does not count. */
  public boolean guardsWrites() {
    return ifMatch != null || ifNoneMatch != null || ifUnmodifiedSince != null;
  }

  /** Evaluates the parts for a read of an entry that stands, in the order of RFC 9110, 13.2.2. */
  Verdict ofRead(Entry current) {
    if (!guardHolds(current)) {
      return Verdict.FAILED;
    }
    boolean known =
        ifNoneMatch != null
            ? ifNoneMatch.contains(current)
            : ifModifiedSince != null && !youngerThan(ifModifiedSince, current);
    return known ? Verdict.NOT_MODIFIED : Verdict.PROCEED;
  }

  /** Evaluates the parts for a write, in the order of RFC 9110, section 13.2.2. */
  Verdict ofWrite(@Nullable Entry current) {
    boolean holds = guardHolds(current) && (ifNoneMatch == null || !ifNoneMatch.contains(current));
    return holds ? Verdict.PROCEED : Verdict.FAILED;
  }

  private boolean guardHolds(@Nullable Entry current) {
    if (ifMatch != null) {
      return ifMatch.contains(current);
    }
    return ifUnmodifiedSince == null || current == null || !youngerThan(ifUnmodifiedSince, current);
  }

  private static boolean youngerThan(Instant date, Entry entry) {
    return entry.modified().truncatedTo(ChronoUnit.SECONDS).isAfter(date);
  }
}
