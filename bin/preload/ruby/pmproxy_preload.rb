# Loaded by Ruby at its start (RUBYOPT): URI#find_proxy, which Net::HTTP and others ask, goes around the proxy to whatever
# resolves to this machine. Here it does what the variables say. It requires nothing, for a gem that is loaded too early
# keeps Bundler from loading the version that a program asks for.
module PmproxyPreload
  def self.heed_environment(generic)
    generic.class_eval do
      def find_proxy(env = ENV)
        name = "#{scheme.to_s.downcase}_proxy"
        # A CGI script gets the header Proxy as HTTP_PROXY, so that one counts in lower case only.
        value = env[name] || (env["REQUEST_METHOD"] && name == "http_proxy" ? nil : env[name.upcase])
        return nil if value.nil? || value.empty?

        # pmproxy empties this variable; whoever fills it again means it.
        exempt = env["no_proxy"] || env["NO_PROXY"] || ""
        return nil unless exempt.empty? || self.class.use_proxy?(hostname, nil, port, exempt)

        URI.parse(value)
      end
    end
  end

  def self.wait_for_uri
    watch = TracePoint.new(:end) do |point|
      if point.self.is_a?(Class) && point.self.name == "URI::Generic" && point.self.method_defined?(:find_proxy)
        watch.disable
        heed_environment(point.self)
      end
    end
    watch.enable
  end
end

if defined?(URI::Generic)
  PmproxyPreload.heed_environment(URI::Generic)
else
  PmproxyPreload.wait_for_uri
end
