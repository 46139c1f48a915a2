package store

import (
	"encoding/json"
	"slices"

	"scvotes/votes"
)

// recordRows are resolutions with all that hangs on them, ready to be copied.
type recordRows struct {
	fresh    *copyRows // new resolutions
	changed  *copyRows // those that are in the table already
	history  *copyRows
	children []*copyRows // in the order of children
	cast     int         // votes that are in their table already
}

var recordColumns = []string{"no", "id", "draft", "resolution", "part", "meeting", "date", "kind", "procedural", "title",
	"agenda_item", "topic", "region", "note", "outcome", "adopted_by", "reason", "yes", "no_votes", "abstain",
	"not_voting", "members", "required", "roll_call", "carried_but_for_veto", "sponsored_as", "links", "sources", "provenance",
	"roll", "digest", "revision", "search", "item", "item_detail", "item_form", "item_revision"}

func newRecordRows() *recordRows {
	r := &recordRows{fresh: newCopyRows("resolutions", recordColumns), changed: newCopyRows("worked_out", recordColumns),
		history: newCopyRows("changes", []string{"resolution_id", "revision", "what", "fields"})}
	for _, child := range children {
		r.children = append(r.children, newCopyRows(child.table, child.columns))
	}
	return r
}

// add adds a resolution that has its number, with its search column.
func (rows *recordRows) add(d digested, search []byte, revision int64) error {
	what, fields, to := votes.Created, []byte("[]"), rows.fresh
	if d.before != nil {
		changes, err := votes.Changes(d.before, d.record)
		if err == nil {
			fields, err = json.Marshal(changes)
		}
		if err != nil {
			return err
		}
		what, to = votes.Changed, rows.changed
	}
	if err := to.resolution(d, search, revision); err != nil {
		return err
	}
	h := rows.history
	h.row()
	h.text(d.record.ID)
	h.int8(revision)
	h.text(what)
	h.bytes(fields)
	if d.cast {
		rows.cast += len(d.record.Votes)
	}
	for i, child := range children {
		if d.cast && isRoll(i) {
			continue
		}
		if err := child.rows(rows.children[i], int(d.no), d.record); err != nil {
			return err
		}
	}
	return nil
}

// resolution writes the fields of recordColumns.
func (c *copyRows) resolution(d digested, search []byte, revision int64) error {
	r := d.record
	c.row()
	c.int4(int(d.no))
	c.text(r.ID)
	for _, s := range []string{string(r.Draft), string(r.Resolution), string(r.Part), string(r.Meeting)} {
		c.textOrNull(s)
	}
	c.date(r.Date)
	c.text(string(r.Kind))
	c.bool(r.Procedural)
	for _, s := range []string{string(r.Title), string(r.AgendaItem), string(r.Topic), string(r.Region), string(r.Note)} {
		c.textOrNull(s)
	}
	c.text(string(r.Outcome))
	c.textOrNull(string(r.AdoptedBy))
	c.text(r.Reason)
	if t := r.Tally; t != nil {
		for _, n := range []int{t.Yes, t.No, t.Abstain, t.NotVoting, t.Members, t.Required} {
			c.int2(n)
		}
	} else {
		for range 6 {
			c.null()
		}
	}
	c.text(string(r.RollCall))
	c.bool(r.CarriedButForVeto)
	c.textOrNull(string(r.SponsoredAs))
	c.appended(r.Links.AppendJSON)
	c.appended(func(b []byte) []byte { return votes.AppendSources(b, r.Sources) })
	c.appended(func(b []byte) []byte { return votes.AppendProvenance(b, r.Provenance) })
	c.texts(rollColumn(r))
	c.text(d.digest)
	c.int8(revision)
	c.bytes(search)
	item, detail, err := itemOf(r, revision)
	if err != nil {
		return err
	}
	c.bytes(item)
	c.bytes(detail)
	c.int2(votes.ItemForm)
	c.int8(revision)
	return nil
}

// rollColumn writes a roll as CODE:position, and vetoes as CODE:veto, in order.
func rollColumn(r *votes.Resolution) []string {
	list := make([]string, 0, len(r.Votes)+len(r.VetoedBy))
	for _, v := range r.Votes {
		list = append(list, string(v.Code)+":"+string(v.Position))
	}
	for _, c := range r.VetoedBy {
		list = append(list, string(c)+vetoMark)
	}
	slices.Sort(list)
	return list
}

// vetoMark stands behind the code of a member that vetoed.
const vetoMark = ":veto"

func columnList(columns []string, prefix string) string {
	s := ""
	for i, c := range columns {
		if i > 0 {
			s += ", "
		}
		s += prefix + c
	}
	return s
}

// The places of some tables in children.
const (
	votesTable    = 0
	vetoesTable   = 1
	sponsorsTable = 2
)

func isRoll(table int) bool { return table == votesTable || table == vetoesTable }

// children are the tables that hang on a resolution.
var children = []struct {
	table   string
	columns []string
	rows    func(c *copyRows, no int, r *votes.Resolution) error
}{
	{"votes", []string{"resolution_no", "code", "position"}, func(c *copyRows, no int, r *votes.Resolution) error {
		for _, v := range r.Detail.Votes {
			c.row()
			c.int4(no)
			c.text(string(v.Code))
			c.text(string(v.Position))
		}
		return nil
	}},
	{"vetoes", []string{"resolution_no", "code"}, func(c *copyRows, no int, r *votes.Resolution) error {
		for _, code := range r.VetoedBy {
			c.row()
			c.int4(no)
			c.text(string(code))
		}
		return nil
	}},
	{"sponsors", []string{"resolution_no", "ord", "code", "name"}, func(c *copyRows, no int, r *votes.Resolution) error {
		for i, s := range r.Sponsors {
			// A state named twice, by name and in a group, is one sponsor.
			if s.Code != "" && slices.ContainsFunc(r.Sponsors[:i], func(o votes.Sponsor) bool { return o.Code == s.Code }) {
				continue
			}
			c.row()
			c.int4(no)
			c.int2(i + 1)
			c.textOrNull(string(s.Code))
			c.text(s.Name)
		}
		return nil
	}},
	{"statements", []string{"resolution_no", "ord", "speaker", "code", "kind", "date", "text", "source"}, statementRows},
	{"discrepancies", []string{"resolution_no", "ord", "key", "kind", "field", "severity", "state", "message", "sources", "sides",
		"explanation", "reference"}, discrepancyRows},
}

func statementRows(c *copyRows, no int, r *votes.Resolution) error {
	for i, s := range r.Detail.Statements {
		c.row()
		c.int4(no)
		c.int2(i + 1)
		c.text(s.Speaker)
		c.textOrNull(string(s.For))
		c.text(s.Kind)
		c.date(s.Date)
		c.text(s.Text)
		c.text(s.Source)
	}
	return nil
}

func discrepancyRows(c *copyRows, no int, r *votes.Resolution) error {
	for i, d := range r.Discrepancies {
		sources := make([]string, len(d.Sides))
		for j, side := range d.Sides {
			sources[j] = side.Source
		}
		sides, err := json.Marshal(d.Sides)
		if err != nil {
			return err
		}
		c.row()
		c.int4(no)
		c.int2(i + 1)
		c.text(d.Key)
		c.text(d.Kind)
		c.textOrNull(string(d.Field))
		c.text(d.Severity)
		c.text(d.State)
		c.text(d.Message)
		c.texts(sources)
		c.bytes(sides)
		c.textOrNull(string(d.Explanation))
		c.textOrNull(string(d.Reference))
	}
	return nil
}
