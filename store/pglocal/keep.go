//go:build unix

package pglocal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"
	"time"
)

const (
	keepEvery     = 250 * time.Millisecond
	keepAtLongest = 10 * time.Second // between attempts to start what does not start
)

// A keeper starts Postgres again where it ended while this program uses it: it
// was killed, or gave up for want of room on the disk. Nobody else would, and a
// program that serves could only fail until it is restarted.
type keeper struct {
	stop context.CancelFunc
	done sync.WaitGroup
}

// keep begins to look after Postgres. The caller holds a shared users.lock until
// the keeper is dismissed, so that what is gone was not stopped by the last one out.
func (f folder) keep(cfg Config) *keeper {
	ctx, stop := context.WithCancel(context.Background())
	k := &keeper{stop: stop}
	k.done.Go(func() {
		for pause := keepEvery; ; {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			switch err := f.bringBack(ctx, cfg); {
			case err == nil:
				pause = keepEvery
			case ctx.Err() == nil:
				pause = min(2*pause, keepAtLongest)
				cfg.Logf("%v; trying again in %v", err, pause)
			}
		}
	})
	return k
}

// dismiss ends the keeper, and what it may be about to do.
func (k *keeper) dismiss() {
	if k != nil {
		k.stop()
		k.done.Wait()
	}
}

// bringBack starts Postgres where all of it is gone.
func (f folder) bringBack(ctx context.Context, cfg Config) error {
	if gone, err := f.gone(); err != nil || !gone {
		return err
	}
	starting, err := f.lock(ctx, "start.lock", syscall.LOCK_EX)
	if err != nil {
		return err
	}
	defer starting.Close()
	if gone, err := f.gone(); err != nil || !gone {
		return err // another program was quicker
	}
	cfg.Logf("PostgreSQL in %s is gone", f.dir)
	if _, err := f.bringUp(ctx, cfg); err != nil {
		return fmt.Errorf("bringing it back: %w", err)
	}
	return nil
}

// gone tells whether no process of Postgres is left. The lock is asked for to be
// shared: of several that ask none is in the way of another.
func (f folder) gone() (bool, error) {
	server, err := f.tryLock("server.lock", syscall.LOCK_SH)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, server.Close()
}
