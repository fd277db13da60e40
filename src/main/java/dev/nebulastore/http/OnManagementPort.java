package dev.nebulastore.http;

import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches in the context of a management port of its own ({@code management.server.port}). The scan
 * of the main context finds configurations for that context, too, and must skip them.
 *
 * <p>Threads: immutable.
 */
public final class OnManagementPort implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    var beans = context.getBeanFactory();
    return beans != null && beans.getParentBeanFactory() != null;
  }
}
