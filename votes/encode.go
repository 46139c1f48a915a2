package votes

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// AppendJSON appends the account as json.Marshal writes it, byte for byte, in a
// tenth of the time: an import writes every account, and knows it again by these
// bytes.
func (a *Account) AppendJSON(b []byte) []byte {
	w := jsonWriter{b: b, html: true}
	w.account(a)
	return w.b
}

// AppendJSON appends the resolution as json.Marshal writes it, byte for byte.
func (r *Resolution) AppendJSON(b []byte) []byte {
	w := jsonWriter{b: b, html: true}
	w.open()
	w.resolution(r)
	w.close('}')
	return w.b
}

// AppendRecordJSON appends the resolution with where its fields are from: all
// that makes it differ from another state of it.
func (r *Resolution) AppendRecordJSON(b []byte) []byte {
	w := jsonWriter{b: b, html: true}
	w.open()
	w.resolution(r)
	w.name("provenance")
	w.provenance(r.Provenance)
	w.close('}')
	return w.b
}

// AppendJSON appends the links as json.Marshal writes them.
func (l Links) AppendJSON(b []byte) []byte {
	w := jsonWriter{b: b, html: true}
	w.links(l)
	return w.b
}

// AppendSources appends sources as json.Marshal writes them.
func AppendSources(b []byte, list []Source) []byte {
	w := jsonWriter{b: b, html: true}
	jsonList(&w, list, w.source)
	return w.b
}

// AppendProvenance appends a provenance as json.Marshal writes it.
func AppendProvenance(b []byte, list []FieldSource) []byte {
	w := jsonWriter{b: b, html: true}
	w.provenance(list)
	return w.b
}

// jsonWriter writes JSON without looking at types. html has < > & written as
// json.Marshal does by default.
type jsonWriter struct {
	b    []byte
	html bool
}

func (w *jsonWriter) open() { w.b = append(w.b, '{') }

// close ends an object or a list, of which every member left a comma behind.
func (w *jsonWriter) close(with byte) {
	if n := len(w.b) - 1; w.b[n] == ',' {
		w.b[n] = with
		return
	}
	w.b = append(w.b, with)
}

// name begins a member.
func (w *jsonWriter) name(name string) {
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *jsonWriter) text(s string) { w.quote(s, w.html) }

func (w *jsonWriter) quote(s string, html bool) {
	switch {
	case plain(s):
		w.b = append(append(append(w.b, '"'), s...), '"', ',')
	case html:
		quoted, _ := json.Marshal(s) // no text has an error
		w.b = append(append(w.b, quoted...), ',')
	default:
		w.b = append(appendText(w.b, s), ',')
	}
}

func (w *jsonWriter) null() { w.b = append(w.b, "null,"...) }

// Members of an object: text as it is, or null or left out where it is empty.

func (w *jsonWriter) member(name, s string) {
	w.name(name)
	w.text(s)
}

// orNull writes what has a MarshalJSON of its own, which knows of no html.
func (w *jsonWriter) orNull(name, s string) {
	w.name(name)
	if s == "" {
		w.null()
	} else {
		w.quote(s, true)
	}
}

func (w *jsonWriter) ifAny(name, s string) {
	if s != "" {
		w.member(name, s)
	}
}

func (w *jsonWriter) number(name string, n int64) {
	w.name(name)
	w.b = append(strconv.AppendInt(w.b, n, 10), ',')
}

func (w *jsonWriter) numberIfAny(name string, n int) {
	if n != 0 {
		w.number(name, int64(n))
	}
}

func (w *jsonWriter) bool(name string, v bool) {
	w.name(name)
	w.b = append(strconv.AppendBool(w.b, v), ',')
}

// jsonList writes a list, null where there is none.
func jsonList[T any](w *jsonWriter, list []T, write func(*T)) {
	if list == nil {
		w.b = append(w.b, "null"...)
		return
	}
	w.b = append(w.b, '[')
	for i := range list {
		write(&list[i])
		w.b = append(w.b, ',')
	}
	w.close(']')
}

