package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

const servesMetrics = "scvotes serves metrics at "

// serving starts a server in this process, on a database. It ends with the test.
func startServing(t *testing.T, args ...string) (address string, stdout, stderr *output) {
	t.Helper()
	stdout, stderr = new(output), new(output)
	ended := make(chan error, 1)
	go func() {
		ended <- run(t.Context(), append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), stdout, stderr)
	}()
	t.Cleanup(func() { // t.Context has ended
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return stdout.wait(t, serves), stdout, stderr
}

// series are the metrics of one answer: help and type by name, values by series.
type series struct {
	kinds  map[string]string
	labels map[string][]string
	values map[string]string
}

var reSample = regexp.MustCompile(`^([a-z_:]+)(?:\{(.*)\})? (\S+)$`)

func scrape(t *testing.T, url string) series {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", url, res.Status, err)
	}
	s := series{map[string]string{}, map[string][]string{}, map[string]string{}}
	for lines := bufio.NewScanner(strings.NewReader(string(body))); lines.Scan(); {
		if words := strings.Fields(lines.Text()); words[0] == "#" {
			if words[1] == "TYPE" {
				s.kinds[words[2]] = words[3]
			}
			continue
		}
		m := reSample.FindStringSubmatch(lines.Text())
		if m == nil {
			t.Fatalf("a line of %s: %q", url, lines.Text())
		}
		name, labels := m[1], []string{}
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			if base := strings.TrimSuffix(name, suffix); s.kinds[base] == "histogram" {
				name = base
			}
		}
		for _, label := range regexp.MustCompile(`(\w+)="`).FindAllStringSubmatch(m[2], -1) {
			if label[1] != "le" {
				labels = append(labels, label[1])
			}
		}
		s.labels[name] = labels
		s.values[strings.TrimSuffix(lines.Text(), " "+m[3])] = m[3]
	}
	return s
}

