/**
 * The shell script that runs as root in a new network and mount namespace. It brings the loopback interface up, makes all
 * addresses local, replaces the machine's resolver by ours, and loads the packet rules. Meanwhile Node hands out the
 * sockets. The script writes a line when the set-up is complete. Then it runs `nft` for each line that it reads, and
 * answers with a line. It ends at the end of its input, as when the process outside is killed.
 *
 * Arguments: the rules file, our resolv.conf, the machine's resolv.conf, the options with which `unshare` restores the
 * user's ids (none if not needed), and the command that hands out sockets.
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
 * Replaces the machine's resolv.conf (resolv.conf(5)): we answer queries to any server. Without search domains, names
 * stay as the program wrote them.
 */
export const RESOLV_CONF = 'nameserver 127.0.0.1\n';
