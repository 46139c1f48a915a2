package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"scvotes/store/pgtest"
	"scvotes/votes"
)

// importToken is a token that may send files.
func importToken(t *testing.T, db string) string {
	t.Helper()
	got := cli(t, "token", "create", "--database-url", db, "--name", "desk", "--scope", "import")
	if got.code != 0 {
		t.Fatalf("exit code %d: %s", got.code, got.stderr)
	}
	return "Bearer " + strings.TrimSpace(got.stdout)
}

// sendFile sends a file as the body, and decodes the answer.
func sendFile[T any](t *testing.T, address, token, body string, headers ...string) (answer T, res *http.Response) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "text/csv")
	return finish[T](t, req, token, headers...)
}

func finish[T any](t *testing.T, req *http.Request, token string, headers ...string) (answer T, res *http.Response) {
	t.Helper()
	req.Header.Set("Authorization", token)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := visitor.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &answer); err != nil {
		t.Fatalf("status %d: %v: %.500s", res.StatusCode, err, b)
	}
	return answer, res
}

// jobEnds waits until a job has ended, at whatever server.
func jobEnds(t *testing.T, address, token, id string) (j votes.Job) {
	t.Helper()
	until(t, time.Minute, "the job has ended", func() error {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address+"/v1/jobs/"+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		if j, _ = finish[votes.Job](t, req, token); !j.Ended() {
			return fmt.Errorf("it is %s", j.State)
		}
		return nil
	})
	return j
}

// manyVotes is a file of some MiB, each vote of it new.
func manyVotes(n int) string {
	var b bytes.Buffer
	b.WriteString("draft,date,tally,title\n")
	pad := strings.Repeat("a long title ", 60)
	for i := range n {
		fmt.Fprintf(&b, "S/2015/%d,2015-08-07,15-0-0,%s\n", 1000+i, pad)
	}
	return b.String()
}

func TestFilesOverTheNetwork(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	token := importToken(t, db)
	server := start(t, "", "serve", "--addr", "127.0.0.1:0", "--starter=false", "--database-url", db)
	address := server.stdout.wait(t, serves)
	imports := address + "/v1/imports?file=votes.csv"
	rep, res := sendFile[votes.ImportReport](t, imports+"&dry_run=true", token, anAdoptedVote)
	if res.StatusCode != http.StatusOK || rep.WouldChange == nil || rep.WouldChange.Total != 1 || rep.Landed {
		t.Errorf("a dry run: status %d, %+v", res.StatusCode, rep)
	}
	rep, res = sendFile[votes.ImportReport](t, imports, token, anAdoptedVote)
	if res.StatusCode != http.StatusCreated || !rep.Landed || rep.Revision != 1 || res.Header.Get("Location") != fmt.Sprintf("/v1/imports/%d", rep.Import) {
		t.Errorf("status %d, Location %q: %+v", res.StatusCode, res.Header.Get("Location"), rep)
	}
	if got := get[struct{ Import votes.Import }](t, address+res.Header.Get("Location")); got.Import.File != "votes.csv" || got.Import.Revision != 1 {
		t.Errorf("the import: %+v", got)
	}
	if rep, res = sendFile[votes.ImportReport](t, imports, token, anAdoptedVote); res.StatusCode != http.StatusOK || rep.Landed {
		t.Errorf("the same again: status %d, %+v", res.StatusCode, rep)
	}
	refused, res := sendFile[struct{ Report votes.ImportReport }](t, imports, token, strings.Replace(anAdoptedVote, "2016-12-23", "2016-12-33", 1))
	if p := refused.Report.Problems; res.StatusCode != http.StatusUnprocessableEntity || len(p) == 0 || p[0].Line != 2 || p[0].Column != "date" {
		t.Errorf("a fault: status %d, %+v", res.StatusCode, refused)
	}
	if _, res := sendFile[any](t, imports+"&format=nonsense", token, anAdoptedVote); res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a format that there is not: status %d", res.StatusCode)
	}
	job, res := sendFile[votes.Job](t, imports, token, manyVotes(2000))
	if res.StatusCode != http.StatusAccepted || res.Header.Get("Location") != "/v1/jobs/"+job.ID {
		t.Fatalf("a large file: status %d, %+v", res.StatusCode, job)
	}
	if job = jobEnds(t, address, token, job.ID); job.State != votes.JobDone || job.Report.ResolutionsNew != 2000 || job.BytesRead > job.Size {
		t.Errorf("a large file: %+v", job)
	}
	if got := cli(t, "audit", "--database-url", db); strings.Count(got.stdout, "POST /v1/imports") < 4 || !strings.Contains(got.stdout, "refused 422") || !strings.Contains(got.stdout, job.ID) {
		t.Errorf("the audit log:\n%s", got.stdout)
	}
	halfSent(t, db, address, token)
	server.signal(t, syscall.SIGTERM)
	if code := server.ends(t); code != 0 {
		t.Errorf("exit code %d: %s", code, server.stderr.String())
	}
	if got := cli(t, "verify", "--database-url", db); got.code != 0 {
		t.Errorf("verify: %s", got.stdout)
	}
}