// names are those of the program's own metrics.
func (s series) names() (list []string) {
	for name := range s.kinds {
		if strings.HasPrefix(name, "scvotes_") {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// TestMetrics runs a server with a database, and holds what it tells of itself
// against what it did, and against what the documents and the files for Grafana
// and Prometheus say that there is.
func TestMetrics(t *testing.T) {
	db := loaded(t)
	address, stdout, _ := startServing(t, "--database-url", db, "--metrics-addr", "127.0.0.1:0")
	metrics := strings.TrimSpace(strings.SplitAfter(stdout.String(), servesMetrics)[1])
	metrics, _, _ = strings.Cut(metrics, "\n")
	for range 3 {
		get[votes.Resolution](t, address+"/v1/resolutions/S-2024-835")
	}
	var got series
	eventually(t, "the first look at the database", func() bool {
		got = scrape(t, metrics)
		return got.values["scvotes_database_reachable"] == "1"
	})
	t.Run("values", func(t *testing.T) {
		for name, want := range map[string]string{
			`scvotes_http_requests_total{cache="miss",method="GET",route="/v1/resolutions/:id",status="200"}`: "1",
			`scvotes_http_requests_total{cache="hit",method="GET",route="/v1/resolutions/:id",status="200"}`:  "2",
			`scvotes_record_revision`:                                                            "3",
			`scvotes_record_resolutions`:                                                         "427",
			`scvotes_record_imports`:                                                             "2",
			`scvotes_record_newest_vote_timestamp_seconds`:                                       "1.7489952e+09", // 4 June 2025
			`scvotes_database_reachable`:                                                         "1",
			`scvotes_database_up{node="primary"}`:                                                "1",
			`scvotes_database_behind_seconds{node="primary"}`:                                    "0",
			`scvotes_import_seconds_count{result="unchanged"}`:                                   "2", // the starter record, which is there
			`scvotes_jobs{state="waiting"}`:                                                      "0",
			`scvotes_jobs_ended_total{result="failed"}`:                                          "0",
			`scvotes_webhooks{state="active"}`:                                                   "0",
			`scvotes_schema_version`:                                                             got.values["scvotes_schema_version_known"],
			`scvotes_build_info{go="` + runtime.Version() + `",version="` + versionText() + `"}`: "1",
		} {
			if got.values[name] != want {
				t.Errorf("%s is %q, want %q", name, got.values[name], want)
			}
		}
	})
	t.Run("apart", func(t *testing.T) {
		res, err := http.Get(address + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusNotFound {
			t.Errorf("the public address answers %s", res.Status)
		}
	})
	t.Run("documented", got.areDocumented)
	t.Run("used well", got.areUsedWell)
	t.Run("work", func(t *testing.T) {
		if added := cli(t, "webhook", "add", "--database-url", db, "https://127.0.0.1/"); added.code != 0 { // to where no message may go
			t.Fatal(added.stderr)
		}
		sendFile[votes.Job](t, address+"/v1/imports?file=statement.csv", importToken(t, db), "draft,date\nS/2015/1,never\n", "Prefer", "respond-async")
		if in := cli(t, "import", "--database-url", db, write(t, "gaza.csv", gazaVote)); in.code != 0 {
			t.Fatal(in.stderr)
		}
		eventually(t, "the metrics tell of a refused job and of a message that was not taken", func() bool {
			now := scrape(t, metrics).values
			return now[`scvotes_jobs_ended_total{result="refused"}`] == "1" && now[`scvotes_webhook_attempts_total{result="failed"}`] >= "1" &&
				now[`scvotes_webhook_messages_waiting`] != "0" && now[`scvotes_webhook_oldest_waiting_seconds`] != "0" && now[`scvotes_webhooks{state="active"}`] == "1"
		})
	})
	t.Run("record", func(t *testing.T) {
		if in := cli(t, "import", "--database-url", db, write(t, "votes.csv", anAdoptedVote)); in.code != 0 {
			t.Fatal(in.stderr)
		}
		get[votes.Resolution](t, address+"/v1/resolutions/S-RES-2334-2016")
		eventually(t, "the metrics tell of the import", func() bool {
			now := scrape(t, metrics)
			return now.values["scvotes_record_revision"] == "5" && now.values["scvotes_record_resolutions"] == "428" && now.values["scvotes_record_imports"] == "4"
		})
	})
}

// areDocumented holds the metrics against the table in docs/operations.md.
func (s series) areDocumented(t *testing.T) {
	doc := read(t, filepath.Join("..", "..", "docs", "operations.md"))
	documented := make(map[string][2]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `(scvotes_[a-z_]+)` \\| (\\w+) \\| ([^|]*)\\| \\S").FindAllStringSubmatch(doc, -1) {
		documented[row[1]] = [2]string{row[2], strings.TrimSpace(row[3])}
	}
	real := make(map[string][2]string)
	for _, name := range s.names() {
		var labels []string
		for _, label := range s.labels[name] {
			labels = append(labels, "`"+label+"`")
		}
		slices.Sort(labels)
		real[name] = [2]string{s.kinds[name], strings.Join(labels, " ")}
	}
	for name, row := range documented {
		labels := strings.Fields(row[1])
		slices.Sort(labels)
		documented[name] = [2]string{row[0], strings.Join(labels, " ")}
	}
	if diff := cmp.Diff(real, documented); diff != "" {
		t.Errorf("/metrics (-) and docs/operations.md (+): %s", diff)
	}
}

// A log in JSON has nothing else in it, whatever is logged.
func TestTheLogIsJSON(t *testing.T) {
	address, _, stderr := startServing(t, "--database-url", loaded(t), "--log-format", "json", "--log-level", "debug")
	for _, path := range []string{"/v1/resolutions", "/v1/resolutions", "/v1/nothing%0A", "/v1/resolutions?outcome=%22%0A"} {
		res, err := http.Get(address + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		id := res.Header.Get("X-Request-Id")
		eventually(t, "the line of "+path, func() bool { return strings.Contains(stderr.String(), `"request_id":"`+id+`"`) })
	}
	for line := range strings.Lines(stderr.String()) {
		var fields struct {
			Time, Level, Msg string
			RequestID        string `json:"request_id"`
		}
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields.Time == "" || fields.Level == "" || fields.Msg == "" {
			t.Errorf("%v: %s", err, line)
		}
		if (fields.Msg == "request" || fields.Msg == "from memory") != (fields.RequestID != "") {
			t.Errorf("the id of a request: %s", line)
		}
	}
}

func TestServeRefusesAnUnknownLogFormat(t *testing.T) {
	t.Setenv("SCVOTES_LOG_FORMAT", "xml")
	if got := cli(t, "serve", "--addr", "127.0.0.1:0"); got.code != exitUsage || !strings.Contains(got.stderr, `--log-format "xml": not text or json`) {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

// eventually waits for what another goroutine does.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: it did not come about", what)
		}
	}
}
