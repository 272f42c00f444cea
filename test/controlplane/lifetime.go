package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

// A process here lives no longer than the process that started it, whichever way that one ends: the starter holds the other end
// of standard input, and the kernel closes it even after a SIGKILL. The directory follows: each component holds a shared lock on a
// file in it, and the guard, which waits for the exclusive one, removes everything once the last component is gone.
const lockFile = "lifetime.lock"

// endWithStarter locks the directory for as long as this process lives and ends the process when standard input is closed, after
// before has run.
func endWithStarter(directory string, before func()) error {
	if _, err := lock(directory, syscall.LOCK_SH); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		before()
		// The starter is gone and the data with it: nothing is worth an orderly shutdown.
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}()
	return nil
}

// guard waits until standard input is closed and no component holds the directory, then removes it.
func guard(directory string) error {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	_, _ = io.Copy(io.Discard, os.Stdin)
	if _, err := lock(directory, syscall.LOCK_EX); os.IsNotExist(err) {
		return nil
	} else if err != nil {
		return err
	}
	// The starter may have been writing a file while it was killed, so that the directory filled while it was being emptied.
	var err error
	for range 10 {
		if err = os.RemoveAll(directory); err == nil {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

// lock blocks until the lock is granted. The kernel releases it when the process ends, so the file stays open.
func lock(directory string, how int) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(directory, lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(file.Fd()), how)
		if err != syscall.EINTR {
			break
		}
	}
	if err != nil {
		return nil, fmt.Errorf("locking %s: %w", file.Name(), err)
	}
	locks = append(locks, file)
	return file, nil
}

// locks keeps the files from being closed by the garbage collector.
var locks []*os.File
