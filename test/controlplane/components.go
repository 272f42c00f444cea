package main

import (
	"context"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	node "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	pod "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
	kwokconfig "sigs.k8s.io/kwok/pkg/config"
	kwok "sigs.k8s.io/kwok/pkg/kwok/cmd"
	kwoklog "sigs.k8s.io/kwok/pkg/log"
)

// runComponent becomes the component and does not return. The components read their flags from os.Args.
func runComponent(name string, flags []string) {
	os.Args = append([]string{name}, flags...)
	switch name {
	case "etcd":
		check(runEtcd(flags))
	case "kube-apiserver":
		os.Exit(cli.Run(apiserver.NewAPIServerCommand()))
	case "kube-controller-manager":
		os.Exit(cli.Run(controllermanager.NewControllerManagerCommand()))
	case "kube-scheduler":
		os.Exit(cli.Run(scheduler.NewSchedulerCommand()))
	case "kwok":
		check(runKwok())
	default:
		fail("no component is called " + name)
	}
}

// runEtcd takes a data directory and the path of the Unix socket to listen on: no port that could be taken by somebody else.
func runEtcd(arguments []string) error {
	if len(arguments) != 2 {
		fail("etcd takes a data directory and a socket path")
	}
	config := embed.NewConfig()
	config.Dir = arguments[0]
	config.LogLevel = "warn"
	config.LogOutputs = []string{"stderr"}
	// Zero would be taken as it is, and every request be logged as slow.
	config.WarningUnaryRequestDuration = embed.DefaultWarningUnaryRequestDuration
	// The data lives as long as the test run; a power cut may take it.
	config.UnsafeNoFsync = true
	var err error
	if config.ListenClientUrls, err = urls("unix://" + arguments[1]); err != nil {
		return err
	}
	// Nobody is told where to find this member: clients know the socket, and there are no peers.
	if config.AdvertiseClientUrls, err = urls("http://127.0.0.1:0"); err != nil {
		return err
	}
	if config.ListenPeerUrls, err = urls("http://127.0.0.1:0"); err != nil {
		return err
	}
	server, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	select {
	case <-signals:
		server.Close()
		return nil
	case err := <-server.Err():
		return err
	}
}

// urls parses one URL into the list that etcd's configuration holds.
func urls(text string) ([]url.URL, error) {
	parsed, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	return []url.URL{*parsed}, nil
}

func runKwok() error {
	// The Kubernetes packages have put flags on the global set that kwok defines with other types.
	pflag.CommandLine = pflag.NewFlagSet("kwok", pflag.ContinueOnError)
	flags := pflag.NewFlagSet("global", pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.Usage = func() {}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	ctx, _ = kwoklog.InitFlags(ctx, flags)
	ctx, err := kwokconfig.InitFlags(ctx, flags)
	if err != nil {
		return err
	}
	command := kwok.NewCommand(ctx)
	command.PersistentFlags().AddFlagSet(flags)
	return command.ExecuteContext(ctx)
}

// writeStages writes how simulated nodes and pods behave: a node becomes ready, a pod runs, a job's pod completes, at once.
func writeStages(directory string) error {
	stages := []string{node.DefaultNodeInit, pod.DefaultPodReady, pod.DefaultPodComplete, pod.DefaultPodDelete}
	return os.WriteFile(filepath.Join(directory, "stages.yaml"), []byte(strings.Join(stages, "\n---\n")), 0o600)
}
