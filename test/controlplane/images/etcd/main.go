// etcd, etcdctl and etcdutl of one release in one program; the name that it is started by tells which. go.mod names etcd 3.6, and
// go-3.5.mod (go build -modfile) etcd 3.5.
//
// It differs from the release in two points, both because a pod here is a process on a loopback address: names of pods and services
// are asked of the server in DNS_SERVER, and a peer is not told by the address that it calls from, which is 127.0.0.1 for all of
// them. Peers still need a certificate of the cluster's authority, and each checks the name of the one that it calls.
package main

import (
	"context"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/etcdctl/v3/ctlv3"
	"go.etcd.io/etcd/etcdutl/v3/etcdutl"
	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	if server := os.Getenv("DNS_SERVER"); server != "" {
		os.Unsetenv("DNS_SERVER")
		net.DefaultResolver.PreferGo = true
		net.DefaultResolver.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server)
		}
	}
	switch name := filepath.Base(os.Args[0]); name {
	case "etcdctl":
		ctlv3.MustStart()
	case "etcdutl":
		runEtcdutl(name)
	default:
		os.Setenv("ETCD_EXPERIMENTAL_PEER_SKIP_CLIENT_SAN_VERIFICATION", "true")
		etcdmain.Main(os.Args)
	}
}

// runEtcdutl puts together what the release has in a package main of its own.
func runEtcdutl(name string) {
	root := &cobra.Command{Use: name, Short: "An administrative command line tool for etcd3."}
	root.PersistentFlags().StringVarP(&etcdutl.OutputFormat, "write-out", "w", "simple", "set the output format (fields, json, protobuf, simple, table)")
	root.AddCommand(etcdutl.NewDefragCommand(), etcdutl.NewSnapshotCommand(), etcdutl.NewVersionCommand())
	if root.Execute() != nil {
		os.Exit(1)
	}
}
