# Asks for /<client> at each URL of URLS with the clients of Ruby.
require 'net/http'
require 'open-uri'

clients = {
  'net-http' => ->(url) { Net::HTTP.get_response(URI(url)) },
  'open-uri' => ->(url) { URI.open(url).read },
}

ENV['CLIENTS'].split.each do |name|
  ENV['URLS'].split.each do |base|
    clients[name].call("#{base}/#{ENV['PREFIX']}#{name}")
  rescue StandardError => error
    warn "#{ENV['PREFIX']}#{name} #{base}: #{error.message}"
  end
end
