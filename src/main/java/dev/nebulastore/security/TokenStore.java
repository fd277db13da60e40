package dev.nebulastore.security;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.scheduling.annotation.Scheduled;

/**
 * The tokens in use. Reads its file when it is created, and again when it changes: whole or not at
 * all.
 *
 * <p>Design notes:
 *
 * <ol>
 *   <li>A file that can't be used fails the start. Later it changes nothing: the tokens that were
 *       loaded before stay in use, {@link #trouble} tells why, and each look tries it again.
 *   <li>A changed file is read only when two looks in a row find the same version of it, and used
 *       only if it still has this version after it was read. So a file that is being written is not
 *       used half, nor logged as damaged, and a change right after a read gets another time.
 *   <li>A file without tokens is used. It revokes all of them.
 * </ol>
 *
 * <p>Threads: {@link #look} is confined to the scheduler; the rest is thread-safe.
 */
final class TokenStore implements Supplier<TokenSet>, TokensReport {

  private static final Logger log = LoggerFactory.getLogger(TokenStore.class);

  private final TokenSource source;
  private final TokensListener listener;
  private volatile TokenSet tokens;
  private volatile @Nullable String trouble;

  // Of the source, at the last look.
  private Optional<Object> seen;
  // Of the source, when the tokens were read. Empty after the start, so that the first look reads
  // again what may have changed while it was read.
  private Optional<Object> used = Optional.empty();

  /**
   * Reads the tokens.
   *
   * @param listener is told of each reload
   * @throws InvalidConfigurationPropertyValueException if they can't be used
   */
  TokenStore(TokenSource source, TokensListener listener) {
    this.source = source;
    this.listener = listener;
    this.seen = source.version();
    try {
      this.tokens = new TokenSet(source.read());
    } catch (UnusableTokenFile e) {
      throw new InvalidConfigurationPropertyValueException(
          "nebula.security.tokens-file", source.toString(), e.getMessage());
    }
    if (tokens.tokens().isEmpty()) {
      logThatNobodyIsServed();
    }
  }

  @Override
  public TokenSet get() {
    return tokens;
  }

  @Override
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  @Override
  public int tokens() {
    return tokens.tokens().size();
  }

  /** Looks once whether the file has changed. Never throws. */
  @Scheduled(fixedDelay = 1_000)
  void look() {
    try {
      lookOnce();
    } catch (Throwable e) {
      failQuietly(e);
    }
  }

  /** Without the message of the failure, which nobody has looked through for secrets. */
  private void failQuietly(Throwable e) {
    try {
      begin("can't be read: " + e.getClass().getName());
    } catch (Throwable again) {
      // The next look runs as scheduled.
    }
  }

  private void lookOnce() {
    Optional<Object> version = source.version();
    if (trouble == null && used.isPresent() && used.equals(version)) {
      return;
    }
    if (!version.equals(seen)) {
      seen = version;
      return;
    }
    try {
      List<Token> read = source.read();
      if (source.version().equals(version)) {
        use(read);
        used = version;
      }
    } catch (UnusableTokenFile e) {
      if (source.version().equals(version)) {
        begin(String.valueOf(e.getMessage()));
      }
    }
  }

  private void use(List<Token> read) {
    boolean changed = !read.equals(tokens.tokens());
    boolean troubled = trouble != null;
    tokens = new TokenSet(read);
    trouble = null;
    if (changed && read.isEmpty()) {
      logThatNobodyIsServed();
    } else if (changed || troubled) {
      log.info(
          "The tokens file {} was loaded; tokens: {}, callers: {}",
          source,
          read.size(),
          tokens.callers());
    }
    if (changed || troubled) {
      listener.tokensLoaded(read.size());
    }
  }

  private void begin(String reason) {
    String sentence =
        "The tokens file " + reason + ". The tokens that were loaded before stay in use.";
    if (!sentence.equals(trouble)) {
      trouble = sentence;
      log.warn("{} ({})", sentence, source);
      listener.tokensRefused(sentence);
    }
  }

  private void logThatNobodyIsServed() {
    log.warn("The tokens file {} holds no token, so nobody has access", source);
  }
}
