//go:build linux

package main

import (
	"testing"

	"scvotes/store/pgtest"
)

// The faults that one Postgres can bear after another.
func TestFault(t *testing.T) {
	s := newSite(t)
	t.Run("killed in mid import", func(t *testing.T) { testKilledInMidImport(t, s) })
	t.Run("restarted under load", func(t *testing.T) { testRestartedUnderLoad(t, s) })
	t.Run("a machine gone dark", func(t *testing.T) { testMachineGoneDark(t, s) })
	t.Run("many imports at once", func(t *testing.T) { testCrowd(t, s) })
	t.Run("uploads half sent", func(t *testing.T) { testHalfSentUploads(t, s) })
	t.Run("many uploads at once", func(t *testing.T) { testCrowdOverREST(t, s) })
	if pgtest.Soaking() { // it needs PgBouncer
		t.Run("behind a pooler", func(t *testing.T) { testWorkBehindAPooler(t, s) })
	}
	t.Run("migration killed", func(t *testing.T) { testMigrationKilled(t, s) })
	t.Run("many changes and little memory", func(t *testing.T) { testPressure(t, s) })
	t.Run("disk full", func(t *testing.T) { testDiskFull(t, s) })
}
