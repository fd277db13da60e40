package dev.nebulastore.security;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** Marks annotations of beans that exist only with a setting. */
@Target(ElementType.ANNOTATION_TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ConditionalOnSetting.HasText.class)
@interface ConditionalOnSetting {

  /** The key of the setting. */
  String value();

  /** An empty value, as an environment without the variable may give it, is none. */
  final class HasText implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      Map<String, @Nullable Object> setting =
          metadata.getAnnotationAttributes(ConditionalOnSetting.class.getName());
      return setting != null
          && setting.get("value") instanceof String key
          && StringUtils.hasText(context.getEnvironment().getProperty(key));
    }
  }
}
