package kubelet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cri-client/pkg/logs"
)

// The first restart is at once, then each waits twice as long as the one before. Kubernetes begins with 10 seconds and ends with 300;
// a test has less time. A container that ran longer than calm begins anew.
const (
	firstBackOff = time.Second
	lastBackOff  = 30 * time.Second
	calm         = 2 * lastBackOff
	// patience is the wait before something that is missing is looked for again.
	patience = 500 * time.Millisecond
)

// container is one container of a pod, through all its restarts.
type container struct {
	pod       *pod
	spec      corev1.Container
	image     image
	directory string

	// Guarded by the pod's lock, as are the three below.
	status      corev1.ContainerStatus
	running     *process
	environment variables
	paths       mounts
}

func newContainer(p *pod, spec corev1.Container) *container {
	return &container{
		pod:       p,
		spec:      spec,
		directory: filepath.Join(p.directory, "containers", spec.Name),
		status: corev1.ContainerStatus{
			Name:  spec.Name,
			Image: spec.Image,
			State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "PodInitializing"}},
		},
	}
}

// update changes the status and has it written.
func (c *container) update(change func(status *corev1.ContainerStatus)) {
	c.pod.lock.Lock()
	change(&c.status)
	c.pod.lock.Unlock()
	c.pod.changed()
}

func (c *container) wait(reason, message string) {
	c.update(func(status *corev1.ContainerStatus) {
		status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}
	})
}

// updateRunning is for what a probe has found: it changes nothing once that process has ended.
func (c *container) updateRunning(running *process, change func(status *corev1.ContainerStatus)) {
	c.update(func(status *corev1.ContainerStatus) {
		if c.running == running {
			change(status)
		}
	})
}

// run starts the container, again and again as the policy wants it, and returns when it has ended for good. It tells the exit code
// of the last run; a container that never ran has none.
func (c *container) run(policy corev1.RestartPolicy) (code int, ran bool) {
	var found bool
	if c.image, found = c.pod.kubelet.images.find(c.spec.Image); !found {
		message := fmt.Sprintf("the node has no image %q", c.spec.Image)
		c.pod.event(corev1.EventTypeWarning, "Failed", message)
		c.wait("ImagePullBackOff", message)
		<-c.pod.terminating
		return 0, false
	}
	backOff := time.Duration(0)
	for {
		began := time.Now()
		code, ran = c.once()
		over := policy == corev1.RestartPolicyNever || policy == corev1.RestartPolicyOnFailure && code == 0
		if !ran || over || c.pod.isTerminating() {
			return code, ran
		}
		if time.Since(began) > calm {
			backOff = 0
		}
		terminated := c.status.State.Terminated
		if backOff > 0 {
			message := fmt.Sprintf("back-off %s restarting failed container %s", backOff, c.spec.Name)
			c.pod.event(corev1.EventTypeWarning, "BackOff", message)
			c.wait("CrashLoopBackOff", message)
		}
		c.update(func(status *corev1.ContainerStatus) {
			status.LastTerminationState = corev1.ContainerState{Terminated: terminated}
		})
		select {
		case <-c.pod.terminating:
			c.update(func(status *corev1.ContainerStatus) { status.State = corev1.ContainerState{Terminated: terminated} })
			return code, ran
		case <-time.After(backOff):
		}
		c.update(func(status *corev1.ContainerStatus) { status.RestartCount++ })
		backOff = max(firstBackOff, min(2*backOff, lastBackOff))
	}
}

