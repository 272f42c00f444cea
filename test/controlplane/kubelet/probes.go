package kubelet

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/kubernetes/pkg/probe"
	grpcprobe "k8s.io/kubernetes/pkg/probe/grpc"
	httpprobe "k8s.io/kubernetes/pkg/probe/http"
	tcpprobe "k8s.io/kubernetes/pkg/probe/tcp"
)

// probe asks the running container as its probes say, until the process has ended: first whether it has started, then whether it is
// ready and whether it has to be killed.
func (c *container) probe(running *process, kill func()) {
	startup := func(ok bool) {
		if !ok {
			kill()
			return
		}
		c.updateRunning(running, func(status *corev1.ContainerStatus) {
			status.Started = new(true)
			status.Ready = c.spec.ReadinessProbe == nil
		})
		go c.repeat(running, "Readiness", c.spec.ReadinessProbe, func(ok bool) {
			c.updateRunning(running, func(status *corev1.ContainerStatus) { status.Ready = ok })
		})
		go c.repeat(running, "Liveness", c.spec.LivenessProbe, func(ok bool) {
			if !ok {
				kill()
			}
		})
	}
	if c.spec.StartupProbe == nil {
		startup(true)
		return
	}
	started := false
	go c.repeat(running, "Startup", c.spec.StartupProbe, func(ok bool) {
		if !started {
			started = ok
			startup(ok)
		}
	})
}

// repeat calls changed when a threshold is reached, with whether it is the one of success.
func (c *container) repeat(running *process, kind string, asked *corev1.Probe, changed func(ok bool)) {
	if asked == nil {
		return
	}
	wait := time.Duration(asked.InitialDelaySeconds) * time.Second
	var last bool
	var count int32
	for {
		select {
		case <-running.ended:
			return
		case <-time.After(wait):
		}
		wait = time.Duration(asked.PeriodSeconds) * time.Second
		err := c.ask(asked)
		if err != nil {
			c.pod.event(corev1.EventTypeWarning, "Unhealthy", fmt.Sprintf("%s probe failed: %v", kind, err))
		}
		if ok := err == nil; ok == last {
			count++
		} else {
			last, count = ok, 1
		}
		select {
		case <-running.ended:
			return
		default:
		}
		if last && count == asked.SuccessThreshold || !last && count == asked.FailureThreshold {
			changed(last)
		}
		// Once it has started nobody asks any more.
		if kind == "Startup" && last && count == asked.SuccessThreshold {
			return
		}
	}
}

var (
	httpProber = httpprobe.New(true)
	tcpProber  = tcpprobe.New()
	grpcProber = grpcprobe.New()
)

// ask asks once; nil is success.
func (c *container) ask(asked *corev1.Probe) error {
	timeout := time.Duration(asked.TimeoutSeconds) * time.Second
	host, _ := c.pod.kubelet.addresses.listening(c.pod.address)
	var result probe.Result
	var output string
	var err error
	switch {
	case asked.HTTPGet != nil:
		var request *http.Request
		if request, err = httpprobe.NewRequestForHTTPGetAction(asked.HTTPGet, &c.spec, host, "probe"); err == nil {
			result, output, err = httpProber.Probe(request, timeout)
		}
	case asked.TCPSocket != nil:
		var port int
		if asked.TCPSocket.Host != "" {
			host = asked.TCPSocket.Host
		}
		if port, err = probe.ResolveContainerPort(asked.TCPSocket.Port, &c.spec); err == nil {
			result, output, err = tcpProber.Probe(host, port, timeout)
		}
	case asked.GRPC != nil:
		service := ""
		if asked.GRPC.Service != nil {
			service = *asked.GRPC.Service
		}
		result, output, err = grpcProber.Probe(host, service, int(asked.GRPC.Port), timeout)
	default:
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		var text strings.Builder
		err = c.execute(ctx, asked.Exec.Command, nil, &text, &text)
		result, output = probe.Success, text.String()
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w %s", err, output)
	case result == probe.Failure:
		return fmt.Errorf("%s", output)
	}
	return nil
}
