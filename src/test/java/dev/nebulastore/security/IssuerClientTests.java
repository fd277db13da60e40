package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.OctetSequenceKeyGenerator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How the keys of an issuer are fetched. */
class IssuerClientTests {

  private static final Duration SOON = Duration.ofSeconds(30);

  private final TestIssuer issuer = TestIssuer.start();

  @AfterEach
  void stop() {
    issuer.close();
  }

  private IssuerClient client() {
    return new IssuerClient(issuer.issuer(), null, SOON);
  }

  private static List<String> ids(IssuerClient client)
      throws IssuerUnreachable, InterruptedException {
    return client.fetch().getKeys().stream().map(JWK::getKeyID).toList();
  }

  @Test
  void keysAreDiscovered() throws Exception {
    assertThat(ids(client())).containsExactly(TestIssuer.RSA, TestIssuer.EC);
    assertThat(client().fetch().getKeys()).noneMatch(JWK::isPrivate);
  }

  @Test
  void placeOfTheKeysCanBeGiven() throws Exception {
    issuer.claimToBe("https://other.example");
    IssuerClient client =
        new IssuerClient("https://login.example", URI.create(issuer.keysUri()), SOON);
    assertThat(ids(client)).containsExactly(TestIssuer.RSA, TestIssuer.EC);
  }

  @Test
  void otherIssuerIsRefused() {
    issuer.claimToBe(issuer.issuer() + "/");
    assertThatThrownBy(() -> client().fetch())
        .isInstanceOf(IssuerUnreachable.class)
        .hasMessageContaining("another issuer");
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 401, 404, 500, 503})
  void otherAnswersAreRefused(int status) {
    issuer.answer(status);
    assertThatThrownBy(() -> client().fetch())
        .isInstanceOf(IssuerUnreachable.class)
        .hasMessageContaining("answered " + status);
    assertThat(issuer.fetches()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "[]", "{}", "{\"keys\":1}", "{\"keys\":[{\"kty\":1}]}"})
  void otherTextsAreRefused(String text) {
    issuer.publish(text);
    assertThatThrownBy(() -> client().fetch()).isInstanceOf(IssuerUnreachable.class);
  }

  @Test
  void longAnswersAreRefused() {
    issuer.publish(" ".repeat(IssuerClient.MAX_BYTES) + issuer.keys());
    assertThatThrownBy(() -> client().fetch())
        .isInstanceOf(IssuerUnreachable.class)
        .hasMessageContaining("can't be read");
  }

  @Test
  void weakAndSymmetricKeysAreIgnored() throws Exception {
    OctetSequenceKey secret = new OctetSequenceKeyGenerator(256).keyID("secret").generate();
    JWK curve = new ECKeyGenerator(Curve.P_384).keyID("p384").generate();
    issuer.publish("{\"keys\":[%s,%s,%s]}".formatted(weak(), secret, curve.toPublicJWK()));
    assertThat(ids(client())).containsExactly("p384");
    issuer.publish("{\"keys\":[%s,%s,{\"kty\":\"XYZ\"}]}".formatted(weak(), secret));
    assertThatThrownBy(() -> client().fetch())
        .isInstanceOf(IssuerUnreachable.class)
        .hasMessageContaining("no RSA or EC key");
  }

  private static JWK weak() throws NoSuchAlgorithmException, JOSEException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1_024);
    return new RSAKey.Builder((RSAPublicKey) generator.generateKeyPair().getPublic())
        .keyID("weak")
        .build();
  }

  @Test
  void issuerThatIsDownIsReported() {
    IssuerClient client = client();
    issuer.close();
    assertThatThrownBy(client::fetch)
        .isInstanceOf(IssuerUnreachable.class)
        .hasMessageContaining("ConnectException");
  }

  /** It accepts the connection and says nothing. */
  @Test
  void silentIssuerIsGivenUp() throws IOException {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      IssuerClient client =
          new IssuerClient(
              "http://127.0.0.1:" + silent.getLocalPort(), null, Duration.ofMillis(200));
      assertThatThrownBy(client::fetch)
          .isInstanceOf(IssuerUnreachable.class)
          .hasMessageContaining("in time");
    }
  }
}
