package source

import (
	"fmt"
	"slices"
	"strings"

	"scvotes/votes"
)

// A Format is one published layout of a CSV file. A new one is a file of its
// own with a Format in it, and a line in Formats.
type Format struct {
	Name    string   // on the command line and in Source.Format
	Title   string   // for people
	Source  string   // who publishes it, where the caller does not say
	Columns []Column // in the order in which the publisher writes them
	OneOf   []string // beside the required columns, at least one of these

	// rowIsVote marks a layout with one row a vote. In the others the rows of
	// one vote share a key.
	rowIsVote bool
	key       func(*row) string        // how the source tells votes apart; not for rowIsVote
	begin     func(*row)               // reads what holds for the whole vote, from its first row
	member    func(*row)               // reads what the one row adds; nil for rowIsVote
	edition   func(file string) string // the edition that the name of a file tells
	published bool                     // by somebody else: what it gets wrong is shown, not sent back
	columns   map[string]string        // votes.Account.Columns: the fields that votes.Check names

	// settle, for a layout with rowIsVote, tells apart the votes that one file
	// has of one symbol on one day, in the order of their rows: their Part, and
	// their Key where begin gave none.
	settle func(*reading, []*votes.Account)
}

// Column is one column of a format. Columns that a format does not know are
// noted and left alone: publishers add them from one edition to the next.
type Column struct {
	Name     string // the header's word; capitals, spaces and underscores do not matter
	Required bool
	Use      Use
	Most     int // bytes of a field; 0 is maxField
}

// Use tells what a column's value may be from row to row of one vote.
type Use int

// The three uses.
const (
	Fact   Use = iota // the same on every row: another value refuses the vote
	Words             // prose that should be the same: another value is noted
	Member            // the row's own
)

// Formats lists the layouts that Read knows.
func Formats() []Format {
	return []Format{scvotesFormat, statementsFormat, draftSheetFormat, undlFormat, outcomesFormat, vetoListFormat, dppaFormat}
}

// missing lists the columns that the format needs and a header does not have.
func (f Format) missing(have map[string]int) []string {
	var list []string
	for _, c := range f.Columns {
		if _, ok := have[foldWord(c.Name)]; c.Required && !ok {
			list = append(list, c.Name)
		}
	}
	has := func(name string) bool { _, ok := have[foldWord(name)]; return ok }
	if len(f.OneOf) > 0 && !slices.ContainsFunc(f.OneOf, has) {
		list = append(list, "one of "+strings.Join(f.OneOf, ", "))
	}
	return list
}

// known counts the columns of a header that the format knows.
func (f Format) known(have map[string]int) int {
	n := 0
	for _, c := range f.Columns {
		if _, ok := have[foldWord(c.Name)]; ok {
			n++
		}
	}
	return n
}

// header is a file's first row as the format sees it.
type header struct {
	words []string       // as printed, cleaned, without empty ones at the end
	at    map[string]int // Column.Name to field
	index []int          // field to the place in Format.Columns, -1 where the format does not know it
}

// header chooses the format and finds its columns, and reports every fault of
// the header in one error.
func (rd *reading) header(fields []string) error {
	var h header
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1] // `Date,` is a comma too many, not a column
	}
	if len(fields) > maxColumns {
		return rd.limit(votes.KindHeader, "the header has %d columns, and no layout has more than %d", len(fields), maxColumns)
	}
	for _, w := range fields {
		h.words = append(h.words, clean(w))
	}
	for len(h.words) > 0 && h.words[len(h.words)-1] == "" {
		h.words = h.words[:len(h.words)-1]
	}
	if p, ok := badHeader(h.words); !ok {
		return rd.fail(p)
	}
	have := indexOf(h.words)
	f, fault := choose(rd.opt.Format, have, h.words)
	if fault != "" {
		return rd.fail(votes.Problem{Line: 1, Kind: votes.KindHeader, Message: fault})
	}
	h.at = map[string]int{}
	h.index = make([]int, len(h.words))
	for i := range h.index {
		h.index[i] = -1
	}
	for i, c := range f.Columns {
		if field, ok := have[foldWord(c.Name)]; ok {
			h.at[c.Name] = field
			h.index[field] = i
		}
	}
	for i, c := range h.index {
		if c < 0 {
			rd.note(votes.Problem{Line: 1, Column: h.words[i], Kind: votes.KindHeader, Severity: votes.Noted,
				Message: fmt.Sprintf("the layout %s has no column %s: it was not read", f.Name, votes.Quote(h.words[i]))})
		}
	}
	rd.format, rd.head, rd.report.Format = f, h, f.Name
	return nil
}

