package api

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"scvotes/votes"
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

	record  *fake
	calls   []access.Call // that were done
	replies map[string]fakeReply
	busy    bool // every key is being dealt with

	sessions map[string]string // to the ids of tokens
}

type fakeReply struct {
	access.Reply
	fingerprint [32]byte
}

func (f fakeReply) to(call access.Call) (access.Reply, error) {
	if f.fingerprint != call.Fingerprint {
		return access.Reply{}, access.ErrKeyUsed
	}
	f.Again = true
	return f.Reply, nil
}

// fakeOnce does what one key stands for once.
type fakeOnce struct {
	known *fakeReply
	done  int
}

func (o *fakeOnce) once(call access.Call, do func() (access.Reply, error)) (access.Reply, error) {
	if call.Key != "" && o.known != nil {
		return o.known.to(call)
	}
	reply, err := do()
	if err == nil {
		o.done++
	}
	if err == nil && call.Key != "" {
		o.known = &fakeReply{reply, call.Fingerprint}
	}
	return reply, err
}

type fakeToken struct {
	access.Token
	credential access.Credential
	denied     error
}

func newFakeWriter() *fakeWriter {
	return &fakeWriter{tokens: make(map[string]fakeToken), replies: make(map[string]fakeReply), sessions: make(map[string]string)}
}

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

func (w *fakeWriter) Change(ctx context.Context, call access.Call, do func(context.Context, Changes) (access.Reply, error)) (access.Reply, error) {
	name := call.Token + " " + call.Key
	if w.busy && call.Key != "" {
		return access.Reply{}, access.ErrUnderWay
	}
	if known, ok := w.replies[name]; ok {
		return known.to(call)
	}
	c := &fakeChanges{record: w.record}
	reply, err := do(ctx, c)
	if err != nil || c.back {
		return reply, err
	}
	w.calls = append(w.calls, call)
	if call.Key != "" {
		w.replies[name] = fakeReply{reply, call.Fingerprint}
	}
	for i, r := range w.record.all {
		if c.changed != nil && r.ID == c.changed.ID {
			w.record.all[i] = *c.changed
			w.record.revision.Number++
		}
	}
	return reply, nil
}

// fakeChanges changes the topic of a resolution of the fake record, whatever the
// edits say.
type fakeChanges struct {
	record  *fake
	changed *votes.Resolution
	back    bool
}

func (c *fakeChanges) Resolution(_ context.Context, id string) (*votes.Resolution, int64, error) {
	if c.changed != nil && c.changed.ID == id {
		return c.changed, c.record.revision.Number + 1, nil
	}
	for _, r := range c.record.all {
		if r.ID == id || id == "S-2022-160" && r.ID == "S-RES-2623-2022" {
			return &r, c.record.revision.Number, nil
		}
	}
	return nil, 0, fmt.Errorf("resolution %s: %w", id, votes.ErrNotFound)
}

func (c *fakeChanges) RevisionsFrom(context.Context, int64, int) ([]votes.Revision, error) {
	return []votes.Revision{c.record.revision}, nil
}

func (c *fakeChanges) MadeEdit(ctx context.Context, number int64) (votes.MadeEdit, int64, error) {
	return c.record.MadeEdit(ctx, number)
}

func (c *fakeChanges) Edit(ctx context.Context, edits []votes.Edit) (votes.Edited, error) {
	id, _ := votes.ParseID(edits[0].ID)
	before, _, err := c.Resolution(ctx, id)
	if err != nil {
		return votes.Edited{}, votes.Faults{{Parameter: "id", Value: edits[0].ID, Message: "the record holds no such resolution"}}
	}
	after := *before
	after.Topic, after.Revision, after.Discrepancies = "edited", c.record.revision.Number+1, []votes.Discrepancy{}
	changes, err := votes.Changes(before, &after)
	c.changed = &after
	for i := range edits {
		edits[i].Number = int64(4 + i)
	}
	return votes.Edited{Edits: edits, Revision: after.Revision, Effects: []votes.Effect{{ID: after.ID, What: votes.Changed, Changes: changes}}}, err
}

func (c *fakeChanges) TakeBack(context.Context) error {
	c.back = true
	return nil
}

func (w *fakeWriter) SignIn(ctx context.Context, call access.Call, c access.Credential, session string) (access.Token, error) {
	t, err := w.Authenticate(ctx, c)
	if err == nil {
		w.sessions[session] = t.ID
		call.Token, call.Who = t.ID, t.Name
		w.calls = append(w.calls, call)
	}
	return t, err
}

func (w *fakeWriter) Session(_ context.Context, session string) (access.Token, error) {
	t, ok := w.tokens[w.sessions[session]]
	if !ok {
		return access.Token{}, access.ErrUnknown
	}
	return t.Token, t.denied
}

func (w *fakeWriter) SignOut(_ context.Context, session string) error {
	delete(w.sessions, session)
	return w.fault
}
