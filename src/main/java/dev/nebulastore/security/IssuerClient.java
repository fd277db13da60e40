package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Fetches the keys of an issuer: from a fixed place, or from the one that its discovery document
 * names (OpenID Connect Discovery 1.0, section 4).
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>All of a fetch takes at most {@link #TIMEOUT}, however slowly the issuer answers, and an
 *       answer has at most {@value #MAX_BYTES} bytes. Redirects are not followed.
 *   <li>Each fetch has an HTTP client of its own, which is shut down afterwards. Fetches are rare,
 *       and a thread that has died in one is of no use to the next one anyway.
 *   <li>An issuer that is reached by https can't name a place that is not.
 * </ol>
 *
 * <p>Threads: immutable.
 */
final class IssuerClient implements KeySource {

  static final Duration TIMEOUT = Duration.ofSeconds(5);
  static final int MAX_BYTES = 256 * 1024;

  private static final int MIN_RSA_BITS = 2_048;
  private static final Set<Curve> CURVES = Set.of(Curve.P_256, Curve.P_384, Curve.P_521);

  private final String issuer;
  private final @Nullable URI jwkSetUri;
  private final Duration timeout;

  /**
   * Creates a client.
   *
   * @param jwkSetUri where the keys are, or null if the issuer tells
   * @param timeout how long a fetch takes at most
   */
  IssuerClient(String issuer, @Nullable URI jwkSetUri, Duration timeout) {
    this.issuer = issuer;
    this.jwkSetUri = jwkSetUri;
    this.timeout = timeout;
  }

  @Override
  public JWKSet fetch() throws IssuerUnreachable, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    HttpClient http =
        HttpClient.newBuilder()
            .connectTimeout(timeout)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
    try {
      URI place = jwkSetUri == null ? discover(http, end) : jwkSetUri;
      return keys(place, get(http, place, end));
    } finally {
      http.shutdownNow();
    }
  }

  private URI discover(HttpClient http, long end) throws IssuerUnreachable, InterruptedException {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    URI place = URI.create(base + "/.well-known/openid-configuration");
    String document = get(http, place, end);
    try {
      Map<String, Object> members = JSONObjectUtils.parse(document);
      if (!issuer.equals(JSONObjectUtils.getString(members, "issuer"))) {
        throw new IssuerUnreachable(place + " names another issuer");
      }
      String keys = JSONObjectUtils.getString(members, "jwks_uri");
      if (keys == null
          || !OidcProperties.isHttp(keys, true)
          || (issuer.startsWith("https:") && !keys.startsWith("https:"))) {
        throw new IssuerUnreachable(place + " has no usable jwks_uri");
      }
      return URI.create(keys);
    } catch (ParseException e) {
      throw new IssuerUnreachable(place + " is no discovery document");
    }
  }

  private static String get(HttpClient http, URI place, long end)
      throws IssuerUnreachable, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(place).header("Accept", "application/json, */*").build();
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES));
    try {
      HttpResponse<byte[]> response = answer.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (response.statusCode() != 200) {
        throw new IssuerUnreachable(place + " answered " + response.statusCode());
      }
      return new String(response.body(), UTF_8);
    } catch (TimeoutException e) {
      throw new IssuerUnreachable(place + " did not answer in time");
    } catch (ExecutionException e) {
      throw new IssuerUnreachable(place + " can't be read: " + e.getCause());
    }
  }

  /** The public keys with which tokens may be verified; others are ignored. */
  private static JWKSet keys(URI place, String document) throws IssuerUnreachable {
    try {
      List<JWK> usable =
          JWKSet.parse(document).toPublicJWKSet().getKeys().stream()
              .filter(IssuerClient::isUsable)
              .toList();
      if (usable.isEmpty()) {
        throw new IssuerUnreachable(place + " has no RSA or EC key of a sufficient size");
      }
      return new JWKSet(usable);
    } catch (ParseException e) {
      throw new IssuerUnreachable(place + " is no set of keys");
    }
  }

  private static boolean isUsable(JWK key) {
    return switch (key) {
      case RSAKey rsa -> rsa.size() >= MIN_RSA_BITS;
      case ECKey ec -> CURVES.contains(ec.getCurve());
      default -> false;
    };
  }
}
