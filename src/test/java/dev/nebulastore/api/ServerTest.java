package dev.nebulastore.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.TestConstructor;
import org.springframework.test.context.TestConstructor.AutowireMode;

/**
 * A test of the whole server, on a free port of this machine. Time moves only when a test moves it,
 * and nothing is swept. All such tests of a run share one server, so each test uses its own keys.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"server.address=127.0.0.1", "nebula.expiry.interval=1h"})
@Import(SteppedTime.Beans.class)
@TestConstructor(autowireMode = AutowireMode.ALL)
public @interface ServerTest {}
