package votes

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Edit is one decision of an editor on one resolution. It beats every account,
// needs a reason and a reference, and is undone only by another edit.
type Edit struct {
	Number    int64  `json:"number"` // in the order in which they were made
	ID        string `json:"id"`     // the resolution
	Field     string `json:"field"`
	Value     string `json:"value"`
	Reason    string `json:"reason"`
	Reference string `json:"reference"`
}

// The fields of an edit that are no field of the record.
const (
	EditMerge     = "merge"       // Value is the id of the resolution that this one is the same event as
	EditSplit     = "split"       // Value is FORMAT#KEY, an account that is about another event
	EditStatement = "statement"   // Value is a Statement as a JSON object
	EditUndo      = "undo"        // Value is the number of the edit to take back
	EditExplain   = "discrepancy" // discrepancy:KEY; Value is explained or open
	EditPosition  = "position"    // position:USA; Value is a position
)

// EditFields names what an edit can set, for help and error messages.
const EditFields = "draft, resolution, meeting, date, kind, procedural, title, agenda_item, topic, region, note, " +
	"sponsors, tally, vetoed_by, position:MEMBER, discrepancy:KEY, statement, merge, split, undo"

// Check tells what is wrong with an edit by itself, every fault of it.
func (e Edit) Check() Faults {
	var faults Faults
	if _, err := ParseID(e.ID); err != nil {
		faults = append(faults, Fault{"id", e.ID, trimInvalid(err)})
	}
	for _, need := range []struct{ name, value string }{{"reason", e.Reason}, {"reference", e.Reference}} {
		if strings.TrimSpace(need.value) == "" {
			faults = append(faults, Fault{need.name, "", "an edit needs a " + need.name})
		}
		if fault := unfit(need.value, MaxText); fault != "" {
			faults = append(faults, Fault{need.name, "", fault})
		}
	}
	if fault := unfit(e.Field, MaxKey); fault != "" {
		return append(faults, Fault{"field", "", fault})
	}
	most := MaxLine
	if e.Field == "note" || e.Field == EditStatement {
		most = MaxText
	}
	if fault := unfit(e.Value, most); fault != "" {
		return append(faults, Fault{e.Field, "", fault})
	}
	var r Resolution
	r.Detail = &Detail{}
	if err := apply(&r, &Ballot{Date: "2000-01-01"}, e); err != nil {
		faults = append(faults, Fault{e.Field, e.Value, trimInvalid(err)})
	}
	return faults
}

// unfit tells what keeps a text from being kept, or "".
func unfit(s string, most int) string {
	if len(s) > most {
		return fmt.Sprintf("%d bytes, and no more than %d can be kept", len(s), most)
	}
	return NotPlain(s)
}

// Effective leaves out the edits that were undone, and the undoing ones, and
// puts the rest in order. An undo of an undo brings the first one back.
func Effective(edits []Edit) []Edit {
	list := slices.Clone(edits)
	slices.SortFunc(list, func(a, b Edit) int { return int(a.Number - b.Number) })
	undone := make(map[string]bool)
	var kept []Edit
	for _, e := range slices.Backward(list) {
		switch {
		case undone[fmt.Sprint(e.Number)]:
		case e.Field == EditUndo:
			undone[e.Value] = true
		default:
			kept = append(kept, e)
		}
	}
	slices.Reverse(kept)
	return kept
}

// EditsByID gives each resolution the edits that bear on it, in their order:
// its own, and those of ids that were merged into it since.
func EditsByID(edits []Edit) map[string][]Edit {
	into := make(map[string]string)
	for _, e := range Effective(edits) {
		if e.Field == EditMerge && e.ID != e.Value {
			into[e.ID] = e.Value
		}
	}
	byID := make(map[string][]Edit)
	for _, e := range edits {
		id := e.ID
		for range len(into) { // no further than there are merges, should they go in a circle
			to, merged := into[id]
			if !merged || e.Field == EditMerge {
				break
			}
			id = to
		}
		byID[id] = append(byID[id], e)
	}
	return byID
}

// apply sets a field of the record, or of the ballot from which its outcome is
// worked out.
func apply(r *Resolution, b *Ballot, e Edit) error {
	field, what, _ := strings.Cut(e.Field, ":")
	value := strings.TrimSpace(e.Value)
	if set, ok := textFields[field]; ok {
		set(r, value)
		return nil
	}
	switch field {
	case EditMerge:
		_, err := ParseID(value)
		return err
	case EditSplit:
		if format, key, ok := strings.Cut(value, "#"); !ok || format == "" || key == "" {
			return fmt.Errorf("%q is not FORMAT#KEY, as draft-sheet#1711", value)
		}
	case EditExplain:
		if value != StateExplained && value != StateOpen || what == "" {
			return fmt.Errorf("discrepancy:KEY takes explained or open, not %q", value)
		}
	case EditStatement:
		return applyStatement(r, value)
	case EditUndo:
		if strings.Trim(value, "0123456789") != "" || value == "" {
			return fmt.Errorf("%q is not the number of an edit", value)
		}
	default:
		return applyBallot(r, b, field, what, value)
	}
	return nil
}

