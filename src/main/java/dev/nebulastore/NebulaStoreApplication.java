package dev.nebulastore;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** The main class. Each room has its own configuration. */
@SpringBootApplication
public class NebulaStoreApplication {

  /** Starts NebulaStore. docs/settings.md describes all settings. */
  public static void main(String[] args) {
    SpringApplication.run(NebulaStoreApplication.class, args);
  }
}
