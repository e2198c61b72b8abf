/**
 * What a shell does inside of a new network and mount namespace, as root of it: brings the loopback interface up, makes all
 * addresses local, puts our resolver in the place of the machine's, and loads the rules for packets. Meanwhile Node hands
 * the sockets out. A line is written when all is done. After that it executes `nft` for each line that it reads, and answers
 * with a line. It ends with its input, as when the process outside is killed.
 *
 * Arguments: the file of rules, our resolv.conf, the machine's, the options with which `unshare` gives users their own ids
 * (none where they have them), and the command that hands sockets out.
 */
export const SET_UP_SCRIPT = `
set -e
rules=$1 ours=$2 machines=$3 own=$4
shift 4
"$@" &
sockets=$!
ip link set lo up
ip route add local default dev lo table local
# Fails on a machine without IPv6.
ip -6 route add local default dev lo table local 2>/dev/null || :
# Without it, the server on this machine is asked.
[ ! -e "$machines" ] || mount --bind "$ours" "$machines"
# An old version cannot do that, which is better known now.
[ -z "$own" ] || unshare $own true
nft -f "$rules"
wait $sockets
exec 3>&-
echo
while read -r line; do
  nft "$line"
  echo
done
`;

/**
 * Takes the place of the machine's resolv.conf (resolv.conf(5)): whatever server a program asks, we answer. Without search
 * domains, a name stays what the program has written.
 */
export const RESOLV_CONF = 'nameserver 127.0.0.1\n';
