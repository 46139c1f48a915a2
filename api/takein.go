package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
	"scvotes/votes/access"
)

// Importer takes files into the record, for those whose token has the scope. Its
// errors are as those of a Reader.
type Importer interface {
	// TakeIn takes a file in at once, and returns what answer makes of the report,
	// as Writer.Change does. A file that was refused is an error that wraps
	// votes.ErrInvalid; the report then tells why.
	TakeIn(ctx context.Context, call access.Call, order votes.ImportOrder, content []byte, answer func(votes.ImportReport) (access.Reply, error)) (votes.ImportReport, access.Reply, error)
	// Upload keeps a file until a worker takes it in, and returns what answer makes
	// of the job, as Writer.Change does; what the key of the call stands for is its
	// fingerprint with the file (access.Call.With). Of one that cannot be read to its
	// end nothing is kept.
	Upload(ctx context.Context, call access.Call, order votes.ImportOrder, file io.Reader, answer func(votes.Job) (access.Reply, error)) (access.Reply, error)
	// Job tells how far a file has come; CancelJob has nothing come of one that
	// has not ended.
	Job(ctx context.Context, id string) (votes.Job, error)
	CancelJob(ctx context.Context, call access.Call, id string) (votes.Job, error)
}

const (
	// DefaultMaxUpload is the size of the largest file that is taken.
	DefaultMaxUpload = 64 << 20
	// smallFile is the size of a file that is taken in at once.
	smallFile = 1 << 20
	// uploadTimeout is how long a file may be on its way, and uploadPatience how
	// long nothing of it may come.
	uploadTimeout  = 10 * time.Minute
	uploadPatience = 30 * time.Second
)

const (
	importsPath = "/v1/imports"
	jobsPath    = "/v1/jobs/"

	headerPrefer  = "Prefer"
	headerApplied = "Preference-Applied"
	respondAsync  = "respond-async"
	mediaCSV      = "text/csv"
	mediaForm     = "multipart/form-data"
	fileField     = "file"
)

// importParameters say what a file is, in the address or in the form.
var importParameters = []string{"file", "format", "source", "edition", "encoding", "dry_run", "keep_going"}

var (
	errNoFile     = errors.New("a file has to be text/csv, or the field file of multipart/form-data")
	errNoForm     = votes.Faults{{Parameter: "body", Message: "not a form as it should be"}}
	errBrokenBody = votes.Faults{{Parameter: "body", Message: "broke off before its end"}}
	// errStoppedBody is told without the network's own words, which have addresses in them.
	errStoppedBody = votes.Faults{{Parameter: "body", Message: "did not come whole in the time there is"}}
)

// refusedFile is a file that was at fault, with what was found.
type refusedFile struct{ report votes.ImportReport }

func (r refusedFile) Error() string {
	return fmt.Sprintf("%d of %d rows are refused, so that nothing landed; keep_going=true lands the rest", r.report.RowsRefused, r.report.Rows)
}

func (r refusedFile) Unwrap() error { return errRefusedFile }

var errRefusedFile = errors.New("the file is refused")

// takesFiles tells of a request that may be as long on its way as its file.
func takesFiles(c echo.Context) bool {
	return (c.Path() == importsPath || c.Path() == editorImport) && c.Request().Method == http.MethodPost
}

