package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"scvotes/votes"
)

// row is one row of a file, with the account it adds to. Its methods are what
// a format is written with: each reads a column by the name it has in
// Format.Columns, and puts what is wrong with it on the account.
type row struct {
	rd     *reading
	fields []string
	a      *votes.Account
}

// raw returns a field as it stands, "" where the file has no such column.
func (r *row) raw(column string) string {
	if i, ok := r.rd.head.at[column]; ok && i < len(r.fields) {
		return r.fields[i]
	}
	return ""
}

// text returns a field with its white space folded.
func (r *row) text(column string) string { return clean(r.raw(column)) }

// keep puts the printed field beside what was understood of it.
func (r *row) keep(column string) {
	if r.a.Printed[r.rd.word(column)] != "" {
		return
	}
	if s := r.text(column); s != "" {
		if r.a.Printed == nil {
			r.a.Printed = map[string]string{}
		}
		r.a.Printed[r.rd.word(column)] = s
	}
}

// word is the file's own word for a column.
func (rd *reading) word(column string) string {
	if i, ok := rd.head.at[column]; ok {
		return rd.head.words[i]
	}
	return column
}

func (r *row) refuse(column, kind, format string, args ...any) {
	r.problem(column, kind, votes.Refused, format, args...)
}

// misread tells of a member's row that cannot be understood. In somebody else's
// file it is a contradiction that is shown with the account; in the project's
// own, written by hand, it is sent back.
func (r *row) misread(column, kind, format string, args ...any) *votes.Problem {
	severity := votes.Refused
	if r.rd.format.published {
		severity = votes.Serious
	}
	return r.problem(column, kind, severity, format, args...)
}

func (r *row) note(column, kind, format string, args ...any) {
	r.problem(column, kind, votes.Noted, format, args...)
}

func (r *row) problem(column, kind string, severity votes.Severity, format string, args ...any) *votes.Problem {
	if i, ok := r.rd.head.at[column]; ok {
		return r.problemAt(i, kind, severity, format, args...)
	}
	return r.add(votes.Problem{Line: r.rd.line, Column: column, Kind: kind, Severity: severity, Message: fmt.Sprintf(format, args...)})
}

// problemAt places a problem on the line where the field begins: a field of
// several lines before it moves that down.
func (r *row) problemAt(field int, kind string, severity votes.Severity, format string, args ...any) *votes.Problem {
	line, _ := r.rd.csv.FieldPos(field)
	return r.add(votes.Problem{Line: line, Column: r.rd.head.words[field], Kind: kind, Severity: severity, Message: fmt.Sprintf(format, args...)})
}

func (r *row) add(p votes.Problem) *votes.Problem {
	return r.rd.blame(r.a, p)
}

func (r *row) hasProblem(word, message string) bool {
	return slices.ContainsFunc(r.a.Problems, func(p votes.Problem) bool { return p.Column == word && p.Message == message })
}

// isoDay reads a day printed YYYY-MM-DD, and "" where the field is empty.
func (r *row) isoDay(column string) votes.Date {
	s := r.text(column)
	if s == "" {
		return ""
	}
	d, err := votes.ParseDate(s)
	if err != nil {
		r.refuse(column, votes.KindDate, "%s%s", err, serialDay(s))
	}
	return d
}

// dayFirst reads a day printed dd/mm/yyyy, exactly as printed: whether day and
// month were swapped is seen against the calendar of meetings (votes.Check),
// unless there is no such day at all.
func (r *row) dayFirst(column string) votes.Date {
	s := r.text(column)
	part := strings.Split(s, "/")
	var n [3]int
	ok := len(part) == 3 && len(part[2]) == 4
	for i := 0; ok && i < 3; i++ {
		v, err := number(part[i])
		n[i], ok = v, err == nil
	}
	if !ok {
		if s != "" {
			r.refuse(column, votes.KindDate, "%s is not a date (dd/mm/yyyy)%s", votes.Quote(s), serialDay(s))
		}
		return ""
	}
	if d, err := votes.MakeDate(n[2], n[1], n[0]); err == nil {
		return d
	}
	d, err := votes.MakeDate(n[2], n[0], n[1])
	if err != nil {
		r.refuse(column, votes.KindDate, "there is no day %s", s)
		return ""
	}
	r.note(column, votes.KindDateSwap, "%s read as %s: there is no month %d", s, d, n[1])
	return d
}

// count reads a number of members. It is false where there is none.
func (r *row) count(column string) (int, bool) {
	s := r.text(column)
	if s == "" {
		return 0, false
	}
	n, err := number(s)
	if err != nil {
		r.refuse(column, votes.KindValue, "%s", err)
	}
	return n, err == nil
}

// serialDay tells which day a number stands for that a spreadsheet shows where a
// day was typed. It is told and not taken: two calendars of such numbers are in use.
func serialDay(s string) string {
	n, err := strconv.Atoi(strings.TrimSuffix(s, ".0"))
	const from, to = 16803, 73050 // the days of 1946 to 2099
	if err != nil || n < from || n > to {
		return ""
	}
	return fmt.Sprintf("; a spreadsheet's day %d is mostly %s", n, votes.Date("1899-12-30").AddDays(n))
}

// position reads a member's position.
func (r *row) position(column string) (votes.Position, bool) {
	p, err := r.rd.memory.position(r.text(column))
	if err != nil {
		r.misread(column, votes.KindPosition, "%s", err)
	}
	return p, err == nil
}

// state finds the state that a source calls printed on the day of the vote. A
// misspelling is taken for the member that it must mean, where the one state
// near it had a seat that day; that is noted.
func (r *row) state(column, printed string) (votes.Code, bool) {
	day := r.a.Date
	if day == "" {
		return "", false // the day's own problem keeps the vote out
	}
	if c, ok := r.rd.memory.state(printed, day); ok {
		return c, true
	}
	if printed == "" {
		r.misread(column, votes.KindState, "the name of the state is missing")
		return "", false
	}
	if near, ok := votes.MisspeltState(printed); ok {
		c, _ := votes.FindStateOn(string(near), day)
		if _, sat := seatOn(c, day); sat {
			r.problem(column, votes.KindState, votes.Noted, "%s read as %s", votes.Quote(printed), c.NameOn(day)).Suggestion = c.NameOn(day)
			return c, true
		}
	}
	r.misread(column, votes.KindState, "%s is not a state that the UN knew on %s", votes.Quote(printed), day).Suggestion = votes.SuggestState(printed)
	return "", false
}

func seatOn(c votes.Code, day votes.Date) (votes.Seat, bool) {
	council, ok := votes.CouncilOn(day)
	if !ok {
		return votes.Seat{}, false
	}
	return council.Seat(c)
}

// vote adds a member's position, and the line on which it stands.
func (r *row) vote(code votes.Code, position votes.Position) {
	r.a.Votes = append(r.a.Votes, votes.Vote{Code: code, Position: position})
	r.a.VoteLines = append(r.a.VoteLines, r.rd.line)
}
