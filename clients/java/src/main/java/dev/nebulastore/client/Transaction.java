package dev.nebulastore.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Operations that are applied atomically: all or none, isolated from other clients, across shards
 * and crashes. The checks decide which of two lists is applied.
 *
 * {@snippet class="dev.nebulastore.client.TransactionIT" region="transaction"}
 *
 * @param checks the conditions on keys
 * @param then the operations if all checks hold
 * @param otherwise the operations if a check does not hold
 */
public record Transaction(List<Check> checks, List<Operation> then, List<Operation> otherwise) {

  /** Copies the lists. */
  public Transaction {
    checks = List.copyOf(checks);
    then = List.copyOf(then);
    otherwise = List.copyOf(otherwise);
  }

  /**
   * A condition on a key.
   *
   * @param etag the version that the entry must have; null for any
   * @param exists whether the key must be present; null if a version is given
   */
  public record Check(String key, @Nullable String etag, @Nullable Boolean exists) {

    /** The key's entry is at this version. */
    public static Check matches(String key, String etag) {
      return new Check(key, etag, null);
    }

    /** The key is present. */
    public static Check exists(String key) {
      return new Check(key, null, true);
    }

    /** The key is absent. */
    public static Check absent(String key) {
      return new Check(key, null, false);
    }
  }

  /** Returns a transaction with these checks, or with none, and no operations. */
  public static Transaction when(Check... checks) {
    return new Transaction(List.of(checks), List.of(), List.of());
  }

  /** Returns this transaction with these operations if all checks hold. */
  public Transaction then(Operation... operations) {
    return new Transaction(checks, List.of(operations), otherwise);
  }

  /** Returns this transaction with these operations if a check does not hold. */
  public Transaction otherwise(Operation... operations) {
    return new Transaction(checks, then, List.of(operations));
  }

  /**
   * The result of a transaction.
   *
   * @param succeeded whether all checks held
   * @param results the results of the applied operations, in their order
   */
  public record Done(boolean succeeded, List<Result> results) {

    /** Copies the list. */
    public Done {
      results = List.copyOf(results);
    }
  }
}