// takeIn answers POST /v1/imports.
func (s *server) takeIn(c echo.Context) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), uploadTimeout)
	defer cancel()
	order, file, err := s.fileOf(c)
	if err != nil {
		return err
	}
	c.Set(targetKey, order.File)
	call, err := s.orderedCall(c, order)
	if err != nil {
		return err
	}
	async := slices.Contains(strings.FieldsFunc(strings.ToLower(c.Request().Header.Get(headerPrefer)), func(r rune) bool { return r == ',' || r == ' ' || r == ';' }), respondAsync)
	// One byte more tells a file that is as large as that from a larger one.
	head, err := io.ReadAll(io.LimitReader(file, smallFile+1))
	if err != nil {
		return bodyError(err)
	}
	if async || len(head) > smallFile {
		return s.takeInLater(ctx, c, call, order, io.MultiReader(bytes.NewReader(head), file), async)
	}
	rep, reply, err := s.importer.TakeIn(ctx, call.With(sha256.Sum256(head)), order, head, func(rep votes.ImportReport) (access.Reply, error) {
		if !rep.Landed {
			return replyOf(http.StatusOK, rep, nil)
		}
		return replyOf(http.StatusCreated, rep, map[string]string{echo.HeaderLocation: importsPath + "/" + strconv.FormatInt(rep.Import, 10)})
	})
	switch {
	case errors.Is(err, votes.ErrInvalid):
		return s.refuse(c, refusedFile{rep})
	case err != nil:
		return s.refuse(c, err)
	}
	return answerReply(c, reply)
}

// orderedCall is callOf with the Idempotency-Key and what it stands for beside the
// file: what is to be done with it. A form that is sent again has another boundary.
func (s *server) orderedCall(c echo.Context, order votes.ImportOrder) (access.Call, error) {
	call, err := s.callWithKey(c)
	if err != nil {
		return call, err
	}
	asked, err := json.Marshal(order)
	call.Fingerprint = sha256.Sum256(append([]byte(call.Method+" "+call.Route+"\x00"), asked...))
	return call, err
}

func (s *server) takeInLater(ctx context.Context, c echo.Context, call access.Call, order votes.ImportOrder, file io.Reader, asked bool) error {
	reply, err := s.importer.Upload(ctx, call, order, file, func(job votes.Job) (access.Reply, error) {
		header := map[string]string{echo.HeaderLocation: jobsPath + job.ID, echo.HeaderRetryAfter: "1"}
		if asked {
			header[headerApplied] = respondAsync
		}
		return replyOf(http.StatusAccepted, job, header)
	})
	if err != nil {
		return bodyError(err)
	}
	return answerReply(c, reply)
}

// answerNow answers with what is of this moment and of nobody else.
func answerNow(c echo.Context, status int, v any) error {
	body, err := encode(v)
	if err != nil {
		return err
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "private, no-store")
	return c.Blob(status, echo.MIMEApplicationJSON, body)
}

// bodyError is the error of a body that could not be read to its end.
func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return errTooLargeFile
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, multipart.ErrMessageTooLarge):
		return errBrokenBody
	}
	return err
}

var errTooLargeFile = errors.New("the file is larger than is taken")

// patientBody reads a body of which some has to come now and then: a sender that
// stands still is given up.
type patientBody struct {
	io.Reader
	control *http.ResponseController
}

func (p patientBody) Read(b []byte) (int, error) {
	_ = p.control.SetReadDeadline(time.Now().Add(uploadPatience)) // a test has no connection
	n, err := p.Reader.Read(b)
	if network := net.Error(nil); errors.As(err, &network) { // the sender's, and not the database's
		err = errStoppedBody
	}
	return n, err
}

// fileOf finds the file of a request, and what is to be done with it.
func (s *server) fileOf(c echo.Context) (votes.ImportOrder, io.Reader, error) {
	r := c.Request()
	q := readQuery(c, importParameters...)
	control := http.NewResponseController(c.Response())
	_ = control.SetWriteDeadline(time.Now().Add(uploadTimeout))
	body := patientBody{http.MaxBytesReader(c.Response(), r.Body, s.maxUpload), control}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
	switch {
	case err == nil && kind == mediaCSV:
		order := q.order()
		return order, body, q.err()
	case err == nil && kind == mediaForm && parameters["boundary"] != "":
		return q.orderedBy(multipart.NewReader(body, parameters["boundary"]))
	}
	return votes.ImportOrder{}, nil, errNoFile
}

