package api

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// query is the query of one request. Its methods read parameters and collect
// every fault; err tells them all at once.
type query struct {
	values url.Values
	form   representation // of the answer
	faults votes.Faults
}

// readQuery reads the query and refuses every parameter that is not named. A
// misspelt filter that was left unread would answer another question than the
// one that was asked.
func readQuery(c echo.Context, parameters ...string) *query {
	values, err := url.ParseQuery(c.Request().URL.RawQuery)
	q := &query{values: values}
	q.form, _ = representationOf(c)
	parameters = slices.DeleteFunc(slices.Clone(parameters), func(p string) bool { return slices.Contains(q.form.without, p) })
	if err != nil {
		q.fault("", "", "the query is not well formed: "+err.Error())
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if !slices.Contains(parameters, name) {
			q.fault(name, strings.Join(values[name], ", "), unknownParameter(name, parameters))
		}
	}
	return q
}

func unknownParameter(name string, parameters []string) string {
	switch near := nearest(name, parameters); {
	case len(parameters) == 0:
		return "this address takes no parameters"
	case near != "":
		return "there is no such parameter here; did you mean " + near + "?"
	}
	return "there is no such parameter here; there are " + strings.Join(parameters, ", ")
}

// err returns the faults, or nil where there are none.
func (q *query) err() error {
	if len(q.faults) == 0 {
		return nil
	}
	return q.faults
}

func (q *query) fault(parameter, value, message string) {
	q.faults = append(q.faults, votes.Fault{Parameter: parameter, Value: value, Message: message})
}

// filter reads the parameters named by votes.FilterParameters.
func (q *query) filter() votes.Filter {
	f, faults := votes.ParseFilter(q.values)
	q.faults = append(q.faults, faults...)
	return f
}

// one reads a parameter that may stand once; false where it does not stand.
func (q *query) one(name string) (string, bool) {
	values := q.values[name]
	if len(values) > 1 {
		q.fault(name, strings.Join(values, ", "), "may stand only once")
	}
	if len(values) != 1 {
		return "", false
	}
	return values[0], true
}

// choice reads a parameter that is one of a few words.
func (q *query) choice(name, absent string, words ...string) string {
	v, ok := q.one(name)
	if !ok {
		return absent
	}
	if !slices.Contains(words, v) {
		q.fault(name, v, fmt.Sprintf("%q is none of %s", v, strings.Join(words, ", ")))
	}
	return v
}

// seat reads whether the holders of a permanent seat count as one member.
func (q *query) seat() bool { return q.choice("seat", "true", "true", "false") == "true" }

// date reads a day, absent where none is given.
func (q *query) date(name string, absent votes.Date) votes.Date {
	v, ok := q.one(name)
	if !ok {
		return absent
	}
	d, err := votes.ParseDate(v)
	if err != nil {
		q.fault(name, v, err.Error())
	}
	return d
}

// page reads limit, cursor, sort and facets of a list of resolutions.
func (q *query) page(f votes.Filter) votes.PageRequest {
	order, faults := votes.ParseSort(q.values, f)
	q.faults = append(q.faults, faults...)
	counted, faults := votes.ParseFacets(q.values)
	q.faults = append(q.faults, faults...)
	p := votes.PageRequest{Limit: q.limit(), Sort: order, Facets: counted}
	if at := q.cursor(listOf(order)); at != nil {
		p.After = &votes.Mark{At: at.At, Date: at.Date, ID: at.ID}
	}
	return p
}

// limit reads how many rows there are to be: on a page, or, where the answer
// streams and has no pages, in all.
func (q *query) limit() int {
	if q.form.streams() {
		return q.limitIfAny()
	}
	return q.number("limit", votes.DefaultLimit, 1, votes.MaxLimit)
}

// limitIfAny reads a limit of rows that come all at once; 0 asks for every row.
func (q *query) limitIfAny() int { return q.number("limit", 0, 1, math.MaxInt32) }

// cursor reads where the page before ended, nil for the first page.
func (q *query) cursor(list string) *cursor {
	v, ok := q.one("cursor")
	if !ok {
		return nil
	}
	at, err := parseCursor(v, list)
	if err != nil {
		q.fault("cursor", v, err.Error())
	}
	return at
}

// next returns the address of the page behind a place, every other parameter
// kept, and nil where there is none.
func (q *query) next(c echo.Context, at *cursor) (*string, error) {
	if at == nil {
		return nil, nil
	}
	b, err := json.Marshal(at)
	if err != nil {
		return nil, fmt.Errorf("encoding a cursor: %w", err)
	}
	q.values.Set("cursor", base64.RawURLEncoding.EncodeToString(b))
	address := c.Request().URL.Path + "?" + q.values.Encode()
	c.Response().Header().Set(headerLink, "<"+address+`>; rel="next"`)
	return &address, nil
}

// cursor is a place in a list as it travels. It is opaque to the client, and
// holds nothing that a client could not know.
type cursor struct {
	List string     `json:"l,omitempty"` // which list, in which order: a place in one is none in another
	At   float64    `json:"a,omitempty"` // what the list is ordered by before the day
	Date votes.Date `json:"d,omitempty"`
	ID   string     `json:"i"`
	Key  string     `json:"k,omitempty"` // of a discrepancy
}

// Names of lists in cursors, beside those of listOf.
const (
	discrepancyList = "discrepancies"
	importList      = "imports"
	auditList       = "audit"
	deliveryList    = "deliveries"
	editList        = "edits"
	problemList     = "problems"
	memberVoteList  = "member_votes"
	pairList        = "pair"
	ruleList        = "rule"
)

// listOf names the list of resolutions in an order; the newest first needs no name.
func listOf(order votes.Sort) string {
	if order == votes.SortNewest {
		return ""
	}
	return string(order)
}

// errCursor is also the answer to a cursor of another list.
var errCursor = errors.New("not a cursor of this list: follow next as it was given")

func parseCursor(s, list string) (*cursor, error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return nil, errCursor
	}
	var at cursor
	if err := json.Unmarshal(b, &at); err != nil || at.List != list || at.ID == "" || strings.ContainsFunc(at.ID+at.Key, unicode.IsControl) {
		return nil, errCursor
	}
	if _, err := votes.ParseDate(string(at.Date)); err != nil && !slices.Contains([]string{importList, problemList, auditList, editList, deliveryList}, list) {
		return nil, errCursor
	}
	return &at, nil
}

// pathValue returns a part of the path as its writer meant it. Echo matches
// the escaped path where there is one, and leaves what it found escaped.
func pathValue(c echo.Context, name string) string {
	v := c.Param(name)
	if c.Request().URL.RawPath == "" {
		return v
	}
	if plain, err := url.PathUnescape(v); err == nil {
		return plain
	}
	return v
}

// nearest returns the word that takes the fewest edits to reach, and "" where
// more than two letters, or a third of them, would have to change.
func nearest(word string, words []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, w := range words {
		if d := edits(strings.ToLower(word), w); d < least && d < len(word) {
			best, least = w, d
		}
	}
	return best
}

// edits counts the letters to insert, drop or change between a and b.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
