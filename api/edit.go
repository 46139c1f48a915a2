package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/access"
	"scvotes/votes/source"
)

const mimeCSV = "text/csv"

// maxEdits is how many edits one request makes.
const maxEdits = 1000

// editsBody is the body of a request for edits. The reason and the reference at
// the top are those of every edit that has none of its own.
type editsBody struct {
	Reason    string     `json:"reason"`
	Reference string     `json:"reference"`
	Edits     []editBody `json:"edits"`
}

type editBody struct {
	ID        string `json:"id"`
	Field     string `json:"field"`
	Value     string `json:"value"`
	Reason    string `json:"reason"`
	Reference string `json:"reference"`
}

// wanted are edits that somebody wants made.
type wanted struct {
	of    string // the resolution that all of them are of; empty where they are of any
	edits []votes.Edit
	place func(i int) string // how the request names the i-th
	try   bool               // only to see what would change
	when  precondition
}

// explain puts before each fault that the record found in the edits where it stands.
func (w wanted) explain(err error) error {
	var faults votes.Faults
	if !errors.As(err, &faults) {
		return err
	}
	told := make(votes.Faults, len(faults))
	for i, at := range votes.PlacesOf(faults, w.edits) {
		told[i] = faults[i]
		told[i].Parameter = w.place(at) + faults[i].Parameter
	}
	return told
}

// readTry reads the query: whether it is only to be seen what would change.
func readTry(c echo.Context) (bool, error) {
	q := readQuery(c, "dry_run")
	try := q.choice("dry_run", "false", "true", "false") == "true"
	return try, q.err()
}

// editing is a request for edits, read by read, of the resolution that the path
// names, or, where it names none, of any.
func (s *server) editing(kinds []string, read func(c echo.Context, b body) (wanted, error)) echo.HandlerFunc {
	return s.change(changing{scope: access.Edit, kinds: kinds, most: maxEditsBody,
		do: func(c echo.Context, b body) (func(context.Context, Changes) (access.Reply, error), error) {
			try, err := readTry(c)
			if err != nil {
				return nil, err
			}
			when, err := readPrecondition(c, try)
			if err != nil {
				return nil, err
			}
			w, err := read(c, b)
			if err != nil {
				return nil, err
			}
			w.try, w.when = try, when
			return func(ctx context.Context, ch Changes) (access.Reply, error) { return s.makeEdits(ctx, c, ch, w) }, nil
		}})
}

// makeEdits makes the edits and answers with what they made of the record.
func (s *server) makeEdits(ctx context.Context, c echo.Context, ch Changes, w wanted) (access.Reply, error) {
	if err := s.checkBefore(ctx, c, ch, w); err != nil {
		return access.Reply{}, err
	}
	made, err := ch.Edit(ctx, w.edits)
	if err != nil {
		return access.Reply{}, w.explain(err)
	}
	a, err := editedAnswerOf(made)
	if err != nil {
		return access.Reply{}, err
	}
	if w.try {
		a.DryRun, a.Edits, a.Revision = true, []votes.Edit{}, nil
		if err := ch.TakeBack(ctx); err != nil {
			return access.Reply{}, err
		}
		return replyOf(http.StatusOK, a, nil)
	}
	if w.of != "" {
		if a.Resolution, err = after(ctx, ch, w.of); err != nil {
			return access.Reply{}, err
		}
	}
	at := fmt.Sprintf("/v1/edits?revision=%d", made.Revision)
	if len(made.Edits) == 1 {
		at = fmt.Sprintf("/v1/edits/%d", made.Edits[0].Number)
	}
	return replyOf(http.StatusCreated, a, map[string]string{echo.HeaderLocation: at})
}

