package andon.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * Kafka Streams with its books in memory, cached between commits, and in a changelog.
 *
 * <p>Run: java -cp 'jars/*' andon.peers.KafkaStreamsPeer BOOTSTRAP TOPIC PARTITIONS EVENTS GUARANTEE
 */
public final class KafkaStreamsPeer {
  private static final String STORE = "books";
  private static final int THREADS = 2;

  /** Keeps the book of a sale's item; passes it on when it calls for replenishment. */
  private static final class Keep implements Processor<String, Sale, String, byte[]> {
    private final Progress.Counter progress = Progress.counter();
    private ProcessorContext<String, byte[]> context;
    private KeyValueStore<String, Book> books;

    @Override
    public void init(ProcessorContext<String, byte[]> given) {
      context = given;
      books = given.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, Sale> record) {
      Book book = books.get(record.key());
      if (book == null) {
        book = new Book();
      }
      boolean low = book.sell(record.value().quantity);
      books.put(record.key(), book);
      if (low) {
        context.forward(record.withValue(book.alert()));
      }
      progress.saw();
    }
  }

  private static <T> Serde<T> serde(Serializer<T> writer, Deserializer<T> reader) {
    return Serdes.serdeFrom(writer, reader);
  }

  private static Sale sale(String topic, byte[] bytes) {
    try {
      return Sale.read(bytes);
    } catch (IOException wrong) {
      throw new SerializationException(wrong);
    }
  }

  private static Properties properties(Options options) throws IOException {
    Properties given = new Properties();
    given.putAll(
        Map.of(
            StreamsConfig.APPLICATION_ID_CONFIG,
            options.name() + "-" + System.currentTimeMillis(),
            StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
            options.bootstrap(),
            StreamsConfig.NUM_STREAM_THREADS_CONFIG,
            THREADS,
            StreamsConfig.REPLICATION_FACTOR_CONFIG,
            1,
            StreamsConfig.STATE_DIR_CONFIG,
            Files.createTempDirectory("kafka-streams").toString(),
            StreamsConfig.PROCESSING_GUARANTEE_CONFIG,
            options.exactlyOnce() ? StreamsConfig.EXACTLY_ONCE_V2 : StreamsConfig.AT_LEAST_ONCE,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            "earliest"));
    if (!options.exactlyOnce()) {
      // As often as the others make a checkpoint; exactly once keeps its default, 100 ms.
      given.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 500);
    }
    return given;
  }

  public static void main(String[] arguments) throws IOException {
    Options options = Options.read("kafka-streams", arguments);
    Serde<Sale> sales = serde((topic, sale) -> null, KafkaStreamsPeer::sale);
    Serde<Book> books =
        serde((topic, book) -> book.packed(), (topic, bytes) -> bytes == null ? null : Book.unpacked(bytes));
    StreamsBuilder builder = new StreamsBuilder();
    builder.addStateStore(
        Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(STORE), Serdes.String(), books)
            .withCachingEnabled());
    builder.stream(options.topic(), Consumed.with(Serdes.String(), sales))
        .process(Keep::new, STORE)
        .to(options.alerts(), Produced.with(Serdes.String(), Serdes.ByteArray()));
    Progress.watch(options.events());
    KafkaStreams streams = new KafkaStreams(builder.build(), properties(options));
    streams.setUncaughtExceptionHandler(
        wrong -> {
          wrong.printStackTrace();
          Runtime.getRuntime().halt(1);
          return null;
        });
    streams.start();
  }
}
