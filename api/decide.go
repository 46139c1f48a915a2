package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/table"
)

// maxBody is the size of a body that is read: a vote of 25 members many times over.
const maxBody = 64 << 10

// decide answers POST /v1/decide: a vote in, its outcome under a rule out. The
// record is not asked and does not change.
func (s *server) decide(c echo.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	var w votes.WhatIfRequest
	if err := readJSON(c, &w); err != nil {
		return err
	}
	a, err := w.Decide()
	if err != nil {
		return err
	}
	body, err := encode(a)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	return c.Blob(http.StatusOK, echo.MIMEApplicationJSON, body)
}

// readJSON reads the body, one JSON object of known fields.
func readJSON(c echo.Context, into any) error {
	if _, err := mediaType(c, []string{echo.MIMEApplicationJSON}); err != nil {
		return err
	}
	return decodeJSON(http.MaxBytesReader(c.Response(), c.Request().Body, maxBody), into)
}

// mediaType returns what kind of body a request has, one of some kinds.
func mediaType(c echo.Context, kinds []string) (string, error) {
	kind, _, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if err != nil || !slices.Contains(kinds, kind) {
		return "", mediaTypeError(kinds)
	}
	return kind, nil
}

// mediaTypeError names the kinds of body that an address takes.
type mediaTypeError []string

func (e mediaTypeError) Error() string {
	return "the body has to be " + strings.Join(e, " or ")
}

func (e mediaTypeError) Unwrap() error { return errMediaType }

func decodeJSON(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more than one JSON value")
		}
	}
	var network net.Error
	switch tooLarge, wrongType := (*http.MaxBytesError)(nil), (*json.UnmarshalTypeError)(nil); {
	case err == nil:
		return nil
	case errors.As(err, &tooLarge):
		return tooLargeError{tooLarge.Limit}
	case errors.As(err, &wrongType):
		return votes.Faults{{Parameter: cmp.Or(wrongType.Field, "body"), Message: fmt.Sprintf("no %s can stand here", wrongType.Value)}}
	case errors.As(err, &network):
		return errStoppedBody
	}
	return votes.Faults{{Parameter: "body", Message: "not the JSON object that was expected: " + err.Error()}}
}

// ruleHistoryAnswer is the answer of GET /v1/decide/history.
type ruleHistoryAnswer struct {
	votes.RuleText
	Considered int                     `json:"considered"`
	Excluded   map[votes.Exclusion]int `json:"excluded"`
	WouldPass  int                     `json:"would_pass"`
	WouldFail  int                     `json:"would_fail"`
	Undecided  int                     `json:"undecided"`
	Outcomes   map[string]int          `json:"outcomes"`
	Unchanged  int                     `json:"unchanged"`
	list[votes.ChangedVote]
}

// decideHistory answers GET /v1/decide/history: what another rule would have
// made of the votes that the filter chooses.
func (s *server) decideHistory(c echo.Context) error {
	q := readQuery(c, slices.Concat(votes.FilterParameters, []string{"rule", "limit", "cursor"})...)
	filter := q.filter()
	rule := parsed(q, "rule", "", votes.ParseRule)
	switch {
	case !q.values.Has("rule"):
		q.fault("rule", "", "is needed: two_vetoes, no_veto or council_25")
	case rule == votes.RuleNoVetoMassAtrocity:
		q.fault("rule", string(rule), "the record does not tell which proposals were against mass atrocities: choose them by topic or q, and ask for rule=no_veto")
	}
	limit, after := q.limit(), q.cursor(ruleList)
	if err := q.err(); err != nil {
		return err
	}
	read := func(ctx context.Context) (votes.RuleHistory, int64, error) {
		counter := votes.NewRuleHistory(rule)
		revision, err := s.count(ctx, filter, false, counter.Add)
		return counter.Result(), revision, err
	}
	return answerRows(s, c, rows[votes.ChangedVote]{
		table: table.ChangedVotes,
		limit: q.limitIfAny(),
		page: func(ctx context.Context) (any, error) {
			h, revision, err := read(ctx)
			if err != nil {
				return nil, err
			}
			changed := newest[votes.ChangedVote]{place: func(v votes.ChangedVote) (votes.Date, string) { return v.Date, v.ID }, limit: limit, after: after}
			for _, v := range slices.Backward(h.Changed) { // which begins with the newest itself
				changed.add(v)
			}
			l, err := changed.page(c, q, ruleList, revision)
			return ruleHistoryAnswer{h.RuleText, h.Considered, h.Excluded, h.WouldPass, h.WouldFail, h.Undecided, h.Outcomes, h.Unchanged, l}, err
		},
		each: eachOf(func(ctx context.Context) ([]votes.ChangedVote, error) { h, _, err := read(ctx); return h.Changed, err }),
	})
}
