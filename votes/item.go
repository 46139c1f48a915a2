package votes

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// ItemForm numbers the shape of a resolution in JSON. Whoever changes the shape
// raises it, in a release with a migration (an empty one will do): what was laid
// down in another shape is then no longer given out, and is laid down anew.
const ItemForm = 1

// Item is one resolution as it is answered: its JSON, ready to be sent.
type Item struct {
	ID     string // its own, which may be another than the one asked for
	JSON   []byte
	Record int64 // the revision of the whole record it was read at
}

// LineJSON is a resolution as a list shows it.
func LineJSON(r *Resolution) ([]byte, error) {
	line := r.NoNulls()
	line.Detail = nil
	w := jsonWriter{b: make([]byte, 0, 1024)}
	w.open()
	w.resolution(&line)
	w.close('}')
	return w.b, nil
}

// DetailJSON is what its own page adds, as members of a JSON object, but for the
// votes: their names are the program's, and no business of what is laid down.
func DetailJSON(r *Resolution) ([]byte, error) {
	var d Detail
	if r.Detail != nil {
		d = *r.Detail
	}
	w := jsonWriter{b: make([]byte, 0, 512)}
	jsonMember(&w, "statements", orEmpty(d.Statements), w.statement)
	jsonMember(&w, "sources", orEmpty(d.Sources), w.source)
	return w.b[:len(w.b)-1], nil
}

// behindDetail is the first member behind the detail. In JSON a quote behind a
// comma begins a member or an item, as one within a text has a backslash before
// it: so this stands in a line once.
var behindDetail = []byte(`,"discrepancies":[`)

// WholeJSON puts a resolution together from its line, its detail and its votes:
// byte for byte as the whole of it is encoded.
func WholeJSON(line, detail []byte, roll []MemberVote) ([]byte, error) {
	at := bytes.Index(line, behindDetail)
	if at < 0 || len(detail) == 0 {
		return nil, fmt.Errorf("a resolution was laid down in another shape: %w", ErrInvalid)
	}
	const voteLength = 128 // about
	b := make([]byte, 0, len(line)+len(detail)+len(roll)*voteLength)
	b = append(append(b, line[:at]...), `,"votes":[`...)
	for i, v := range roll {
		if i > 0 {
			b = append(b, ',')
		}
		b = v.appendJSON(b)
	}
	b = append(append(b, "],"...), detail...)
	return append(b, line[at:]...), nil
}

// appendJSON writes a vote as encoding/json does, which takes fifty times as
// long: a roll is written for each resolution that is asked for.
func (v MemberVote) appendJSON(b []byte) []byte {
	b = appendText(append(b, `{"code":`...), string(v.Code))
	b = appendText(append(b, `,"seat":`...), string(v.Seat))
	b = appendText(append(b, `,"name":`...), v.Name)
	b = strconv.AppendBool(append(b, `,"permanent":`...), v.Permanent)
	b = appendText(append(b, `,"position":`...), string(v.Position))
	b = strconv.AppendBool(append(b, `,"veto":`...), v.Veto)
	return append(b, '}')
}

// appendText writes a text as JSON. Only what is plain is written here.
func appendText(b []byte, text string) []byte {
	if plain(text) {
		return append(append(append(b, '"'), text...), '"')
	}
	quoted, err := itemJSON(text)
	if err != nil { // no text has any
		return append(b, "null"...)
	}
	return append(b, quoted...)
}

// plain tells of a text that stands in JSON as it is.
func plain(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c >= utf8.RuneSelf, c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}

// NoNulls returns r with empty lists in place of the null that Go would write.
func (r Resolution) NoNulls() Resolution {
	r.VetoedBy, r.Sponsors, r.Discrepancies = orEmpty(r.VetoedBy), orEmpty(r.Sponsors), orEmpty(r.Discrepancies)
	return r
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// itemJSON encodes as the API does: < > & as they are.
func itemJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, fmt.Errorf("encoding a resolution: %w", err)
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