// badHeader finds what makes a header unreadable in any layout.
func badHeader(words []string) (votes.Problem, bool) {
	p := votes.Problem{Line: 1, Kind: votes.KindHeader}
	seen := map[string]bool{}
	var twice []string
	bad := ""
	for i, w := range words {
		if fault := badText(w); fault != "" && bad == "" {
			bad = fmt.Sprintf("the name of column %d: %s", i+1, fault)
		} else if len(w) > maxHeading && bad == "" {
			bad = fmt.Sprintf("the name of column %d is longer than %d bytes", i+1, maxHeading)
		}
		if f := foldWord(w); f != "" && seen[f] {
			twice = append(twice, w)
		} else {
			seen[f] = true
		}
	}
	switch {
	case len(words) == 0:
		p.Message = "the header is empty"
	case bad != "":
		p.Message = bad
	case len(words) == 1 && strings.ContainsAny(words[0], ";\t"):
		p.Message = "the columns are not separated by commas: save the file as comma-separated values"
	case len(twice) > 0:
		p.Message = "the header has columns twice: " + strings.Join(twice, ", ")
	default:
		return p, true
	}
	return p, false
}

// choose picks the format that was asked for, or that knows most of the
// header. A format found by itself has to know more columns than it does not:
// date, draft and agenda item alone would make many a table look like ours.
func choose(name string, have map[string]int, words []string) (*Format, string) {
	all := Formats()
	best, closest, bestKnown, fewest := -1, 0, len(words)/2, len(words)+100
	for i, f := range all {
		missing := f.missing(have)
		if name == f.Name {
			if len(missing) > 0 {
				return nil, fmt.Sprintf("for the layout %s (%s) the header lacks: %s", f.Name, f.Title, strings.Join(missing, "; "))
			}
			return &all[i], ""
		}
		if n := f.known(have); len(missing) == 0 && n > bestKnown {
			best, bestKnown = i, n
		}
		// How far off a format is: what it lacks, less what it recognizes.
		if off := len(missing) - f.known(have); off < fewest {
			closest, fewest = i, off
		}
	}
	// Only now is it sure that no format has the name.
	if name != "" && name != "auto" {
		return nil, fmt.Sprintf("there is no layout %s (%s)", votes.Quote(name), strings.Join(formatNames(all), ", "))
	}
	if best >= 0 {
		return &all[best], ""
	}
	f := all[closest]
	if f.known(have) == 0 {
		return nil, "the header is that of no known layout (" + strings.Join(formatNames(all), ", ") + ")"
	}
	why := "but most of the columns are not its own"
	if missing := f.missing(have); len(missing) > 0 {
		why = "which also needs: " + strings.Join(missing, "; ")
	}
	return nil, fmt.Sprintf("the header is that of no known layout; the closest is %s (%s), %s", f.Name, f.Title, why)
}

func formatNames(all []Format) []string {
	var names []string
	for _, f := range all {
		names = append(names, f.Name)
	}
	return names
}

func indexOf(words []string) map[string]int {
	m := make(map[string]int, len(words))
	for i, w := range words {
		if f := foldWord(w); f != "" {
			m[f] = i
		}
	}
	return m
}

// foldWord makes Membership_Status and "membership status" the same word.
func foldWord(s string) string {
	s = strings.NewReplacer("_", " ", "-", " ").Replace(clean(s))
	return strings.ToLower(strings.Join(strings.Fields(s), " "))
}
