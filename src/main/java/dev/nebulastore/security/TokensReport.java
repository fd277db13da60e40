package dev.nebulastore.security;

import java.util.Optional;

/** What an operator is told of the tokens in use; nothing of it is secret. */
public interface TokensReport {

  /** Why the tokens file as it is now is not the one in use, in a sentence; empty if it is. */
  Optional<String> trouble();

  /** The number of tokens in use, expired ones included. */
  int tokens();
}
