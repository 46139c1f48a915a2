//go:build unix

package pglocal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

const pollEvery = 10 * time.Millisecond

// lock opens the file name and locks it, waiting as long as ctx allows.
func (f folder) lock(ctx context.Context, name string, how int) (*os.File, error) {
	for {
		file, err := f.tryLock(name, how)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return file, err
		}
		if err := wait(ctx); err != nil {
			return nil, fmt.Errorf("waiting for %s, held by another program: %w", f.path(name), err)
		}
	}
}

// tryLock opens the file name and locks it, or fails with EWOULDBLOCK at once.
// Closing the file ends the lock, unless a child has inherited it.
func (f folder) tryLock(name string, how int) (*os.File, error) {
	file, err := os.OpenFile(f.path(name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), how|syscall.LOCK_NB); err != nil {
		file.Close()
		return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
	}
	return file, nil
}

// leave gives up the shared lock on users and stops Postgres if nobody else
// holds one.
//
// The lock is dropped before it is asked for alone. Whoever drops it last asks
// after all others have dropped theirs, so of programs that leave together
// always one gets it; turning the shared lock into an exclusive one in a
// single step could leave two that each wait for the other to go.
func (f folder) leave(users *os.File) error {
	fd := int(users.Fd())
	if err := syscall.Flock(fd, syscall.LOCK_UN); err != nil {
		return fmt.Errorf("unlock %s: %w", users.Name(), err)
	}
	switch err := syscall.Flock(fd, syscall.LOCK_EX|syscall.LOCK_NB); {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil // in use, or being stopped by another
	case err != nil:
		return fmt.Errorf("lock %s: %w", users.Name(), err)
	}
	// The watcher shares this open file, so closing it would not end the lock.
	defer syscall.Flock(fd, syscall.LOCK_UN)
	return f.stop()
}

func wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(pollEvery):
		return nil
	}
}
