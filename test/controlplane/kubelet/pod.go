package kubelet

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// refreshed is how often volumes are filled anew, so that a certificate that was renewed arrives in a running container.
const refreshed = 5 * time.Second

// pod is one pod from its assignment to this node until its object is gone.
type pod struct {
	kubelet   *kubelet
	ctx       context.Context
	object    *corev1.Pod
	directory string
	began     metav1.Time

	initContainers, containers []*container

	// terminating is closed when the pod has to end, killed when its grace period is over.
	terminating, killed chan struct{}
	// done is closed when no process of it runs any more and its last status is written.
	done   chan struct{}
	report chan struct{}

	// Set once, before a container starts.
	volumes map[string]string
	address string

	lock  sync.Mutex
	grace time.Duration
	phase corev1.PodPhase
}

func newPod(ctx context.Context, k *kubelet, object *corev1.Pod) *pod {
	p := &pod{
		kubelet:     k,
		ctx:         ctx,
		object:      object,
		directory:   filepath.Join(k.options.Directory, "pods", string(object.UID)),
		began:       metav1.Now(),
		terminating: make(chan struct{}),
		killed:      make(chan struct{}),
		done:        make(chan struct{}),
		report:      make(chan struct{}, 1),
		phase:       corev1.PodPending,
	}
	for _, spec := range object.Spec.InitContainers {
		p.initContainers = append(p.initContainers, newContainer(p, spec))
	}
	for _, spec := range object.Spec.Containers {
		p.containers = append(p.containers, newContainer(p, spec))
	}
	return p
}

// run lives the pod's life and then deletes its object, if somebody has asked for that.
func (p *pod) run() {
	reporting, stop := context.WithCancel(p.ctx)
	reported := make(chan struct{})
	go func() {
		p.writeStatuses(reporting)
		close(reported)
	}()
	p.live()
	stop()
	<-reported
	p.writeStatus()
	<-p.terminating
	uid := p.object.UID
	_ = p.kubelet.client.CoreV1().Pods(p.object.Namespace).Delete(p.ctx, p.object.Name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64(0)),
		Preconditions:      &metav1.Preconditions{UID: &uid},
	})
	close(p.done)
}

func (p *pod) live() {
	if field, found := unsupported(p.object.Spec); found {
		p.event(corev1.EventTypeWarning, "Unsupported", "this node does not know "+field)
		for _, c := range p.containers {
			c.wait("Unsupported", "this node does not know "+field)
		}
		<-p.terminating
		return
	}
	if !p.prepare() {
		return
	}
	go p.refresh()
	policy := p.object.Spec.RestartPolicy
	untilItSucceeds := policy
	if policy == corev1.RestartPolicyAlways {
		untilItSucceeds = corev1.RestartPolicyOnFailure
	}
	for _, c := range p.initContainers {
		if code, ran := c.run(untilItSucceeds); !ran || code != 0 {
			p.end(code, ran)
			return
		}
	}
	p.setPhase(corev1.PodRunning)
	var all sync.WaitGroup
	var lock sync.Mutex
	failed, everRan := 0, false
	for _, c := range p.containers {
		all.Go(func() {
			code, ran := c.run(policy)
			lock.Lock()
			defer lock.Unlock()
			everRan = everRan || ran
			failed = max(failed, code)
		})
	}
	all.Wait()
	p.end(failed, everRan)
}

// end sets the phase of a pod whose containers have ended for good.
func (p *pod) end(code int, ran bool) {
	switch {
	case code != 0:
		p.setPhase(corev1.PodFailed)
	case ran:
		p.setPhase(corev1.PodSucceeded)
	}
}

// prepare makes the volumes, however long that takes, and takes an address. It is false when the pod has to end before.
func (p *pod) prepare() bool {
	said := ""
	for {
		volumes, err := p.makeVolumes(p.ctx)
		if err == nil {
			var address string
			if address, err = p.kubelet.addresses.take(); err == nil {
				p.lock.Lock()
				p.volumes, p.address = volumes, address
				p.lock.Unlock()
				return true
			}
		}
		if said != err.Error() {
			said = err.Error()
			p.event(corev1.EventTypeWarning, "FailedMount", said)
			for _, c := range p.containers {
				c.wait("ContainerCreating", said)
			}
		}
		select {
		case <-p.terminating:
			return false
		case <-time.After(patience):
		}
	}
}

func (p *pod) refresh() {
	for {
		select {
		case <-p.terminating:
			return
		case <-time.After(refreshed):
			_, _ = p.makeVolumes(p.ctx)
		}
	}
}

// terminate ends the pod after the grace period. A later call can shorten it.
func (p *pod) terminate(grace time.Duration) {
	p.lock.Lock()
	if !isClosed(p.terminating) {
		p.grace = grace
		close(p.terminating)
	}
	p.lock.Unlock()
	kill := func() {
		p.lock.Lock()
		defer p.lock.Unlock()
		if !isClosed(p.killed) {
			close(p.killed)
		}
	}
	if grace == 0 {
		kill()
	} else {
		time.AfterFunc(grace, kill)
	}
}

func isClosed(channel chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

func (p *pod) isTerminating() bool { return isClosed(p.terminating) }

func (p *pod) graceGiven() time.Duration {
	p.lock.Lock()
	defer p.lock.Unlock()
	return p.grace
}

// cleanUp waits for the end of the pod and removes what is its own; claims keep their directories.
func (p *pod) cleanUp() {
	<-p.done
	p.kubelet.addresses.giveBack(p.address)
	_ = os.RemoveAll(p.directory)
}

func (p *pod) setPhase(phase corev1.PodPhase) {
	p.lock.Lock()
	p.phase = phase
	p.lock.Unlock()
	p.changed()
}

func (p *pod) event(kind, reason, message string) {
	p.kubelet.events.Event(p.object, kind, reason, message)
}

func (p *pod) container(name string) *container {
	for _, c := range append(append([]*container{}, p.containers...), p.initContainers...) {
		if c.spec.Name == name {
			return c
		}
	}
	return nil
}
