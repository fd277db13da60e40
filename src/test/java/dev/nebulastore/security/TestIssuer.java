package dev.nebulastore.security;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An OpenID Connect issuer on this machine, with a key for RSA and one for elliptic curves.
 *
 * <p>Threads: thread-safe.
 */
public final class TestIssuer implements AutoCloseable {

  /** What its tokens are made for. */
  public static final String AUDIENCE = "nebula";

  static final String RSA = "rsa-1";
  static final String EC = "ec-1";

  private final HttpServer server;
  private final List<JWK> keys = new CopyOnWriteArrayList<>();
  private final AtomicInteger fetches = new AtomicInteger();
  private volatile int status = 200;
  private volatile String named;
  private volatile @Nullable String published;

  private TestIssuer(HttpServer server) {
    this.server = server;
    this.named = issuer();
    keys.add(rsa(RSA));
    keys.add(ec(EC));
  }

  /** Starts an issuer on a free port. */
  public static TestIssuer start() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      TestIssuer issuer = new TestIssuer(server);
      server.createContext(
          "/realm/.well-known/openid-configuration", exchange -> issuer.describe(exchange));
      server.createContext("/realm/keys", exchange -> issuer.sendKeys(exchange));
      server.start();
      return issuer;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2_048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  static ECKey ec(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its name, which is in the claim iss. */
  public String issuer() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
  }

  String keysUri() {
    return issuer() + "/keys";
  }

  /** How often its keys were fetched, or were tried to be. */
  public int fetches() {
    return fetches.get();
  }

  /** Answers with this status from now on. */
  public void answer(int code) {
    status = code;
  }

  /** Names another issuer in its description from now on. */
  void claimToBe(String other) {
    named = other;
  }

  /** Sends this text as its keys from now on. */
  void publish(String text) {
    published = text;
  }

  JWKSet keys() {
    return new JWKSet(List.copyOf(keys)).toPublicJWKSet();
  }

  JWK key(String id) {
    return keys.stream().filter(key -> id.equals(key.getKeyID())).findFirst().orElseThrow();
  }

  /** Has only a new key from now on, and returns its id. */
  public String rotate() {
    RSAKey next = rsa("rsa-next-" + keys.hashCode());
    keys.clear();
    keys.add(next);
    return next.getKeyID();
  }

  /** A key that this issuer does not publish, signing a token as if it did. */
  public String forged(Instant expires, Map<String, ?> claims) {
    return signed(rsa("unknown-" + fetches), claims(expires, claims));
  }

  /** A token of the first key that expires then, with more or other claims. */
  public String token(Instant expires, Map<String, ?> claims) {
    return signed(keys.getFirst(), claims(expires, claims));
  }

  /** The same, signed by the key on an elliptic curve. */
  public String ecToken(Instant expires, Map<String, ?> claims) {
    return signed(key(EC), claims(expires, claims));
  }

  /** The claims of a valid token, with more or other ones; null removes one. */
  JWTClaimsSet claims(Instant expires, Map<String, ?> others) {
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(issuer())
            .subject("somebody")
            .audience(AUDIENCE)
            .issueTime(Date.from(expires.minusSeconds(3_600)))
            .expirationTime(Date.from(expires))
            .claim("scope", "openid read write");
    others.forEach(claims::claim);
    return claims.build();
  }

  static String signed(JWK key, JWTClaimsSet claims) {
    return signed(key, claims, _ -> {});
  }

  static String signed(JWK key, JWTClaimsSet claims, Consumer<JWSHeader.Builder> header) {
    try {
      JWSSigner signer = key instanceof RSAKey rsa ? new RSASSASigner(rsa) : signer(key.toECKey());
      JWSHeader.Builder head =
          new JWSHeader.Builder(key instanceof RSAKey ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256)
              .keyID(key.getKeyID())
              .type(JOSEObjectType.JWT);
      header.accept(head);
      SignedJWT token = new SignedJWT(head.build(), claims);
      token.sign(signer);
      return token.serialize();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JWSSigner signer(ECKey key) throws JOSEException {
    return new ECDSASigner(key);
  }

  private void describe(HttpExchange exchange) throws IOException {
    send(exchange, "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}".formatted(named, keysUri()));
  }

  private void sendKeys(HttpExchange exchange) throws IOException {
    fetches.incrementAndGet();
    String text = published;
    send(exchange, text == null ? keys().toString() : text);
  }

  private void send(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(UTF_8);
    exchange.getResponseHeaders().set("Location", keysUri());
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
