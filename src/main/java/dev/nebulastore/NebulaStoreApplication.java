package dev.nebulastore;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** Starts the house; nothing else here. */
@SpringBootApplication
public class NebulaStoreApplication {

  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

  /**
   * Starts NebulaStore; every setting is described in the README.
   *
   * <p>One carrier of virtual threads takes all from the queue of one platform thread before it
   * looks at the next, so with a single one those who are woken by another may wait for ever. On
   * one processor there are two.
   */
  public static void main(String[] args) {
    if (Runtime.getRuntime().availableProcessors() == 1 && System.getProperty(CARRIERS) == null) {
      System.setProperty(CARRIERS, "2");
    }
    SpringApplication.run(NebulaStoreApplication.class, args);
  }
}
