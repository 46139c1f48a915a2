package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pace is how long one line of asked is measured, twice: as many requests as fit
// into the time, within the bounds.
type pace struct {
	time       time.Duration
	least      int
	most       int
	onceBeyond time.Duration // an answer that takes longer is asked for no second time
}

func (s settings) pace() pace {
	if s.quick {
		return pace{100 * time.Millisecond, 3, 50, 2 * time.Second}
	}
	return pace{350 * time.Millisecond, 3, 150, 3 * time.Second}
}

// routes serves every record and measures every request.
func routes(ctx context.Context, s settings, records []*record, rep *report) error {
	var servers []*served
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	for _, r := range records {
		one, err := r.serve(ctx)
		if err != nil {
			return fmt.Errorf("%dx: %w", r.factor, err)
		}
		servers = append(servers, one)
		if one.values, err = r.sample(ctx, one); err == nil {
			rep.add(figure{what: "server, peak memory before the first request", factor: r.factor, amount: one.peakMB(), requests: 1, unit: megabytes})
			err = one.warm(ctx)
		}
		if err != nil {
			return fmt.Errorf("%dx: %w", r.factor, err)
		}
	}
	fmt.Fprintf(s.log, "%d requests to measure\n", len(requests()))
	for _, streams := range []bool{false, true} {
		if err := measure(ctx, servers, streams, s.pace(), rep); err != nil {
			return err
		}
	}
	return nil
}

// measure measures what streams, or what does not: the tables of the whole
// record come last, so that nothing else is measured beside the memory they
// leave. Every request has two turns with all the others between them.
func measure(ctx context.Context, servers []*served, streams bool, p pace, rep *report) error {
	list := slices.DeleteFunc(requests(), func(q request) bool { return streamed(q.route) != streams })
	took := make([]turns, len(list)*len(servers))
	for range 2 {
		for i, q := range list {
			for j, s := range servers {
				if err := took[i*len(servers)+j].take(ctx, s, q, p); err != nil {
					return fmt.Errorf("%dx: %s: %w", s.factor, q, err)
				}
			}
		}
	}
	for i := range took {
		q := list[i/len(servers)]
		f := took[i].figure()
		f.what, f.route, f.factor = q.String(), q.route, servers[i%len(servers)].factor
		rep.add(f)
	}
	what := "server, peak memory: JSON, pages and pictures"
	if streams {
		what = "server, peak memory: and tables as CSV, NDJSON and zip"
	}
	for _, s := range servers {
		rep.add(figure{what: what, factor: s.factor, amount: s.peakMB(), requests: 1, unit: megabytes})
	}
	return nil
}

func streamed(route string) bool {
	return strings.HasSuffix(route, ".csv") || strings.HasSuffix(route, ".ndjson") || strings.HasSuffix(route, ".zip")
}

// served is a running server.
type served struct {
	cmd    *exec.Cmd
	factor int
	origin string
	client *http.Client
	values sample
	token  string // for the routes that are not open to everybody
}

// closed are the routes that are asked with a token. It costs the others their
// way through memory.
var closed = []string{"/v1/audit", "/v1/jobs/{id}", "/v1/webhooks", "/v1/webhooks/{id}", "/v1/webhooks/{id}/deliveries"}

func (r *record) serve(ctx context.Context) (*served, error) {
	if err := r.edited(ctx); err != nil {
		return nil, err
	}
	token, err := r.token(ctx)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, r.binary, "serve", "--addr", "127.0.0.1:0", "--starter=false", "--rate", "0")
	cmd.Env = append(os.Environ(), "DATABASE_URL="+r.server.DSN(), "SCVOTES_CACHE_BYTES=0")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// An answer of a hundred times the record may take long: it is to be seen
	// how long, and not cut short here.
	s := &served{cmd: cmd, factor: r.factor, token: token, client: &http.Client{Timeout: 3 * time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, at, ok := strings.Cut(lines.Text(), "http://"); ok {
			s.origin = "http://" + strings.Fields(at)[0]
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return s, nil
		}
	}
	return nil, errors.Join(errors.New("scvotes serve told no address"), cmd.Wait())
}

func (s *served) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // how it ends is nothing that is measured
}

// peakMB is the most memory that the server ever held, 0 where the system does
// not tell.
func (s *served) peakMB() float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(b), "VmHWM:")
	kB, _ := strconv.ParseFloat(strings.TrimSpace(strings.SplitN(after, "kB", 2)[0]), 64)
	return kB / 1024
}

