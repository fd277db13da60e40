package dev.nebulastore.api.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.nebulastore.api.access.AccessRules.Rule;
import dev.nebulastore.security.Role;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTests {

  private final AccessRules rules = new AccessRules("/actuator");

  @ParameterizedTest
  @CsvSource({
    "/actuator, METRICS",
    "/actuator/health, METRICS",
    "/actuator/health/storage, METRICS",
    "/actuator/health/liveness/, METRICS",
    "/actuator/prometheus, METRICS",
    "/actuator/metrics/jvm.memory.used, METRICS",
    "/actuator/info, METRICS",
    "/actuator/healthy, ADMIN",
    "/actuator/shards, ADMIN",
    "/actuator/backups, ADMIN",
    "/actuator/anything, ADMIN",
    "/v3/api-docs, READ",
    "/v3/api-docs.yaml, READ",
    "/v3/api-docs/swagger-config, READ"
  })
  void endpointsNeedARole(String path, Role role) {
    assertThat(rules.of(path)).isEqualTo(new Rule.With(role));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/kv/a", "/keys", "/batch", "/txn", "/watch", "/actuators", "/new", "/kv"})
  void otherPathsNeedACaller(String path) {
    assertThat(rules.of(path)).isEqualTo(new Rule.Somebody());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/problems", "/problems/overloaded", "/swagger-ui/index.html"})
  void pagesNeedNoToken(String path) {
    assertThat(rules.of(path)).isEqualTo(new Rule.Page());
  }

  @Test
  void onlyTheProbesAnswerEverybody() {
    for (String probe : new String[] {"liveness", "readiness"}) {
      assertThat(rules.of("/actuator/health/" + probe)).isEqualTo(new Rule.Everybody());
    }
  }

  /** As on a management port of its own. */
  @ParameterizedTest
  @ValueSource(strings = {"", "/", "//"})
  void actuatorMayBeTheRoot(String base) {
    AccessRules all = new AccessRules(base);
    assertThat(all.coverAll()).isTrue();
    assertThat(all.of("/health/liveness")).isEqualTo(new Rule.Everybody());
    assertThat(all.of("/prometheus")).isEqualTo(new Rule.With(Role.METRICS));
    assertThat(all.of("/shards")).isEqualTo(new Rule.With(Role.ADMIN));
    assertThat(all.of("/")).isEqualTo(new Rule.With(Role.ADMIN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a", "/", "/a/b.c/d-e_f", "/a/..b", "/a/.b/c."})
  void canonicalPaths(String path) {
    assertThat(AccessRules.isCanonical(path)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", "a", "*", "/a;b", "/%61", "//a", "/a//b", "/a/.", "/a/..", "/./a", "/a/../b", "/a\\b"
      })
  void otherSpellings(String path) {
    assertThat(AccessRules.isCanonical(path)).isFalse();
  }
}
