package store

import (
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// An account that is alone shares neither symbol nor key with any other, in the
// record or in its file, and no meeting with one of the record, and no editor has
// decided on it. Nothing has to be merged, matched or read again to know its
// record, so it is written straight away, and the record with it. Of a history
// that is loaded for the first time, or goes on where the record ends, nearly all
// accounts are alone. That others of its file are of the same meeting is nothing
// to it: a file is one source's, and a meeting joins the accounts of different
// sources only.

// prepareLanding looks at what the record holds, and makes the place for the
// accounts that are not alone.
func (im *importer) prepareLanding(ctx context.Context) error {
	im.seen, im.seed = make(map[uint32]struct{}), maphash.MakeSeed()
	im.mostAlone.Store(true)
	if _, err := im.tx.Exec(ctx, `
		CREATE TEMPORARY TABLE landing (place integer, key text, resolution_id text COLLATE "C", draft_id text COLLATE "C", meeting text COLLATE "C",
			numbered boolean, sound boolean, line integer, rows integer, digest text, content json) ON COMMIT DROP`); err != nil {
		return err
	}
	if err := im.tx.QueryRow(ctx, `
		SELECT NOT EXISTS (SELECT FROM accounts) AND NOT EXISTS (SELECT FROM resolutions) AND NOT EXISTS (SELECT FROM changes)`).
		Scan(&im.empty); err != nil {
		return err
	}
	edits, err := editsOf(ctx, im.tx, nil)
	if err != nil {
		return err
	}
	im.edited = make(map[string]bool)
	for _, e := range edits {
		im.edited[e.ID], im.edited[e.Value] = true, true // of a merge, the value is an id too
	}
	return nil
}

// landed is a batch of which it is known where each account goes.
type landed struct {
	alone, others []taken
	search        [][]byte // the search columns that only Postgres could tell; nil for the rest
	rows          landedRows
	ready         chan error
}

// landedRows are the rows of a batch.
type landedRows struct {
	accounts, landing *copyRows
	records           *recordRows
}

// writeLanded writes batch after batch. While the database takes one in, the
// next is encoded.
func (im *importer) writeLanded(ctx context.Context, ordered <-chan *landing, all *landing) error {
	var before *landed
	for b := range ordered {
		<-b.done
		all.add(b)
		next, err := im.part(ctx, b.taken)
		if err != nil {
			return err
		}
		next.rows = im.spare
		if im.spare.accounts == nil {
			next.rows = landedRows{newCopyRows("accounts", accountColumns), newCopyRows("landing", landingColumns), newRecordRows()}
		}
		im.spare = landedRows{}
		go func() {
			im.busy <- struct{}{}
			err := im.encode(next)
			<-im.busy
			next.ready <- err
		}()
		// It is waited for also where the line broke: it reads what the import returns.
		sent, encoded := im.sendLanded(ctx, before), <-next.ready
		if err := cmp.Or(sent, encoded); err != nil {
			return err
		}
		before = next
	}
	return im.sendLanded(ctx, before)
}

// part parts the accounts that are alone from the others.
func (im *importer) part(ctx context.Context, list []taken) (*landed, error) {
	l := &landed{ready: make(chan error, 1)}
	var candidates []taken
	for _, t := range list {
		if im.source.Name == "" {
			im.source = t.account.Source
		}
		if im.meets(t.account) || t.account.Date == "" || im.edited[t.account.ID] {
			l.others = append(l.others, t)
		} else {
			candidates = append(candidates, t)
		}
	}
	known, err := im.inRecord(ctx, candidates)
	if err != nil {
		return nil, err
	}
	for i, t := range candidates {
		if known[i] {
			l.others = append(l.others, t)
		} else {
			l.alone = append(l.alone, t)
		}
	}
	im.rep.Accounts += len(list)
	if len(list) > 0 {
		im.lastPlace = list[len(list)-1].place
	}
	im.others += len(l.others)
	im.mostAlone.Store(2*len(l.alone) >= len(list))
	if len(l.alone) == 0 {
		return l, nil
	}
	if err := im.begin(ctx); err != nil {
		return nil, err
	}
	if im.empty && im.restore == nil && !im.slowly && im.lastPlace >= firstLoadAfter {
		if im.restore, err = im.firstLoad(ctx); err != nil {
			return nil, err
		}
	}
	laid := make([]wordsLaid, len(l.alone))
	for i := range l.alone {
		t := &l.alone[i]
		if t.record.record == nil {
			t.workOut()
		}
		laid[i] = t.words
	}
	l.search, err = im.words.learn(ctx, im.tx, laid)
	return l, err
}

// meets tells whether an earlier account of the file shares key or symbol with a,
// and remembers those of a: as small hashes, since there are as many as accounts.
// Two being equal by chance does no harm: who meets another is looked at closely.
func (im *importer) meets(a *votes.Account) (met bool) {
	remember := func(kind, text string) bool {
		var h maphash.Hash
		h.SetSeed(im.seed)
		h.WriteString(kind)
		h.WriteString(text)
		sum := uint32(h.Sum64())
		_, seen := im.seen[sum]
		im.seen[sum] = struct{}{}
		met = met || seen
		return seen
	}
	if remember("key", a.Key) {
		im.twins = append(im.twins, a.Key)
	}
	remember("symbol", a.ID)
	return met
}

// meetingToMatch is the meeting by which other accounts of the same vote may be
// found; one with a resolution's number is known by that alone.
func meetingToMatch(a *votes.Account) *string {
	if a.Resolution != "" {
		return nil
	}
	return orNull(a.Meeting)
}

// inRecord tells which of some accounts meet one that is in the record.
func (im *importer) inRecord(ctx context.Context, list []taken) ([]bool, error) {
	known := make([]bool, len(list))
	if im.empty || len(list) == 0 {
		return known, nil
	}
	keys, ids, meetings := make([]string, len(list)), make([]string, len(list)), make([]*string, len(list))
	for i, t := range list {
		keys[i], ids[i], meetings[i] = t.account.Key, t.account.ID, meetingToMatch(t.account)
	}
	// Scalar subqueries, each one look into an index: of EXISTS the planner makes
	// a scan of the table.
	rows, err := im.tx.Query(ctx, `
		SELECT u.ord FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS u (key, id, meeting, ord)
		 WHERE (SELECT 1 FROM accounts a WHERE a.superseded_by IS NULL AND a.key = u.key
		                                   AND a.source_id = ANY ((SELECT array_agg(id) FROM sources WHERE name = $4 AND format = $5)::integer[]) LIMIT 1) = 1
		    OR (SELECT 1 FROM accounts a WHERE a.superseded_by IS NULL AND a.base_id = u.id LIMIT 1) = 1
		    OR (SELECT 1 FROM accounts a WHERE a.superseded_by IS NULL AND a.resolution_id = u.id LIMIT 1) = 1
		    OR (SELECT 1 FROM resolutions r WHERE r.id = u.id) = 1
		    OR (SELECT 1 FROM accounts a WHERE a.superseded_by IS NULL AND NOT a.numbered AND a.meeting = u.meeting LIMIT 1) = 1`,
		keys, ids, meetings, im.source.Name, im.source.Format)
	if err != nil {
		return nil, err
	}
	var at int
	_, err = pgx.ForEachRow(rows, []any{&at}, func() error { known[at-1] = true; return nil })
	return known, err
}

// begin makes the revision and the import, before the first row that names them.
// What only the end of the file tells of the import is filled in by finish.
func (im *importer) begin(ctx context.Context) error {
	if im.importID > 0 {
		return nil
	}
	if err := im.knowSource(ctx); err != nil {
		return err
	}
	var err error
	if im.rep.Revision, err = newRevision(ctx, im.tx, fmt.Sprintf("import of %s (%s)", im.rep.File, im.source.Name)); err != nil {
		return err
	}
	err = im.tx.QueryRow(ctx, `
		INSERT INTO imports (source_id, file, sha256, rows, rows_landed, rows_refused, accounts, revision)
		VALUES ($1, $2, $3, 0, 0, 0, 0, $4) RETURNING id`, im.sourceID, im.rep.File, strings.Repeat("0", 64), im.rep.Revision).Scan(&im.importID)
	if err != nil {
		return err
	}
	// Only one import writes at a time, so that it can number its rows itself.
	return im.tx.QueryRow(ctx, `
		SELECT nextval(pg_get_serial_sequence('accounts', 'id')) - 1, nextval(pg_get_serial_sequence('resolutions', 'no')) - 1`).
		Scan(&im.beforeAccounts, &im.beforeNumbers)
}

// knowSource finds or makes the source, by what its accounts say.
func (im *importer) knowSource(ctx context.Context) error {
	if im.sourceID > 0 {
		return nil
	}
	return im.tx.QueryRow(ctx, `
		INSERT INTO sources (name, edition, format) VALUES ($1, $2, $3)
		ON CONFLICT (name, edition, format) DO UPDATE SET name = excluded.name RETURNING id`,
		im.source.Name, im.source.Edition, im.source.Format).Scan(&im.sourceID)
}

var accountColumns = []string{"id", "source_id", "import_id", "base_id",
	"key", "resolution_id", "draft_id", "meeting", "numbered", "sound", "line", "rows", "digest", "content"}

var landingColumns = []string{"place",
	"key", "resolution_id", "draft_id", "meeting", "numbered", "sound", "line", "rows", "digest", "content"}

// encode makes the rows of a batch.
func (im *importer) encode(l *landed) error {
	accounts, landing := l.rows.accounts, l.rows.landing
	for i := range l.others {
		landing.row()
		landing.int4(l.others[i].place)
		landing.account(&l.others[i])
	}
	for i := range l.alone {
		t := &l.alone[i]
		accounts.row()
		accounts.int8(im.beforeAccounts + int64(t.place))
		accounts.int4(int(im.sourceID))
		accounts.int8(im.importID)
		accounts.text(t.account.ID)
		accounts.account(t)
		search := l.search[i]
		if search == nil {
			search = im.words.column(t.words)
		}
		t.record.no = im.beforeNumbers + int32(t.place)
		if err := l.rows.records.add(t.record, search, im.rep.Revision); err != nil {
			return err
		}
	}
	return nil
}

// account writes the fields that accountColumns and landingColumns end in.
func (c *copyRows) account(t *taken) {
	a := t.account
	c.text(a.Key)
	c.text(a.ID)
	c.text(votes.ID("", a.Draft, a.Part, ""))
	c.textOrNull(string(a.Meeting))
	c.bool(a.Resolution != "")
	c.bool(a.Sound())
	c.int4(a.Line)
	c.int4(a.Rows)
	c.text(t.digest)
	c.bytes(t.content)
}

// sendLanded writes a batch that was encoded.
func (im *importer) sendLanded(ctx context.Context, l *landed) error {
	if l == nil {
		return nil
	}
	if err := l.rows.landing.send(ctx, im.tx); err != nil {
		return err
	}
	if len(l.alone) > 0 {
		if err := l.rows.accounts.send(ctx, im.tx); err != nil {
			return err
		}
		if err := (&recordWriter{tx: im.tx, rep: im.rep}).send(ctx, l.rows.records); err != nil {
			return err
		}
	}
	im.rep.ResolutionsNew += len(l.alone)
	for i := range l.alone {
		for _, d := range l.alone[i].record.record.Discrepancies {
			im.rep.Discrepancies[d.Kind]++
		}
	}
	im.alone += len(l.alone)
	im.spare = l.rows
	return nil
}

// bringBack takes accounts that were written as alone back among those that are
// not, by their keys, and their records out of the record.
func (im *importer) bringBack(ctx context.Context, keys []string) error {
	rows, err := im.tx.Query(ctx, `
		WITH back AS (DELETE FROM accounts WHERE import_id = $1 AND key = ANY($2) RETURNING *)
		INSERT INTO landing (`+columnList(landingColumns, "")+`)
		SELECT id - $3, `+columnList(landingColumns[1:], "")+` FROM back RETURNING resolution_id`, im.importID, keys, im.beforeAccounts)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(ids) == 0 {
		return err
	}
	im.alone -= len(ids)
	return (&recordWriter{tx: im.tx, rep: im.rep}).forget(ctx, ids)
}
