import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Asks for /<client> at each URL of URLS with the clients of Java. */
class Clients {
  public static void main(String[] args) {
    String prefix = System.getenv("PREFIX");
    for (String name : System.getenv("CLIENTS").split(" ")) {
      for (String base : System.getenv("URLS").split(" ")) {
        try {
          ask(name, URI.create(base + "/" + prefix + name));
        } catch (Exception error) {
          System.err.println(prefix + name + " " + base + ": " + error);
        }
      }
    }
  }

  private static void ask(String name, URI uri) throws Exception {
    if (name.equals("url-connection")) {
      uri.toURL().openStream().readAllBytes();
      return;
    }
    HttpRequest request = HttpRequest.newBuilder(uri).build();
    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }
}
