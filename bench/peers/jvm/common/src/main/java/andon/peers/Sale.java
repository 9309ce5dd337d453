package andon.peers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;

/** A sale as the tills write it, decoded by Jackson and checked as the other peers check it. */
public final class Sale {
  private static final ObjectReader READER = new ObjectMapper().readerFor(Sale.class);

  public String event_id;
  public String occurred_at;
  public String location;
  public String sku;
  public int quantity;
  public Double unit_price;

  /** Return the sale in some bytes, or raise if it is none. */
  public static Sale read(byte[] bytes) throws IOException {
    Sale sale = READER.readValue(bytes);
    if (sale.quantity < 1 || empty(sale.sku) || empty(sale.location) || empty(sale.occurred_at)) {
      throw new IOException("not a sale");
    }
    return sale;
  }

  /** Return what the book of the sale's item is kept under. */
  public String key() {
    return location + "/" + sku;
  }

  private static boolean empty(String text) {
    return text == null || text.isEmpty();
  }
}
