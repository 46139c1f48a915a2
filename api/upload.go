package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/labstack/echo/v4"

	"scvotes/api/pages"
	"scvotes/votes"
	"scvotes/votes/access"
)

// mostUpload is the size of a form that brings a file, which the second form has
// in base64.
const mostUpload = 2 * smallFile

// largeUpload is a file that is too large to be taken in at once.
type largeUpload struct{}

func (largeUpload) Error() string {
	return fmt.Sprintf("the file is larger than %d KiB: send it with POST %s, which takes it in behind its answer", smallFile>>10, importsPath)
}

func (largeUpload) Unwrap() error { return echo.ErrStatusRequestEntityTooLarge }

// formed reads the form that was sent.
func (s *server) formed(h echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := s.readForm(c); err != nil {
			return err
		}
		return h(c)
	}
}

func (s *server) readForm(c echo.Context) error {
	if c.Path() == editorImport {
		return s.readUpload(c)
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxBody)
	var tooLarge *http.MaxBytesError
	if err := c.Request().ParseForm(); errors.As(err, &tooLarge) {
		return tooLargeError{tooLarge.Limit}
	} else if err != nil {
		return votes.Faults{{Parameter: "form", Message: "it cannot be read"}}
	}
	return nil
}

// readUpload reads a form with a file, all of it in memory. What is larger is read
// to its end and dropped: a browser hears nothing before it has sent all.
func (s *server) readUpload(c echo.Context) error {
	r, control := c.Request(), http.NewResponseController(c.Response())
	_ = control.SetWriteDeadline(time.Now().Add(uploadTimeout)) // a test has no connection
	whole := patientBody{http.MaxBytesReader(c.Response(), r.Body, s.maxUpload), control}
	r.Body = io.NopCloser(io.LimitReader(whole, mostUpload))
	err := r.ParseMultipartForm(mostUpload)
	_, _ = io.Copy(io.Discard, r.Body)
	if n, _ := io.Copy(io.Discard, whole); n > 0 {
		return largeUpload{}
	}
	if err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return votes.Faults{{Parameter: "form", Message: "it cannot be read"}}
	}
	return nil
}

// upload answers GET /editor/import: the form that sends a file.
func (s *server) upload(c echo.Context, e pages.Editor) error {
	return s.showUpload(c, http.StatusOK, pages.Upload{Editor: e})
}

func (s *server) showUpload(c echo.Context, status int, u pages.Upload) error {
	body, err := s.pages.ShowUpload(c.Request().Context(), c, u)
	if err != nil {
		return err
	}
	return c.HTMLBlob(status, body)
}

// uploaded answers POST /editor/import: what a file would make of the record, or,
// when that was seen, the same bytes taken in. Between the two the page has them.
func (s *server) uploaded(c echo.Context, e pages.Editor) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), uploadTimeout)
	defer cancel()
	form := c.Request().PostForm
	land := form.Get("do") == "land"
	u := pages.Upload{Editor: e, Source: form.Get("source"), Edition: form.Get("edition")}
	name, content, err := sentFile(c.Request().MultipartForm, form, land)
	if err != nil {
		return s.showUploadFault(c, u, err)
	}
	q := &query{values: url.Values{fileField: {name}, "source": {u.Source}, "edition": {u.Edition}}}
	order := q.order()
	order.DryRun = !land
	if err := q.err(); err != nil {
		return s.showUploadFault(c, u, err)
	}
	c.Set(targetKey, order.File)
	rep, _, err := s.importer.TakeIn(ctx, s.callOf(c), order, content, func(votes.ImportReport) (access.Reply, error) {
		return access.Reply{Status: http.StatusOK}, nil
	})
	u.Report = &rep
	switch {
	case errors.Is(err, votes.ErrInvalid):
		u.Fault = "The file is refused: nothing of it landed."
		if len(rep.Problems) == 0 {
			u.Fault += " " + err.Error() + "."
		}
		return s.showUpload(c, s.refusedStatus(c, rep), u)
	case err != nil:
		return s.refuse(c, err)
	case rep.WouldChange != nil:
		u.Name, u.SHA256, u.Content = order.File, digest(content), base64.StdEncoding.EncodeToString(content)
		if err := u.Try(rep.WouldChange); err != nil {
			return err
		}
	case rep.Landed:
		u.Said = fmt.Sprintf("%s landed as import %d: the record is at revision %d.", order.File, rep.Import, rep.Revision)
	default:
		u.Said = "The record holds all that the file says: there is nothing to land."
	}
	return s.showUpload(c, http.StatusOK, u)
}

// refusedStatus tells the audit log of a refused file, and returns its status.
func (s *server) refusedStatus(c echo.Context, rep votes.ImportReport) int {
	p, _ := problemOf(s.refuse(c, refusedFile{rep}))
	return p.Status
}

// showUploadFault shows the form once more, with what is wrong with what it sent.
func (s *server) showUploadFault(c echo.Context, u pages.Upload, why error) error {
	p, _ := problemOf(s.refuse(c, why))
	if u.Faults = p.Errors; len(u.Faults) == 0 {
		u.Fault = p.Detail
	}
	return s.showUpload(c, p.Status, u)
}

// sentFile is the file that a form brings: chosen, or to be landed after it was
// seen.
func sentFile(sent *multipart.Form, form url.Values, land bool) (name string, content []byte, err error) {
	if land {
		content, err = base64.StdEncoding.DecodeString(form.Get("content"))
		if err != nil || digest(content) != form.Get("digest") {
			return "", nil, votes.Faults{{Parameter: fileField, Message: "not the bytes that were tried: choose the file again"}}
		}
		name = form.Get("name")
	} else {
		if sent == nil || len(sent.File[fileField]) != 1 {
			return "", nil, votes.Faults{{Parameter: fileField, Message: "choose one file"}}
		}
		chosen := sent.File[fileField][0]
		file, err := chosen.Open()
		if err != nil {
			return "", nil, err
		}
		defer file.Close()
		name = chosen.Filename
		if content, err = io.ReadAll(file); err != nil {
			return "", nil, err
		}
	}
	if len(content) > smallFile {
		return "", nil, largeUpload{}
	}
	return name, content, nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
