package source

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"hash/maphash"
	"io"
	"strings"

	"scvotes/votes"
)

// reading is one file on its way through Read.
type reading struct {
	opt    Options
	yield  func(*votes.Account) error
	report Report

	guard  *guard
	csv    *csv.Reader
	line   int // first line of the current row
	below  int // the line below it
	empty  int // rows without anything in them
	format *Format
	head   header
	memory memory

	current  *vote              // the vote of the last row
	unplaced *votes.Problem     // a row that could be given to no vote stands before the next one
	held     *series            // with Format.settle: the series of the last row
	series   map[string]*series // with Options.Gather: all of them
	gap      *votes.Problem     // a row that may be of the series before it or the one after it
	gathered []*vote            // with Options.Gather: all votes in the order of their first rows
	byKey    map[string]*vote   // the same by key
	seed     maphash.Seed
	finished map[uint64]int // hashed keys of the votes that are done, and their first lines
}

// vote is an account while its rows come in.
type vote struct {
	account *votes.Account
	key     string
	begun   bool     // its first good row was read
	shared  []string // the fields of that row, by place in Format.Columns
}

func (rd *reading) file(r io.Reader) error {
	rd.seed = maphash.MakeSeed()
	rd.byKey = map[string]*vote{}
	rd.series = map[string]*series{}
	if err := rd.open(r); err != nil {
		return err
	}
	fields, broken, err := rd.next()
	switch {
	case err == io.EOF:
		return rd.fail(votes.Problem{Kind: votes.KindFile, Message: "the file is empty"})
	case err != nil:
		return err
	case broken != nil:
		return rd.fail(*broken)
	}
	if err := rd.header(fields); err != nil {
		return err
	}
	if rd.opt.Edition == "" && rd.format.edition != nil {
		rd.opt.Edition = rd.format.edition(rd.opt.File)
	}
	for {
		fields, broken, err := rd.next()
		if err == io.EOF {
			return rd.finish()
		}
		if err == nil {
			err = rd.row(fields, broken)
		}
		if err != nil {
			return err
		}
	}
}

// row gives one row to its vote.
func (rd *reading) row(fields []string, broken *votes.Problem) error {
	r := &row{rd: rd, fields: fields}
	if !rd.format.published { // our own writers put the marks there
		for i, f := range fields {
			fields[i] = votes.FromCell(f)
		}
	}
	if broken == nil {
		if isEmpty(fields) { // commas alone: the rows that a sheet has below its last
			if rd.empty++; rd.empty > maxEmpty {
				return rd.limit(votes.KindRow, "more than %d rows with nothing in them", maxEmpty)
			}
			return nil
		}
		broken = rd.width(r)
	}
	if broken != nil {
		return rd.misread(r, *broken)
	}
	key := "" // begin finds that of a row that is a vote by itself
	if !rd.format.rowIsVote {
		if key = rd.format.key(r); key == "" {
			return rd.misread(r, votes.Problem{Line: rd.line, Kind: votes.KindIdentity, Severity: votes.Refused,
				Message: "nothing tells which vote the row belongs to"})
		}
	}
	v, err := rd.voteOf(key)
	if err != nil {
		return err
	}
	r.a = v.account
	switch r.a.Rows++; {
	case r.a.Rows == maxOfVote+1:
		r.refuse("", votes.KindRow, "more than %d rows of one vote", maxOfVote)
		return nil
	case r.a.Rows > maxOfVote:
		return nil
	case rd.opt.Gather && (rd.guard.given > maxHeld || len(rd.gathered) > maxGather):
		return rd.limit(votes.KindFile, "the rows of one vote do not stand together, and the file has more than %d bytes or %d votes: sort it by its votes", maxHeld, maxGather)
	}
	if !rd.compare(r, v) {
		return nil // its problem is on the account, which is refused whole
	}
	if !v.begun {
		v.begun, v.shared = true, rd.byColumn(fields)
		rd.format.begin(r)
		rd.tooLong(r.a)
	}
	if rd.format.member != nil {
		rd.format.member(r)
	}
	return nil
}

func isEmpty(fields []string) bool {
	for _, f := range fields {
		if f != "" {
			return false
		}
	}
	return true
}

// width checks the number of fields. Empty ones too many lose nothing.
func (rd *reading) width(r *row) *votes.Problem {
	n := len(r.fields)
	for n > len(rd.head.words) && r.fields[n-1] == "" {
		n--
	}
	if n == len(rd.head.words) {
		return nil
	}
	p := &votes.Problem{Line: rd.line, Kind: votes.KindRow, Severity: votes.Refused,
		Message: fmt.Sprintf("%d fields, the header has %d", n, len(rd.head.words))}
	for _, f := range r.fields {
		if strings.Contains(f, "\r") {
			p.Message += " (a line of the row ends in a carriage return alone)"
			break
		}
	}
	return p
}

// misread reports a row that cannot be read. It is put down to the current
// vote where its key says so. Otherwise it may be a row of the vote before it
// or of the one after it, and neither can be trusted to be whole.
func (rd *reading) misread(r *row, p votes.Problem) error {
	if rd.format.rowIsVote {
		rd.report.RefusedRows++
		rd.note(p)
		if rd.format.settle == nil {
			return nil
		}
		err := rd.flush()
		rd.beside(p)
		return err
	}
	if c := rd.current; c != nil && len(r.fields) > 0 && rd.format.key(r) == c.key {
		c.account.Rows++
		rd.blame(c.account, p)
		return nil
	}
	rd.report.RefusedRows++
	rd.note(p)
	p.Message = "this row beside the vote may be one of its own: " + p.Message
	if c := rd.current; c != nil {
		rd.blame(c.account, p)
	}
	rd.unplaced = &p
	return nil
}

