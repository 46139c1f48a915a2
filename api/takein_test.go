package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
	"scvotes/votes/access"
)

// fakeImporter takes in whatever comes, and keeps what it was told.
type fakeImporter struct {
	fakeOnce
	order   votes.ImportOrder
	call    access.Call
	content string
	report  votes.ImportReport
	fault   error
	slow    bool
	ended   bool
}

func (f *fakeImporter) wait(ctx context.Context) error {
	if f.slow {
		<-ctx.Done()
		return ctx.Err()
	}
	return f.fault
}

func (f *fakeImporter) TakeIn(ctx context.Context, call access.Call, order votes.ImportOrder, content []byte, answer func(votes.ImportReport) (access.Reply, error)) (votes.ImportReport, access.Reply, error) {
	f.call, f.order, f.content = call, order, string(content)
	rep := f.report
	rep.File, rep.Problems, rep.Discrepancies = order.File, orEmpty(rep.Problems), map[string]int{}
	reply, err := f.once(call, func() (access.Reply, error) {
		if err := f.wait(ctx); err != nil {
			return access.Reply{}, err
		}
		return answer(rep)
	})
	return rep, reply, err
}

func (f *fakeImporter) Upload(ctx context.Context, call access.Call, order votes.ImportOrder, file io.Reader, answer func(votes.Job) (access.Reply, error)) (access.Reply, error) {
	b, err := io.ReadAll(file)
	if err != nil {
		return access.Reply{}, err
	}
	f.call, f.order, f.content = call, order, string(b)
	return f.once(call.With(sha256.Sum256(b)), func() (access.Reply, error) {
		job, err := f.Job(ctx, "job_a")
		if err != nil {
			return access.Reply{}, err
		}
		return answer(job)
	})
}

func (f *fakeImporter) Job(ctx context.Context, id string) (votes.Job, error) {
	if !strings.HasPrefix(id, "job_") {
		return votes.Job{}, fmt.Errorf("job %s: %w", id, votes.ErrNotFound)
	}
	j := votes.Job{ID: id, State: votes.JobRunning, Order: f.order, Size: int64(len(f.content)), Created: time.Date(2024, 11, 20, 0, 0, 0, 0, time.UTC)}
	if f.ended {
		j.State, j.Finished = votes.JobCancelled, new(j.Created)
	}
	return j, f.wait(ctx)
}

func (f *fakeImporter) CancelJob(ctx context.Context, call access.Call, id string) (votes.Job, error) {
	f.call = call
	return f.Job(ctx, id)
}

// takingIn is a server that takes files in, and a token that may send them.
func takingIn(t *testing.T, f *fakeImporter) (http.Handler, string) {
	t.Helper()
	w, opt := newFakeWriter(), testOptions(nil)
	opt.Writer, opt.Importer, opt.MaxUpload = w, f, 3<<20
	return New(newFake(t), opt), w.token(t, access.Import)
}

const smallCSV = "draft,date\nS/2024/835,2024-11-20\n"

