package dev.nebulastore.security;

import static dev.nebulastore.security.SampleTokens.hash;
import static dev.nebulastore.security.SampleTokens.secret;
import static dev.nebulastore.security.SampleTokens.text;
import static dev.nebulastore.security.SampleTokens.token;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.nebulastore.security.AccessDenied.Kind;
import dev.nebulastore.security.Gate.Sender;
import dev.nebulastore.security.SecurityProperties.Mode;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is served in which mode. */
class GateTests {

  private static final Instant BEGIN = Instant.parse("2027-01-31T00:00:00Z");
  private static final String CI = text("ci", 1);
  private static final String OLD = text("old", 2);
  private static final String UNKNOWN = text("ci", 3);

  private static final TokenSet TOKENS =
      new TokenSet(
          List.of(token(CI), token(OLD, Set.of(Role.READ), List.of(), BEGIN.plusSeconds(60))));

  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.1");
  private static final Set<Role> ALL = Set.of(Role.values());

  private TokenSet tokens = TOKENS;
  private Instant now = BEGIN;

  private Gate gate(Mode mode) {
    return new Gate(mode, new HostNames(List.of("store.example")), () -> tokens, () -> now, null);
  }

  private static Sender remote(@Nullable String authorization) {
    return new Sender(OTHER, true, "evil.example", authorization);
  }

  private static Sender local(@Nullable String host, boolean proxied) {
    return new Sender(InetAddress.getLoopbackAddress(), proxied, host, null);
  }

  private static AccessDenied denied(Gate gate, Sender sender) {
    return catchThrowableOfType(AccessDenied.class, () -> gate.identify(sender));
  }

  private static AccessDenied notAdmitted(Gate gate, Sender sender) {
    return catchThrowableOfType(AccessDenied.class, () -> gate.admit(sender));
  }

  @Test
  void openModeServesEverybody() {
    Gate gate = gate(Mode.OPEN);
    assertThat(gate.identify(remote(null))).isSameAs(Caller.ANYONE);
    assertThat(gate.identify(remote("Bearer x"))).isSameAs(Caller.ANYONE);
    assertThatCode(() -> gate.admit(remote(null))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"localhost:8080", "127.0.0.1", "[::1]:8080", "store.example"})
  void protectedModeServesItsOwnMachine(String host) {
    Gate gate = gate(Mode.PROTECTED);
    assertThat(gate.identify(local(host, false))).isSameAs(Caller.ANYONE);
    assertThatCode(() -> gate.admit(local(host, false))).doesNotThrowAnyException();
  }

  @Test
  void protectedModeServesOldClientsWithoutHost() {
    assertThat(gate(Mode.PROTECTED).identify(local(null, false))).isSameAs(Caller.ANYONE);
  }

  @ParameterizedTest
  @CsvSource({
    // local, proxied, host, kind
    "false, false, localhost, PROTECTED_MODE",
    "false, false, , PROTECTED_MODE",
    "false, true, localhost, PROTECTED_MODE",
    "true, true, localhost, PROTECTED_MODE",
    "true, true, evil.example, PROTECTED_MODE",
    "true, false, evil.example, HOST_NOT_ALLOWED",
    "true, false, '', HOST_NOT_ALLOWED",
  })
  void protectedModeRefusesOthers(
      boolean local, boolean proxied, @Nullable String host, Kind kind) {
    Gate gate = gate(Mode.PROTECTED);
    InetAddress address = local ? InetAddress.getLoopbackAddress() : OTHER;
    Sender sender = new Sender(address, proxied, host, "Bearer " + CI);
    assertThat(denied(gate, sender).kind()).isEqualTo(kind);
    assertThat(notAdmitted(gate, sender).kind()).isEqualTo(kind);
  }

