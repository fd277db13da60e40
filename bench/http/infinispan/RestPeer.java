import java.util.Map;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.rest.RestServer;
import org.infinispan.rest.configuration.RestServerConfigurationBuilder;
import org.infinispan.server.core.DummyServerManagement;

/** Starts Infinispan's REST endpoint with one local cache: RestPeer PORT [STORE_DIRECTORY]. */
public class RestPeer {
  public static void main(String[] args) throws Exception {
    GlobalConfigurationBuilder global = new GlobalConfigurationBuilder().nonClusteredDefault();
    global.cacheContainer().statistics(false);
    ConfigurationBuilder cache = new ConfigurationBuilder();
    cache.encoding().mediaType(MediaType.APPLICATION_OCTET_STREAM_TYPE);
    if (args.length > 1) {
      global.globalState().enable().persistentLocation(args[1]);
      cache
          .persistence()
          .addSoftIndexFileStore()
          .dataLocation(args[1] + "/data")
          .indexLocation(args[1] + "/index")
          .syncWrites(true);
    }
    DefaultCacheManager manager = new DefaultCacheManager(global.build(), true);
    manager.defineConfiguration("kv", cache.build());
    manager.getCache("kv");

    RestServer server = new RestServer();
    server.setServerManagement(new DummyServerManagement(manager, Map.of("rest", server)), true);
    RestServerConfigurationBuilder rest = new RestServerConfigurationBuilder();
    rest.name("rest").host("127.0.0.1").port(Integer.parseInt(args[0]));
    server.start(rest.build(), manager);
    server.postStart();
    Thread.currentThread().join();
  }
}