// checkBefore holds If-Match against the resolution that is to be edited, or the
// whole record where it is no single one.
func (s *server) checkBefore(ctx context.Context, c echo.Context, ch Changes, w wanted) error {
	if w.of == "" {
		return w.when.standsAt(ctx, ch)
	}
	r, _, err := ch.Resolution(ctx, w.of)
	if errors.Is(err, votes.ErrNotFound) && w.edits[0].Field == votes.EditUndo { // of a merge that joins nothing yet
		return w.when.standsAt(ctx, ch)
	}
	if errors.Is(err, votes.ErrNotFound) {
		return notFoundf("the record holds no resolution %s", w.of)
	}
	if err != nil {
		return err
	}
	return w.when.holds(ctx, s, c, ch, r)
}

// after is the resolution as it is now; nil where the edits left none under its id.
func after(ctx context.Context, ch Changes, id string) (*votes.Resolution, error) {
	r, _, err := ch.Resolution(ctx, id)
	if errors.Is(err, votes.ErrNotFound) {
		return nil, nil
	}
	return r, err
}

// editedAnswer is the answer to edits: what was, or would be, made of the record.
type editedAnswer struct {
	DryRun     bool              `json:"dry_run"`
	Edits      []votes.Edit      `json:"edits"` // with their numbers
	Revision   *int64            `json:"revision"`
	Effects    []effect          `json:"effects"`
	Resolution *votes.Resolution `json:"resolution"` // as it is now, where all edits are of one
}

// effect is what the edits made of one resolution.
type effect struct {
	votes.Effect
	Discrepancies votes.Moved `json:"discrepancies"`
}

func editedAnswerOf(made votes.Edited) (editedAnswer, error) {
	a := editedAnswer{Edits: made.Edits, Revision: &made.Revision, Effects: []effect{}}
	for _, e := range made.Effects {
		moved, err := e.Moved()
		if err != nil {
			return a, fmt.Errorf("%s: %w", e.ID, err)
		}
		e.Changes = orEmpty(e.Changes)
		a.Effects = append(a.Effects, effect{e, moved})
	}
	return a, nil
}

func replyOf(status int, v any, header map[string]string) (access.Reply, error) {
	b, err := encode(v)
	return access.Reply{Status: status, Header: header, Body: b}, err
}

// editResolution answers POST /v1/resolutions/{id}/edits.
func (s *server) editResolution(c echo.Context, b body) (wanted, error) {
	id, err := resolutionID(c)
	if err != nil {
		return wanted{}, err
	}
	w, err := readEdits(b, id)
	if err != nil {
		return w, err
	}
	w.of = id
	var faults votes.Faults
	for i, e := range w.edits {
		if same, err := votes.ParseID(e.ID); err != nil || same != id {
			faults = append(faults, votes.Fault{Parameter: w.place(i) + "id", Value: e.ID, Message: "the edit is of another resolution than the address"})
		}
	}
	if len(faults) > 0 {
		return w, faults
	}
	return w, nil
}

// edit answers POST /v1/edits: edits of any resolutions.
func (s *server) edit(_ echo.Context, b body) (wanted, error) { return readEdits(b, "") }

// readEdits reads edits as JSON or as CSV, and tells every fault of them; those
// that name no resolution are of the one with the id.
func readEdits(b body, id string) (wanted, error) {
	if b.kind == mimeCSV {
		list, err := source.ReadEdits(bytes.NewReader(b.data))
		if err != nil {
			return wanted{}, named(err)
		}
		return wanted{edits: list.Edits, place: func(i int) string { return fmt.Sprintf("line %d, ", list.Lines[i]) }}, tooMany(len(list.Edits))
	}
	var in editsBody
	if err := b.json(&in); err != nil {
		return wanted{}, err
	}
	w := wanted{place: func(i int) string { return fmt.Sprintf("edits[%d].", i) }}
	var faults votes.Faults
	for i, e := range in.Edits {
		made := votes.Edit{ID: cmp.Or(e.ID, id), Field: e.Field, Value: e.Value, Reason: cmp.Or(e.Reason, in.Reason), Reference: cmp.Or(e.Reference, in.Reference)}
		for _, f := range made.Check() {
			f.Parameter = w.place(i) + f.Parameter
			faults = append(faults, f)
		}
		w.edits = append(w.edits, made)
	}
	switch {
	case len(faults) > 0:
		return w, faults
	case len(w.edits) == 0:
		return w, votes.Faults{{Parameter: "edits", Message: "there is no edit"}}
	}
	return w, tooMany(len(w.edits))
}