func TestFilesAreTakenInAsDocumented(t *testing.T) {
	large := smallCSV + strings.Repeat("\n", smallFile)
	form := func(fields ...string) (contentType, body string) {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := 0; i < len(fields); i += 2 {
			if fields[i] == fileField {
				part, _ := w.CreateFormFile(fileField, `C:\desk\votes.csv`)
				_, _ = io.WriteString(part, fields[i+1])
				continue
			}
			_ = w.WriteField(fields[i], fields[i+1])
		}
		w.Close()
		return w.FormDataContentType(), b.String()
	}
	formType, aForm := form("edition", "2026-02-06", "dry_run", "true", fileField, smallCSV)
	wrongType, wrongForm := form("edtion", "2026-02-06", fileField, smallCSV)
	emptyType, emptyForm := form("edition", "2026-02-06")
	landed := votes.ImportReport{Landed: true, Import: 7, Revision: 9}
	for name, c := range map[string]struct {
		importer        fakeImporter
		query           string
		contentType     string
		body            string
		prefer          string
		status          int
		location, taken string
		order           votes.ImportOrder
	}{
		"landed": {fakeImporter{report: landed}, "?file=votes.csv&keep_going=true", "text/csv", smallCSV, "", 201, "/v1/imports/7", smallCSV,
			votes.ImportOrder{File: "votes.csv", Encoding: "utf-8", KeepGoing: true}},
		"nothing new": {fakeImporter{}, "", "text/csv; charset=utf-8", smallCSV, "", 200, "", smallCSV, votes.ImportOrder{File: "upload.csv", Encoding: "utf-8"}},
		"a form": {fakeImporter{report: landed}, "?source=A+desk", formType, aForm, "", 201, "/v1/imports/7", smallCSV,
			votes.ImportOrder{File: "votes.csv", Source: "A desk", Edition: "2026-02-06", Encoding: "utf-8", DryRun: true}},
		"refused":         {fakeImporter{fault: fmt.Errorf("x: %w", votes.ErrInvalid)}, "", "text/csv", smallCSV, "", 422, "", smallCSV, votes.ImportOrder{File: "upload.csv", Encoding: "utf-8"}},
		"later":           {fakeImporter{}, "", "text/csv", smallCSV, "respond-async, wait=10", 202, "/v1/jobs/job_a", smallCSV, votes.ImportOrder{File: "upload.csv", Encoding: "utf-8"}},
		"large":           {fakeImporter{}, "", "text/csv", large, "", 202, "/v1/jobs/job_a", large, votes.ImportOrder{File: "upload.csv", Encoding: "utf-8"}},
		"too large":       {fakeImporter{}, "", "text/csv", strings.Repeat("\n", 3<<20+1), "", 413, "", "", votes.ImportOrder{}},
		"no file":         {fakeImporter{}, "", "application/json", "{}", "", 415, "", "", votes.ImportOrder{}},
		"no kind":         {fakeImporter{}, "", "", smallCSV, "", 415, "", "", votes.ImportOrder{}},
		"no such query":   {fakeImporter{}, "?edtion=1", "text/csv", smallCSV, "", 400, "", "", votes.ImportOrder{}},
		"no such word":    {fakeImporter{}, "?dry_run=perhaps", "text/csv", smallCSV, "", 400, "", "", votes.ImportOrder{}},
		"no such field":   {fakeImporter{}, "", wrongType, wrongForm, "", 400, "", "", votes.ImportOrder{}},
		"an empty form":   {fakeImporter{}, "", emptyType, emptyForm, "", 400, "", "", votes.ImportOrder{}},
		"half a form":     {fakeImporter{}, "", formType, aForm[:len(aForm)-100], "", 400, "", "", votes.ImportOrder{}},
		"a control":       {fakeImporter{}, "?source=a%1bb", "text/csv", smallCSV, "", 400, "", "", votes.ImportOrder{}},
		"database away":   {fakeImporter{fault: votes.ErrUnavailable}, "", "text/csv", smallCSV, "", 503, "", smallCSV, votes.ImportOrder{File: "upload.csv", Encoding: "utf-8"}},
		"what is unknown": {fakeImporter{fault: errors.New("pq: secret")}, "", "text/csv", smallCSV, "", 500, "", smallCSV, votes.ImportOrder{File: "upload.csv", Encoding: "utf-8"}},
	} {
		t.Run(name, func(t *testing.T) {
			h, token := takingIn(t, &c.importer)
			headers := []string{"Authorization", token}
			for header, value := range map[string]string{"Content-Type": c.contentType, "Prefer": c.prefer} {
				if value != "" {
					headers = append(headers, header, value)
				}
			}
			res := sendBody(t, h, http.MethodPost, "/v1/imports"+c.query, c.body, headers...)
			body := read(t, res)
			if res.StatusCode != c.status || res.Header.Get("Location") != c.location {
				t.Fatalf("status %d, Location %q: %s", res.StatusCode, res.Header.Get("Location"), body)
			}
			if err := contractOf(t).Check(operationOfMethod(t, http.MethodPost, "/v1/imports"), res.StatusCode, res.Header, []byte(body)); err != nil {
				t.Error(err)
			}
			if c.importer.content != c.taken {
				t.Errorf("%d bytes were taken in, want %d", len(c.importer.content), len(c.taken))
			}
			if diff := cmp.Diff(c.order, c.importer.order); diff != "" {
				t.Errorf("taken in as (-want +got):\n%s", diff)
			}
			if c.taken != "" && (c.importer.call.Who != "desk 1" || c.importer.call.Route != "/v1/imports") {
				t.Errorf("by %+v", c.importer.call)
			}
			if strings.Contains(body, "secret") {
				t.Error("the cause is shown")
			}
		})
	}
}

