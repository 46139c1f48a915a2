package api

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// manyServer serves a record so large that no download of it fits into what the
// kernel holds for a connection.
func manyServer(t *testing.T) (*fake, *httptest.Server) {
	t.Helper()
	f := newFake(t)
	f.many = 300_000
	srv := httptest.NewServer(New(f, testOptions(nil)))
	t.Cleanup(srv.Close)
	return f, srv
}

// notReading asks for a download and takes nothing of it in.
func notReading(t *testing.T, srv *httptest.Server) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(srv.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	_ = c.(*net.TCPConn).SetReadBuffer(4 << 10)
	if _, err := io.WriteString(c, "GET /v1/resolutions.ndjson HTTP/1.1\r\nHost: scvotes\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return c
}

// Clients that read nothing hold every turn. Whoever comes is answered at once
// where there is nothing to stream, and gets a turn where there is: of those
// that stand still one is cut off for it.
func TestClientsThatDoNotRead(t *testing.T) {
	t.Parallel()
	_, srv := manyServer(t)
	for range maxStreams {
		notReading(t, srv)
	}
	time.Sleep(patience / 2) // until all of them are stuck
	begun := time.Now()
	if res := fetch(t, srv.URL+"/v1/resolutions/S-2024-835"); res.StatusCode != 200 {
		t.Errorf("status %d", res.StatusCode)
	}
	if took := time.Since(begun); took > time.Second {
		t.Errorf("an answer that is not streamed took %v", took)
	}
	for range 2 {
		res := fetch(t, srv.URL+"/v1/resolutions.csv?limit=10")
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 200 || err != nil || strings.Count(string(body), "\n") < 10 {
			t.Errorf("a download beside them: status %d, %d bytes, %v", res.StatusCode, len(body), err)
		}
	}
}

// As long as nobody waits for a turn, a client may take as long as it likes; and
// one that goes on reading is not cut off for those who wait.
func TestSlowClientsThatKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	a := newStreamsAtOnce(2)
	var cuts [2]bool
	first, err := a.begin(t.Context(), func() { cuts[0] = true })
	if err != nil {
		t.Fatal(err)
	}
	second, err := a.begin(t.Context(), func() { cuts[1] = true })
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	first.sends(long)
	if cuts[0] {
		t.Error("one was cut off for nobody")
	}
	second.sends(time.Now())
	a.cutOne()
	first.sends(time.Now())
	a.cutOne() // both go on
	if cuts != [2]bool{true, false} {
		t.Errorf("cut off: %v, want the first that stood still", cuts)
	}
	first.end()
	if third, err := a.begin(t.Context(), func() {}); err != nil {
		t.Error(err)
	} else {
		third.end()
	}
	second.end()
	if len(a.running) != 0 || len(a.turns) != 0 {
		t.Error("a turn was kept")
	}
}

// Where all go on, whoever waits is told to come again.
func TestNoTurn(t *testing.T) {
	p, known := problemOf(errNoTurn)
	if !known || p.Status != http.StatusServiceUnavailable || p.Detail != errNoTurn.Error() {
		t.Errorf("%+v", p)
	}
}
