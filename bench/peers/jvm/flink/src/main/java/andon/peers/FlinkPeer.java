package andon.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Flink in one process (its MiniCluster), books on the heap, a checkpoint every half second.
 *
 * <p>Run: java -cp 'jars/*' andon.peers.FlinkPeer BOOTSTRAP TOPIC PARTITIONS EVENTS GUARANTEE
 */
public final class FlinkPeer {
  private static final int PARALLELISM = 2;
  private static final Duration CHECKPOINT_EVERY = Duration.ofMillis(500);
  private static final TypeInformation<Tuple2<String, Integer>> SOLD =
      TypeInformation.of(new TypeHint<Tuple2<String, Integer>>() {});

  /** Decodes and checks a sale, and passes on what its book needs. */
  private static final class Decode extends AbstractDeserializationSchema<Tuple2<String, Integer>> {
    Decode() {
      super(SOLD);
    }

    @Override
    public Tuple2<String, Integer> deserialize(byte[] bytes) throws IOException {
      Sale sale = Sale.read(bytes);
      return Tuple2.of(sale.key(), sale.quantity);
    }
  }

  /** Keeps the book of a sale's item; passes it on when it calls for replenishment. */
  private static final class Keep
      extends KeyedProcessFunction<String, Tuple2<String, Integer>, Tuple2<String, byte[]>> {
    private transient Progress.Counter progress;
    private transient ValueState<Book> books;

    @Override
    public void open(OpenContext context) {
      progress = Progress.counter();
      books = getRuntimeContext().getState(new ValueStateDescriptor<>("books", Book.class));
    }

    @Override
    public void processElement(
        Tuple2<String, Integer> sold, Context context, Collector<Tuple2<String, byte[]>> out)
        throws IOException {
      Book book = books.value();
      if (book == null) {
        book = new Book();
      }
      boolean low = book.sell(sold.f1);
      books.update(book);
      if (low) {
        out.collect(Tuple2.of(sold.f0, book.alert()));
      }
      progress.saw();
    }
  }

  /** Writes an alert under the key of its item. */
  private record Write(String topic)
      implements KafkaRecordSerializationSchema<Tuple2<String, byte[]>> {
    @Override
    public ProducerRecord<byte[], byte[]> serialize(
        Tuple2<String, byte[]> alert, KafkaSinkContext context, Long timestamp) {
      return new ProducerRecord<>(topic, alert.f0.getBytes(StandardCharsets.UTF_8), alert.f1);
    }
  }

  private static KafkaSink<Tuple2<String, byte[]>> sink(Options options) {
    return KafkaSink.<Tuple2<String, byte[]>>builder()
        .setBootstrapServers(options.bootstrap())
        .setRecordSerializer(new Write(options.alerts()))
        .setDeliveryGuarantee(
            options.exactlyOnce() ? DeliveryGuarantee.EXACTLY_ONCE : DeliveryGuarantee.AT_LEAST_ONCE)
        .setTransactionalIdPrefix(options.name() + System.currentTimeMillis())
        // Flink's own default is longer than what a broker allows.
        .setProperty("transaction.timeout.ms", "60000")
        .build();
  }

  public static void main(String[] arguments) throws Exception {
    Options options = Options.read("flink", arguments);
    Configuration settings = new Configuration();
    settings.setString("state.backend.type", "hashmap");
    settings.setString("execution.checkpointing.storage", "filesystem");
    settings.setString(
        "execution.checkpointing.dir", Files.createTempDirectory("flink").toUri().toString());
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.createLocalEnvironment(PARALLELISM, settings);
    environment.getConfig().enableObjectReuse();
    environment.enableCheckpointing(
        CHECKPOINT_EVERY.toMillis(),
        options.exactlyOnce() ? CheckpointingMode.EXACTLY_ONCE : CheckpointingMode.AT_LEAST_ONCE);
    KafkaSource<Tuple2<String, Integer>> source =
        KafkaSource.<Tuple2<String, Integer>>builder()
            .setBootstrapServers(options.bootstrap())
            .setTopics(options.topic())
            .setGroupId(options.name() + System.currentTimeMillis())
            .setStartingOffsets(OffsetsInitializer.earliest())
            .setValueOnlyDeserializer(new Decode())
            .setProperty("partition.discovery.interval.ms", "-1")
            .build();
    environment
        .fromSource(source, WatermarkStrategy.noWatermarks(), "sales")
        .keyBy(sold -> sold.f0)
        .process(new Keep())
        .sinkTo(sink(options));
    Progress.watch(options.events());
    environment.execute(options.name());
  }
}
