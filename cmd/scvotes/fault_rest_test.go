//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"time"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// sending is a way to send a file over REST.
type sending struct {
	form, chunked bool // a form, or the bare file; its length told before, or not
	job           bool // is asked for
}

var sendings = []sending{{}, {chunked: true}, {form: true}, {job: true}, {form: true, job: true}, {form: true, chunked: true}, {chunked: true, job: true}}

func (w sending) String() string {
	return fmt.Sprintf("form=%t chunked=%t job=%t", w.form, w.chunked, w.job)
}

// request is the body of a request, and its type. Up to whole bytes of it the file
// is not all there.
func (w sending) request(t *testing.T, file string) (body []byte, kind string, whole int) {
	t.Helper()
	if !w.form {
		return []byte(file), "text/csv", len(file) - 1
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "form.csv")
	if err == nil {
		_, err = io.WriteString(part, file)
	}
	whole = b.Len()
	if err != nil || form.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes(), form.FormDataContentType(), whole
}

// raw is the whole request as it goes over the line; a part of it that ends
// between head and whole has some of the file in it, and not all.
func (w sending) raw(t *testing.T, token, file string) (text []byte, head, whole int) {
	t.Helper()
	body, kind, whole := w.request(t, file)
	var b bytes.Buffer
	fmt.Fprintf(&b, "POST /v1/imports HTTP/1.1\r\nHost: scvotes\r\nAuthorization: %s\r\nContent-Type: %s\r\n", token, kind)
	if w.job {
		b.WriteString("Prefer: respond-async\r\n")
	}
	if !w.chunked {
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
		head = b.Len()
		b.Write(body)
		return b.Bytes(), head, head + whole
	}
	b.WriteString("Transfer-Encoding: chunked\r\n\r\n")
	head = b.Len()
	chunks := httputil.NewChunkedWriter(&b)
	for at := 0; at < len(body); at += 4000 {
		if _, err := chunks.Write(body[at:min(at+4000, len(body))]); err != nil {
			t.Fatal(err)
		}
	}
	if w.form {
		whole += head // and what the chunks take
	} else {
		whole = b.Len()
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes(), head, whole
}

// breakOff sends that much of a request, and then no more: it goes, it goes
// without a word, or it waits for an answer, which is to be a refusal.
func breakOff(t *testing.T, api *instance, text []byte, how int, answered bool) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(api.address, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(text); err != nil {
		t.Fatal(err)
	}
	switch how {
	case 0:
	case 1:
		_ = conn.(*net.TCPConn).SetLinger(0)
	default:
		_ = conn.(*net.TCPConn).CloseWrite()
		_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		got, err := io.ReadAll(conn)
		if refused := bytes.HasPrefix(got, []byte("HTTP/1.1 4")); answered && !refused || err != nil {
			t.Errorf("a request that broke off is answered %.60q, %v", got, err)
		}
	}
}

// Of an upload that breaks off, wherever and however, nothing is kept; the next
// one that is whole lands.
func testHalfSentUploads(t *testing.T, s *site) {
	dsn, rnd := s.database(t, "halfsent"), pgtest.Chance(t)
	api := newInstance(t, "the API", s.bin, []string{"DATABASE_URL=" + dsn})
	api.ready(t)
	token := importToken(t, dsn)
	readers := startReading(t, api, false)
	small, large := crowdText(1), manyVotes(2000)
	var silent []net.Conn
	if pgtest.Soaking() { // they are given up after half a minute
		silent = append(silent, holdHalf(t, api, sending{job: true}, token, manyVotes(6000)), holdHalf(t, api, sending{form: true}, token, small))
	}
	nothingOf := func(after string, waiting int) {
		t.Helper()
		until(t, 20*time.Second, "nothing is left after "+after, func() error {
			return s.holds("halfsent", fmt.Sprintf("%d revisions, %d jobs", sceneBase, waiting), `SELECT (SELECT count(*) FROM revisions) || ' revisions, ' || (SELECT count(*) FROM jobs) || ' jobs'`)
		})
	}
	n, size := pgtest.Times(len(sendings), 210), 0
	for round := range n {
		way, file := sendings[round%len(sendings)], small
		if round%pgtest.Times(5, 2) == 1 {
			file = large
		}
		text, head, whole := way.raw(t, token, file)
		at := head + rnd.IntN(whole-head)
		if round%10 == 9 {
			at = rnd.IntN(head)
		}
		size += at
		breakOff(t, api, text[:at], rnd.IntN(3), at >= head)
		nothingOf(fmt.Sprintf("%d of %d bytes, %v", at, len(text), way), len(silent)/2)
	}
	if pgtest.Soaking() {
		areTold(t, "a sender that fell silent", silent, 50*time.Second, "HTTP/1.1 4")
		nothingOf("senders that fell silent", 0)
	}
	landWhole(t, api, token, small, sendings...)
	landWhole(t, api, token, large, sendings[:pgtest.Times(1, len(sendings))]...)
	readers.heals()
	clean(t, dsn, "half-sent uploads")
	t.Logf("figure: %d uploads broke off half way, %d bytes into it on average: none left a row, the next that was whole landed", n, size/n)
}

func (s *site) holds(database, want, sql string) error {
	got, err := s.ask(database, sql)
	if err == nil && got != want {
		err = fmt.Errorf("there are %s, want %s", got, want)
	}
	return err
}

// holdHalf sends half of a request and stays.
func holdHalf(t *testing.T, api *instance, w sending, token, file string) net.Conn {
	t.Helper()
	text, head, whole := w.raw(t, token, file)
	conn, err := net.Dial("tcp", strings.TrimPrefix(api.address, "http://"))
	if err == nil {
		_, err = conn.Write(text[:(head+whole)/2])
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// landWhole sends a file in several ways, to its end. It is news the first time.
func landWhole(t *testing.T, api *instance, token, file string, ways ...sending) {
	t.Helper()
	for k, way := range ways {
		p := post{way: way, file: file, token: token}
		status, body, err := p.send(t, api)
		news := status == http.StatusCreated
		if err == nil && status == http.StatusAccepted {
			j := jobEnds(t, api.address, token, jobID(t, body))
			if j.State != votes.JobDone {
				t.Errorf("%v: the job is %s: %s", way, j.State, j.Error)
				continue
			}
			news = j.Report.Landed
		} else if err != nil || status != http.StatusOK && status != http.StatusCreated {
			t.Errorf("%v: answered %d, %v", way, status, err)
		}
		if news != (k == 0) {
			t.Errorf("%v: news=%t", way, news)
		}
	}
}
