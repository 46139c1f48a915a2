//go:build linux

package main

import "testing"

// The faults that one Postgres can bear after another.
func TestFault(t *testing.T) {
	s := newSite(t)
	t.Run("killed in mid import", func(t *testing.T) { testKilledInMidImport(t, s) })
	t.Run("disk full", func(t *testing.T) { testDiskFull(t, s) })
}
