import generated.ApiClient;
import generated.api.KeysApi;
import java.io.IOException;
import java.util.Arrays;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.client.RestClientResponseException;

/** A program that uses the client that OpenAPI Generator makes of the contract. */
final class UseGenerated {

  private static final String KEY = "java/é and a+slash;%";

  private UseGenerated() {}

  /** Fails unless the store at this address does what its contract says. */
  public static void main(String[] args) throws IOException {
    var keys = new KeysApi(new ApiClient().setBasePath(args[0]));
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
    check(etag.equals(read.getHeaders().getFirst(HttpHeaders.ETAG)), "the read tells the version");

    keys.putKey(KEY, "1h", etag, null, null, new ByteArrayResource("2".getBytes()));
    fails(
        412,
        "precondition-failed",
        () -> keys.putKey(KEY, null, etag, null, null, new ByteArrayResource("3".getBytes())));
    keys.touchKey(KEY, "none", null, null, null);
    check(
        getWithHttpInfo(keys).getHeaders().getFirst("Nebula-Expires") == null,
        "an expiry is taken away");

    keys.deleteKey(KEY, null, null, null);
    fails(404, "key-not-found", () -> getWithHttpInfo(keys));
  }

  private static ResponseEntity<Resource> getWithHttpInfo(KeysApi keys) {
    return keys.getKeyWithHttpInfo(KEY, null, null, null, null);
  }

  private static void fails(int status, String code, Runnable call) {
    try {
      call.run();
    } catch (RestClientResponseException e) {
      check(e.getStatusCode().value() == status, "status of " + e);
      check(e.getResponseBodyAsString().contains("/problems/" + code), "code of " + e);
      return;
    }
    check(false, code + " is told");
  }

  private static void check(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }
}
