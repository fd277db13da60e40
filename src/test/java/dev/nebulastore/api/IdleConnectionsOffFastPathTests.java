package dev.nebulastore.api;

import dev.nebulastore.http.Admission;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** Runs all of these tests through Tomcat. */
@ServerTest
@TestPropertySource(properties = "nebula.fast-path=false")
class IdleConnectionsOffFastPathTests extends IdleConnectionsTests {

  IdleConnectionsOffFastPathTests(@LocalServerPort int port, Admission admission) {
    super(port, admission);
  }
}
