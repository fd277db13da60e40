package dev.nebulastore.api;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.nebulastore.http.RawPath;
import io.swagger.v3.oas.models.OpenAPI;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.SpringDocCustomizers;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.providers.SpringDocProviders;
import org.springdoc.core.service.AbstractRequestService;
import org.springdoc.core.service.GenericResponseService;
import org.springdoc.core.service.OpenAPIService;
import org.springdoc.core.service.OperationService;
import org.springdoc.core.utils.Constants;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.annotation.Value;

/**
 * Springdoc's controller of {@code /v3/api-docs}, which makes the description once. It is the same
 * for each client, but for the prefix of a proxy. Springdoc makes one for each language, and writes
 * it anew for each request: a client that asks in ever new languages would take 0.3 s of CPU each
 * time.
 *
 * <p>Threads: safe for all. Requests that come before the first is answered each make their own.
 */
final class CachedDescription extends OpenApiWebMvcResource {

  private volatile byte @Nullable [] json;
  private volatile byte @Nullable [] yaml;

  CachedDescription(
      ObjectFactory<OpenAPIService> openApi,
      AbstractRequestService requests,
      GenericResponseService responses,
      OperationService operations,
      SpringDocConfigProperties properties,
      SpringDocProviders providers,
      SpringDocCustomizers customizers) {
    super(openApi, requests, responses, operations, properties, providers, customizers);
  }

  @Override
  public byte[] openapiJson(
      HttpServletRequest request, @Value(Constants.API_DOCS_URL) String path, Locale locale)
      throws JsonProcessingException {
    byte[] description = super.openapiJson(request, path, locale);
    String prefix = RawPath.prefix(request);
    return behind(prefix, description, "\"url\":\"/\"", "\"url\":\"" + prefix + '"');
  }

  @Override
  public byte[] openapiYaml(
      HttpServletRequest request,
      @Value(Constants.DEFAULT_API_DOCS_URL_YAML) String path,
      Locale locale)
      throws JsonProcessingException {
    byte[] description = super.openapiYaml(request, path, locale);
    String prefix = RawPath.prefix(request);
    return behind(prefix, description, "url: /\n", "url: \"" + prefix + "\"\n");
  }

  /** Names the server as clients behind a proxy with a prefix know it. */
  private static byte[] behind(String prefix, byte[] description, String server, String shown) {
    return prefix.isEmpty()
        ? description
        : new String(description, UTF_8)
            .replaceFirst(Pattern.quote(server), Matcher.quoteReplacement(shown))
            .getBytes(UTF_8);
  }

  @Override
  protected OpenAPI getOpenApi(String serverBaseUrl, Locale locale) {
    return super.getOpenApi(serverBaseUrl, Locale.ROOT);
  }

  @Override
  protected byte[] writeJsonValue(OpenAPI description) throws JsonProcessingException {
    byte[] written = json;
    if (written == null) {
      written = super.writeJsonValue(description);
      json = written;
    }
    return written;
  }

  @Override
  protected byte[] writeYamlValue(OpenAPI description) throws JsonProcessingException {
    byte[] written = yaml;
    if (written == null) {
      written = super.writeYamlValue(description);
      yaml = written;
    }
    return written;
  }
}
