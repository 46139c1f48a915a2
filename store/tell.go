package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// The changes of the record are the outbox of the webhooks: they are written in
// the transaction that makes a revision. A worker writes the messages that follow
// from them, each once, as what it wrote and up to where (webhooks.told) is one
// transaction too.

// revisionsAtOnce is of how many revisions messages are written in one transaction.
const revisionsAtOnce = 20

// tellAll writes the messages of every webhook that is behind the record.
func (s *Store) tellAll(ctx context.Context, publicURL string) error {
	rows, err := s.inner.Query(ctx, `
		SELECT id FROM webhooks WHERE state = 'active' AND told < (SELECT coalesce(max(number), 0) FROM revisions) ORDER BY id`)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	var failed []error
	for _, id := range ids {
		for more := true; more; {
			if more, err = s.tellOne(ctx, id, publicURL); err != nil {
				failed = append(failed, fmt.Errorf("webhook %d: %w", id, err))
				break
			}
		}
	}
	return errors.Join(failed...)
}

// tellOne writes messages to one webhook, and tells whether there are more to write.
func (s *Store) tellOne(ctx context.Context, id int64, publicURL string) (more bool, err error) {
	err = s.write(ctx, func(tx pgx.Tx) error {
		w, err := webhookOf(ctx, tx, id, "FOR UPDATE")
		if errors.Is(err, votes.ErrNotFound) || err == nil && w.State != votes.WebhookActive {
			return nil
		}
		if err != nil {
			return err
		}
		filter, faults := votes.ParseWebhookFilter(w.Filter)
		if len(faults) > 0 { // it was made by another release
			_, err := tx.Exec(ctx, `UPDATE webhooks SET state = 'disabled', reason = $2 WHERE id = $1`, id, "its filter is not understood: "+faults.Error())
			return err
		}
		rows, err := tx.Query(ctx, `SELECT number, committed FROM revisions WHERE number > $1 ORDER BY number LIMIT $2`, w.Told, revisionsAtOnce)
		if err != nil {
			return err
		}
		revisions, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r votes.Revision, err error) {
			err = row.Scan(&r.Number, &r.Committed)
			return r, err
		})
		if err != nil || len(revisions) == 0 {
			return err
		}
		t := teller{tx: tx, webhook: w, filter: filter, publicURL: publicURL}
		for _, r := range revisions {
			if err := t.revision(ctx, r); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE webhooks SET told = $2 WHERE id = $1`, id, revisions[len(revisions)-1].Number); err != nil {
			return err
		}
		more = len(revisions) == revisionsAtOnce
		if t.written == 0 {
			return nil
		}
		return enqueue(ctx, tx, deliverArgs{Webhook: id})
	})
	return more, err
}

// teller writes the messages of a webhook.
type teller struct {
	tx        pgx.Tx
	webhook   votes.Webhook
	filter    votes.Filter
	publicURL string
	written   int
}

// toTell is a resolution that a revision changed.
type toTell struct {
	id     string
	fields []string // that changed; none of one that is new
}

func (t *teller) revision(ctx context.Context, r votes.Revision) error {
	found, err := t.changes(ctx, r.Number)
	if err != nil {
		return err
	}
	for _, event := range votes.WebhookEvents {
		if !slices.Contains(t.webhook.Events, event) {
			continue
		}
		list := found[event]
		parts := (len(list) + votes.MaxInMessage - 1) / votes.MaxInMessage
		for part := range parts {
			some := list[part*votes.MaxInMessage : min((part+1)*votes.MaxInMessage, len(list))]
			if err := t.message(ctx, event, r, messageData{Revision: r.Number, Committed: r.Committed, Part: part + 1, Parts: parts}, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// changes finds what of a revision the webhook wants to be told, by event. The
// filter is held against the resolutions as they are now.
func (t *teller) changes(ctx context.Context, revision int64) (map[string][]toTell, error) {
	found := make(map[string][]toTell)
	w := whereOf(t.filter)
	w.add("c.revision = %s", revision)
	rows, err := t.tx.Query(ctx, `
		SELECT r.id, c.what, r.outcome, c.fields FROM changes c JOIN resolutions r ON r.id = c.resolution_id
		 WHERE c.what <> 'deleted' AND `+w.String()+` ORDER BY r.date, r.id`, w.planned()...)
	if err != nil {
		return nil, err
	}
	var id, what string
	var outcome votes.Outcome
	var fields []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &what, &outcome, &fields}, func() error {
		var changes []votes.Change
		if err := json.Unmarshal(fields, &changes); err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		one, event := toTell{id: id}, votes.EventChanged
		for _, c := range changes {
			one.fields = append(one.fields, c.Field)
		}
		if what == votes.Created {
			event = votes.EventNew
		}
		found[event] = append(found[event], one)
		if outcome == votes.Vetoed && (what == votes.Created || slices.Contains(one.fields, "outcome") || slices.Contains(one.fields, "vetoed_by")) {
			found[votes.EventVeto] = append(found[votes.EventVeto], one)
		}
		return nil
	}); err != nil {
		return nil, err
	}
	// What is gone matches no filter: whoever asks for it is told of all of it.
	rows, err = t.tx.Query(ctx, `SELECT resolution_id FROM changes WHERE revision = $1 AND what = 'deleted' ORDER BY 1`, revision)
	if err != nil {
		return nil, err
	}
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error {
		found[votes.EventDeleted] = append(found[votes.EventDeleted], toTell{id: id})
		return nil
	})
	return found, err
}

// message is the body of a message, in the shape of the Standard Webhooks scheme.
type message struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      messageData `json:"data"`
}

type messageData struct {
	Revision    int64               `json:"revision"`
	Committed   time.Time           `json:"committed"`
	Part        int                 `json:"part"` // of Parts messages about this event of the revision
	Parts       int                 `json:"parts"`
	Resolutions []json.RawMessage   `json:"resolutions"`       // as in lists
	Changed     map[string][]string `json:"changed,omitempty"` // fields, by id
	Deleted     []string            `json:"deleted,omitempty"` // ids
	Links       map[string]string   `json:"links"`
}

// message writes one message.
func (t *teller) message(ctx context.Context, event string, r votes.Revision, data messageData, list []toTell) error {
	data.Resolutions = noLines
	data.Links = map[string]string{"resolutions": t.webhook.ChangedSince(t.publicURL, r.Number-1)}
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = one.id
		if len(one.fields) > 0 && event == votes.EventChanged {
			if data.Changed == nil {
				data.Changed = make(map[string][]string)
			}
			data.Changed[one.id] = one.fields
		}
	}
	if event == votes.EventDeleted {
		data.Deleted = ids
	} else {
		var err error
		if data.Resolutions, err = linesOf(ctx, t.tx, ids); err != nil {
			return err
		}
	}
	body, err := encodeMessage(message{Type: event, Timestamp: time.Now().UTC().Truncate(time.Second), Data: data})
	if err != nil {
		return err
	}
	t.written++
	_, err = t.tx.Exec(ctx, `
		INSERT INTO webhook_messages (webhook_id, name, event, revision, resolutions, body, next_attempt) VALUES ($1, $2, $3, $4, $5, $6, now())`,
		t.webhook.ID, messageName(), event, r.Number, len(list), string(body))
	return err
}

func messageName() string { return "msg_" + rand.Text() }

// noLines is the list of a message that tells of no resolution.
var noLines = []json.RawMessage{}

// encodeMessage writes a message as the API writes its answers: < > & as they are.
func encodeMessage(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding a message: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// linesOf returns resolutions as lists show them, in the order of the ids. One
// that is no longer there is left out.
func linesOf(ctx context.Context, q querier, ids []string) ([]json.RawMessage, error) {
	rows, err := q.Query(ctx, `SELECT `+itemLine+` FROM resolutions r WHERE r.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	lines := make(map[string]json.RawMessage, len(ids))
	var missing []string
	var id string
	var date votes.Date
	var line []byte
	if _, err := pgx.ForEachRow(rows, []any{&id, &date, &line}, func() error {
		if line == nil { // it was written by a program of another release
			missing = append(missing, id)
			return nil
		}
		lines[id] = slices.Clone(line)
		return nil
	}); err != nil {
		return nil, err
	}
	if len(missing) > 0 {
		records, err := recordsOf(ctx, q, missing)
		if err != nil {
			return nil, err
		}
		for id, r := range records {
			if lines[id], err = votes.LineJSON(r); err != nil {
				return nil, err
			}
		}
	}
	list := make([]json.RawMessage, 0, len(ids))
	for _, id := range ids {
		if line, ok := lines[id]; ok {
			list = append(list, line)
		}
	}
	return list, nil
}