// halfSent breaks uploads off half way: of a large one pieces are kept by then.
func halfSent(t *testing.T, db, address, token string) {
	t.Helper()
	for _, sent := range []int{100, 3 << 20} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := manyVotes(6000)
		fmt.Fprintf(conn, "POST /v1/imports HTTP/1.1\r\nHost: x\r\nAuthorization: %s\r\nContent-Type: text/csv\r\nContent-Length: %d\r\n\r\n%s", token, len(body), body[:sent])
		if sent > 1<<20 {
			until(t, 20*time.Second, "pieces are kept", func() error {
				if n := sqlCount(t, db, `SELECT count(*) FROM job_chunks`); n < 2 {
					return fmt.Errorf("%d are", n)
				}
				return nil
			})
		}
		conn.Close()
		until(t, 20*time.Second, "nothing is left of it", func() error {
			if n := sqlCount(t, db, `SELECT (SELECT count(*) FROM job_chunks) + (SELECT count(*) FROM jobs WHERE finished IS NULL)`); n != 0 {
				return fmt.Errorf("%d rows are", n)
			}
			return nil
		})
	}
}

func sqlCount(t *testing.T, db, sql string) (n int) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	if err := c.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A server is killed in mid import. Another takes the job up, and it lands once.
func TestAJobOfAKilledServerLandsOnce(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	token := importToken(t, db)
	serve := []string{"serve", "--addr", "127.0.0.1:0", "--starter=false", "--database-url", db}
	first := start(t, "", serve...)
	// The import waits for the lock that whoever writes holds, and is so in its middle.
	holder, err := pgx.Connect(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	defer holder.Close(t.Context())
	tx, err := holder.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock($1)`, 0x5cf07e5); err != nil {
		t.Fatal(err)
	}
	job, res := sendFile[votes.Job](t, first.stdout.wait(t, serves)+"/v1/imports", token, anAdoptedVote, "Prefer", "respond-async")
	if res.StatusCode != http.StatusAccepted || res.Header.Get("Preference-Applied") != "respond-async" {
		t.Fatalf("status %d: %+v", res.StatusCode, job)
	}
	until(t, 20*time.Second, "the job is under way", func() error {
		if sqlCount(t, db, `SELECT count(*) FROM jobs WHERE state = 'running'`) == 0 {
			return fmt.Errorf("it is not")
		}
		return nil
	})
	first.signal(t, syscall.SIGKILL)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	// As if it had been silent for a while.
	if _, err := holder.Exec(t.Context(), `UPDATE jobs SET seen = now() - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	second := start(t, "", serve...)
	if job = jobEnds(t, second.stdout.wait(t, serves), token, job.ID); job.State != votes.JobDone || job.Attempt != 2 || !job.Report.Landed {
		t.Errorf("the job: %+v", job)
	}
	if n := sqlCount(t, db, `SELECT count(*) FROM imports`); n != 1 {
		t.Errorf("the file landed %d times", n)
	}
}
