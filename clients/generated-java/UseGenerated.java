import com.fasterxml.jackson.annotation.JsonInclude;
import generated.ApiClient;
import generated.api.KeysApi;
import generated.api.ManyKeysApi;
import generated.model.Condition;
import generated.model.KeyPage;
import generated.model.Operation;
import generated.model.Transaction;
import generated.model.TransactionOutcome;
import java.io.IOException;
import java.util.Arrays;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClientResponseException;
import tools.jackson.databind.json.JsonMapper;

/** A program that uses the client that OpenAPI Generator makes of the contract. */
final class UseGenerated {

  private static final String KEY = "java/é and a+slash;%";

  private UseGenerated() {}

  /** Fails unless the store at this address does what its contract says. */
  public static void main(String[] args) throws IOException {
    var keys = new KeysApi(client().setBasePath(args[0]));
    byte[] value = new byte[256];
    for (int i = 0; i < value.length; i++) {
      value[i] = (byte) i;
    }

    ResponseEntity<Void> created =
        keys.putKeyWithHttpInfo(KEY, null, null, "*", null, new ByteArrayResource(value));
    check(created.getStatusCode().value() == 201, "the key is created");
    String etag = created.getHeaders().getFirst(HttpHeaders.ETAG);

    ResponseEntity<Resource> read = getWithHttpInfo(keys);
    check(Arrays.equals(read.getBody().getContentAsByteArray(), value), "bytes come back");
    check(etag.equals(read.getHeaders().getFirst(HttpHeaders.ETAG)), "the read has the version");

    keys.putKey(KEY, "1h", etag, null, null, new ByteArrayResource("2".getBytes()));
    fails(
        412,
        "precondition-failed",
        () -> keys.putKey(KEY, null, etag, null, null, new ByteArrayResource("3".getBytes())));
    keys.touchKey(KEY, "none", null, null, null);
    check(
        getWithHttpInfo(keys).getHeaders().getFirst("Nebula-Expires") == null,
        "an expiry is taken away");

    check(keys.addToKey("java/n", 5L, null, null, null, null).equals("5"), "a counter begins");
    check(keys.addToKey("java/n", -7L, "1h", null, null, null).equals("-2"), "and goes on");

    manyKeys(new ManyKeysApi(keys.getApiClient()));

    keys.deleteKey(KEY, null, null, null);
    fails(404, "key-not-found", () -> getWithHttpInfo(keys));
  }

  /** The store refuses members that are null, which this generator's mapper would send. */
  private static ApiClient client() {
    JsonMapper mapper =
        ApiClient.createDefaultMapper(null)
            .rebuild()
            .changeDefaultPropertyInclusion(
                members -> members.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();
    return new ApiClient(mapper, ApiClient.createDefaultDateFormat());
  }

  /** Batches are left out: this generator takes a stream of lines for a single one. */
  private static void manyKeys(ManyKeysApi store) {
    check(store.touchKeys("java/n", "2h", null, null).getTouched() == 1, "a prefix is touched");
    check(store.deleteKeys("java/n", null, null).getDeleted() == 1, "the counter is deleted");
    Operation write = new Operation().op(Operation.OpEnum.PUT).key("java/txn").value("1");
    Transaction once =
        new Transaction()
            .addIfItem(new Condition().key("java/txn").exists(false))
            .addThenItem(write)
            .addElseItem(new Operation().op(Operation.OpEnum.GET).key("java/txn"));
    check(store.transact(once).getSucceeded(), "a transaction is done");
    TransactionOutcome again = store.transact(once);
    check(!again.getSucceeded(), "it is not done twice");
    check(again.getResults().getFirst().getValue().equals("1"), "and reads instead");

    KeyPage page = store.listKeys("java/", null, 1, null, null, null, null);
    check(page.getKeys().getFirst().getKey().equals("java/txn"), "keys are listed in their order");
    KeyPage next = store.listKeys("java/", null, 1, page.getCursor(), null, null, null);
    check(next.getKeys().getFirst().getKey().equals(KEY), "the cursor leads on");
    KeyPage values = store.listKeys("java/t", null, null, null, true, null, null);
    check(values.getKeys().getFirst().getValue().equals("1"), "values are listed");
    KeyPage count = store.listKeys("java/t", null, null, null, null, true, null);
    check(count.getCount() == 1 && count.getExact(), "keys are counted");
    check(store.deleteKeys("java/t", null, null).getDeleted() == 1, "a prefix is deleted");
  }

  private static ResponseEntity<Resource> getWithHttpInfo(KeysApi keys) {
    return keys.getKeyWithHttpInfo(KEY, null, null, null, null, null, null, null);
  }

  private static void fails(int status, String code, Runnable call) {
    try {
      call.run();
    } catch (RestClientResponseException e) {
      check(e.getStatusCode().value() == status, "status of " + e);
      check(e.getResponseBodyAsString().contains("/problems/" + code), "code of " + e);
      return;
    }
    check(false, code + " is reported");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
