package dev.nebulastore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.nebulastore.kv.Command;
import dev.nebulastore.kv.Key;
import dev.nebulastore.kv.Precondition;
import dev.nebulastore.kv.Transaction;
import dev.nebulastore.kv.Value;
import java.util.List;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What callers may do. */
class CallerTests {

  private static final String TEXT = SampleTokens.text("ci", 1);

  private static Caller caller(Set<Role> roles, String... prefixes) {
    return Caller.of(SampleTokens.token(TEXT, roles, List.of(prefixes), null));
  }

  private static void assertDenied(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            AccessDenied.class,
            denied -> assertThat(denied.kind()).isEqualTo(AccessDenied.Kind.INSUFFICIENT_SCOPE));
  }

  @ParameterizedTest
  @EnumSource
  void roleIncludesNoOther(Role role) {
    Caller caller = caller(Set.of(role));
    for (Role asked : Role.values()) {
      if (asked == role) {
        assertThatCode(() -> caller.require(asked)).doesNotThrowAnyException();
        assertThatCode(() -> caller.require(asked, Key.of("k"))).doesNotThrowAnyException();
        assertThatCode(() -> caller.requirePrefix(asked, "")).doesNotThrowAnyException();
      } else {
        assertDenied(() -> caller.require(asked));
        assertDenied(() -> caller.require(asked, Key.of("k")));
        assertDenied(() -> caller.requirePrefix(asked, ""));
      }
    }
  }

  @Test
  void refusalNamesTheRoleThatIsMissing() {
    assertThatThrownBy(() -> caller(Set.of(Role.METRICS, Role.READ)).require(Role.WRITE))
        .hasMessage("This needs a token with the role write. This one has: read, metrics.");
  }

  @ParameterizedTest
  @EnumSource
  void anyoneMayDoEverything(Role role) {
    assertThatCode(() -> Caller.ANYONE.require(role, Key.of("k"))).doesNotThrowAnyException();
    assertThatCode(() -> Caller.ANYONE.requirePrefix(role, "")).doesNotThrowAnyException();
    assertThat(Caller.ANYONE.id()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // prefix, key, whether the key is within
    "app/, app/1, true",
    "app/, app/, true",
    "app/, app, false",
    "app/, apq/1, false",
    "app/, App/1, false",
    "app/, xapp/1, false",
    "app/, /app/1, false",
    "app, application, true",
    "ab, a, false",
    // U+00E9 is C3 A9; U+00E8 is C3 A8; e and U+0301 look the same, but are 65 CC 81.
    "é, é, true",
    "é, éx, true",
    "é, è, false",
    "é, e\u0301, false",
    "aé, aé/1, true",
    "aé, aÃ, false",
    "aé, aÃ©, false",
    // Both begin with the same three bytes, and with the same half of a surrogate pair.
    "😀, 😀1, true",
    "😀, 😁, false",
  })
  void prefixesBoundKeysByteByByte(String prefix, String key, boolean within) {
    Caller caller = caller(Set.of(Role.READ), prefix);
    ThrowingCallable asKey = () -> caller.require(Role.READ, Key.of(key));
    ThrowingCallable asPrefix = () -> caller.requirePrefix(Role.READ, key);
    if (within) {
      assertThatCode(asKey).doesNotThrowAnyException();
      assertThatCode(asPrefix).doesNotThrowAnyException();
    } else {
      assertDenied(asKey);
      assertDenied(asPrefix);
    }
  }

  @Test
  void oneOfSeveralPrefixesIsEnough() {
    Caller caller = caller(Set.of(Role.WRITE), "a/", "b/");
    assertThatCode(() -> caller.require(Role.WRITE, Key.of("a/1"))).doesNotThrowAnyException();
    assertThatCode(() -> caller.require(Role.WRITE, Key.of("b/1"))).doesNotThrowAnyException();
    assertDenied(() -> caller.require(Role.WRITE, Key.of("c/1")));
  }

  @Test
  void boundCallersMayNotUseAllKeys() {
    assertDenied(() -> caller(Set.of(Role.READ), "a").requirePrefix(Role.READ, ""));
  }

  @Test
  void prefixDoesNotReplaceTheRole() {
    assertDenied(() -> caller(Set.of(Role.READ), "a").require(Role.WRITE, Key.of("a")));
    assertDenied(() -> caller(Set.of(Role.READ), "a").requirePrefix(Role.WRITE, "a"));
  }

  static List<Command> writes() {
    Key key = Key.of("a/1");
    return List.of(
        new Command.Put(key, Precondition.NONE, new Value(new byte[0], "text/plain"), null, false),
        new Command.Touch(key, Precondition.NONE, null),
        new Command.Delete(key, Precondition.NONE));
  }

  @ParameterizedTest
  @MethodSource("writes")
  void changesOfAnEntryNeedTheRoleWrite(Command write) {
    assertThatCode(() -> caller(Set.of(Role.WRITE), "a/").require(write))
        .doesNotThrowAnyException();
    assertDenied(() -> caller(Set.of(Role.READ, Role.METRICS, Role.ADMIN)).require(write));
    assertDenied(() -> caller(Set.of(Role.WRITE), "b/").require(write));
  }

  @Test
  void readsOfAnEntryNeedTheRoleRead() {
    assertThatCode(() -> caller(Set.of(Role.READ), "a/").require(get("a/1")))
        .doesNotThrowAnyException();
    assertDenied(() -> caller(Set.of(Role.WRITE, Role.METRICS, Role.ADMIN)).require(get("a/1")));
    assertDenied(() -> caller(Set.of(Role.READ), "b/").require(get("a/1")));
  }

  /** The answer is the new value. */
  @Test
  void addingNeedsBothRoles() {
    Command add = new Command.Add(Key.of("a/1"), Precondition.NONE, 1, null);
    assertThatCode(() -> caller(Set.of(Role.READ, Role.WRITE), "a/").require(add))
        .doesNotThrowAnyException();
    assertDenied(() -> caller(Set.of(Role.READ, Role.METRICS, Role.ADMIN)).require(add));
    assertDenied(() -> caller(Set.of(Role.WRITE, Role.METRICS, Role.ADMIN)).require(add));
    assertDenied(() -> caller(Set.of(Role.READ, Role.WRITE), "b/").require(add));
  }

  /** A condition tells what exists, and the branch that is not taken could have been. */
  @Test
  void eachPartOfATransactionIsAskedFor() {
    Caller caller = caller(Set.of(Role.READ), "a/");
    Transaction within =
        new Transaction(List.of(condition("a/1")), List.of(get("a/2")), List.of(get("a/3")));
    assertThatCode(() -> caller.require(within)).doesNotThrowAnyException();
    assertDenied(() -> caller(Set.of(Role.WRITE), "a/").require(within));
    for (Transaction beyond :
        List.of(
            new Transaction(List.of(condition("a/1"), condition("b")), List.of(), List.of()),
            new Transaction(List.of(), List.of(get("a/1"), get("b")), List.of()),
            new Transaction(List.of(), List.of(), List.of(get("a/1"), get("b"))),
            new Transaction(List.of(), writes(), List.of()))) {
      assertDenied(() -> caller.require(beyond));
    }
    assertDenied(() ->
        caller(Set.of(Role.WRITE))
            .require(new Transaction(List.of(condition("a/1")), writes(), List.of())));
  }

  private static Command get(String key) {
    return new Command.Get(Key.of(key), Precondition.NONE);
  }

  private static Transaction.Condition condition(String key) {
    return new Transaction.Condition(Key.of(key), Precondition.NONE);
  }

  @Test
  void refusalNamesThePrefixesAndNoSecret() {
    assertThatThrownBy(
            () -> caller(Set.of(Role.READ), "a/", "é").require(Role.READ, Key.of("other")))
        .hasMessage("The key is not within the prefixes of this token: \"a/\", \"é\".");
    assertThat(caller(Set.of(Role.READ))).hasToString("ci");
  }
}
