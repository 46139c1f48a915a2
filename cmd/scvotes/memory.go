package main

import (
	"os"
	"runtime/debug"

	"scvotes/api"
)

// memoryBeside is what serve may use beside the answers that it keeps before it
// collects garbage more often: much more than it needs.
const memoryBeside = 36 << 20

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
	debug.SetMemoryLimit(int64(max(cacheBytes, 0)) + memoryBeside)
}
