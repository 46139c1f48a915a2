package main

import (
	"os"
	"runtime/debug"

	"scvotes/api"
)

const (
	// memoryBeside is what serve may use beside the answers that it keeps before it
	// collects garbage more often: much more than it needs.
	memoryBeside = 36 << 20
	// memoryLeast is what it may use however few answers it keeps.
	memoryLeast = 64 << 20
)

// tuneMemory has the collector run less often than by default: what serve holds
// is little beside what each answer leaves behind. Whoever sets GOGC or
// GOMEMLIMIT knows better.
func tuneMemory(cacheBytes int) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	if cacheBytes == 0 {
		cacheBytes = api.DefaultCacheBytes
	}
	const percent = 400
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(max(int64(cacheBytes)+memoryBeside, memoryLeast))
}
