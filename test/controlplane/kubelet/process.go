package kubelet

import (
	"errors"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// No process outlives this program. Each leads a process group of its own, which KillAll ends with all that it started; the kernel
// kills the leader even when this program was killed. It does so when the thread ends that started the process, so one thread that
// never ends starts them all.
var (
	starts = make(chan func())

	groups = struct {
		sync.Mutex
		leaders map[int]bool
		closed  bool
	}{leaders: map[int]bool{}}
)

func init() {
	go func() {
		runtime.LockOSThread()
		for start := range starts {
			start()
		}
	}()
}

// KillAll ends all processes with SIGKILL; none can be started any more.
func KillAll() {
	groups.Lock()
	defer groups.Unlock()
	groups.closed = true
	for leader := range groups.leaders {
		_ = syscall.Kill(-leader, syscall.SIGKILL)
	}
}

type process struct {
	pid int
	// ended is closed when the process is gone, and its exit code known.
	ended    chan struct{}
	exitCode int
}

// start runs the command in a group of its own. Its outputs have been read to their ends when ended is closed, but for what
// processes that it left behind may still write.
func start(command *exec.Cmd) (*process, error) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.WaitDelay = 500 * time.Millisecond
	started := make(chan error)
	starts <- func() {
		groups.Lock()
		defer groups.Unlock()
		if groups.closed {
			started <- errors.New("the node is shutting down")
			return
		}
		err := command.Start()
		if err == nil {
			groups.leaders[command.Process.Pid] = true
		}
		started <- err
	}
	if err := <-started; err != nil {
		return nil, err
	}
	p := &process{pid: command.Process.Pid, ended: make(chan struct{})}
	go func() {
		_ = command.Wait()
		// What the leader has left behind goes with it, as in a container.
		groups.Lock()
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
		delete(groups.leaders, p.pid)
		groups.Unlock()
		p.exitCode = exitCode(command)
		close(p.ended)
	}()
	return p, nil
}

// exitCode is 128 and the signal's number for a process that a signal ended, as a container runtime reports it.
func exitCode(command *exec.Cmd) int {
	if status, ok := command.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return command.ProcessState.ExitCode()
}

// stop asks the process to end, and kills it after the grace period; kill, when it is closed, cuts that short.
func (p *process) stop(grace time.Duration, kill <-chan struct{}) {
	if grace > 0 {
		_ = syscall.Kill(p.pid, syscall.SIGTERM)
		timer := time.NewTimer(grace)
		defer timer.Stop()
		select {
		case <-p.ended:
			return
		case <-timer.C:
		case <-kill:
		}
	}
	groups.Lock()
	if groups.leaders[p.pid] {
		_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	}
	groups.Unlock()
	<-p.ended
}