func TestJobsAreAnsweredAsDocumented(t *testing.T) {
	for _, c := range []struct {
		method, id string
		ended      bool
		status     int
	}{
		{http.MethodGet, "job_a", false, 200}, {http.MethodGet, "job_a", true, 200}, {http.MethodGet, "a", false, 404},
		{http.MethodDelete, "job_a", false, 202}, {http.MethodDelete, "job_a", true, 200}, {http.MethodDelete, "a", false, 404},
	} {
		h, token := takingIn(t, &fakeImporter{ended: c.ended})
		res := ask(t, h, c.method, "/v1/jobs/"+c.id, "Authorization", token)
		body := read(t, res)
		if res.StatusCode != c.status || (res.Header.Get("Retry-After") != "") != (c.status < 300 && !c.ended) {
			t.Errorf("%s %s: status %d, Retry-After %q: %s", c.method, c.id, res.StatusCode, res.Header.Get("Retry-After"), body)
		}
		if err := contractOf(t).Check(operationOfMethod(t, c.method, "/v1/jobs/job_a"), res.StatusCode, res.Header, []byte(body)); err != nil {
			t.Error(err)
		}
	}
}

func TestOnlyWhoHasTheScopeSendsFiles(t *testing.T) {
	f := new(fakeImporter)
	w, opt := newFakeWriter(), testOptions(nil)
	opt.Writer, opt.Importer = w, f
	h := New(newFake(t), opt)
	for _, scope := range access.Scopes {
		want := http.StatusForbidden
		if scope == access.Import {
			want = http.StatusOK
		}
		if res := sendBody(t, h, http.MethodPost, "/v1/imports", smallCSV, "Content-Type", "text/csv", "Authorization", w.token(t, scope)); res.StatusCode != want {
			t.Errorf("with %s: status %d, want %d", scope, res.StatusCode, want)
		}
	}
	if res := sendBody(t, h, http.MethodPost, "/v1/imports", smallCSV, "Content-Type", "text/csv"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("without a token: status %d", res.StatusCode)
	}
	if res := sendBody(t, New(newFake(t), testOptions(nil)), http.MethodPost, "/v1/imports", smallCSV, "Content-Type", "text/csv"); res.StatusCode != http.StatusUnauthorized {
		t.Errorf("where nobody may write: status %d", res.StatusCode)
	}
}

func TestAFileThatIsSentAgainIsAnsweredTheSame(t *testing.T) {
	aForm := func(boundary, content string) (kind, body string) {
		var b strings.Builder
		w := multipart.NewWriter(&b)
		_ = w.SetBoundary(boundary)
		part, _ := w.CreateFormFile(fileField, "votes.csv")
		_, _ = io.WriteString(part, content)
		w.Close()
		return w.FormDataContentType(), b.String()
	}
	for name, c := range map[string]struct {
		content, prefer, location string
		status                    int
	}{
		"at once": {smallCSV, "", "/v1/imports/7", 201},
		"later":   {smallCSV, "respond-async", "/v1/jobs/job_a", 202},
		"a large": {smallCSV + strings.Repeat("\n", smallFile), "wait=1", "/v1/jobs/job_a", 202},
	} {
		f := &fakeImporter{report: votes.ImportReport{Landed: true, Import: 7, Revision: 9}}
		h, token := takingIn(t, f)
		try := func(query, boundary, content string) (*http.Response, string) {
			kind, body := aForm(boundary, content)
			res := sendBody(t, h, http.MethodPost, "/v1/imports"+query, body, "Authorization", token, "Content-Type", kind, "Idempotency-Key", `"k"`, "Prefer", c.prefer)
			text := read(t, res)
			if err := contractOf(t).Check(operationOfMethod(t, http.MethodPost, "/v1/imports"), res.StatusCode, res.Header, []byte(text)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return res, text
		}
		first, text := try("", "one", c.content)
		again, same := try("", "another", c.content)
		if first.StatusCode != c.status || again.StatusCode != c.status || same != text || f.done != 1 {
			t.Errorf("%s: status %d and %d, done %d times: %s", name, first.StatusCode, again.StatusCode, f.done, same)
		}
		for _, header := range []string{"Location", "Retry-After", "Preference-Applied"} {
			if first.Header.Get(header) != again.Header.Get(header) {
				t.Errorf("%s: %s: %q and %q", name, header, first.Header.Get(header), again.Header.Get(header))
			}
		}
		if again.Header.Get("Location") != c.location || first.Header.Get("Idempotency-Replayed") != "" || again.Header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: %v and %v", name, first.Header, again.Header)
		}
		for what, other := range map[string][]string{"a letter more": {"", c.content + "\n"}, "another order": {"?keep_going=true", c.content}} {
			if res, text := try(other[0], "one", other[1]); res.StatusCode != 422 || !strings.Contains(text, "another request") {
				t.Errorf("%s, %s: status %d: %s", name, what, res.StatusCode, text)
			}
		}
		res := sendBody(t, h, http.MethodPost, "/v1/imports", smallCSV, "Authorization", token, "Content-Type", "text/csv", "Idempotency-Key", `"k`)
		if res.StatusCode != 400 {
			t.Errorf("half a key: status %d", res.StatusCode)
		}
		f.known, f.fault = nil, access.ErrUnderWay
		if res, _ := try("", "one", c.content); res.StatusCode != 409 || res.Header.Get("Retry-After") == "" {
			t.Errorf("%s, under way: status %d", name, res.StatusCode)
		}
	}
}

