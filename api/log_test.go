package api

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Every line of a request tells its id: the one that is answered under
// X-Request-Id, also for what went wrong in between.
func TestEveryLineOfARequestHasItsID(t *testing.T) {
	f := newFake(t)
	f.fault = errors.New("out of order")
	var log bytes.Buffer
	h := New(f, testOptions(slog.New(slog.NewJSONHandler(&log, nil))))
	id := get(t, h, "/v1/resolutions", "X-Request-Id", "mine-1").Header.Get("X-Request-Id")
	if id != "mine-1" {
		t.Errorf("the client's id became %q", id)
	}
	var said []string
	for lines := bufio.NewScanner(&log); lines.Scan(); {
		var line map[string]any
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v in %s", err, lines.Text())
		}
		if line["request_id"] != id {
			t.Errorf("not of the request %s: %s", id, lines.Text())
		}
		if strings.Count(lines.Text(), "request_id") != 1 {
			t.Errorf("told twice: %s", lines.Text())
		}
		said = append(said, line["msg"].(string))
	}
	if got := strings.Join(said, ", "); got != "request failed, request" {
		t.Errorf("the log has: %s", got)
	}
}

func TestAnAnswerFromMemoryIsLoggedWithItsIDAtDebug(t *testing.T) {
	f := newFake(t)
	var log bytes.Buffer
	opt := testOptions(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	opt.News = followedNews(f)
	h := New(f, opt)
	get(t, h, "/v1/resolutions")
	log.Reset()
	id := get(t, h, "/v1/resolutions").Header.Get("X-Request-Id")
	if !strings.Contains(log.String(), "from memory") || !strings.Contains(log.String(), "request_id="+id) {
		t.Errorf("request %s: %s", id, log.String())
	}
}

// What a client sends becomes neither a line of its own nor a field of another,
// in either format.
func TestNobodyWritesLinesIntoTheLog(t *testing.T) {
	evil := "x\nlevel=ERROR msg=\"all is lost\"\r\n{\"msg\":\"all is lost\"}\x1b[2J\u2028\u202e"
	for name, handler := range map[string]func(*bytes.Buffer) slog.Handler{
		"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
		"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			f := newFake(t)
			f.fault = errors.New("no such thing: " + evil)
			h := New(f, testOptions(slog.New(handler(&log))))
			get(t, h, "/v1/"+url.PathEscape(evil))
			got := get(t, h, "/readyz?q="+url.QueryEscape(evil), "X-Request-Id", `a" level=ERROR msg="all is lost`).Header.Get("X-Request-Id")
			if !isRequestID(got) {
				t.Errorf("the answer's id is %q", got)
			}
			lines := strings.Split(strings.TrimSuffix(log.String(), "\n"), "\n")
			if len(lines) != 3 { // the failure has one more
				t.Errorf("%d lines of two requests:\n%s", len(lines), log.String())
			}
			whole := regexp.MustCompile(`^(time=\S+ level=(ERROR|INFO) msg="?request.*|\{"time":"[^"]+","level":"(ERROR|INFO)","msg":"request.*\})$`)
			for _, line := range lines {
				if !whole.MatchString(line) {
					t.Errorf("not a line of the server's: %q", line)
				}
			}
			for _, bad := range []string{"\r", "\x1b", "\nlevel"} {
				if strings.Contains(log.String(), bad) {
					t.Errorf("%q stands in the log", bad)
				}
			}
		})
	}
}

func TestOnlyANameIsTakenForARequestID(t *testing.T) {
	for id, ok := range map[string]bool{
		"": false, "a": true, "8f14e45f-ceea-467f-a6d4-5c2d1f6b3a10": true, "req_1.2": true, strings.Repeat("a", 64): true,
		strings.Repeat("a", 65): false, "a b": false, "a=b": false, `"`: false, "ü": false, "a\n": false,
	} {
		if isRequestID(id) != ok {
			t.Errorf("%q: %v", id, !ok)
		}
	}
}