var textFields = map[string]func(*Resolution, string){
	"title":       func(r *Resolution, v string) { r.Title = Text(v) },
	"agenda_item": func(r *Resolution, v string) { r.AgendaItem = Text(v) },
	"topic":       func(r *Resolution, v string) { r.Topic = Text(v) },
	"region":      func(r *Resolution, v string) { r.Region = Text(v) },
	"note":        func(r *Resolution, v string) { r.Note = Text(v) },
}

// applyBallot sets what the outcome, or the identity, follows from.
func applyBallot(r *Resolution, b *Ballot, field, what, value string) (err error) {
	switch field {
	case "date":
		var d Date
		if d, err = ParseDate(value); err != nil {
			return err
		}
		if _, ok := CouncilOn(d); !ok { // no outcome would follow
			return fmt.Errorf("no Council is known for %s", d)
		}
		r.Date, b.Date = d, d
	case "draft":
		var d Draft
		d, err = ParseDraft(value)
		r.Draft = d.Symbol
	case "resolution":
		r.Resolution, err = ParseResolution(value, r.Date)
	case "meeting":
		r.Meeting, err = ParseMeeting(value)
	case "kind":
		if r.Kind = Kind(value); !slices.Contains(Kinds, r.Kind) {
			err = fmt.Errorf("%q is not a kind of proposal (%v)", value, Kinds)
		}
	case "procedural":
		if value != "yes" && value != "no" {
			err = fmt.Errorf("procedural is yes or no, not %q", value)
		}
		r.Procedural = value == "yes"
		b.Procedural = r.Procedural
	case "sponsors":
		var as string
		r.Sponsors, as, _ = ParseSponsors(value, b.Date)
		r.SponsoredAs = Text(as) // the words of the source are of its own list
	case "tally":
		var t Tally
		if t, err = ParseTally(value); err == nil && t.Yes+t.No+t.Abstain+t.NotVoting > maxSeats {
			err = fmt.Errorf("%s is more than %d votes", value, maxSeats)
		}
		if err == nil {
			// A tally says nothing of who voted against: the vetoes that the roll
			// showed stand, if there are as many negative votes.
			if council, ok := CouncilOn(b.Date); ok && len(b.Vetoes) == 0 {
				if against, err := permanentAgainst(council, *b); err == nil && len(against) <= t.No {
					b.Vetoes = against
				}
			}
			b.Tally, b.Votes = &t, nil
		}
	case "vetoed_by":
		b.Vetoes, err = parseCodes(value, b.Date)
	case EditPosition:
		err = applyPosition(b, what, value)
	default:
		err = fmt.Errorf("%q is not a field that can be edited (%s)", field, EditFields)
	}
	return err
}

func applyPosition(b *Ballot, member, value string) error {
	code, ok := FindStateOn(member, b.Date)
	if !ok {
		return fmt.Errorf("%q is not a state", member)
	}
	p, err := ParsePosition(value)
	if err != nil {
		return err
	}
	b.Votes = slices.DeleteFunc(slices.Clone(b.Votes), func(v Vote) bool { return v.Code == code })
	b.Votes = append(b.Votes, Vote{Code: code, Position: p})
	return nil
}

func applyStatement(r *Resolution, value string) error {
	var s Statement
	d := json.NewDecoder(strings.NewReader(value))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return fmt.Errorf("a statement is a JSON object with speaker, for, kind, date, text and source: %w", err)
	}
	if s.Speaker == "" || s.Text == "" || s.Source == "" || !slices.Contains(StatementKinds, s.Kind) {
		return fmt.Errorf("a statement needs speaker, text, source and a kind (%s)", strings.Join(StatementKinds, ", "))
	}
	for _, text := range []string{s.Speaker, s.Text, s.Source} { // as the JSON wrote them, nobody could see what they are
		if fault := NotPlain(text); fault != "" {
			return errors.New(fault)
		}
	}
	if _, ok := StateByCode(s.For); !ok && s.For != "" {
		return fmt.Errorf("a statement is for a member by its code, as USA, not for %q", s.For)
	}
	if _, err := ParseDate(string(s.Date)); err != nil && s.Date != "" {
		return err
	}
	r.Detail.Statements = append(r.Detail.Statements, s)
	return nil
}

func parseCodes(list string, d Date) ([]Code, error) {
	var codes []Code
	for _, name := range strings.FieldsFunc(list, func(r rune) bool { return r == ';' || r == ',' }) {
		c, ok := FindStateOn(strings.TrimSpace(name), d)
		if !ok {
			return nil, fmt.Errorf("%q is not a state", name)
		}
		codes = append(codes, c)
	}
	return codes, nil
}

// maxSeats is the largest Council there has been.
const maxSeats = 15

// StatementKinds lists the kinds of statement.
var StatementKinds = []string{"explanation_of_vote", "reaction", "joint_statement"}
