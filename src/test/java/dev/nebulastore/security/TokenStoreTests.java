package dev.nebulastore.security;

import static dev.nebulastore.security.SampleTokens.hash;
import static dev.nebulastore.security.SampleTokens.line;
import static dev.nebulastore.security.SampleTokens.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import dev.nebulastore.LogRecorder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/** When a store of tokens reads its file again, and what it uses of it. */
class TokenStoreTests {

  private static final String CI = line(text("ci", 1), "roles=read");
  private static final String WEB = line(text("web", 2), "roles=read");
  private static final String BAD = "web " + hash(text("web", 2)) + " roles=reed";

  /** Records what a listener is told. */
  private static final class Heard implements TokensListener {
    private final List<String> told = new ArrayList<>();

    @Override
    public void tokensLoaded(int tokens) {
      told.add("loaded " + tokens);
    }

    @Override
    public void tokensRefused(String reason) {
      told.add("refused " + reason);
    }
  }

  /** A file whose content and versions a test sets. */
  private static final class Script implements TokenSource {
    private Optional<Object> version = Optional.of(0);
    private String content = CI;
    private Runnable whileRead = () -> {};
    private @Nullable Error failure;
    private int reads;

    void write(String next) {
      content = next;
      version = Optional.of((int) version.orElse(0) + 1);
    }

    @Override
    public Optional<Object> version() {
      return version;
    }

    @Override
    public List<Token> read() throws UnusableTokenFile {
      reads++;
      String before = content;
      whileRead.run();
      if (failure != null) {
        throw failure;
      }
      if (version.isEmpty()) {
        throw new UnusableTokenFile("does not exist");
      }
      return TokenFile.parse(before.getBytes(UTF_8));
    }

    @Override
    public String toString() {
      return "/etc/tokens";
    }
  }

  @TempDir private Path folder;
  @RegisterExtension final LogRecorder log = new LogRecorder(TokenStore.class);
  private final Script script = new Script();

  private static List<String> ids(TokenStore store) {
    return store.get().tokens().stream().map(Token::id).toList();
  }

  private static void look(TokenStore store, int times) {
    for (int i = 0; i < times; i++) {
      store.look();
    }
  }

  @Test
  void startReadsTheFile() {
    script.content = CI + WEB;
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    assertThat(ids(store)).containsExactly("ci", "web");
    assertThat(store.tokens()).isEqualTo(2);
    assertThat(store.trouble()).isEmpty();
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void badFileFailsTheStart() {
    script.content = CI + BAD;
    assertThatThrownBy(() -> new TokenStore(script, TokensListener.NONE))
        .isInstanceOfSatisfying(
            InvalidConfigurationPropertyValueException.class,
            refusal -> {
              assertThat(refusal.getName()).isEqualTo("nebula.security.tokens-file");
              assertThat(refusal.getValue()).isEqualTo("/etc/tokens");
              assertThat(refusal.getReason())
                  .startsWith("has an error in line 2: there is no role \"reed\";");
            });
  }

  @Test
  void changedFileIsUsedWhenItHasSettled() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    look(store, 2);
    script.write(CI + WEB);
    store.look();
    assertThat(ids(store)).as("it may be half written").containsExactly("ci");
    store.look();
    assertThat(ids(store)).containsExactly("ci", "web");
    assertThat(log.lines())
        .singleElement()
        .asString()
        .contains("INFO", "/etc/tokens", "tokens: 2, callers: 2")
        .doesNotContain(hash(text("web", 2)));
  }

