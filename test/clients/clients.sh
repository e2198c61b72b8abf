# Asks for /<client> at each URL of URLS with command-line clients.
for client in $CLIENTS; do
  for base in $URLS; do
    url=$base/$PREFIX$client
    case $client in
      curl) curl -sS -o /dev/null "$url" ;;
      curl-http2) curl -sS --http2 -o /dev/null "$url" ;;
      wget) wget -nv -O /dev/null "$url" ;;
      # The servers are no repositories, so git finds nothing there.
      git) git ls-remote "$url" 2>&1 | grep -v 'not valid: is this a git repository' ;;
      npm) npm view --registry "$url" none 2>&1 | grep -i 'cert\|connect' ;;
    esac
  done
done >&2
