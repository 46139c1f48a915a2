package api

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A stream that cannot go on is broken off: the client sees that it has half,
// compressed or not. One that never began is told as any other fault.
func TestAStreamThatFails(t *testing.T) {
	for _, c := range []struct {
		name, path string
		at         int64
		broken     bool // in the middle; else a problem
	}{
		{"CSV at once", "/v1/resolutions.csv", 0, false},
		{"CSV within what is still held back", "/v1/resolutions.csv", 10, false},
		{"CSV in the middle", "/v1/resolutions.csv", 1000, true},
		{"NDJSON in the middle", "/v1/resolutions.ndjson", 1000, true},
		{"an export in the middle", "/v1/export/votes.csv", 1000, true},
	} {
		for _, encoding := range []string{"identity", "gzip"} {
			t.Run(c.name+" "+encoding, func(t *testing.T) {
				f := newFake(t)
				f.many, f.breaksAt, f.broken = 10_000, c.at, errors.New("pq: secret")
				var log bytes.Buffer
				srv := httptest.NewServer(New(f, testOptions(slog.New(slog.NewTextHandler(&log, nil)))))
				defer srv.Close()
				res := fetch(t, srv.URL+c.path, "Accept-Encoding", encoding)
				defer res.Body.Close()
				body, err := io.ReadAll(res.Body)
				switch {
				case c.broken && (res.StatusCode != 200 || !errors.Is(err, io.ErrUnexpectedEOF)):
					t.Errorf("status %d, %d bytes, %v", res.StatusCode, len(body), err)
				case !c.broken && (res.StatusCode != 500 || err != nil || res.Header.Get("Content-Type") != "application/problem+json" || res.Header.Get(headerETag) != ""):
					t.Errorf("status %d, %v, %v", res.StatusCode, res.Header, err)
				}
				if bytes.Contains(body, []byte("secret")) {
					t.Error("the cause went out")
				}
				srv.Close() // and with it all that writes to the log
				if !strings.Contains(log.String(), "pq: secret") {
					t.Errorf("the log does not tell the cause: %s", log.String())
				}
			})
		}
	}
}

func fetch(t *testing.T, address string, headers ...string) *http.Response {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// A stream of any length takes the memory of a short one: it waits for its reader.
func TestAStreamTakesConstantMemory(t *testing.T) {
	askedOneByOne(t)
	const rows, most = 100_000, 16 << 20
	for _, path := range []string{"/v1/resolutions.csv", "/v1/resolutions.ndjson"} {
		t.Run(path, func(t *testing.T) {
			f := newFake(t)
			f.many = rows
			srv := httptest.NewServer(New(f, testOptions(nil)))
			defer srv.Close()
			before := heap()
			res := fetch(t, srv.URL+path, "Accept-Encoding", "identity")
			defer res.Body.Close()
			lines, size := 0, 0
			for chunk := make([]byte, 4<<20); ; {
				n, err := io.ReadFull(res.Body, chunk)
				lines += bytes.Count(chunk[:n], []byte("\n"))
				if size += n; size == len(chunk) {
					time.Sleep(100 * time.Millisecond) // in which the server may run ahead
					if given := f.given.Load(); given >= rows {
						t.Errorf("all %d rows were read for a client that took few of them", given)
					}
				}
				if grown := heap() - before; grown > most {
					t.Fatalf("%d bytes more after %d", grown, size)
				}
				if err != nil { // the last chunk is not full
					break
				}
			}
			if f.given.Load() != rows || lines < rows || size < 2*most {
				t.Errorf("%d rows in %d lines, %d bytes", f.given.Load(), lines, size)
			}
		})
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// HEAD and If-Modified-Since answer what GET would, and read no more than it
// takes to know that.
func TestTheHeadOfAStream(t *testing.T) {
	askedOneByOne(t)
	f := newFake(t)
	f.many = 1_000_000
	h := New(f, testOptions(nil))
	for _, path := range []string{"/v1/resolutions.csv", "/v1/resolutions.ndjson", "/v1/export/votes.csv", "/v1/export/scvotes.zip"} {
		head := ask(t, h, http.MethodHead, path)
		if body := read(t, head); head.StatusCode != 200 || body != "" || head.Header.Get(headerETag) == "" || head.Header.Get("Content-Type") == "" {
			t.Errorf("HEAD of %s: status %d, %v, %d bytes", path, head.StatusCode, head.Header, len(body))
		}
		modified := head.Header.Get("Last-Modified")
		res := get(t, h, path, "If-Modified-Since", modified)
		if body := read(t, res); res.StatusCode != http.StatusNotModified || body != "" || res.Header.Get(headerETag) != head.Header.Get(headerETag) {
			t.Errorf("%s since %s: status %d, %d bytes", path, modified, res.StatusCode, len(body))
		}
		if given := f.given.Load(); given > 50_000 {
			t.Errorf("%s: %d rows were read for a head", path, given)
		}
	}
	for _, path := range []string{"/v1/resolutions/S-2024-999/votes.csv", "/v1/members/LIE/votes.ndjson"} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if res := ask(t, h, method, path, "If-Modified-Since", "Fri, 20 Nov 2099 10:00:00 GMT"); res.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s: status %d", method, path, res.StatusCode)
			}
		}
	}
}
