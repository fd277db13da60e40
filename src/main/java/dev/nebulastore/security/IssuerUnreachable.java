package dev.nebulastore.security;

/** Tells in a few words why the keys of an issuer could not be fetched. */
final class IssuerUnreachable extends Exception {

  IssuerUnreachable(String message) {
    super(message, null, false, false);
  }
}
