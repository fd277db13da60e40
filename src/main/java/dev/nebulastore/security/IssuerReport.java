package dev.nebulastore.security;

import java.util.Optional;

/** What an operator is told of the issuer of tokens. */
public interface IssuerReport {

  /** Why its keys can't be fetched now, in a sentence; empty if the last fetch succeeded. */
  Optional<String> trouble();
}
