package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.opentest4j.TestAbortedException;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;

/**
 * Sends the well-formed requests of the contract tests by HTTP/2 with TLS instead, if the system
 * property {@code test.http2} is set. Tests that send bytes of HTTP/1.1 are skipped then.
 */
final class OverStreams {

  static final boolean ON = Boolean.getBoolean("test.http2");

  private static final @Nullable TlsKey KEY = ON ? TlsKey.make() : null;
  private static final @Nullable HttpClient CLIENT = KEY == null ? null : client(KEY);

  private OverStreams() {}

  private static HttpClient client(TlsKey key) {
    System.setProperty("jdk.httpclient.allowRestrictedHeaders", "content-length,expect,host");
    try {
      return HttpClient.newBuilder().version(Version.HTTP_2).sslContext(key.trusting()).build();
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  static Response ask(
      int port, String method, String target, byte @Nullable [] body, String... headers) {
    if (!target.matches("[ -~&&[^#]]*")) {
      throw new TestAbortedException("A client of HTTP/2 does not send this target");
    }
    HttpRequest request;
    try {
      HttpRequest.Builder builder =
          HttpRequest.newBuilder(URI.create("https://localhost:" + port + target))
              .timeout(Duration.ofSeconds(60))
              .method(
                  method,
                  body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
      for (String header : headers) {
        String[] parts = header.split(":", 2);
        builder.header(parts[0], parts[1].strip());
      }
      request = builder.build();
    } catch (IllegalArgumentException e) {
      throw new TestAbortedException("A client of HTTP/2 does not send this: " + e.getMessage());
    }
    try {
      if (CLIENT == null) {
        throw new IllegalStateException("test.http2 is not set");
      }
      HttpResponse<byte[]> response = CLIENT.send(request, BodyHandlers.ofByteArray());
      assertThat(response.version()).isEqualTo(Version.HTTP_2);
      List<Response.Header> received =
          response.headers().map().entrySet().stream()
              .filter(header -> !header.getKey().equals(":status"))
              .flatMap(header ->
                  header.getValue().stream()
                      .map(value -> new Response.Header(asInHttp1(header.getKey()), value)))
              .toList();
      return new Response(response.statusCode(), received, response.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Names are in lower case in HTTP/2. */
  private static String asInHttp1(String name) {
    return name.equals("etag")
        ? "ETag"
        : Pattern.compile("(^|-)[a-z]")
            .matcher(name)
            .replaceAll(found -> found.group().toUpperCase(Locale.ROOT));
  }

  /** Skips a test that sends bytes of HTTP/1.1. */
  static void skip() {
    if (ON) {
      throw new TestAbortedException("It is about the bytes of HTTP/1.1");
    }
  }

  /** Gives each server a certificate. Spring finds it by {@code spring.factories}. */
  static final class Certificate implements ContextCustomizerFactory {
    @Override
    public @Nullable ContextCustomizer createContextCustomizer(
        Class<?> test, List<ContextConfigurationAttributes> attributes) {
      return KEY == null ? null : new Certified(KEY.store());
    }
  }

  private record Certified(String store) implements ContextCustomizer {
    @Override
    public void customizeContext(
        ConfigurableApplicationContext context, MergedContextConfiguration merged) {
      Map<String, Object> settings =
          Map.of("server.ssl.key-store", store, "server.ssl.key-store-password", TlsKey.PASSWORD);
      context
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("certificate", settings));
    }
  }
}