// once runs the container's process until it ends or the pod does.
func (c *container) once() (code int, ran bool) {
	for {
		err := c.configure()
		if err == nil {
			break
		}
		c.wait("CreateContainerConfigError", err.Error())
		select {
		case <-c.pod.terminating:
			return 0, false
		case <-time.After(patience):
		}
	}
	if c.pod.isTerminating() {
		return 0, false
	}
	began := metav1.Now()
	output, err := c.openLog()
	if err != nil {
		return c.end(began, 128, "StartError", err.Error()), true
	}
	defer output.Close()
	prepared, err := c.command(c.words())
	if err != nil {
		c.pod.event(corev1.EventTypeWarning, "Failed", err.Error())
		return c.end(began, 128, "StartError", err.Error()), true
	}
	prepared.Stdout, prepared.Stderr = output.stream("stdout"), output.stream("stderr")
	running, err := start(prepared)
	if err != nil {
		c.pod.event(corev1.EventTypeWarning, "Failed", err.Error())
		return c.end(began, 128, "StartError", err.Error()), true
	}
	c.update(func(status *corev1.ContainerStatus) {
		c.running = running
		status.ContainerID = fmt.Sprintf("process://%d", running.pid)
		status.ImageID = c.spec.Image
		status.Started = new(c.spec.StartupProbe == nil)
		status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	})
	c.pod.event(corev1.EventTypeNormal, "Started", "Container started: "+c.spec.Name)
	unhealthy := make(chan struct{}, 2)
	c.probe(running, func() { unhealthy <- struct{}{} })
	select {
	case <-running.ended:
	case <-unhealthy:
		c.pod.event(corev1.EventTypeNormal, "Killing", "Container "+c.spec.Name+" failed its probe and is restarted")
		running.stop(time.Duration(*c.pod.object.Spec.TerminationGracePeriodSeconds)*time.Second, c.pod.killed)
	case <-c.pod.terminating:
		c.pod.event(corev1.EventTypeNormal, "Killing", "Stopping container "+c.spec.Name)
		running.stop(c.pod.graceGiven(), c.pod.killed)
	}
	output.flush()
	reason := "Completed"
	if running.exitCode != 0 {
		reason = "Error"
	}
	return c.end(began, running.exitCode, reason, c.message(running.exitCode)), true
}

func (c *container) end(began metav1.Time, code int, reason, message string) int {
	c.update(func(status *corev1.ContainerStatus) {
		c.running = nil
		status.Ready = false
		status.Started = new(false)
		status.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode:    int32(code),
			Reason:      reason,
			Message:     message,
			StartedAt:   began,
			FinishedAt:  metav1.Now(),
			ContainerID: status.ContainerID,
		}}
	})
	return code
}

// configure resolves what the process of the next run gets.
func (c *container) configure() error {
	if err := os.MkdirAll(c.directory, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(c.messagePath(), nil, 0o600); err != nil {
		return err
	}
	paths := c.mounts()
	environment, err := c.variables(context.Background(), paths)
	if err != nil {
		return err
	}
	c.pod.lock.Lock()
	defer c.pod.lock.Unlock()
	c.paths, c.environment = paths, environment
	return nil
}

// words are the container's command line with its variables expanded.
func (c *container) words() []string {
	c.pod.lock.Lock()
	defer c.pod.lock.Unlock()
	words := c.image.words(c.spec.Command, c.spec.Args)
	for position, word := range words {
		words[position] = c.environment.expand(word)
	}
	return words
}

// command finds the program and gives it what belongs to the container.
func (c *container) command(words []string) (*exec.Cmd, error) {
	if len(words) == 0 {
		return nil, errors.New("no command specified")
	}
	c.pod.lock.Lock()
	paths, environment := c.paths, c.environment
	c.pod.lock.Unlock()
	arguments := make([]string, len(words))
	for position, word := range words {
		arguments[position] = paths.rewrite(word)
	}
	program := arguments[0]
	if program == words[0] {
		var err error
		if program, err = c.image.program(program); err != nil {
			return nil, err
		}
	}
	directory := c.directory
	if c.spec.WorkingDir != "" && paths.rewrite(c.spec.WorkingDir) != c.spec.WorkingDir {
		directory = paths.rewrite(c.spec.WorkingDir)
	}
	return &exec.Cmd{Path: program, Args: append([]string{words[0]}, arguments[1:]...), Env: environment.list(), Dir: directory}, nil
}

// prepare makes a command that runs beside the container's process.
func (c *container) prepare(words []string) (*process, *exec.Cmd, error) {
	c.pod.lock.Lock()
	running := c.running
	c.pod.lock.Unlock()
	if running == nil {
		return nil, nil, fmt.Errorf("container %s is not running", c.spec.Name)
	}
	command, err := c.command(words)
	return running, command, err
}

func (c *container) messagePath() string { return filepath.Join(c.directory, "termination-message") }

// message is what the container left as its last words, at most 4096 bytes.
func (c *container) message(code int) string {
	content, _ := os.ReadFile(c.messagePath())
	if len(content) == 0 && code != 0 && c.spec.TerminationMessagePolicy == corev1.TerminationMessageFallbackToLogsOnError {
		var text strings.Builder
		_ = c.readLog(context.Background(), false, &logs.LogOptions{TailLines: new(int64(80))}, &text, &text)
		content = []byte(text.String())
		content = content[max(0, len(content)-2048):]
	}
	return string(content[:min(len(content), 4096)])
}
