package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// representation is a form in which an answer leaves.
type representation struct {
	suffix, contentType string
	without             []string // parameters that mean nothing in it
}

// The representations of a list. JSON comes in pages; the others hold every row
// at once, and are written while they are read.
var (
	asJSON   = representation{"", echo.MIMEApplicationJSON, nil}
	asCSV    = representation{".csv", "text/csv; charset=utf-8", []string{"cursor", "facets", "include", "fields"}}
	asNDJSON = representation{".ndjson", "application/x-ndjson", []string{"cursor", "facets"}}
)

// streams tells whether the form holds every row at once.
func (r representation) streams() bool { return r.suffix != asJSON.suffix }

// errNotAcceptable is wrapped where the client takes none of what there is.
var errNotAcceptable = errors.New("nothing that Accept names is to be had here")

var (
	errNotJSON  = fmt.Errorf("%w: this address answers with application/json", errNotAcceptable)
	errNotAList = fmt.Errorf("%w: this address answers with application/json, text/csv or application/x-ndjson", errNotAcceptable)
)

// isList is the key of a context that tells whether its route is a list.
const isList = "scvotes.list"

// markLists tells the routes that are answered in several forms from the others.
func (s *server) markLists(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Set(isList, s.lists[c.Path()])
		return next(c)
	}
}

// representationOf finds the form that the client wants of a list: the one at
// the end of the path, or else the first of those it likes best in Accept. What
// is no list has the one form.
func representationOf(c echo.Context) (representation, error) {
	if c.Get(isList) != true {
		return asJSON, nil
	}
	for _, r := range []representation{asCSV, asNDJSON} {
		if strings.HasSuffix(c.Path(), r.suffix) {
			return r, nil
		}
	}
	best, liking := bestForm(c.Request().Header.Get(echo.HeaderAccept))
	if liking == 0 {
		return asJSON, errNotAList
	}
	return best, nil
}

// bestForm is the form of a list that an Accept header likes best, and how much:
// 0 where it takes none of them.
func bestForm(accept string) (representation, float64) {
	if accept == "" {
		return asJSON, 1
	}
	best, liking := asJSON, 0.0
	for _, r := range []representation{asJSON, asCSV, asNDJSON} {
		if l := likes(accept, r.contentType); l > liking {
			best, liking = r, l
		}
	}
	return best, liking
}

// likes tells how much an Accept header wants a media type, 0 for not at all:
// the most exact of its ranges decides (RFC 9110, section 12.5.1).
func likes(accept, contentType string) float64 {
	wanted, _, _ := mime.ParseMediaType(contentType)
	family, _, _ := strings.Cut(wanted, "/")
	liking, exactness := 0.0, 0
	for _, part := range strings.Split(accept, ",") {
		given, parameters, err := mime.ParseMediaType(part)
		exact := map[string]int{"*/*": 1, family + "/*": 2, wanted: 3}[given]
		if err != nil || exact <= exactness {
			continue
		}
		q, err := strconv.ParseFloat(parameters["q"], 64)
		if err != nil {
			q = 1
		}
		liking, exactness = q, exact
	}
	return liking
}

// accepts tells whether the client takes a media type.
func accepts(c echo.Context, contentType string) bool {
	accept := c.Request().Header.Get(echo.HeaderAccept)
	return accept == "" || likes(accept, contentType) > 0
}

// streams tells whether the answer is written while it is read, and may take
// longer than others.
func streams(c echo.Context) bool {
	if strings.HasSuffix(c.Path(), ".zip") {
		return true
	}
	form, err := representationOf(c)
	return err == nil && form.streams()
}

// formInPath is the ending of a list's address that names a form, "" for none.
func formInPath(c echo.Context) string {
	for _, r := range []representation{asCSV, asNDJSON} {
		if strings.HasSuffix(c.Path(), r.suffix) {
			return r.suffix
		}
	}
	return ""
}

// streamTimeout is how long an answer may take that is written while it is
// read: a slow client of a large record is no fault.
const streamTimeout = 10 * time.Minute

// stream answers with what write writes, of any length, in constant memory, and
// all of it from one moment of the record. A fault before the first bytes are out
// is answered as any other; behind that the connection is broken off, so that
// nobody takes half an answer for whole. The file is its name where it is to be
// saved, without the revision.
func (s *server) stream(c echo.Context, contentType string, file fileName, write func(ctx context.Context, w io.Writer) error) error {
	return s.squeeze(func(c echo.Context) error {
		ctx, cancel := context.WithTimeout(c.Request().Context(), streamTimeout)
		defer cancel()
		st, err := s.current(ctx)
		if err != nil {
			return err
		}
		if known := s.stampOf(c, st); known.knownTo(c.Request()) {
			return known.notModified(c)
		}
		// Ignored where the connection has no deadline, as in a test.
		client := http.NewResponseController(c.Response())
		turn, err := s.streams.begin(ctx, func() { _ = client.SetWriteDeadline(time.Now()) })
		if err != nil {
			return err
		}
		defer turn.end()
		_ = client.SetWriteDeadline(time.Now().Add(streamTimeout))
		first := &lateWriter{c: c, contentType: contentType}
		err = s.atMoment(ctx, func(ctx context.Context, st state) error {
			first.st, first.file = s.stampOf(c, st), file.at(st.revision)
			return first.all(ctx, turn, write)
		})
		if errors.Is(err, errHeadOnly) {
			return nil
		}
		if err != nil && first.begun {
			s.log.ErrorContext(ctx, "an answer broke off", "error", err, "path", c.Request().URL.Path)
			panic(http.ErrAbortHandler)
		}
		return err
	})(c)
}

// fileName is what an answer is saved as, the revision between the two; nothing
// is the answer that is not made to be saved.
type fileName struct{ before, after string }

func (f fileName) at(rev votes.Revision) string {
	if f == (fileName{}) {
		return ""
	}
	return fmt.Sprintf("%s-r%d%s", f.before, rev.Number, f.after)
}

// errHeadOnly ends a writing whose head is all that is to be sent: what was
// read up to there shows that the whole could have been.
var errHeadOnly = errors.New("the head is all there is to send")

// lateWriter sends the head of the answer with its first bytes, which HEAD and
// a client that has the answer already go without.
type lateWriter struct {
	c                 echo.Context
	st                stamp
	contentType, file string
	begun, headOnly   bool
}

// all writes everything, in large pieces.
func (w *lateWriter) all(ctx context.Context, turn *streaming, write func(ctx context.Context, w io.Writer) error) error {
	out := bufio.NewWriterSize(turn.over(w), 64<<10)
	err := write(ctx, out)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		w.begin() // an answer of no bytes has its head all the same
	}
	return err
}

func (w *lateWriter) begin() {
	if w.begun {
		return
	}
	w.begun = true
	w.headOnly = w.c.Request().Method == http.MethodHead
	w.st.mark(w.c.Response().Header())
	if w.st.unwanted(w.c.Request()) {
		w.headOnly = true
		w.c.Response().WriteHeader(http.StatusNotModified)
		return
	}
	h := w.c.Response().Header()
	h.Set(echo.HeaderContentType, w.contentType)
	if w.file != "" {
		h.Set(echo.HeaderContentDisposition, fmt.Sprintf("attachment; filename=%q", w.file))
	}
	w.c.Response().WriteHeader(http.StatusOK)
}

func (w *lateWriter) Write(b []byte) (int, error) {
	w.begin()
	if w.headOnly {
		return 0, errHeadOnly
	}
	return w.c.Response().Write(b)
}
