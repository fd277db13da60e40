package dev.nebulastore;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the house; nothing else here. */
@SpringBootApplication
public class NebulaStoreApplication {

  /** Starts NebulaStore; every setting is described in docs/settings.md. */
  public static void main(String[] args) {
    SpringApplication.run(NebulaStoreApplication.class, args);
  }
}
