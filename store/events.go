package store

import (
	"context"
	"fmt"
	"strings"

	"scvotes/votes"
)

// Events gives every vote that a filter chooses, as the figures need it, oldest
// first, to yield, and returns the record's revision. Sponsors are told where
// they are asked for. What is given is shared: nothing of it may be changed.
func (s *Store) Events(ctx context.Context, f votes.Filter, sponsors bool, yield func(votes.Event) error) (revision int64, err error) {
	w := whereOf(f)
	if !s.part {
		c, places, err := s.chronicles.ask(ctx, s, w)
		if err != nil {
			return 0, err
		} else if c != nil {
			return c.events(places, sponsors, yield)
		}
	}
	rolls := make(rollTexts)
	return s.eachEvent(ctx, w, sponsors, func(e *eventRow) error { return yield(e.event(sponsors, rolls)) })
}

// eventRow is what an event is made of. A text is empty and a number below 0
// where there is none.
type eventRow struct {
	no                               int32
	id                               string
	date                             votes.Date
	kind                             votes.Kind
	procedural                       bool
	title, agendaItem, topic, region votes.Text
	outcome                          votes.Outcome
	adoptedBy                        votes.AdoptedBy
	yes, against, abstain, notVoting int16
	members, required                int16
	rollCall                         votes.RollCall
	roll                             string // CODE:position and CODE:veto
	sponsors                         string // codes
}

// eventColumns are those of an eventRow but for the sponsors.
const eventColumns = `r.no, r.id, r.date, r.kind, r.procedural, coalesce(r.title, ''), coalesce(r.agenda_item, ''), coalesce(r.topic, ''),
		       coalesce(r.region, ''), r.outcome, coalesce(r.adopted_by, ''), coalesce(r.yes, -1::smallint), coalesce(r.no_votes, -1::smallint),
		       coalesce(r.abstain, -1::smallint), coalesce(r.not_voting, -1::smallint), coalesce(r.members, -1::smallint),
		       coalesce(r.required, -1::smallint), r.roll_call, array_to_string(r.roll, ' ')`

// eachEvent reads the events that a condition chooses, in their order. The row is
// the same each time.
func (s *Store) eachEvent(ctx context.Context, w *where, sponsors bool, yield func(*eventRow) error) (revision int64, err error) {
	sponsorJoin := `CROSS JOIN (SELECT '' AS codes) s`
	if sponsors {
		sponsorJoin = `LEFT JOIN (SELECT resolution_no, string_agg(code, ' ' ORDER BY ord) AS codes FROM sponsors GROUP BY 1) s ON s.resolution_no = r.no`
	}
	return s.eventRows(ctx, yield, `
		SELECT revision.number AS `+recordColumn+`, `+eventColumns+`, coalesce(s.codes, '')
		  FROM (SELECT `+recordNumber+` AS number) revision
		  LEFT JOIN (resolutions r
		  `+sponsorJoin+`) ON `+w.String()+`
		 ORDER BY r.date, r.id`, w.args...)
}

// eventRows reads what a statement finds.
func (s *Store) eventRows(ctx context.Context, yield func(*eventRow) error, sql string, args ...any) (revision int64, err error) {
	rows, err := s.db.Query(ctx, sql, args...)
	if err != nil {
		return 0, fmt.Errorf("reading votes: %w", err)
	}
	var e eventRow
	targets := []any{&revision, &e.no, &e.id, &e.date, &e.kind, &e.procedural, &e.title, &e.agendaItem, &e.topic, &e.region,
		&e.outcome, &e.adoptedBy, &e.yes, &e.against, &e.abstain, &e.notVoting, &e.members, &e.required, &e.rollCall, &e.roll, &e.sponsors}
	defer rows.Close()
	for rows.Next() {
		none := rows.RawValues()[1] == nil // the one row that tells the revision of nothing chosen
		if none {
			clear(targets[1:]) // a nil target is passed over
		}
		if err := rows.Scan(targets...); err != nil {
			return 0, fmt.Errorf("reading votes: %w", err)
		}
		if none {
			break
		}
		if err := yield(&e); err != nil {
			return revision, err
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("reading votes: %w", err)
	}
	return revision, nil
}

// rollTexts are rolls that were read already: most votes of a Council are alike.
type rollTexts map[string][]votes.Vote

func (e *eventRow) event(sponsors bool, rolls rollTexts) votes.Event {
	event := votes.Event{ID: e.id, Date: e.date, Kind: e.kind, Procedural: e.procedural, Outcome: e.outcome, RollCall: e.rollCall,
		Title: e.title, AgendaItem: e.agendaItem, Topic: e.topic, Region: e.region, AdoptedBy: e.adoptedBy}
	if e.yes >= 0 {
		event.Tally = &votes.Tally{Yes: int(e.yes), No: int(e.against), Abstain: int(e.abstain), NotVoting: int(e.notVoting),
			Members: int(e.members), Required: int(e.required)}
	}
	if sponsors && e.sponsors != "" {
		for code := range strings.FieldsSeq(e.sponsors) {
			event.Sponsors = append(event.Sponsors, votes.Code(code))
		}
	}
	if e.roll == "" {
		return event
	}
	known := false
	if event.Votes, known = rolls[e.roll]; known {
		return event
	}
	var vetoes []string
	if event.Votes, vetoes = rollOf(strings.Split(e.roll, " ")); vetoes == nil {
		rolls[e.roll] = event.Votes
		return event
	}
	council, _ := votes.CouncilOn(e.date)
	event.VetoedBy = council.InOrder(vetoes)
	return event
}
