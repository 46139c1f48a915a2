//go:build unix

package main

import (
	"math"
	"syscall"
)

// filesAllowed is how many files and connections the system lets the program have.
func filesAllowed() int {
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		return math.MaxInt32
	}
	return int(min(uint64(l.Cur), math.MaxInt32))
}
