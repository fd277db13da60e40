package dev.nebulastore.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.SearchContext;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * A user with a browser can store and read a value in Swagger UI, under a key that must be encoded.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = "server.address=127.0.0.1")
class SwaggerUiTests {

  private static final Path BROWSER = Path.of("/usr/bin/chromium");
  private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @LocalServerPort private int port;
  @TempDir private Path directory;

  private ChromeDriver browser;

  @BeforeEach
  void openSwaggerUi() {
    for (Path program : List.of(BROWSER, DRIVER)) {
      assumeThat(program)
          .as("needs a browser: apt-get install chromium chromium-driver")
          .isExecutable();
    }
    var options = new ChromeOptions();
    options.setBinary(BROWSER.toFile());
    options.addArguments("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic");
    options.addArguments("--no-first-run", "--disable-background-networking");
    options.addArguments("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage");
    // The driver creates a fresh profile for each browser, and removes it.
    options.addArguments("--window-size=1400,2400");
    var service = new ChromeDriverService.Builder().usingDriverExecutable(DRIVER.toFile()).build();
    browser = new ChromeDriver(service, options);
    browser.get("http://127.0.0.1:" + port + "/swagger-ui.html");
  }

  @AfterEach
  void closeTheBrowser() {
    if (browser != null) {
      browser.quit();
    }
  }

  @Test
  void typedTextIsStored() {
    WebElement put = open("putKey");
    type(field(put, "key"), "a/b c");
    find(put, ".opblock-section-request-body option[value='text/plain']").click();
    type(find(put, "textarea.body-param__text"), "typed in a browser");
    assertThat(execute(put)).isIn("201", "204");

    WebElement get = open("getKey");
    type(field(get, "key"), "a/b c");
    assertThat(execute(get)).isEqualTo("200");
    assertThat(
            find(get, ".live-responses-table .response-col_description .highlight-code").getText())
        .contains("typed in a browser");
    assertThat(find(get, ".request-url").getText()).endsWith("/kv/a%2Fb%20c");
  }

  @Test
  void chosenFileIsStoredUnchanged() throws Exception {
    byte[] bytes = {0, 1, (byte) 0xff, '\r', '\n', (byte) 0x80};
    Path file = Files.write(directory.resolve("value.bin"), bytes);

    WebElement put = open("putKey");
    type(field(put, "key"), "file/é");
    find(put, ".opblock-section-request-body input[type=file]").sendKeys(file.toString());
    assertThat(execute(put)).isIn("201", "204");

    var uri = URI.create("http://127.0.0.1:" + port + "/kv/file/%C3%A9");
    try (var client = HttpClient.newHttpClient()) {
      var answer = client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
      assertThat(answer.body()).isEqualTo(bytes);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/octet-stream");
    }
  }

  /** Expands an operation. "Try it out" is active then, so its fields can be filled in. */
  private WebElement open(String operationId) {
    WebElement operation = find(browser, "[id$='-" + operationId + "']");
    operation.findElement(By.cssSelector(".opblock-summary-control")).click();
    return operation;
  }

  private static WebElement field(WebElement operation, String parameter) {
    return find(operation, "tr[data-param-name='" + parameter + "'] input");
  }

  private static void type(WebElement field, String text) {
    field.sendKeys(Keys.chord(Keys.CONTROL, "a"), text);
    assertThat(field.getDomProperty("value")).isEqualTo(text);
  }

  /** Sends the request and returns the status that the page shows. */
  private static String execute(WebElement operation) {
    find(operation, "button.execute").click();
    return find(operation, ".live-responses-table .response .response-col_status").getText();
  }

  private static WebElement find(SearchContext where, String selector) {
    return await(selector)
        .atMost(PATIENCE)
        .ignoreExceptions()
        .until(() -> where.findElement(By.cssSelector(selector)), WebElement::isDisplayed);
  }
}
