package dev.nebulastore.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.test.context.DynamicPropertyRegistry;

/**
 * A certificate authority for a test. The JDK's keytool makes its keys, and those that it signs.
 *
 * <p>Threads: confined to the thread of a test.
 */
final class TestAuthority {

  /** A key with the certificate that the authority has signed, and that of the authority. */
  record Issued(Key key, List<X509Certificate> chain) {
    Issued {
      chain = List.copyOf(chain);
    }

    X509Certificate certificate() {
      return chain.getFirst();
    }

    /** Writes it as PEM, each file at once. */
    void write(Path certificate, Path privateKey) {
      replace(privateKey, pem("PRIVATE KEY", key.getEncoded()));
      replace(certificate, pem(chain));
    }
  }

  private static final String ROOT = "root";
  private static final String BUNDLE = "spring.ssl.bundle.pem.server.";
  private static final char[] PASSWORD = "secret".toCharArray();

  private final Path folder;
  private final Path store;
  private int issued;
  // Read once, since the file is written for each certificate.
  private @Nullable Certificate root;

  private TestAuthority(Path folder) {
    this.folder = folder;
    this.store = folder.resolve("keys.p12");
  }

  static TestAuthority make() {
    try {
      TestAuthority authority = new TestAuthority(Files.createTempDirectory("nebulastore-tls"));
      authority.generate(ROOT, "CN=Test authority", List.of("-ext", "bc:c"));
      authority.root = authority.keys().getCertificate(ROOT);
      return authority;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new key for a subject, which may also be used by a server on this machine. */
  Issued issue(String subject) {
    String alias = "key-" + ++issued;
    generate(alias, subject, List.of("-signer", ROOT, "-ext", "SAN=dns:localhost,ip:127.0.0.1"));
    try {
      KeyStore keys = keys();
      List<X509Certificate> chain = new ArrayList<>();
      for (Certificate each : keys.getCertificateChain(alias)) {
        chain.add((X509Certificate) each);
      }
      return new Issued(keys.getKey(alias, PASSWORD), chain);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Has a server on this machine use a new key, from the files server.crt and server.key. */
  void certifyServer(DynamicPropertyRegistry registry) {
    Path certificate = file("server.crt");
    Path key = file("server.key");
    issue("CN=localhost").write(certificate, key);
    registry.add(BUNDLE + "keystore.certificate", certificate::toString);
    registry.add(BUNDLE + "keystore.private-key", key::toString);
  }

  /** Has the server trust clients with a certificate of this authority. */
  void trustClients(DynamicPropertyRegistry registry) {
    registry.add(BUNDLE + "truststore.certificate", () -> certificate().toString());
  }

  /** A file in the folder of this authority, which need not exist. */
  Path file(String name) {
    return folder.resolve(name);
  }

  /** A file with the certificate of this authority. */
  Path certificate() {
    Path file = file("root.crt");
    try {
      replace(file, pem(List.of((X509Certificate) keys().getCertificate(ROOT))));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
    return file;
  }

  /** A socket of a new client that trusts this authority, and may show a certificate. */
  SSLSocket socket(@Nullable Issued client) {
    try {
      return (SSLSocket) context(client).getSocketFactory().createSocket();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private SSLContext context(@Nullable Issued client) throws GeneralSecurityException, IOException {
    KeyStore trusted = empty();
    trusted.setCertificateEntry(ROOT, root);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers(client), trust.getTrustManagers(), null);
    return context;
  }

  private static KeyManager @Nullable [] managers(@Nullable Issued client)
      throws GeneralSecurityException, IOException {
    if (client == null) {
      return null;
    }
    KeyStore own = empty();
    own.setKeyEntry("own", client.key(), PASSWORD, client.chain().toArray(Certificate[]::new));
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD);
    return keys.getKeyManagers();
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private KeyStore keys() throws GeneralSecurityException, IOException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, PASSWORD);
    }
    return keys;
  }

  private void generate(String alias, String subject, List<String> more) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    Collections.addAll(command, "-genkeypair", "-alias", alias, "-dname", subject);
    Collections.addAll(command, "-keyalg", "EC", "-groupname", "secp256r1");
    Collections.addAll(command, "-storetype", "PKCS12", "-keystore", store.toString());
    Collections.addAll(command, "-storepass", new String(PASSWORD));
    command.addAll(more);
    try {
      if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
        throw new IllegalStateException("keytool made no key");
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String pem(List<X509Certificate> certificates) {
    StringBuilder text = new StringBuilder();
    try {
      for (X509Certificate certificate : certificates) {
        text.append(pem("CERTIFICATE", certificate.getEncoded()));
      }
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private static String pem(String type, byte[] content) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(type, Base64.getMimeEncoder().encodeToString(content));
  }

  private static void replace(Path file, String content) {
    try {
      Path next = Files.createTempFile(file.toAbsolutePath().getParent(), "next", ".pem");
      Files.writeString(next, content);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
