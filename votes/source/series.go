package source

import (
	"cmp"
	"fmt"

	"scvotes/votes"
)

// series is what a file of tallies or vetoes says of one symbol on one day. In
// the Council's first years a proposal often had no document: it goes by its
// meeting, and a meeting may have voted on several. Which row is which is seen
// when all of them are read, so that they are held back until then.
type series struct {
	key      string
	accounts []*votes.Account
	rows     []*vote        // these, and the rows between them that name no vote: to deliver
	gap      *votes.Problem // a row beside them that cannot be read, and may be one of them
}

// seriesKey is empty for a row that does not tell which vote it speaks of. The
// same document voted on at two meetings of one day is two series.
func seriesKey(a *votes.Account) string {
	symbol, meeting := cmp.Or(a.Resolution, a.Draft), a.Meeting
	switch {
	case symbol == "" && meeting != "":
		symbol = votes.Symbol(a.Part) // made in words: oral amendment 1
	case symbol.MeetingNumber() > 0:
		meeting = symbol // whatever stands in the column of the meeting
	}
	if a.Date == "" || symbol == "" {
		return ""
	}
	return fmt.Sprintf("%s|%s|%s", a.Date, meeting, symbol)
}

// hold puts a vote to the others of its series. The series before it is done
// then, unless votes are gathered.
func (rd *reading) hold(v *vote) error {
	key := seriesKey(v.account)
	switch {
	case key == "" && rd.opt.Gather:
		rd.beside(firstRefused(v.account))
		return nil
	case key == "" && rd.held != nil && len(rd.held.rows) >= maxOfVote: // enough of them: the series may well be over
		if err := rd.release(); err != nil {
			return err
		}
		fallthrough
	case key == "" && rd.held == nil:
		rd.beside(firstRefused(v.account))
		return rd.deliver(v)
	case key == "":
		rd.beside(firstRefused(v.account))
		rd.held.rows = append(rd.held.rows, v)
		return nil
	}
	if rd.held == nil || rd.held.key != key {
		if err := rd.openSeries(key, v.account.Line); err != nil {
			return err
		}
	}
	s := rd.held
	if len(s.accounts) == maxOfVote {
		return rd.fail(votes.Problem{Line: v.account.Line, Kind: votes.KindDuplicate,
			Message: fmt.Sprintf("more than %d votes on one symbol in one day", maxOfVote)})
	}
	s.accounts, s.rows = append(s.accounts, v.account), append(s.rows, v)
	s.gap, rd.gap = cmp.Or(s.gap, rd.gap), nil
	return nil
}

func (rd *reading) openSeries(key string, line int) error {
	if rd.opt.Gather {
		if rd.held = rd.series[key]; rd.held == nil {
			rd.held = &series{key: key}
			rd.series[key] = rd.held
		}
		return nil
	}
	if err := rd.release(); err != nil {
		return err
	}
	if first, ok := rd.finished[rd.hash(key)]; ok {
		return fmt.Errorf("line %d: the votes of line %d go on here: %w", line, first, ErrScattered)
	}
	rd.finished[rd.hash(key)] = line
	rd.held = &series{key: key}
	return nil
}

// release settles what is held back, and delivers it unless votes are gathered.
func (rd *reading) release() error {
	for _, s := range rd.series {
		rd.settle(s)
	}
	s := rd.held
	rd.held = nil
	if s == nil || rd.opt.Gather {
		return nil
	}
	rd.settle(s)
	for _, v := range s.rows {
		if err := rd.deliver(v); err != nil {
			return err
		}
	}
	return nil
}

// settle lets the format tell the votes of a series apart. With a row missing
// among them their order tells nothing; a document that comes up once is known
// by its symbol all the same.
func (rd *reading) settle(s *series) {
	rd.format.settle(rd, s.accounts)
	for _, a := range s.accounts {
		if s.gap != nil && (len(s.accounts) > 1 || a.Draft.MeetingNumber() > 0) {
			rd.blame(a, *s.gap)
		}
	}
}

// beside remembers a row that cannot be read: it may be of the series before it
// or of the one after it.
func (rd *reading) beside(p votes.Problem) {
	p.Severity = votes.Refused
	p.Message = "this row beside the vote may be one of its own: " + p.Message
	rd.gap = &p
	if rd.held != nil {
		rd.held.gap = rd.gap
	}
}

// firstRefused returns the fault that keeps an account out.
func firstRefused(a *votes.Account) votes.Problem {
	for _, p := range a.Problems {
		if p.Severity == votes.Refused {
			return p
		}
	}
	return votes.Problem{Line: a.Line, Kind: votes.KindIdentity, Message: "nothing tells which vote it speaks of"}
}

// number gives the accounts of a series, the earliest vote first, their keys.
// Those that nothing else tells apart become "proposal 1", "proposal 2". A
// document that comes up again in the same words was not voted on twice: a row
// was copied.
func (rd *reading) number(list []*votes.Account) {
	var alike []*votes.Account
	known := make(map[string]*votes.Account, len(list))
	for i, a := range list {
		a.Key = cmp.Or(a.Key, fmt.Sprintf("%s|%d", seriesKey(a), i+1))
		says := saidOf(a)
		first := known[says]
		if first == nil && says != "" {
			known[says] = a
		}
		if first != nil {
			rd.tell(a, "draft", votes.KindDuplicate, votes.Refused, "the same vote stands on line %d already", first.Line)
		} else if a.Part == "" {
			alike = append(alike, a)
		}
	}
	if len(alike) < 2 {
		return
	}
	for i, a := range alike {
		a.Part = fmt.Sprintf("proposal %d", i+1)
		rd.tell(a, "draft", votes.KindIdentity, votes.Noted, "nothing tells the %d proposals that %s stands for apart: this one was read as %s",
			len(alike), cmp.Or(a.Resolution, a.Draft), a.Part)
	}
}

// saidOf is the same for accounts of a series that speak of the same vote: they
// name the same part, or the same document in the same words. What goes by its
// meeting is another proposal, though all that is said of it be the same.
func saidOf(a *votes.Account) string {
	switch {
	case a.Part != "":
		return "part " + a.Part
	case a.Draft.MeetingNumber() > 0:
		return ""
	}
	return fmt.Sprintf("%v|%v|%v|%q|%q", a.Tally, a.VetoedBy, a.Stated, a.AgendaItem, a.Title)
}

// tell puts a problem that was seen when the row was no longer at hand on its
// account. The field is one of votes.Account.Columns.
func (rd *reading) tell(a *votes.Account, field, kind string, severity votes.Severity, format string, args ...any) {
	rd.blame(a, votes.Problem{Line: a.Line, Column: rd.word(cmp.Or(a.Columns[field], field)),
		Kind: kind, Severity: severity, Message: fmt.Sprintf(format, args...)})
}