func jsonMember[T any](w *jsonWriter, name string, list []T, write func(*T)) {
	w.name(name)
	jsonList(w, list, write)
	w.b = append(w.b, ',')
}

func (w *jsonWriter) code(c *Code) {
	if *c == "" {
		w.b = append(w.b, "null"...)
		return
	}
	w.quote(string(*c), true)
	w.b = w.b[:len(w.b)-1]
}

func (w *jsonWriter) account(a *Account) {
	w.open()
	w.name("source")
	w.source(&a.Source)
	w.b = append(w.b, ',')
	w.numberIfAny("line", a.Line)
	w.numberIfAny("rows", a.Rows)
	w.ifAny("key", a.Key)
	w.ifAny("id", a.ID)
	w.ifAny("resolution", string(a.Resolution))
	w.ifAny("draft", string(a.Draft))
	w.ifAny("part", a.Part)
	w.ifAny("meeting", string(a.Meeting))
	w.ifAny("date", string(a.Date))
	w.ifAny("kind", string(a.Kind))
	if a.Procedural != nil {
		w.bool("procedural", *a.Procedural)
	}
	w.ifAny("title", a.Title)
	w.ifAny("agenda_item", a.AgendaItem)
	w.ifAny("topic", a.Topic)
	w.ifAny("region", a.Region)
	if len(a.Sponsors) > 0 {
		jsonMember(w, "sponsors", a.Sponsors, w.sponsor)
	}
	w.ifAny("sponsored_as", a.SponsoredAs)
	if len(a.Votes) > 0 {
		jsonMember(w, "votes", a.Votes, w.vote)
	}
	if a.Tally != nil {
		w.tally(a.Tally)
	}
	w.ifAny("stated", string(a.Stated))
	if len(a.VetoedBy) > 0 {
		jsonMember(w, "vetoed_by", a.VetoedBy, w.code)
	}
	if a.NoVote {
		w.bool("no_vote", true)
	}
	if len(a.Statements) > 0 {
		jsonMember(w, "statements", a.Statements, w.statement)
	}
	w.ifAny("note", a.Note)
	w.printed(a.Printed)
	if len(a.Problems) > 0 {
		jsonMember(w, "problems", a.Problems, w.problem)
	}
	w.close('}')
}

func (w *jsonWriter) printed(printed map[string]string) {
	if len(printed) == 0 {
		return
	}
	w.name("printed")
	w.open()
	for _, column := range slices.Sorted(maps.Keys(printed)) {
		w.text(column)
		w.b[len(w.b)-1] = ':'
		w.text(printed[column])
	}
	w.close('}')
	w.b = append(w.b, ',')
}

// resolution writes the members of a resolution, each with its comma.
func (w *jsonWriter) resolution(r *Resolution) {
	w.member("id", r.ID)
	w.orNull("draft", string(r.Draft))
	w.orNull("resolution", string(r.Resolution))
	w.orNull("part", string(r.Part))
	w.orNull("meeting", string(r.Meeting))
	w.orNull("date", string(r.Date))
	w.member("kind", string(r.Kind))
	w.bool("procedural", r.Procedural)
	w.orNull("title", string(r.Title))
	w.orNull("agenda_item", string(r.AgendaItem))
	w.orNull("topic", string(r.Topic))
	w.orNull("region", string(r.Region))
	w.orNull("note", string(r.Note))
	w.member("outcome", string(r.Outcome))
	w.orNull("adopted_by", string(r.AdoptedBy))
	w.member("reason", r.Reason)
	if r.Tally != nil {
		w.tally(r.Tally)
	} else {
		w.name("tally")
		w.null()
	}
	w.member("roll_call", string(r.RollCall))
	jsonMember(w, "vetoed_by", r.VetoedBy, w.code)
	w.bool("carried_but_for_veto", r.CarriedButForVeto)
	jsonMember(w, "sponsors", r.Sponsors, w.sponsor)
	w.orNull("sponsored_as", string(r.SponsoredAs))
	if r.Detail != nil {
		jsonMember(w, "votes", r.Votes, w.memberVote)
		jsonMember(w, "statements", r.Statements, w.statement)
		jsonMember(w, "sources", r.Sources, w.source)
	}
	jsonMember(w, "discrepancies", r.Discrepancies, w.discrepancy)
	w.name("links")
	w.links(r.Links)
	w.b = append(w.b, ',')
	w.number("revision", r.Revision)
}

