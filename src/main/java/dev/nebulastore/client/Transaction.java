package dev.nebulastore.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations that are done together or not at all, at one moment, across shards and across a crash;
 * which of them, its checks decide.
 *
 * {@snippet class="dev.nebulastore.client.TransactionTests" region="transaction"}
 *
 * @param checks what must be true of the keys
 * @param then what is done if all checks hold
 * @param otherwise what is done if one does not
 */
public record Transaction(List<Check> checks, List<Operation> then, List<Operation> otherwise) {

  /** Copies the lists. */
  public Transaction {
    checks = List.copyOf(checks);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
  }

  /**
   * What must be true of a key.
   *
   * @param etag the version that it must be at; null for any
   * @param exists whether there must be an entry; null where the version says so
   */
  public record Check(String key, @Nullable String etag, @Nullable Boolean exists) {

    /** The key's entry is at this version. */
    public static Check matches(String key, String etag) {
      return new Check(key, etag, null);
    }

    /** There is such a key. */
    public static Check exists(String key) {
      return new Check(key, null, true);
    }

    /** There is no such key. */
    public static Check absent(String key) {
      return new Check(key, null, false);
    }
  }

  /** A transaction under these checks, or under none, that does nothing yet. */
  public static Transaction when(Check... checks) {
    return new Transaction(List.of(checks), List.of(), List.of());
  }

  /** This transaction, which does that if its checks hold. */
  public Transaction then(Operation... operations) {
    return new Transaction(checks, List.of(operations), otherwise);
  }

  /** This transaction, which does that if one of its checks does not hold. */
  public Transaction otherwise(Operation... operations) {
    return new Transaction(checks, then, List.of(operations));
  }

  /**
   * What became of a transaction.
   *
   * @param succeeded whether all checks held
   * @param results of the operations that were done then, in their order
   */
  public record Done(boolean succeeded, List<Result> results) {

    /** Copies the list. */
    public Done {
      results = List.copyOf(results);
    }
  }
}
