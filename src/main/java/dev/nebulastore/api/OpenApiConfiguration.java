package dev.nebulastore.api;

import io.swagger.v3.core.util.Yaml31;
import io.swagger.v3.oas.models.OpenAPI;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.springdoc.core.customizers.GlobalOpenApiCustomizer;
import org.springdoc.core.customizers.SpringDocCustomizers;
import org.springdoc.core.properties.SpringDocConfigProperties;
import org.springdoc.core.providers.SpringDocProviders;
import org.springdoc.core.service.AbstractRequestService;
import org.springdoc.core.service.GenericResponseService;
import org.springdoc.core.service.OpenAPIService;
import org.springdoc.core.service.OperationService;
import org.springdoc.webmvc.api.OpenApiWebMvcResource;
import org.springframework.beans.factory.ObjectFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.Resource;
import org.springframework.web.servlet.config.annotation.ViewControllerRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Publishes {@code openapi.yaml}, the written contract, at {@code /v3/api-docs}.
 *
 * <p>A customizer runs last. To an {@code OpenAPI} bean springdoc would add what it derives from
 * the controllers and their advice.
 *
 * <p>Threads: immutable. The file is read on demand, so that the start does not wait for it.
 */
@Configuration(proxyBeanMethods = false)
class OpenApiConfiguration {

  @Bean
  GlobalOpenApiCustomizer writtenContract(
      @Value("classpath:openapi.yaml") Resource file, ObjectProvider<BuildProperties> build) {
    return derived -> {
      OpenAPI contract = read(file);
      build.ifAvailable(properties -> contract.getInfo().setVersion(properties.getVersion()));
      derived
          .info(contract.getInfo())
          .servers(contract.getServers())
          .security(contract.getSecurity())
          .tags(contract.getTags())
          .paths(contract.getPaths())
          .components(contract.getComponents());
    };
  }

  /** Under the conditions under which springdoc makes its own. */
  @Bean
  @ConditionalOnWebApplication
  @ConditionalOnProperty(name = "springdoc.api-docs.enabled", matchIfMissing = true)
  OpenApiWebMvcResource description(
      ObjectFactory<OpenAPIService> openApi,
      AbstractRequestService requests,
      GenericResponseService responses,
      OperationService operations,
      SpringDocConfigProperties properties,
      SpringDocProviders providers,
      SpringDocCustomizers customizers) {
    return new CachedDescription(
        openApi, requests, responses, operations, properties, providers, customizers);
  }

  /** Redirects a browser from the root to the description. */
  @Bean
  WebMvcConfigurer frontDoor() {
    return new WebMvcConfigurer() {
      @Override
      public void addViewControllers(ViewControllerRegistry registry) {
        registry.addRedirectViewController("/", "/swagger-ui.html");
      }
    };
  }

  private static OpenAPI read(Resource file) {
    try (var in = file.getInputStream()) {
      return Yaml31.mapper().readValue(in, OpenAPI.class);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
