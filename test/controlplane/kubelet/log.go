package kubelet

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	cri "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-client/pkg/logs"
)

// logFile has the format of a container runtime, so that Kubernetes' own code reads it: `TIME STREAM F LINE`, with P instead of F where
// the line has no end.
type logFile struct {
	*os.File
	lock    sync.Mutex
	streams []*logStream
}

type logStream struct {
	file *logFile
	name string
	rest []byte
}

// logPath is the file of one run, counted from 0.
func (c *container) logPath(run int32) string {
	return filepath.Join(c.directory, fmt.Sprintf("%d.log", run))
}

func (c *container) openLog() (*logFile, error) {
	file, err := os.Create(c.logPath(c.restarts()))
	return &logFile{File: file}, err
}

func (c *container) restarts() int32 {
	c.pod.lock.Lock()
	defer c.pod.lock.Unlock()
	return c.status.RestartCount
}

func (f *logFile) stream(name string) *logStream {
	stream := &logStream{file: f, name: name}
	f.streams = append(f.streams, stream)
	return stream
}

func (s *logStream) Write(content []byte) (int, error) {
	s.file.lock.Lock()
	defer s.file.lock.Unlock()
	s.rest = append(s.rest, content...)
	for {
		end := bytes.IndexByte(s.rest, '\n')
		if end < 0 {
			return len(content), nil
		}
		if err := s.line(s.rest[:end], "F"); err != nil {
			return 0, err
		}
		s.rest = s.rest[end+1:]
	}
}

func (s *logStream) line(line []byte, tag string) error {
	_, err := fmt.Fprintf(s.file, "%s %s %s %s\n", time.Now().UTC().Format(time.RFC3339Nano), s.name, tag, line)
	return err
}

// flush writes the last lines, which have no end.
func (f *logFile) flush() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, stream := range f.streams {
		if len(stream.rest) > 0 {
			_ = stream.line(stream.rest, "P")
			stream.rest = nil
		}
	}
}

// readLog writes the log of the current or the previous run as the options say.
func (c *container) readLog(ctx context.Context, previous bool, options *logs.LogOptions, out, err io.Writer) error {
	run := c.restarts()
	if previous {
		run--
	}
	if _, missing := os.Stat(c.logPath(run)); missing != nil {
		return fmt.Errorf("run %d of container %s has no log", run, c.spec.Name)
	}
	return logs.ReadLogs(ctx, c.logPath(run), "", options, runState{container: c, run: run}, out, err)
}

// runState is the part of a container runtime that a follower of a log asks.
type runState struct {
	cri.RuntimeService
	container *container
	run       int32
}

func (s runState) ContainerStatus(context.Context, string, bool) (*runtimeapi.ContainerStatusResponse, error) {
	state := runtimeapi.ContainerState_CONTAINER_EXITED
	s.container.pod.lock.Lock()
	defer s.container.pod.lock.Unlock()
	if s.container.running != nil && s.container.status.RestartCount == s.run {
		state = runtimeapi.ContainerState_CONTAINER_RUNNING
	}
	return &runtimeapi.ContainerStatusResponse{Status: &runtimeapi.ContainerStatus{State: state}}, nil
}
