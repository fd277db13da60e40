package dev.nebulastore.security;

import java.util.List;
import java.util.Optional;

/** Where a {@link TokenStore} has its tokens from: a file, or what a test makes of one. */
interface TokenSource {

  /** Something that is equal until the source changes; empty while there is no source. Cheap. */
  Optional<Object> version();

  /** Reads all tokens. */
  List<Token> read() throws UnusableTokenFile;
}