func tooMany(n int) error {
	if n > maxEdits {
		return votes.Faults{{Parameter: "edits", Value: strconv.Itoa(n), Message: fmt.Sprintf("no more than %d edits at a time", maxEdits)}}
	}
	return nil
}

// named gives a fault of the whole file a place.
func named(err error) error {
	var faults votes.Faults
	if errors.As(err, &faults) {
		for i := range faults {
			faults[i].Parameter = cmp.Or(faults[i].Parameter, "body")
		}
	}
	return err
}

// single is the one edit that the request makes up.
func single(e votes.Edit) (wanted, error) {
	w := wanted{of: e.ID, edits: []votes.Edit{e}, place: func(int) string { return "" }}
	if faults := e.Check(); len(faults) > 0 {
		return w, faults
	}
	return w, nil
}

// state answers POST /v1/resolutions/{id}/statements: what was said of the vote.
func (s *server) state(c echo.Context, b body) (wanted, error) {
	id, err := resolutionID(c)
	if err != nil {
		return wanted{}, err
	}
	var in struct {
		votes.Statement
		Reason    string `json:"reason"`
		Reference string `json:"reference"`
	}
	if err := b.json(&in); err != nil {
		return wanted{}, err
	}
	value, err := json.Marshal(in.Statement)
	if err != nil {
		return wanted{}, err
	}
	return single(votes.Edit{ID: id, Field: votes.EditStatement, Value: string(value), Reason: in.Reason, Reference: cmp.Or(in.Reference, in.Source)})
}

// explain answers POST /v1/resolutions/{id}/discrepancies/{key}/explanation: why
// a discrepancy is no error, or that it is open again.
func (s *server) explain(c echo.Context, b body) (wanted, error) {
	id, err := resolutionID(c)
	if err != nil {
		return wanted{}, err
	}
	var in struct {
		State     string `json:"state"`
		Reason    string `json:"reason"`
		Reference string `json:"reference"`
	}
	if err := b.json(&in); err != nil {
		return wanted{}, err
	}
	return single(votes.Edit{ID: id, Field: votes.EditExplain + ":" + pathValue(c, "key"), Value: cmp.Or(in.State, votes.StateExplained),
		Reason: in.Reason, Reference: in.Reference})
}

// undo answers POST /v1/edits/{number}/undo.
func (s *server) undo(c echo.Context, b body) (wanted, error) {
	number, err := editNumber(c)
	if err != nil {
		return wanted{}, err
	}
	var in struct {
		Reason    string `json:"reason"`
		Reference string `json:"reference"`
	}
	if err := b.json(&in); err != nil {
		return wanted{}, err
	}
	edit, _, err := s.reader.MadeEdit(c.Request().Context(), number)
	if err != nil {
		return wanted{}, missingEdit(err, number)
	}
	return single(votes.Edit{ID: edit.ID, Field: votes.EditUndo, Value: strconv.FormatInt(number, 10), Reason: in.Reason, Reference: in.Reference})
}

// resolutionID is the id in the path.
func resolutionID(c echo.Context) (string, error) {
	asked := pathValue(c, "id")
	id, err := votes.ParseID(asked)
	if err != nil {
		return "", notFoundf("%q is not an id of a resolution", asked)
	}
	return id, nil
}

func editNumber(c echo.Context) (int64, error) {
	asked := pathValue(c, "number")
	n, err := strconv.ParseInt(asked, 10, 64)
	if err != nil || n < 1 || strings.HasPrefix(asked, "+") {
		return 0, notFoundf("%q is not the number of an edit", asked)
	}
	return n, nil
}

func missingEdit(err error, number int64) error {
	if errors.Is(err, votes.ErrNotFound) {
		return notFoundf("there is no edit %d", number)
	}
	return err
}
