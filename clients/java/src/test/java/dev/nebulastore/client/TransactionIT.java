package dev.nebulastore.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.client.Transaction.Check;
import org.junit.jupiter.api.Test;

/** Transactions. */
@ServerTest
class TransactionIT {

  private final NebulaStore store;

  TransactionIT(TestServer server) {
    store = NebulaStore.at(server.url());
  }

  @Test
  void transfersAreAtomic() {
    // @start region="transaction"
    String ada = store.put("accounts/ada", Value.text("100")).etag();
    String bob = store.put("accounts/bob", Value.text("0")).etag();
    Transaction transfer =
        Transaction.when(Check.matches("accounts/ada", ada), Check.matches("accounts/bob", bob))
            .then(
                Operation.put("accounts/ada", Value.text("70")),
                Operation.put("accounts/bob", Value.text("30")))
            .otherwise(Operation.get("accounts/ada"), Operation.get("accounts/bob"));

    assertThat(store.transact(transfer).succeeded()).isTrue();

    // The accounts have changed, so the other operations are applied.
    Transaction.Done again = store.transact(transfer);
    assertThat(again.succeeded()).isFalse();
    assertThat(again.results())
        .extracting(result -> result.orThrow().value())
        .containsExactly(Value.text("70"), Value.text("30"));
    // @end
  }

  @Test
  void checksSeeWhetherKeysExist() {
    var created =
        store.transact(
            Transaction.when(Check.absent("txn/é/1"))
                .then(Operation.put("txn/é/1", Value.bytes((byte) 0xff))));
    var deleted =
        store.transact(
            Transaction.when(Check.exists("txn/é/1"))
                .then(Operation.get("txn/é/1"), Operation.delete("txn/é/1")));

    assertThat(created.results()).singleElement().extracting(Result::status).isEqualTo(201);
    assertThat(deleted.results())
        .first()
        .extracting(Result::value)
        .isEqualTo(Value.bytes((byte) 0xff));
    assertThat(store.get("txn/é/1")).isEmpty();
  }

  @Test
  void failedConditionsOfOperationsUndoAll() {
    var conflicting =
        Transaction.when()
            .then(
                Operation.put("txn/a", Value.text("1")),
                Operation.put("txn/b", Value.text("1"), Condition.exists()));

    assertThatThrownBy(() -> store.transact(conflicting))
        .isInstanceOfSatisfying(
            NebulaStoreException.class, e -> assertThat(e.code()).isEqualTo("txn-conflict"));
    assertThat(store.get("txn/a")).isEmpty();
  }
}
