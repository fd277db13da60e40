package dev.nebulastore.security;

import com.nimbusds.jose.jwk.JWKSet;

/** Where {@link IssuerKeys} has its keys from: a server, or what a test makes of one. */
interface KeySource {

  /** Fetches the public keys of the issuer, and waits for them. */
  JWKSet fetch() throws IssuerUnreachable, InterruptedException;
}
