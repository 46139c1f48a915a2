package api

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"scvotes/votes/access"
)

// fakeWriter is a Writer that knows the tokens it made, and keeps what the audit
// log is told. A fault that is set is what every call returns.
type fakeWriter struct {
	mu     sync.Mutex
	tokens map[string]fakeToken
	log    []access.Entry
	fault  error
	slow   bool // what is asked for waits until the request is given up
	asked  int  // for a token
}

type fakeToken struct {
	access.Token
	credential access.Credential
	denied     error
}

func newFakeWriter() *fakeWriter { return &fakeWriter{tokens: make(map[string]fakeToken)} }

// token makes a token of some scopes, and returns it as a header.
func (w *fakeWriter) token(t testing.TB, scopes ...access.Scope) (header string) {
	t.Helper()
	return w.deniedToken(t, nil, scopes...)
}

// deniedToken is a token that lets nobody in, for a reason.
func (w *fakeWriter) deniedToken(t testing.TB, why error, scopes ...access.Scope) (header string) {
	t.Helper()
	text, c := access.New()
	w.tokens[c.ID] = fakeToken{access.Token{ID: c.ID, Name: fmt.Sprintf("desk %d", len(w.tokens)+1), Scopes: scopes, Created: time.Now()}, c, why}
	return "Bearer " + text
}

func (w *fakeWriter) Authenticate(_ context.Context, c access.Credential) (access.Token, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	t, ok := w.tokens[c.ID]
	switch {
	case w.fault != nil:
		return access.Token{}, w.fault
	case !ok || !c.Has(t.credential.Sum()):
		return access.Token{}, access.ErrUnknown
	}
	return t.Token, t.denied
}

func (w *fakeWriter) Note(_ context.Context, e access.Entry) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.Number = int64(len(w.log) + 1)
	w.log = append(w.log, e)
	return w.fault
}

func (w *fakeWriter) Audit(ctx context.Context, limit int, before int64) (access.Log, error) {
	if w.slow {
		<-ctx.Done()
		return access.Log{}, ctx.Err()
	}
	log := access.Log{Total: len(w.log)}
	for _, e := range slices.Backward(w.log) {
		if before == 0 || e.Number < before {
			log.Data = append(log.Data, e)
		}
	}
	if len(log.Data) > limit {
		log.Data = log.Data[:limit]
		log.Next = log.Data[limit-1].Number
	}
	return log, w.fault
}
