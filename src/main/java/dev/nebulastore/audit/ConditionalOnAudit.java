package dev.nebulastore.audit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Marks beans that exist only if there is an audit log. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ConditionalOnAudit.AuditLog.class)
public @interface ConditionalOnAudit {

  /** As {@link AuditProperties#isOn}, before the settings are bound. */
  final class AuditLog implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      try {
        return Binder.get(context.getEnvironment())
            .bindOrCreate(AuditProperties.PREFIX, AuditProperties.class)
            .isOn();
      } catch (BindException e) {
        // Wrong settings are reported when they are bound.
        return false;
      }
    }
  }
}
