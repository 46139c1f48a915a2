package pages

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// faultPage tells what went wrong, and where to go from there.
type faultPage struct {
	Frame       Frame
	Heading     string
	What        string // in plain words
	Detail      string // what the program has to say of it
	Faults      votes.Faults
	Suggestions []Alternate // votes that may have been meant
	Asked       string      // what was looked for, to be looked for again
	Request     string      // the number under which the log has it; empty where the fault is not here
}

func (faultPage) template() string { return "fault" }

// Fault is the page for an address that cannot be answered: the status is that
// of the answer, detail what is known of the cause, faults what was wrong with
// the query, suggestions the ids of votes near the one that was asked for. It is
// made without the record where that cannot be read: that may be the fault.
func (s *Site) Fault(c echo.Context, status int, title, detail string, faults votes.Faults, suggestions []string) ([]byte, error) {
	p := faultPage{Heading: title, What: faultWords[status], Detail: sentence(detail), Faults: faults, Asked: askedFor(c.Request().URL)}
	if len(faults) > 0 {
		p.Detail = "" // it would say the same once more
	}
	for _, id := range suggestions {
		p.Suggestions = append(p.Suggestions, Alternate{Title: id, Href: votesPath + id})
	}
	if status >= http.StatusInternalServerError {
		p.Request = c.Response().Header().Get(echo.HeaderXRequestID)
	}
	// The request's own time is over by now.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.Request().Context()), frameTimeout)
	defer cancel()
	var err error
	if p.Frame, err = s.frame(ctx, c, title, p.What); err != nil {
		p.Frame = s.frameOf(c, title, p.What)
	}
	return render(p)
}

// frameTimeout is how long a page about a fault waits for what it can do without.
const frameTimeout = 500 * time.Millisecond

// frameOf is a frame without what only the record knows.
func (s *Site) frameOf(c echo.Context, title, description string) Frame {
	return Frame{Title: title, Description: description, Canonical: s.Origin(c) + c.Request().URL.Path, Style: s.style, Nav: nav}
}

// faultWords are what the statuses mean to people.
var faultWords = map[int]string{
	http.StatusBadRequest:          "The address asks for something that cannot be answered as it stands.",
	http.StatusNotFound:            "There is nothing at this address. It may be mistyped, or the record does not hold what it names.",
	http.StatusMethodNotAllowed:    "This address can only be read.",
	http.StatusRequestURITooLong:   "The address is too long to be read.",
	http.StatusInternalServerError: "Something went wrong on the server. You did nothing wrong; it may work in a minute.",
	http.StatusServiceUnavailable:  "The record cannot be read just now, or the answer took too long. Please try again in a moment.",
}

// longestAsked is how much of an address is put into the search field.
const longestAsked = 100

// askedFor is what somebody looked for who came to an address that is none: the
// words of the search, or the name of the vote.
func askedFor(address *url.URL) string {
	asked := address.Query().Get("q")
	for _, path := range []string{votesPath, embedPath} {
		if rest, ok := strings.CutPrefix(address.Path, path); ok && asked == "" {
			asked = rest
		}
	}
	if !utf8.ValidString(asked) || utf8.RuneCountInString(asked) > longestAsked {
		return ""
	}
	return asked
}

// sentence writes an error's words as a sentence.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	first, size := utf8.DecodeRuneInString(text)
	text = strings.ToUpper(string(first)) + text[size:]
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// MissingError tells that the record does not hold a vote. It wraps
// votes.ErrNotFound, and carries the ids of votes that may have been meant.
type MissingError struct {
	Message     string
	Suggestions []string
}

func (e MissingError) Error() string { return e.Message }

func (e MissingError) Unwrap() error { return votes.ErrNotFound }

// Missing is the error for an id that the record does not hold.
func (s *Site) Missing(ctx context.Context, id string) error {
	near, err := s.read.Near(ctx, id)
	if err != nil {
		return fmt.Errorf("looking for votes near %s: %w", id, err)
	}
	return MissingError{Message: "the record holds no vote " + id, Suggestions: near}
}
