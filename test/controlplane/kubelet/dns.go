package kubelet

import (
	"log"
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/labels"
	discoverylisters "k8s.io/client-go/listers/discovery/v1"
)

// serveNames answers for services and for pods with a host name in one, with or without the cluster's domain behind:
//
//	SERVICE.NAMESPACE.svc        the addresses of its ready pods, also where it has an address of its own
//	HOST.SERVICE.NAMESPACE.svc   that pod's
//
// There is nothing behind a service's own address, so a client reaches the pods directly and has to use their port.
func serveNames(socket net.PacketConn, addresses *addresses, slices discoverylisters.EndpointSliceLister) {
	buffer := make([]byte, 4096)
	for {
		length, client, err := socket.ReadFrom(buffer)
		if err != nil {
			return
		}
		answer, err := answer(buffer[:length], func(name string) []netip.Addr { return lookUp(name, addresses, slices) })
		if err != nil {
			log.Printf("a question from %s: %v", client, err)
			continue
		}
		_, _ = socket.WriteTo(answer, client)
	}
}

func answer(question []byte, lookUp func(name string) []netip.Addr) ([]byte, error) {
	var parser dnsmessage.Parser
	header, err := parser.Start(question)
	if err != nil {
		return nil, err
	}
	asked, err := parser.Question()
	if err != nil {
		return nil, err
	}
	found := lookUp(strings.ToLower(asked.Name.String()))
	answer := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID:                 header.ID,
			Response:           true,
			Authoritative:      true,
			RecursionDesired:   header.RecursionDesired,
			RecursionAvailable: true,
		},
		Questions: []dnsmessage.Question{asked},
	}
	if len(found) == 0 {
		answer.RCode = dnsmessage.RCodeNameError
	}
	if asked.Type == dnsmessage.TypeA {
		for _, address := range found {
			answer.Answers = append(answer.Answers, dnsmessage.Resource{
				// Pods move: nobody may keep the answer.
				Header: dnsmessage.ResourceHeader{Name: asked.Name, Class: dnsmessage.ClassINET, TTL: 0},
				Body:   &dnsmessage.AResource{A: address.As4()},
			})
		}
	}
	return answer.Pack()
}

func lookUp(name string, addresses *addresses, lister discoverylisters.EndpointSliceLister) []netip.Addr {
	parts := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, "."), ".cluster.local"), ".")
	host := ""
	if len(parts) == 4 {
		host, parts = parts[0], parts[1:]
	}
	if len(parts) != 3 || parts[2] != "svc" {
		return nil
	}
	slices, err := lister.EndpointSlices(parts[1]).List(labels.SelectorFromSet(labels.Set{discoveryv1.LabelServiceName: parts[0]}))
	if err != nil {
		return nil
	}
	var found []netip.Addr
	for _, slice := range slices {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready != nil && !*endpoint.Conditions.Ready {
				continue
			}
			if host != "" && (endpoint.Hostname == nil || *endpoint.Hostname != host) {
				continue
			}
			for _, address := range endpoint.Addresses {
				if listening, own := addresses.listening(address); own {
					found = append(found, netip.MustParseAddr(listening))
				}
			}
		}
	}
	return found
}