// A sender that stops in the middle, or whose connection breaks, is told so,
// whichever way the file came: the fault is not the server's.
func TestAFileThatStopsComing(t *testing.T) {
	stuck := &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 8080}, Err: os.ErrDeadlineExceeded}
	const form = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n"
	for _, c := range []struct{ kind, begin string }{
		{"text/csv", smallCSV},
		{"text/csv", smallCSV + strings.Repeat("\n", smallFile)},
		{"multipart/form-data; boundary=x", "--x\r\nContent-Disp"},
		{"multipart/form-data; boundary=x", form + smallCSV},
		{"multipart/form-data; boundary=x", form + smallCSV + strings.Repeat("\n", smallFile)},
	} {
		for _, prefer := range []string{"", respondAsync} {
			h, token := takingIn(t, &fakeImporter{})
			req := httptest.NewRequest(http.MethodPost, "/v1/imports", io.MultiReader(strings.NewReader(c.begin), iotest.ErrReader(stuck)))
			req.Header.Set("Authorization", token)
			req.Header.Set("Content-Type", c.kind)
			req.Header.Set("Prefer", prefer)
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, req)
			if body := rec.Body.String(); rec.Code != http.StatusBadRequest || strings.Contains(body, "192.0.2.7") || !strings.Contains(body, "body") {
				t.Errorf("%s, %d bytes, %q: status %d: %s", c.kind, len(c.begin), prefer, rec.Code, body)
			}
		}
	}
}

// What stands behind the file would be read when all is done: it is refused, and
// nothing is taken in.
func TestNothingStandsBehindTheFile(t *testing.T) {
	for name, c := range map[string]struct{ content, prefer string }{
		"at once": {smallCSV, ""},
		"later":   {smallCSV, "respond-async"},
		"a large": {smallCSV + strings.Repeat("\n", smallFile), ""},
	} {
		for end, want := range map[string]string{
			"\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--b--\r\n": "stands behind the file",
			"\r\nnothing\r\n\r\n--b--\r\n": "not a form",
			"":                             "broke off",
			"--\r\n":                       "",
		} {
			f := &fakeImporter{report: votes.ImportReport{Landed: true, Import: 7, Revision: 9}}
			h, token := takingIn(t, f)
			body := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"votes.csv\"\r\n\r\n" + c.content + "\r\n--b" + end
			res := sendBody(t, h, http.MethodPost, "/v1/imports", body, "Authorization", token, "Content-Type", "multipart/form-data; boundary=b", "Prefer", c.prefer)
			text := read(t, res)
			if refused := res.StatusCode == http.StatusBadRequest; refused != (want != "") || !strings.Contains(text, want) || refused == (f.done > 0) {
				t.Errorf("%s, %q: status %d, done %d times: %s", name, end, res.StatusCode, f.done, text)
			}
		}
	}
}
