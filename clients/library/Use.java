import dev.nebulastore.client.Condition;
import dev.nebulastore.client.Event;
import dev.nebulastore.client.ListedKey;
import dev.nebulastore.client.NebulaStore;
import dev.nebulastore.client.NebulaStoreException;
import dev.nebulastore.client.Operation;
import dev.nebulastore.client.Transaction;
import dev.nebulastore.client.Transaction.Check;
import dev.nebulastore.client.Value;
import dev.nebulastore.client.Watch;
import java.util.List;
import java.util.stream.Stream;

/** A program that uses the client as a library, with its documented dependencies alone. */
final class Use {

  private Use() {}

  /** Fails unless the store at this address does what it says. */
  public static void main(String[] args) {
    NebulaStore store = NebulaStore.at(args[0]);
    String key = "library/é and/a slash";
    String etag = store.put(key, Value.text("1")).etag();
    check(store.get(key).orElseThrow().text().equals("1"), "get");
    store.put(key, Value.text("2"), Condition.matches(etag));
    try {
      store.put(key, Value.text("3"), Condition.matches(etag));
      check(false, "an outdated version was written");
    } catch (NebulaStoreException e) {
      check(e.code().equals("precondition-failed"), e.toString());
    }
    try (Watch watch = store.watchKey(key)) {
      check(store.batch(Operation.put(key, Value.text("4"))).getFirst().succeeded(), "batch");
      check(watch.next() instanceof Event.Put, "watch");
    }
    check(store.transact(Transaction.when(Check.exists(key))).succeeded(), "transaction");
    try (Stream<ListedKey> keys = store.keys("library/")) {
      check(keys.map(ListedKey::key).toList().equals(List.of(key)), "listing");
    }
    store.delete(key);
    check(store.get(key).isEmpty(), "delete");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError(what);
    }
  }
}
