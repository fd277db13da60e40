package dev.nebulastore.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.factories.DefaultJWSSignerFactory;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;

/** Keys for each algorithm, for tests. */
final class AllKeys {

  private AllKeys() {}

  static JWK forAlgorithm(JWSAlgorithm algorithm) throws JOSEException {
    return JWSAlgorithm.Family.RSA.contains(algorithm)
        ? TestIssuer.rsa("key")
        : new ECKeyGenerator(Curve.forJWSAlgorithm(algorithm).iterator().next())
            .keyID("key")
            .generate();
  }

  static String signed(JWK key, JWSAlgorithm algorithm, JWTClaimsSet claims) throws JOSEException {
    SignedJWT token =
        new SignedJWT(new JWSHeader.Builder(algorithm).keyID(key.getKeyID()).build(), claims);
    token.sign(new DefaultJWSSignerFactory().createJWSSigner(key, algorithm));
    return token.serialize();
  }
}
