package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"scvotes/votes"
)

// lineColumns are what a resolution's line in a list is made of, and heldColumns
// the same with the votes and vetoes as their own tables hold them, for whoever
// checks or changes them. One SELECT brings a line whole: what hangs on it comes
// as arrays, in its order.
const (
	lineColumns = `r.roll,` + lineRest
	heldColumns = `roll_of(r.no),` + lineRest
)

const lineRest = `
	r.id, r.draft, r.resolution, r.part, r.meeting, r.date, r.kind, r.procedural, r.title, r.agenda_item, r.topic,
	r.region, r.note, r.outcome, r.adopted_by, r.reason, r.yes, r.no_votes, r.abstain, r.not_voting, r.members,
	r.required, r.roll_call, r.carried_but_for_veto, r.sponsored_as, r.links, r.revision,
	ARRAY(SELECT coalesce(x.code, '') FROM sponsors x WHERE x.resolution_no = r.no ORDER BY x.ord) AS sponsor_codes,
	ARRAY(SELECT x.name FROM sponsors x WHERE x.resolution_no = r.no ORDER BY x.ord) AS sponsor_names,
	(SELECT json_agg(json_build_object('key', x.key, 'kind', x.kind, 'field', x.field, 'severity', x.severity, 'state', x.state,
	                                   'message', x.message, 'sides', x.sides, 'explanation', x.explanation,
	                                   'reference', x.reference) ORDER BY x.ord)
	   FROM discrepancies x WHERE x.resolution_no = r.no) AS discrepancies`

// detailColumns are what its own page adds.
const detailColumns = `,
	(SELECT json_agg(json_build_object('speaker', x.speaker, 'for', x.code, 'kind', x.kind, 'date', x.date,
	                                   'text', x.text, 'source', x.source) ORDER BY x.ord)
	   FROM statements x WHERE x.resolution_no = r.no),
	r.sources`

// recordNumber is the revision of the whole record that a statement sees, and
// recordRevision the column in which it tells it.
const (
	recordNumber   = `(SELECT coalesce(max(number), 0) FROM revisions)`
	recordRevision = recordNumber + ` AS ` + recordColumn
)

// Resolution returns one resolution with its votes, statements and sources, and
// the revision of the whole record, or an error that wraps votes.ErrNotFound.
func (s *Store) Resolution(ctx context.Context, id string) (*votes.Resolution, int64, error) {
	r, revision, err := s.resolutionWhere(ctx, `$1`, id)
	if errors.Is(err, votes.ErrNotFound) {
		return s.resolutionWhere(ctx, canonical, id)
	}
	return r, revision, err
}

// canonical leads from any other id that a vote ever went by to the one it has:
// that of its draft, or the one its account had before it was matched.
const canonical = `(SELECT resolution_id FROM accounts WHERE superseded_by IS NULL AND (base_id = $1 OR draft_id = $1 AND draft_id <> '') ORDER BY resolution_id LIMIT 1)`

// resolutionWhere reads the resolution of which the id is what known makes of $1.
func (s *Store) resolutionWhere(ctx context.Context, known, id string) (*votes.Resolution, int64, error) {
	var raw recordRow
	var revision int64
	row := s.db.QueryRow(ctx, `SELECT `+recordRevision+`, `+lineColumns+detailColumns+` FROM resolutions r WHERE r.id = `+known, id)
	if err := row.Scan(append(append([]any{&revision}, raw.line()...), raw.detail()...)...); err != nil {
		return nil, 0, notFound(err, "resolution", id)
	}
	r, err := raw.assemble(true)
	return r, revision, err
}

// notFound gives a driver's error the words and the kind of package votes.
func notFound(err error, what, id string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s %s: %w", what, id, votes.ErrNotFound)
	}
	return fmt.Errorf("reading %s %s: %w", what, id, err)
}

