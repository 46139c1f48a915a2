package api

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// testOptions holds the clock at a day whose Council is known.
func testOptions(log *slog.Logger) Options {
	return Options{Version: "test", Logger: log, Timeout: time.Second,
		Now: func() time.Time { return time.Date(2024, 11, 20, 15, 0, 0, 0, time.UTC) }}
}

// get asks h for an address; headers come as name, value, name, value.
func get(t testing.TB, h http.Handler, address string, headers ...string) *http.Response {
	t.Helper()
	return ask(t, h, http.MethodGet, address, headers...)
}

func ask(t testing.TB, h http.Handler, method, address string, headers ...string) *http.Response {
	t.Helper()
	return sendBody(t, h, method, address, "", headers...)
}

// post sends a body of JSON, unless the headers say otherwise.
func post(t *testing.T, h http.Handler, address, body string, headers ...string) *http.Response {
	t.Helper()
	return sendBody(t, h, http.MethodPost, address, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func sendBody(t testing.TB, h http.Handler, method, address, body string, headers ...string) *http.Response {
	t.Helper()
	var content io.Reader
	if body != "" {
		content = strings.NewReader(body)
	}
	req := httptest.NewRequest(method, address, content)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	return rec.Result()
}

func decode[T any](t *testing.T, res *http.Response) T {
	t.Helper()
	return decodeText[T](t, read(t, res))
}

func decodeText[T any](t *testing.T, body string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	return v
}

func read(t testing.TB, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// askedOneByOne leaves a long test out of the runs that are made -short: those with
// the race detector, which finds nothing where one request follows the other.
func askedOneByOne(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("left out: -short")
	}
}
