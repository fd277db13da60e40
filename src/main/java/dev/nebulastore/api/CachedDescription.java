package dev.nebulastore.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.swagger.v3.oas.models.OpenAPI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springdoc.core.customizers.SpringDocCustomizers;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.providers.SpringDocProviders;
import org.springdoc.core.service.AbstractRequestService;
import org.springdoc.core.service.GenericResponseService;
import org.springdoc.core.service.OpenAPIService;
import org.springdoc.core.service.OperationService;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.ObjectFactory;

/**
 * Springdoc's controller of {@code /v3/api-docs}, which makes the description once. It is the same
 * for each client. Springdoc makes one for each language, and writes it anew for each request: a
 * client that asks in ever new languages would take 0.3 s of CPU each time.
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