func (w *jsonWriter) tally(t *Tally) {
	w.name("tally")
	w.open()
	w.number("yes", int64(t.Yes))
	w.number("no", int64(t.No))
	w.number("abstain", int64(t.Abstain))
	w.number("not_voting", int64(t.NotVoting))
	w.number("members", int64(t.Members))
	w.number("required", int64(t.Required))
	w.close('}')
	w.b = append(w.b, ',')
}

func (w *jsonWriter) source(s *Source) {
	w.open()
	w.member("name", s.Name)
	w.member("edition", s.Edition)
	w.member("format", s.Format)
	w.member("url", s.URL)
	w.orNull("cites", string(s.Cites))
	w.number("line", int64(s.Line))
	w.close('}')
}

func (w *jsonWriter) sponsor(s *Sponsor) {
	w.open()
	w.orNull("code", string(s.Code))
	w.member("name", s.Name)
	w.close('}')
}

func (w *jsonWriter) vote(v *Vote) {
	w.open()
	w.orNull("code", string(v.Code))
	w.member("position", string(v.Position))
	w.close('}')
}

func (w *jsonWriter) memberVote(v *MemberVote) {
	w.open()
	w.orNull("code", string(v.Code))
	w.orNull("seat", string(v.Seat))
	w.member("name", v.Name)
	w.bool("permanent", v.Permanent)
	w.member("position", string(v.Position))
	w.bool("veto", v.Veto)
	w.close('}')
}

func (w *jsonWriter) statement(s *Statement) {
	w.open()
	w.member("speaker", s.Speaker)
	w.orNull("for", string(s.For))
	w.member("kind", s.Kind)
	w.orNull("date", string(s.Date))
	w.member("text", s.Text)
	w.member("source", s.Source)
	w.close('}')
}

func (w *jsonWriter) problem(p *Problem) {
	w.open()
	w.ifAny("file", p.File)
	w.numberIfAny("line", p.Line)
	w.ifAny("column", p.Column)
	w.member("kind", p.Kind)
	w.member("severity", string(p.Severity))
	w.member("message", p.Message)
	w.ifAny("suggestion", p.Suggestion)
	w.ifAny("explanation", p.Explanation)
	w.ifAny("reference", p.Reference)
	w.close('}')
}

func (w *jsonWriter) discrepancy(d *Discrepancy) {
	w.open()
	w.member("key", d.Key)
	w.member("kind", d.Kind)
	w.orNull("field", string(d.Field))
	w.member("severity", d.Severity)
	w.member("state", d.State)
	w.member("message", d.Message)
	jsonMember(w, "sides", d.Sides, w.side)
	w.orNull("explanation", string(d.Explanation))
	w.orNull("reference", string(d.Reference))
	w.close('}')
}

func (w *jsonWriter) side(s *Side) {
	w.open()
	w.member("source", s.Source)
	w.member("edition", s.Edition)
	w.number("line", int64(s.Line))
	w.member("says", s.Says)
	w.close('}')
}

func (w *jsonWriter) provenance(list []FieldSource) {
	jsonList(w, list, func(f *FieldSource) {
		w.open()
		w.member("field", f.Field)
		w.member("source", f.Source)
		w.member("edition", f.Edition)
		w.number("line", int64(f.Line))
		w.member("rule", f.Rule)
		w.close('}')
	})
}

func (w *jsonWriter) links(l Links) {
	w.open()
	w.ifAny("draft", l.Draft)
	w.ifAny("resolution", l.Resolution)
	w.ifAny("meeting", l.Meeting)
	w.close('}')
}