// voteOf returns the vote with that key: the current one, or a new one.
func (rd *reading) voteOf(key string) (*vote, error) {
	if c := rd.current; c != nil && c.key == key && !rd.format.rowIsVote {
		rd.unplaced = nil // it stands between two rows of one vote, which has the problem already
		return c, nil
	}
	v := rd.byKey[key]
	if v == nil || rd.format.rowIsVote {
		if line, ok := rd.finished[rd.hash(key)]; ok && !rd.format.rowIsVote {
			return nil, fmt.Errorf("line %d: a vote that began on line %d goes on here: %w", rd.line, line, ErrScattered)
		}
		key = strings.Clone(key) // not to hold the whole row in memory
		v = &vote{key: key, account: rd.newAccount(key)}
		if err := rd.flush(); err != nil {
			return nil, err
		}
		if rd.opt.Gather {
			rd.byKey[key] = v
			rd.gathered = append(rd.gathered, v)
		}
	}
	if rd.unplaced != nil {
		rd.blame(v.account, *rd.unplaced)
		rd.unplaced = nil
	}
	rd.current = v
	return v, nil
}

func (rd *reading) newAccount(key string) *votes.Account {
	name := rd.opt.Source
	if name == "" {
		name = rd.format.Source
	}
	return &votes.Account{
		Source:  votes.Source{Name: name, Edition: rd.opt.Edition, Format: rd.format.Name, Line: rd.line},
		Line:    rd.line,
		Key:     key,
		Columns: rd.format.columns,
	}
}

// flush yields the current vote, if there is one and it is not held back.
func (rd *reading) flush() error {
	v := rd.current
	rd.current = nil
	switch {
	case v == nil:
		return nil
	case rd.format.settle != nil:
		return rd.hold(v)
	case rd.opt.Gather:
		return nil
	}
	return rd.deliver(v)
}

// deliver hands an account over and remembers that its vote is done.
func (rd *reading) deliver(v *vote) error {
	a := v.account
	// Keys are kept as 64-bit hashes: two of them being equal by chance is not
	// to be expected of any file, and would be told as a duplicate.
	h := rd.hash(a.Key)
	if first, ok := rd.finished[h]; ok && a.Key != "" {
		rd.blame(a, votes.Problem{Line: a.Line, Kind: votes.KindDuplicate, Severity: votes.Refused,
			Message: fmt.Sprintf("the vote %s stands on line %d already", a.Key, first)})
	} else {
		rd.finished[h] = a.Line
	}
	if rd.report.Accounts == maxVotes {
		return rd.limit(votes.KindFile, "more than %d votes in one file", maxVotes)
	}
	rd.report.Accounts++
	rd.report.AccountRows += a.Rows
	rd.keepPrinted(v)
	return rd.yield(a)
}

// keepPrinted lays beside somebody else's account what was printed for the vote
// as a whole, every column of it. A member's row is told by Votes, and by a
// problem where it was not read as it stood.
func (rd *reading) keepPrinted(v *vote) {
	if !rd.format.published || len(v.shared) == 0 {
		return
	}
	if v.account.Printed == nil {
		v.account.Printed = make(map[string]string, len(v.shared))
	}
	for field, column := range rd.head.index {
		if column < 0 || rd.format.Columns[column].Use == Member && !rd.format.rowIsVote {
			continue
		}
		word := rd.head.words[field]
		if text := v.shared[column]; text != "" && v.account.Printed[word] == "" {
			v.account.Printed[word] = text
		}
	}
}

func (rd *reading) hash(key string) uint64 { return maphash.String(rd.seed, key) }

// finish yields what is still held when the file ends.
func (rd *reading) finish() error {
	if err := rd.flush(); err != nil {
		return err
	}
	if err := rd.release(); err != nil {
		return err
	}
	for i, v := range rd.gathered {
		rd.gathered[i] = nil // yield may have stored it: it need not stay in memory
		if err := rd.deliver(v); err != nil {
			return err
		}
	}
	return nil
}

// byColumn copies a row's fields into the order of the format's columns.
func (rd *reading) byColumn(fields []string) []string {
	list := make([]string, len(rd.format.Columns))
	for field, column := range rd.head.index {
		if column >= 0 {
			list[column] = fields[field]
		}
	}
	return list
}

// compare looks at every field of a row: that it is text, and that what should
// be the same on all rows of a vote is. It is false if the row cannot be used.
func (rd *reading) compare(r *row, v *vote) bool {
	good := true
	for field, column := range rd.head.index {
		printed := r.fields[field]
		use, most := Member, maxField
		if column >= 0 {
			use, most = rd.format.Columns[column].Use, cmp.Or(rd.format.Columns[column].Most, maxField)
		}
		if v.begun && use != Member && printed == v.shared[column] {
			continue // seen already, and good
		}
		fault := badText(printed)
		if len(printed) > most {
			fault = fmt.Sprintf("longer than %d bytes", most)
		}
		if fault != "" {
			if good = false; use == Member || !r.hasProblem(rd.head.words[field], fault) {
				r.problemAt(field, votes.KindFile, votes.Refused, "%s", fault)
			}
			continue
		}
		if mark := firstUnseen(printed); mark != 0 && column >= 0 && use != Words {
			r.problemAt(field, votes.KindValue, votes.Noted, "%s has the invisible character U+%04X in it, which was left out", votes.Quote(printed), mark)
		}
		if v.begun && use != Member && clean(printed) != clean(v.shared[column]) {
			severity := votes.Refused
			if use == Words {
				severity = votes.Noted
			}
			r.problemAt(field, votes.KindConflict, severity, "%s, but %s on the first row of the vote (line %d)",
				votes.Quote(clean(printed)), votes.Quote(clean(v.shared[column])), v.account.Line)
		}
	}
	return good
}