// recordsOf returns some resolutions, whole, by id.
func recordsOf(ctx context.Context, q querier, ids []string) (map[string]*votes.Resolution, error) {
	rows, err := q.Query(ctx, `SELECT `+heldColumns+detailColumns+` FROM resolutions r WHERE r.id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("reading the record: %w", err)
	}
	defer rows.Close()
	records := make(map[string]*votes.Resolution, len(ids))
	for rows.Next() {
		var raw recordRow
		if err := rows.Scan(append(raw.line(), raw.detail()...)...); err != nil {
			return nil, fmt.Errorf("reading the record: %w", err)
		}
		r, err := raw.assemble(true)
		if err != nil {
			return nil, err
		}
		records[r.ID] = r
	}
	return records, rows.Err()
}

// recordRow is where a row of lineColumns and detailColumns lands.
type recordRow struct {
	r                                            votes.Resolution
	draft, resolution, part, meeting             *string
	title, agendaItem, topic, region, note       *string
	adoptedBy, sponsoredAs                       *string
	yes, no, abstain, notVoting, members, needed *int16
	roll                                         []string // CODE:position, and CODE:veto
	sponsorCodes, sponsorNames                   []string
	links, discrepancies                         []byte
	statements, sources                          []byte
}

func (w *recordRow) line() []any {
	r := &w.r
	return []any{&w.roll, &r.ID, &w.draft, &w.resolution, &w.part, &w.meeting, &r.Date, &r.Kind, &r.Procedural, &w.title, &w.agendaItem,
		&w.topic, &w.region, &w.note, &r.Outcome, &w.adoptedBy, &r.Reason, &w.yes, &w.no, &w.abstain, &w.notVoting, &w.members,
		&w.needed, &r.RollCall, &r.CarriedButForVeto, &w.sponsoredAs, &w.links, &r.Revision,
		&w.sponsorCodes, &w.sponsorNames, &w.discrepancies}
}

func (w *recordRow) detail() []any {
	return []any{&w.statements, &w.sources}
}

// assemble puts the row together. Lists are never nil, so that JSON shows [].
func (w *recordRow) assemble(detail bool) (*votes.Resolution, error) {
	r := &w.r
	r.Draft, r.Resolution = fromNull[votes.Symbol](w.draft), fromNull[votes.Symbol](w.resolution)
	r.Meeting, r.Part = fromNull[votes.Symbol](w.meeting), fromNull[votes.Text](w.part)
	r.Title, r.AgendaItem = fromNull[votes.Text](w.title), fromNull[votes.Text](w.agendaItem)
	r.Topic, r.Region, r.Note = fromNull[votes.Text](w.topic), fromNull[votes.Text](w.region), fromNull[votes.Text](w.note)
	r.AdoptedBy, r.SponsoredAs = fromNull[votes.AdoptedBy](w.adoptedBy), fromNull[votes.Text](w.sponsoredAs)
	r.Tally = w.tally()
	council, _ := votes.CouncilOn(r.Date)
	cast, vetoes := rollOf(w.roll)
	r.VetoedBy = council.InOrder(vetoes)
	r.Sponsors = make([]votes.Sponsor, len(w.sponsorCodes))
	for i, c := range w.sponsorCodes {
		r.Sponsors[i] = votes.Sponsor{Code: votes.Code(c), Name: w.sponsorNames[i]}
	}
	r.Discrepancies = []votes.Discrepancy{}
	parts := []jsonPart{{w.links, &r.Links}, {w.discrepancies, &r.Discrepancies}}
	if detail {
		r.Detail = &votes.Detail{Votes: votes.RollOf(council, cast, r.VetoedBy), Statements: []votes.Statement{}, Sources: []votes.Source{}}
		parts = append(parts, jsonPart{w.statements, &r.Detail.Statements}, jsonPart{w.sources, &r.Detail.Sources})
	}
	for _, p := range parts {
		if len(p.json) == 0 {
			continue
		}
		if err := json.Unmarshal(p.json, p.into); err != nil {
			return nil, fmt.Errorf("reading %s: %w", r.ID, err)
		}
	}
	return r, nil
}

func (w *recordRow) tally() *votes.Tally {
	if w.yes == nil {
		return nil
	}
	return &votes.Tally{Yes: int(*w.yes), No: int(*w.no), Abstain: int(*w.abstain), NotVoting: int(*w.notVoting),
		Members: int(*w.members), Required: int(*w.needed)}
}

// rollOf reads a roll of CODE:position and CODE:veto.
func rollOf(roll []string) (cast []votes.Vote, vetoes []string) {
	cast = make([]votes.Vote, 0, len(roll))
	for _, mark := range roll {
		code, position, _ := strings.Cut(mark, ":")
		if ":"+position == vetoMark {
			vetoes = append(vetoes, code)
			continue
		}
		cast = append(cast, votes.Vote{Code: votes.Code(code), Position: votes.Position(position)})
	}
	return cast, vetoes
}

type jsonPart struct {
	json []byte
	into any
}
