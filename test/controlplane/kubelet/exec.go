package kubelet

import (
	"context"
	"fmt"
	"io"
	"time"

	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// execution runs a command in a container for a client that the API server has connected. There is no terminal.
type execution struct{ container *container }

func (e execution) ExecInContainer(ctx context.Context, _, _, _ string, command []string, in io.Reader, out, err io.WriteCloser,
	_ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	return e.container.execute(ctx, command, in, orNothing(out), orNothing(err))
}

// orNothing keeps a stream that was not asked for from being a writer that is nil.
func orNothing(stream io.WriteCloser) io.Writer {
	if stream == nil {
		return io.Discard
	}
	return stream
}

func exitError(code int) error {
	return utilexec.CodeExitError{Err: fmt.Errorf("exit status %d", code), Code: code}
}

// execute runs a command in the container, beside its process and no longer than that.
func (c *container) execute(ctx context.Context, command []string, in io.Reader, out, err io.Writer) error {
	running, prepared, failure := c.prepare(command)
	if failure != nil {
		return failure
	}
	prepared.Stdout, prepared.Stderr = out, err
	var input io.WriteCloser
	if in != nil {
		if input, failure = prepared.StdinPipe(); failure != nil {
			return failure
		}
	}
	executed, failure := start(prepared)
	if failure != nil {
		return failure
	}
	if input != nil {
		// Not waited for: whoever types may go on after the command has ended.
		go func() {
			_, _ = io.Copy(input, in)
			_ = input.Close()
		}()
	}
	select {
	case <-executed.ended:
	case <-running.ended:
		executed.stop(0, nil)
	case <-ctx.Done():
		executed.stop(0, nil)
		return ctx.Err()
	}
	if executed.exitCode != 0 {
		return exitError(executed.exitCode)
	}
	return nil
}
