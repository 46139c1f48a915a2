package pages

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// Editor is what every page of the editors shows beside its content.
type Editor struct {
	Frame  Frame
	Who    string // the name of the token; empty where nobody is signed in
	Form   string // the token of each form
	Said   string // what was done just now
	Fault  string // why it was not
	Faults votes.Faults
}

// Desk is /editor: where to sign in, or what editors decided last.
type Desk struct {
	Editor
	MayEdit   bool
	MayImport bool
	Edits     []votes.MadeEdit
}

func (Desk) template() string { return "editor" }

// Work is the page on which one vote is edited.
type Work struct {
	Editor
	ID, Name, Title string
	Revision        int64
	Fields          []Option
	Kinds           []Option // of statements
	Draft           EditDraft
	Statement       StatementDraft
	Preview         *Preview // what the draft would make of the record; nil before it was asked for
	Edits           []votes.MadeEdit
	Discrepancies   []votes.Discrepancy
}

func (Work) template() string { return "editorvote" }

// EditDraft is an edit as its form has it.
type EditDraft struct{ Field, Of, Value, Reason, Reference string }

// StatementDraft is a statement as its form has it.
type StatementDraft struct{ Speaker, For, Kind, Date, Text, Source string }

// Edit is the edit that a draft means.
func (d EditDraft) Edit(id string) votes.Edit {
	field := d.Field
	if d.Of != "" {
		field += ":" + d.Of
	}
	return votes.Edit{ID: id, Field: field, Value: d.Value, Reason: d.Reason, Reference: d.Reference}
}

// Option is one choice of a select.
type Option struct {
	Value, Name string
	Chosen      bool
}

// Preview is what edits would make of the record.
type Preview struct {
	Effects []PreviewEffect
	Key     string // under which it is made once
}

// PreviewEffect is what would become of one vote.
type PreviewEffect struct {
	ID, What, About     string
	Changes             []PreviewChange
	Gone, Come, Settled []votes.Discrepancy
}

// PreviewChange is a field before and after, in words.
type PreviewChange struct{ Field, From, To string }

// PreviewOf puts the effects of edits into words.
func PreviewOf(made votes.Edited, key string) (*Preview, error) {
	p := &Preview{Key: key}
	for _, e := range made.Effects {
		moved, err := e.Moved()
		if err != nil {
			return nil, err
		}
		shown := PreviewEffect{ID: e.ID, What: e.What, Gone: moved.Gone, Come: moved.Come, Settled: moved.Settled}
		for _, c := range e.Changes {
			if c.Field != "discrepancies" {
				shown.Changes = append(shown.Changes, PreviewChange{strings.ReplaceAll(c.Field, "_", " "), inWords(c.From), inWords(c.To)})
			}
		}
		p.Effects = append(p.Effects, shown)
	}
	return p, nil
}

// inWords writes a value of the record as a person reads it: texts without their
// quotes, a tally as it is told, lists with commas, what is not known as a dash.
func inWords(raw json.RawMessage) string {
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		return string(raw)
	}
	switch v := value.(type) {
	case map[string]any:
		if _, counted := v["abstain"]; counted {
			var t votes.Tally
			if err := json.Unmarshal(raw, &t); err == nil {
				return fmt.Sprintf("%d in favour, %d against, %d abstaining, %d not voting", t.Yes, t.No, t.Abstain, t.NotVoting)
			}
		}
	case []any:
		words := make([]string, len(v))
		for i, item := range v {
			words[i] = itemInWords(item)
		}
		if len(words) > 0 {
			return strings.Join(words, ", ")
		}
		return "–"
	case string:
		return cmp.Or(v, "–")
	case nil:
		return "–"
	}
	return string(raw)
}

// itemInWords writes one of a list: a member by its name, a statement by who said
// what.
func itemInWords(item any) string {
	m, ok := item.(map[string]any)
	if !ok {
		return fmt.Sprint(item)
	}
	if name, ok := m["name"].(string); ok {
		return name
	}
	return fmt.Sprintf("%v: “%v”", m["speaker"], m["text"])
}

// EditorFields are the fields that the form offers.
func EditorFields(chosen string) []Option {
	var list []Option
	for f := range strings.SplitSeq(votes.EditFields, ", ") {
		name, of, _ := strings.Cut(f, ":")
		if name == votes.EditStatement { // has a form of its own
			continue
		}
		words := strings.ReplaceAll(name, "_", " ")
		if of != "" {
			words += " of a " + map[string]string{"MEMBER": "member", "KEY": "key"}[of]
		}
		list = append(list, Option{name, words, name == chosen})
	}
	return list
}

// StatementKinds are the kinds that the form of a statement offers.
func StatementKinds(chosen string) []Option {
	var list []Option
	for _, k := range votes.StatementKinds {
		list = append(list, Option{k, strings.ReplaceAll(k, "_", " "), k == chosen})
	}
	return list
}

// ShowDesk renders the desk.
func (s *Site) ShowDesk(ctx context.Context, c echo.Context, d Desk) ([]byte, error) {
	title := "The editors' desk"
	if d.Who == "" {
		title = "Sign in to edit"
	}
	var err error
	if d.Frame, err = s.editorFrame(ctx, c, title); err != nil {
		return nil, err
	}
	return render(d)
}

// ShowWork renders the page of one vote.
func (s *Site) ShowWork(ctx context.Context, c echo.Context, w Work) ([]byte, error) {
	var err error
	if w.Frame, err = s.editorFrame(ctx, c, "Edit "+w.Name); err != nil {
		return nil, err
	}
	slices.SortFunc(w.Edits, func(a, b votes.MadeEdit) int { return int(b.Number - a.Number) })
	return render(w)
}

func (s *Site) editorFrame(ctx context.Context, c echo.Context, title string) (Frame, error) {
	f, err := s.frame(ctx, c, title, "Decide what the sources of the voting record leave open.")
	if err != nil {
		return f, fmt.Errorf("the frame of the editors' page: %w", err)
	}
	f.Card = ""
	return f, nil
}
