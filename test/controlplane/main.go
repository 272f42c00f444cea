// A Kubernetes control plane in one binary: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, each run as
// a process of its own. The harness beside this file decides on flags and life cycles; here is only what has to be Go.
//
//	controlplane prepare DIR                     certificates, keys and node behaviour, written into DIR
//	controlplane guard DIR                       removes DIR when its starter and all components are gone
//	controlplane run DIR COMPONENT [FLAG...]     one component, which ends when its starter does
//	controlplane kubelet DIR [FLAG...]           a node that runs real processes, which end when its starter does (see kubelet/)
//	controlplane types FILE                      the Go types of the API, as JSON, written into FILE
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"fairlead/controlplane/kubelet"
)

const usage = "usage: controlplane prepare DIR | guard DIR | run DIR COMPONENT [FLAG...] | kubelet DIR FLAG... | types FILE"

func main() {
	if len(os.Args) < 3 {
		fail(usage)
	}
	verb, directory := os.Args[1], os.Args[2]
	switch verb {
	case "prepare":
		check(writeCertificates(directory))
		check(writeStages(directory))
	case "guard":
		check(guard(directory))
	case "run":
		if len(os.Args) < 4 {
			fail(usage)
		}
		check(endWithStarter(directory, func() {}))
		runComponent(os.Args[3], os.Args[4:])
	case "kubelet":
		check(endWithStarter(directory, kubelet.KillAll))
		check(runKubelet(directory, os.Args[3:]))
	case "types":
		check(writeTypes(directory))
	default:
		fail(usage)
	}
}

// runKubelet is the node until a SIGTERM; the certificates are those of the control plane in the directory.
func runKubelet(directory string, flags []string) error {
	options := kubelet.Options{
		Certificate: filepath.Join(directory, "server.crt"),
		Key:         filepath.Join(directory, "server.key"),
		Authority:   filepath.Join(directory, "ca.crt"),
	}
	set := flag.NewFlagSet("kubelet", flag.ExitOnError)
	set.StringVar(&options.Name, "node", "", "name of the node")
	set.StringVar(&options.Kubeconfig, "kubeconfig", "", "kubeconfig of an administrator")
	set.StringVar(&options.Directory, "directory", "", "folder for what pods leave behind")
	set.StringVar(&options.Images, "images", "", "JSON file: image name → {path, entrypoint}")
	check(set.Parse(flags))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	defer kubelet.KillAll()
	return kubelet.Run(ctx, options)
}

func check(err error) {
	if err != nil {
		fail(err.Error())
	}
}

func fail(message string) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(1)
}
