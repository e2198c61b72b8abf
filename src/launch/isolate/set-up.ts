/**
 * What a shell does inside of a new network and mount namespace, as root of it: brings the loopback interface up, makes all
 * addresses local, puts our resolver in the place of the machine's, and loads the rules for packets. Meanwhile Node hands
 * the sockets out. After `ready` it executes `nft` for each line that it reads, and ends with its input, as when the process
 * outside is killed.
 *
 * Arguments: Node, the script that opens sockets with its two ports, the file of rules, the resolv.conf, and the file that it covers.
 */
export const SET_UP_SCRIPT = `
set -e
"$1" "$2" "$3" "$4" &
sockets=$!
ip link set lo up
ip route add local default dev lo table local
# A machine without IPv6.
ip -6 route add local default dev lo table local 2>/dev/null || :
mount --bind "$6" "$7"
nft -f "$5"
wait $sockets
exec 3>&-
echo ready
while read -r line; do
  nft "$line"
done
`;

/**
 * Replaces the machine's resolv.conf: whatever server a program asks, we answer. Without search domains, a name stays what
 * the program has written.
 */
export const RESOLV_CONF = 'nameserver 127.0.0.1\n';