  @Test
  void refusalTellsTheWaysOut() {
    assertThat(denied(gate(Mode.PROTECTED), remote(null)))
        .hasMessageContainingAll(
            "nebula.security.tokens-file", "nebula.security.mode=open", "localhost");
    assertThat(denied(gate(Mode.PROTECTED), local("evil.example", false)))
        .hasMessageContaining("nebula.security.hosts");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Bearer ", "bearer ", "BEARER ", "Bearer   "})
  void tokensModeServesTheOwnerOfAToken(String scheme) {
    Gate gate = gate(Mode.TOKENS);
    assertThat(gate.identify(remote(scheme + CI)).id()).isEqualTo("ci");
  }

  @Test
  void tokensModeServesTheOwnerOfACertificate() {
    tokens =
        new TokenSet(List.of(token(CI), new Token("cert", certificate(), ALL, List.of(), null)));
    Gate gate = gate(Mode.TOKENS);
    assertThat(gate.identify(shown("cn=CI,O=acme", null)).id()).isEqualTo("cert");
    assertThat(gate.identify(shown("CN=ci,O=Acme", "Bearer " + CI)).id()).isEqualTo("ci");
    assertThat(denied(gate, shown("CN=ci,O=Acme", "Bearer " + UNKNOWN)).kind())
        .isEqualTo(Kind.INVALID_TOKEN);
    assertThat(denied(gate, shown("CN=ci", null)))
        .hasMessageEndingWith(" no valid line with the certificate's subject=CN=ci.")
        .extracting(AccessDenied::kind)
        .isEqualTo(Kind.TOKEN_REQUIRED);
  }

  @Test
  void certificateOpensNothingInOtherModes() {
    Sender sender = new Sender(OTHER, false, "localhost", null, new X500Principal("CN=ci,O=Acme"));
    assertThat(denied(gate(Mode.PROTECTED), sender).kind()).isEqualTo(Kind.PROTECTED_MODE);
    assertThat(gate(Mode.OPEN).identify(sender)).isSameAs(Caller.ANYONE);
    assertThat(gate(Mode.OPEN).knowsCertificates()).isFalse();
    assertThat(gate(Mode.TOKENS).knowsCertificates()).isTrue();
  }

  private static Token.Credential certificate() {
    return new Token.Credential.Certificate(new X500Principal("CN=ci,O=Acme"));
  }

  private static Sender shown(String subject, @Nullable String authorization) {
    return new Sender(OTHER, false, "localhost", authorization, new X500Principal(subject));
  }

  @Test
  void tokensModeAsksLocalClientsToo() {
    Gate gate = gate(Mode.TOKENS);
    assertThat(denied(gate, local("localhost", false)).kind()).isEqualTo(Kind.TOKEN_REQUIRED);
    assertThat(denied(gate, remote(null)).kind()).isEqualTo(Kind.TOKEN_REQUIRED);
    assertThatCode(() -> gate.admit(remote(null))).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "Bearer", "Bearer ", "Basic TOKEN", "TOKEN", "BearerTOKEN", "Token x"})
  void otherAuthorizationIsNoToken(String authorization) {
    assertThat(denied(gate(Mode.TOKENS), remote(authorization.replace("TOKEN", CI))).kind())
        .isEqualTo(Kind.INVALID_TOKEN);
  }

  @Test
  void unknownRevokedAndExpiredTokensAreRefusedAlike() {
    Gate gate = gate(Mode.TOKENS);
    String unknown = String.valueOf(denied(gate, remote("Bearer " + UNKNOWN)).getMessage());
    assertThat(gate.identify(remote("Bearer " + OLD)).id()).isEqualTo("old");
    now = BEGIN.plusSeconds(60);
    assertThat(denied(gate, remote("Bearer " + OLD))).hasMessage(unknown);
    tokens = new TokenSet(List.of());
    assertThat(denied(gate, remote("Bearer " + CI))).hasMessage(unknown);
    assertThat(denied(gate, remote("Bearer " + CI)).kind()).isEqualTo(Kind.INVALID_TOKEN);
  }

  @Test
  void callerIsCurrentUntilItsTokenIsRevokedOrExpires() {
    Gate gate = gate(Mode.TOKENS);
    Caller ci = gate.identify(remote("Bearer " + CI));
    Caller old = gate.identify(remote("Bearer " + OLD));
    assertThatCode(() -> gate.requireCurrent(ci)).doesNotThrowAnyException();
    assertThatCode(() -> gate.requireCurrent(old)).doesNotThrowAnyException();
    now = BEGIN.plusSeconds(60);
    assertThatThrownBy(() -> gate.requireCurrent(old)).isInstanceOf(AccessDenied.class);
    tokens = new TokenSet(List.of(token(OLD)));
    assertThatThrownBy(() -> gate.requireCurrent(ci)).isInstanceOf(AccessDenied.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"OPEN", "PROTECTED"})
  void anyoneIsAlwaysCurrent(Mode mode) {
    tokens = new TokenSet(List.of());
    assertThatCode(() -> gate(mode).requireCurrent(Caller.ANYONE)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @EnumSource
  void nothingShowsASecret(Mode mode) {
    Gate gate = gate(mode);
    StringBuilder shown = new StringBuilder();
    for (String sent : List.of("Bearer " + UNKNOWN, "Basic " + CI, CI, "Bearer " + CI)) {
      Sender sender = remote(sent);
      shown.append(sender);
      try {
        shown.append(gate.identify(sender));
      } catch (AccessDenied denied) {
        shown.append(denied);
      }
    }
    assertThat(shown.toString())
        .contains("Sender[address=/192.0.2.1, proxied=true, host=evil.example]")
        .doesNotContain(secret(CI), secret(UNKNOWN), hash(CI), hash(UNKNOWN));
  }
}
