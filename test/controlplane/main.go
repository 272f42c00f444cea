// A Kubernetes control plane in one binary: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok, each run as
// a process of its own. The harness beside this file decides on flags and life cycles; here is only what has to be Go.
//
//	controlplane prepare DIR                     certificates, keys and node behaviour, written into DIR
//	controlplane guard DIR                       removes DIR when its starter and all components are gone
//	controlplane run DIR COMPONENT [FLAG...]     one component, which ends when its starter does
//	controlplane types FILE                      the Go types of the API, as JSON, written into FILE
package main

import (
	"fmt"
	"os"
)

const usage = "usage: controlplane prepare DIR | guard DIR | run DIR COMPONENT [FLAG...] | types FILE"

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
		check(endWithStarter(directory))
		runComponent(os.Args[3], os.Args[4:])
	case "types":
		check(writeTypes(directory))
	default:
		fail(usage)
	}
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
