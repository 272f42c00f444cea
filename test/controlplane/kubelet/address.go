package kubelet

import (
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
)

// A pod has two addresses. The cluster is told 10.244.a.b, because it refuses loopback addresses for endpoints; its processes listen
// on 127.244.a.b, which any user may do. The number a belongs to one node: whoever holds the port of the DNS server on 127.244.a.1.
const (
	clusterPrefix   = "10.244."
	listeningPrefix = "127.244."
	dnsPort         = 10053
)

type addresses struct {
	block int

	lock sync.Mutex
	last int
	used map[int]bool
}

// claimAddresses takes a block that no other node of this machine has, and gives the socket of its DNS server.
func claimAddresses() (*addresses, net.PacketConn, error) {
	first := rand.IntN(250)
	for try := range 250 {
		a := &addresses{block: 1 + (first+try)%250, last: 1, used: map[int]bool{}}
		if socket, err := net.ListenPacket("udp4", a.dnsServer()); err == nil {
			return a, socket, nil
		}
	}
	return nil, nil, fmt.Errorf("no block of addresses below %s0.0/16 is free", listeningPrefix)
}

// host is the node's own address.
func (a *addresses) host() string { return fmt.Sprintf("%s%d.1", listeningPrefix, a.block) }

func (a *addresses) dnsServer() string { return fmt.Sprintf("%s:%d", a.host(), dnsPort) }

// take gives the address of a new pod as the cluster sees it; one that was given back comes again as late as possible.
func (a *addresses) take() (string, error) {
	a.lock.Lock()
	defer a.lock.Unlock()
	for range 253 {
		a.last = 2 + (a.last-1)%253
		if !a.used[a.last] {
			a.used[a.last] = true
			return fmt.Sprintf("%s%d.%d", clusterPrefix, a.block, a.last), nil
		}
	}
	return "", fmt.Errorf("all 253 addresses of the node are in use")
}

func (a *addresses) giveBack(address string) {
	a.lock.Lock()
	defer a.lock.Unlock()
	var last int
	if _, err := fmt.Sscanf(address, fmt.Sprintf("%s%d.%%d", clusterPrefix, a.block), &last); err == nil {
		delete(a.used, last)
	}
}

// listening turns a pod's address in the cluster into the one where its processes listen. Other nodes' pods have none.
func (a *addresses) listening(address string) (string, bool) {
	last, own := strings.CutPrefix(address, fmt.Sprintf("%s%d.", clusterPrefix, a.block))
	return fmt.Sprintf("%s%d.%s", listeningPrefix, a.block, last), own
}