  @Test
  void unchangedFileIsNotReadAgain() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    store.look();
    int before = script.reads;
    look(store, 5);
    assertThat(script.reads).isEqualTo(before);
  }

  @Test
  void halfWrittenFileIsNeverUsedAndNotLogged() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    look(store, 2);
    for (String half : List.of("", CI.substring(0, 20), CI, CI + BAD)) {
      script.write(half);
      store.look();
      assertThat(ids(store)).containsExactly("ci");
    }
    script.write(CI + WEB);
    look(store, 2);
    assertThat(ids(store)).containsExactly("ci", "web");
    assertThat(log.levels()).containsExactly(Level.INFO);
  }

  @Test
  void fileThatChangesWhileItIsReadIsReadAgain() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    look(store, 2);
    for (String half : List.of("", BAD)) {
      script.write(half);
      store.look();
      script.whileRead = () -> script.write(CI + WEB);
      store.look();
      script.whileRead = () -> {};
      assertThat(ids(store)).contains("ci");
      assertThat(store.trouble()).isEmpty();
      look(store, 2);
      assertThat(ids(store)).containsExactly("ci", "web");
    }
    assertThat(log.levels()).containsExactly(Level.INFO);
  }

  /** Two changes within one tick of the file system's clock look like one. */
  @Test
  void changeRightAfterTheStartIsNotMissed() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    script.content = CI + WEB;
    store.look();
    assertThat(ids(store)).containsExactly("ci", "web");
  }

  @Test
  void fileGoneRightAfterTheStartIsReported() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    script.version = Optional.empty();
    look(store, 2);
    assertThat(store.trouble().orElseThrow()).startsWith("The tokens file does not exist.");
    assertThat(ids(store)).containsExactly("ci");
  }

  @Test
  void badFileKeepsTheTokensThatWereLoadedBefore() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    script.write(WEB + BAD);
    look(store, 5);
    assertThat(ids(store)).containsExactly("ci");
    assertThat(store.trouble())
        .hasValueSatisfying(trouble ->
            assertThat(trouble)
                .startsWith("The tokens file has an error in line 2: ")
                .doesNotContain(hash(text("web", 2))));
    assertThat(log.levels()).containsExactly(Level.WARN);

    script.write(WEB);
    look(store, 5);
    assertThat(ids(store)).containsExactly("web");
    assertThat(store.trouble()).isEmpty();
    assertThat(log.levels()).containsExactly(Level.WARN, Level.INFO);
  }

  @Test
  void anotherErrorIsToldToo() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    for (String bad : List.of(BAD, "\n" + BAD)) {
      script.write(bad);
      look(store, 3);
    }
    assertThat(store.trouble().orElseThrow()).contains("line 2");
    assertThat(log.levels()).containsExactly(Level.WARN, Level.WARN);
  }

  @Test
  void emptiedFileRevokesAllTokens() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    script.write("# none\n");
    look(store, 3);
    assertThat(ids(store)).isEmpty();
    assertThat(store.trouble()).isEmpty();
    assertThat(log.levels()).containsExactly(Level.WARN);
  }

  @Test
  void listenerIsToldOfEachReload() {
    Heard heard = new Heard();
    TokenStore store = new TokenStore(script, heard);
    look(store, 3);
    assertThat(heard.told).as("the start is no reload").isEmpty();
    script.write(CI + WEB);
    look(store, 3);
    script.write(BAD);
    look(store, 3);
    script.write(CI + WEB);
    look(store, 3);
    script.write("");
    look(store, 3);
    assertThat(heard.told)
        .satisfiesExactly(
            told -> assertThat(told).isEqualTo("loaded 2"),
            told -> assertThat(told).startsWith("refused The tokens file has an error in line 1"),
            told -> assertThat(told).isEqualTo("loaded 2"),
            told -> assertThat(told).isEqualTo("loaded 0"));
  }

  @Test
  void touchedFileIsNotLogged() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    script.write(script.content);
    look(store, 3);
    assertThat(log.lines()).isEmpty();
  }

  @Test
  void errorDoesNotEndTheLooks() {
    TokenStore store = new TokenStore(script, TokensListener.NONE);
    script.write(WEB);
    script.failure = new LinkageError(CI);
    look(store, 3);
    assertThat(ids(store)).containsExactly("ci");
    assertThat(store.trouble().orElseThrow()).contains("java.lang.LinkageError").doesNotContain(CI);
    script.failure = null;
    store.look();
    assertThat(ids(store)).containsExactly("web");
    assertThat(store.trouble()).isEmpty();
  }

  @Test
  void permissionsAreCheckedAgain() throws IOException {
    Path path = folder.resolve("tokens");
    Files.writeString(path, CI);
    mode(path, "rw-------");
    TokenStore store = new TokenStore(new TokenFile(path), TokensListener.NONE);
    look(store, 2);
    mode(path, "rw-r--r--");
    look(store, 2);
    assertThat(store.trouble().orElseThrow()).contains("rw-r--r--");
    assertThat(ids(store)).containsExactly("ci");
    mode(path, "rw-------");
    look(store, 2);
    assertThat(store.trouble()).isEmpty();

    Files.delete(path);
    look(store, 2);
    assertThat(store.trouble().orElseThrow()).startsWith("The tokens file does not exist.");
    assertThat(ids(store)).containsExactly("ci");
  }

  private static void mode(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
