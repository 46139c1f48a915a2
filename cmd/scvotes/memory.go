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
	// memoryOfImport is what an import may use before it collects garbage more
	// often: what it remembers of a long file has next to no pointers while it is
	// read, and costs little to look at again.
	memoryOfImport = 72 << 20
	// memoryLeast is what it may use however few answers it keeps.
	memoryLeast = 64 << 20
)

// tuneMemory has the collector run less often than by default: what serve holds
// is little beside what each answer leaves behind. Whoever sets GOGC or
// GOMEMLIMIT knows better. It returns what makes room for votes that are kept for
// the figures, of a large record more than all that is told here.
func tuneMemory(cacheBytes int) (room func(votesBytes int)) {
	if memoryIsChosen() {
		return func(int) {}
	}
	if cacheBytes == 0 {
		cacheBytes = api.DefaultCacheBytes
	}
	const percent = 400
	debug.SetGCPercent(percent)
	limit := max(int64(cacheBytes)+memoryBeside, memoryLeast)
	debug.SetMemoryLimit(limit)
	// Twice: while the votes of the next revision are read, those of the last are there.
	return func(votesBytes int) { debug.SetMemoryLimit(limit + 2*int64(votesBytes)) }
}

// boundMemory has an import collect its garbage early. What it remembers of a file
// still grows with it, but is little beside that.
func boundMemory() {
	if !memoryIsChosen() {
		debug.SetMemoryLimit(memoryOfImport)
	}
}

func memoryIsChosen() bool { return os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" }
