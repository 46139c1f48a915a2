package store

import (
	"context"
	"fmt"
	"strings"

	"scvotes/votes"
)

// Events gives every vote that a filter chooses, as the figures need it, oldest
// first, to yield, and returns the record's revision. Sponsors are read where
// they are asked for.
func (s *Store) Events(ctx context.Context, f votes.Filter, sponsors bool, yield func(votes.Event) error) (revision int64, err error) {
	w := whereOf(f)
	sponsorJoin := `CROSS JOIN (SELECT NULL::text AS codes) s`
	if sponsors {
		sponsorJoin = `LEFT JOIN (SELECT resolution_no, string_agg(code, ' ' ORDER BY ord) AS codes FROM sponsors GROUP BY 1) s ON s.resolution_no = r.no`
	}
	rows, err := s.db.Query(ctx, `
		SELECT revision.number AS `+recordColumn+`, r.id, r.date, r.kind, r.procedural, r.title, r.agenda_item, r.topic, r.region,
		       r.outcome, r.adopted_by, r.yes, r.no_votes, r.abstain, r.not_voting, r.members, r.required, r.roll_call,
		       array_to_string(r.roll, ' '), s.codes
		  FROM (SELECT `+recordNumber+` AS number) revision
		  LEFT JOIN (resolutions r
		  `+sponsorJoin+`) ON `+w.String()+`
		 ORDER BY r.date, r.id`, w.args...)
	if err != nil {
		return 0, fmt.Errorf("reading votes: %w", err)
	}
	var raw recordRow
	var roll string
	var sponsorCodes *string
	e := &raw.r
	targets := []any{&revision, &e.ID, &e.Date, &e.Kind, &e.Procedural, &raw.title, &raw.agendaItem, &raw.topic, &raw.region,
		&e.Outcome, &raw.adoptedBy, &raw.yes, &raw.no, &raw.abstain, &raw.notVoting, &raw.members, &raw.needed, &e.RollCall,
		&roll, &sponsorCodes}
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
		if err := yield(raw.event(roll, sponsorCodes)); err != nil {
			return 0, err
		}
	}
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("reading votes: %w", err)
	}
	return revision, nil
}

func (w *recordRow) event(roll string, sponsors *string) votes.Event {
	r := &w.r
	e := votes.Event{ID: r.ID, Date: r.Date, Kind: r.Kind, Procedural: r.Procedural, Outcome: r.Outcome, RollCall: r.RollCall,
		Title: fromNull[votes.Text](w.title), AgendaItem: fromNull[votes.Text](w.agendaItem), Topic: fromNull[votes.Text](w.topic),
		Region: fromNull[votes.Text](w.region), AdoptedBy: fromNull[votes.AdoptedBy](w.adoptedBy), Tally: w.tally()}
	if sponsors != nil {
		for _, c := range strings.Fields(*sponsors) {
			e.Sponsors = append(e.Sponsors, votes.Code(c))
		}
	}
	if roll == "" {
		return e
	}
	cast, vetoes := rollOf(strings.Split(roll, " "))
	if e.Votes = cast; vetoes != nil {
		council, _ := votes.CouncilOn(r.Date)
		e.VetoedBy = council.InOrder(vetoes)
	}
	return e
}