// sample takes from the record what the addresses are made with.
func (r *record) sample(ctx context.Context, s *served) (sample, error) {
	values := sample{"origin": {s.origin}, "code": {"USA"}, "a": {"FRA"}, "b": {"USA"}}
	for name, sql := range map[string]string{
		// Spread over the record, and the same at every run.
		"id":          "SELECT id FROM resolutions ORDER BY md5(id) LIMIT 200",
		"symbol":      "SELECT draft FROM resolutions WHERE draft IS NOT NULL ORDER BY md5(draft) LIMIT 20",
		"topic":       "SELECT topic FROM resolutions GROUP BY topic ORDER BY count(*) DESC, topic OFFSET 3 LIMIT 1",
		"agenda_item": "SELECT agenda_item FROM resolutions GROUP BY agenda_item ORDER BY count(*) DESC, agenda_item OFFSET 40 LIMIT 1",
		"import":      "SELECT max(id) FROM imports",
		"webhook":     `WITH hook AS (INSERT INTO webhooks (url, events, state, told) VALUES ('https://example.org/', '{veto.cast}', 'paused', 0) RETURNING id) SELECT id FROM hook`,
		// One that has ended, and is told of as any other.
		"job": `WITH job AS (INSERT INTO jobs (id, state, file, options, finished)
			VALUES ('job_' || md5(random()::text), 'cancelled', 'a.csv', '{"Order": {}, "Call": {}}', now()) RETURNING id) SELECT id FROM job`,
	} {
		lines, err := r.query(ctx, sql)
		if err != nil {
			return nil, err
		}
		values[name] = lines
	}
	answer, err := s.client.Get(s.origin + "/v1/resolutions?limit=200")
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	var page struct{ Next string }
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
		return nil, err
	}
	next, err := url.Parse(page.Next)
	if err != nil {
		return nil, err
	}
	values["cursor"] = []string{next.Query().Get("cursor")}
	return values, nil
}

// warm lets the server, the connections and the database's caches begin.
func (s *served) warm(ctx context.Context) error {
	for i := range 100 {
		for _, q := range []request{{route: "/v1/resolutions", query: "limit=1&year=1950"}, {route: "/v1/resolutions/{id}"}} {
			if _, err := s.ask(ctx, q, i, &figure{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// turns is what was measured of one request.
type turns struct {
	took []time.Duration
	last figure
}

// take asks again and again, one request at a time.
func (t *turns) take(ctx context.Context, s *served, q request, p pace) error {
	if n := len(t.took); n > 0 && t.took[n-1] > p.onceBeyond {
		return nil
	}
	for began, n := time.Now(), 0; n < p.least || n < p.most && time.Since(began) < p.time; n++ {
		d, err := s.ask(ctx, q, len(t.took), &t.last)
		if err != nil {
			return err
		}
		if t.took = append(t.took, d); d > p.onceBeyond {
			break
		}
	}
	return nil
}

// figure tells the first answer by itself: it counts what the others know.
func (t *turns) figure() figure {
	f, rest := t.last, t.took
	f.first, f.requests = rest[0], len(rest)
	if len(rest) > 1 {
		rest = rest[1:]
	}
	f.median, f.p99 = median(rest), worst(rest)
	return f
}

func (s *served) ask(ctx context.Context, q request, i int, f *figure) (time.Duration, error) {
	address, err := q.address(s.values, i)
	if err != nil {
		return 0, err
	}
	var body io.Reader
	if q.method == http.MethodPost {
		body = strings.NewReader(decideBody)
	}
	r, err := http.NewRequestWithContext(ctx, q.method, s.origin+address, body)
	if err != nil {
		return 0, err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if slices.Contains(closed, q.route) {
		r.Header.Set("Authorization", "Bearer "+s.token)
	}
	r.Header.Set("Accept-Encoding", "identity") // the bytes are those of the answer itself
	began := time.Now()
	answer, err := s.client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	f.bytes, err = io.Copy(io.Discard, answer.Body)
	d := time.Since(began)
	if f.status == 0 || answer.StatusCode >= http.StatusBadRequest {
		f.status = answer.StatusCode
	}
	if err != nil {
		f.broken = true // an answer that ends before its end, as one that takes too long
	}
	if answer.StatusCode >= http.StatusBadRequest && answer.StatusCode < http.StatusInternalServerError {
		return d, fmt.Errorf("%s is answered %s", address, answer.Status)
	}
	return d, nil
}
