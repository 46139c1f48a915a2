package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"

	"scvotes/votes"
)

// landBatch is how many accounts go through an import together: enough to make
// COPY worth while, few enough to keep memory flat. It begins with fewer, so that
// the database has something to do early.
const (
	landBatch  = 500
	firstBatch = 64
)

// landing is a batch of accounts on its way from the reader into the database.
type landing struct {
	accounts []*votes.Account
	first    int // how many accounts came before
	taken    []taken
	alone    bool // the records are worked out on the way, as if each account were alone
	done     chan struct{}

	problems                [][]byte // lists as JSON, until the report: most of what grows with the file, and without pointers
	problemCount            int
	refused, rows, disputed int
}

// taken is an account that was checked, and is not refused.
type taken struct {
	account *votes.Account
	place   int // in the file, from 1 on
	content []byte
	digest  string
	record  digested // its record, if it is alone in telling of the vote
	words   wordsLaid
}

// land reads the file, checks every account, and writes all but the refused
// ones: with its record, where an account is alone in telling of its vote, and
// else to a temporary table, to be merged. Reading, checking and writing run side
// by side and hold only a few batches at a time, whatever the size of the file.
func (im *importer) land(ctx context.Context, read ReadFile) error {
	if err := im.prepareLanding(ctx); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	// One processor is left to whoever feeds the database: it would else wait for
	// its turn whenever the socket takes more.
	im.busy = make(chan struct{}, max(runtime.GOMAXPROCS(0)-1, 1))
	ordered, work := make(chan *landing, 1), make(chan *landing, 1)
	ended := make(chan error, 1)
	go func() {
		defer close(ordered)
		defer close(work)
		ended <- im.batches(running, read, ordered, work)
	}()
	for range min(runtime.GOMAXPROCS(0), 4) {
		go func() {
			for b := range work {
				im.busy <- struct{}{}
				b.take()
				<-im.busy
				close(b.done)
			}
		}()
	}
	var all landing
	err := im.writeLanded(ctx, ordered, &all)
	stop()
	for b := range ordered { // writing gave up: let the others come to their end
		<-b.done
		all.add(b)
	}
	readFailed := <-ended
	reported := all.report(im.rep)
	switch {
	case readFailed != nil && !errors.Is(readFailed, context.Canceled):
		return readFailed
	case reported != nil:
		return reported
	case err != nil:
		return fmt.Errorf("landing the accounts: %w", err)
	}
	return ctx.Err()
}

// batches reads the file and hands its accounts out, a batch at a time.
func (im *importer) batches(ctx context.Context, read ReadFile, ordered, work chan<- *landing) error {
	var b *landing
	n, size := 0, firstBatch
	hand := func() error {
		if b == nil {
			return nil
		}
		full := b
		b, size = nil, min(2*size, landBatch)
		<-im.busy
		defer func() { im.busy <- struct{}{} }()
		// To ordered first: who takes the batches in order waits for each.
		if err := send(ctx, ordered, full); err != nil {
			return err
		}
		work <- full // never waits for long: the workers wait for nobody
		return nil
	}
	im.busy <- struct{}{}
	defer func() { <-im.busy }()
	err := read(im.rep, func(a *votes.Account) error {
		if b == nil {
			b = &landing{first: n, alone: im.mostAlone.Load(), done: make(chan struct{})}
		}
		b.accounts = append(b.accounts, a)
		if n++; len(b.accounts) == size {
			return hand()
		}
		return nil
	})
	if err != nil {
		return err
	}
	return hand()
}

func send[T any](ctx context.Context, to chan<- T, v T) error {
	select {
	case to <- v:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// take checks the accounts of the batch. What it finds is the batch's own, since
// the reader writes to the report too.
func (b *landing) take() {
	var problems []votes.Problem
	for i, a := range b.accounts {
		votes.Check(a)
		problems = append(problems, a.Problems...)
		for i := range a.Problems {
			a.Problems[i].File = "" // the import tells it
		}
		if a.Refused() { // nobody can tell of which vote it speaks, or part of it could not be read
			b.refused++
			b.rows += a.Rows
			continue
		}
		if !a.Sound() {
			b.disputed++
		}
		t := taken{account: a, place: b.first + i + 1}
		if t.sumUp(); b.alone {
			t.workOut()
		}
		b.taken = append(b.taken, t)
	}
	b.accounts = nil
	if b.problemCount = len(problems); b.problemCount > 0 {
		// Texts and numbers only, which cannot fail to be encoded.
		list, _ := json.Marshal(problems)
		b.problems = [][]byte{list}
	}
}

// sumUp encodes the account as it is kept.
func (t *taken) sumUp() {
	t.content = t.account.AppendJSON(make([]byte, 0, 2048))
	sum := sha256.Sum256(t.content)
	t.digest = hex.EncodeToString(sum[:])
}

// workOut works out the record that follows from the account by itself. Of
// statements alone none does.
func (t *taken) workOut() {
	a := t.account
	if a.Date == "" {
		return
	}
	a.Match = votes.Match{ID: a.ID}
	r, _ := votes.Reconcile([]*votes.Account{a}, nil)
	t.record, t.words = digest(&r), layWords(&r)
}

// add adds what was found in another batch.
func (b *landing) add(o *landing) {
	b.problems = append(b.problems, o.problems...)
	b.problemCount += o.problemCount
	b.refused += o.refused
	b.rows += o.rows
	b.disputed += o.disputed
}

// report adds what was found to the report, once the reader has ended.
func (b *landing) report(rep *votes.ImportReport) error {
	rep.Problems = slices.Grow(rep.Problems, b.problemCount)
	for i, laid := range b.problems {
		var list []votes.Problem
		if err := json.Unmarshal(laid, &list); err != nil {
			return fmt.Errorf("reading problems: %w", err)
		}
		b.problems[i] = nil
		for j := range list {
			list[j].File = rep.File
		}
		rep.Problems = append(rep.Problems, list...)
	}
	rep.AccountsRefused += b.refused
	rep.RowsRefused += b.rows
	rep.AccountsDisputed += b.disputed
	return nil
}
