package dev.nebulastore.client;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction, as the server reads it.
 *
 * @param checks the member {@code if}
 * @param otherwise the member {@code else}
 */
@JsonPropertyOrder({"if", "then", "else"})
record TransactionJson(
    @JsonProperty("if") List<CheckJson> checks,
    List<OperationJson> then,
    @JsonProperty("else") List<OperationJson> otherwise) {

  /** A check; null members are left out. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  @JsonPropertyOrder({"key", "etag", "exists"})
  record CheckJson(String key, @Nullable String etag, @Nullable Boolean exists) {

    static CheckJson of(Transaction.Check check) {
      return new CheckJson(Keys.encodable(check.key()), check.etag(), check.exists());
    }
  }

  static TransactionJson of(Transaction transaction) {
    return new TransactionJson(
        transaction.checks().stream().map(CheckJson::of).toList(),
        transaction.then().stream().map(OperationJson::of).toList(),
        transaction.otherwise().stream().map(OperationJson::of).toList());
  }

  /** What the server answers. */
  record DoneJson(boolean succeeded, List<ResultJson> results) {

    Transaction.Done toDone() {
      return new Transaction.Done(succeeded, results.stream().map(ResultJson::toResult).toList());
    }
  }
}