// orderedBy reads a form up to its file. What stands before the file are parameters,
// as in the address.
func (q *query) orderedBy(form *multipart.Reader) (votes.ImportOrder, io.Reader, error) {
	for range 2 * len(importParameters) {
		part, err := form.NextPart()
		if err == io.EOF {
			q.fault(fileField, "", "is needed: the form has no file")
			return votes.ImportOrder{}, nil, q.err()
		}
		if err != nil {
			if e := bodyError(err); e != err {
				return votes.ImportOrder{}, nil, e
			}
			return votes.ImportOrder{}, nil, errNoForm
		}
		name := part.FormName()
		if name == fileField {
			if !q.values.Has(fileField) && part.FileName() != "" {
				q.values.Set(fileField, part.FileName())
			}
			order := q.order()
			return order, &lastPart{file: part, form: form}, q.err()
		}
		value, err := io.ReadAll(io.LimitReader(part, maxURI))
		if err != nil {
			return votes.ImportOrder{}, nil, bodyError(err)
		}
		if !slices.Contains(importParameters, name) {
			q.fault(name, "", unknownParameter(name, importParameters))
			continue
		}
		q.values.Add(name, string(value))
	}
	q.fault("body", "", "the form has more fields than there are")
	return votes.ImportOrder{}, nil, q.err()
}

// lastPart reads the file of a form, behind which nothing may stand: what came only
// after it could not say any more what to do with it.
type lastPart struct {
	file  io.Reader
	form  *multipart.Reader
	ended error
}

func (l *lastPart) Read(b []byte) (int, error) {
	if l.ended != nil {
		return 0, l.ended
	}
	n, err := l.file.Read(b)
	if err == io.EOF {
		err = l.nothingMore()
	}
	l.ended = err
	return n, err
}

func (l *lastPart) nothingMore() error {
	more, err := l.form.NextPart()
	switch {
	case err == nil:
		return votes.Faults{{Parameter: more.FormName(), Message: "stands behind the file, where it comes too late: send it before"}}
	case err == io.EOF || bodyError(err) != err:
		return err
	case errors.Is(err, io.EOF): // and no boundary that ends the form
		return io.ErrUnexpectedEOF
	}
	return errNoForm
}

// order reads what a file is.
func (q *query) order() votes.ImportOrder {
	text := func(name string) string {
		v, _ := q.one(name)
		if !utf8.ValidString(v) || votes.NotPlain(v) != "" || len(v) > votes.MaxKey {
			q.fault(name, "", "not a plain text, or longer than that is")
		}
		return strings.TrimSpace(v)
	}
	order := votes.ImportOrder{Format: text("format"), Source: text("source"), Edition: text("edition"),
		Encoding: q.choice("encoding", "utf-8", "utf-8", "latin1"),
		DryRun:   q.choice("dry_run", "false", "true", "false") == "true", KeepGoing: q.choice("keep_going", "false", "true", "false") == "true"}
	// Where it lay on somebody's disk is nobody's business.
	order.File = path.Base(strings.ReplaceAll(text("file"), `\`, "/"))
	if order.File == "." || order.File == "/" {
		order.File = "upload.csv"
	}
	return order
}

// job answers GET /v1/jobs/{id}: how far a file has come.
func (s *server) job(c echo.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	if !accepts(c, echo.MIMEApplicationJSON) {
		return errNotJSON
	}
	j, err := s.importer.Job(c.Request().Context(), pathValue(c, "id"))
	if err != nil {
		return err
	}
	return answerJob(c, http.StatusOK, j)
}

// cancelJob answers DELETE /v1/jobs/{id}.
func (s *server) cancelJob(c echo.Context) error {
	if err := readQuery(c).err(); err != nil {
		return err
	}
	j, err := s.importer.CancelJob(c.Request().Context(), s.callOf(c), pathValue(c, "id"))
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !j.Ended() { // its worker has to hear of it
		status = http.StatusAccepted
	}
	return answerJob(c, status, j)
}

func answerJob(c echo.Context, status int, j votes.Job) error {
	if !j.Ended() {
		c.Response().Header().Set(echo.HeaderRetryAfter, "1")
	}
	return answerNow(c, status, j)
}
