package api

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// The examples of the contract are asked as they stand there, and answered as
// they are answered there.
func TestTheExamplesOfWhatIfAreRight(t *testing.T) {
	c := contract(t)
	o, err := c.Find(http.MethodPost, "/v1/decide")
	if err != nil {
		t.Fatal(err)
	}
	h := New(newFake(t), testOptions(nil))
	requests := o.RequestBody.Value.Content["application/json"].Examples
	answers := o.Responses.Status(200).Value.Content["application/json"].Examples
	if len(requests) < 5 || len(answers) < 2 {
		t.Fatalf("%d requests, %d answers", len(requests), len(answers))
	}
	for name, example := range requests {
		body, err := json.Marshal(example.Value.Value)
		if err != nil {
			t.Fatal(err)
		}
		res := post(t, h, "/v1/decide", string(body))
		got := []byte(read(t, res))
		if res.StatusCode != 200 || res.Header.Get("Cache-Control") != "no-store" {
			t.Fatalf("%s: status %d, Cache-Control %q: %s", name, res.StatusCode, res.Header.Get("Cache-Control"), got)
		}
		if err := c.Check(o, res.StatusCode, res.Header, got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := answers[name]; want != nil {
			var answer any
			if err := json.Unmarshal(got, &answer); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Value.Value, answer); diff != "" {
				t.Errorf("%s: the example (-) and the answer (+):\n%s", name, diff)
			}
		}
	}
	for name := range answers {
		if requests[name] == nil {
			t.Errorf("%s is answered and never asked", name)
		}
	}
}

func TestFaultsOfABody(t *testing.T) {
	const date = `"date": "2024-11-20"`
	for name, c := range map[string]struct {
		body    string
		headers []string
		status  int
		faults  string // the parameters at fault
	}{
		"nothing":                   {"", nil, 400, "body"},
		"null":                      {"null", nil, 400, "date votes"},
		"an empty object":           {"{}", nil, 400, "date votes"},
		"a list":                    {"[]", nil, 400, "body"},
		"half an object":            {"{" + date, nil, 400, "body"},
		"two objects":               {"{" + date + `, "others": "yes"} {}`, nil, 400, "body"},
		"an unknown field":          {"{" + date + `, "others": "yes", "colour": 1}`, nil, 400, "body"},
		"a field of another type":   {`{"date": 20241120}`, nil, 400, "date"},
		"one within a list":         {"{" + date + `, "votes": [{"code": "USA", "position": 1}]}`, nil, 400, "votes.position"},
		"every fault at once":       {`{"date": "2024-13-20", "votes": [{"code": "Ethipia", "position": "maybe"}, {"code": "USA"}], "rule": "three_vetoes"}`, nil, 400, "date rule votes[0].code votes[0].position votes[1].position"},
		"a member without a seat":   {"{" + date + `, "votes": [{"code": "IND", "position": "no"}], "others": "yes"}`, nil, 400, "votes[0].code"},
		"a member twice":            {"{" + date + `, "votes": [{"code": "USA", "position": "no"}, {"code": "United States", "position": "yes"}]}`, nil, 400, "votes[1].code"},
		"a veto of an elected one":  {"{" + date + `, "tally": "14-1-0", "vetoes": ["DZA"]}`, nil, 400, "vetoes[0]"},
		"both roll and tally":       {"{" + date + `, "tally": "14-1-0", "others": "yes"}`, nil, 400, "tally"},
		"more votes than seats":     {"{" + date + `, "tally": "14-1-1"}`, nil, 400, "tally"},
		"what the rule has no use":  {"{" + date + `, "others": "yes", "mass_atrocity": true}`, nil, 400, "mass_atrocity"},
		"too many new members":      {"{" + date + `, "others": "yes", "rule": "council_25", "new_members": {"yes": 11}}`, nil, 400, "new_members"},
		"no Council":                {`{"date": "1945-06-26", "others": "yes"}`, nil, 400, "date"},
		"a form":                    {"date=2024-11-20", []string{"Content-Type", "application/x-www-form-urlencoded"}, 415, ""},
		"no type":                   {"{}", []string{"Content-Type", ""}, 415, ""},
		"JSON with a character set": {"{" + date + `, "others": "yes"}`, []string{"Content-Type", "application/json; charset=utf-8"}, 200, ""},
		"a book":                    {"{" + date + `, "others": "` + strings.Repeat("y", maxBody) + `"}`, nil, 413, ""},
	} {
		t.Run(name, func(t *testing.T) {
			h := New(newFake(t), testOptions(nil))
			res := post(t, h, "/v1/decide", c.body, c.headers...)
			if res.StatusCode != c.status {
				t.Fatalf("status %d, want %d: %s", res.StatusCode, c.status, read(t, res))
			}
			var parameters []string
			p := decode[problem](t, res)
			for _, f := range p.Errors {
				parameters = append(parameters, f.Parameter)
				if f.Message == "" {
					t.Errorf("%s is at fault and nothing says why", f.Parameter)
				}
			}
			slices.Sort(parameters)
			if got := strings.Join(parameters, " "); got != c.faults {
				t.Errorf("at fault are %q, want %q: %s", got, c.faults, p.Detail)
			}
		})
	}
}

func TestFaultsOfABodyAreAsDocumented(t *testing.T) {
	c := contract(t)
	o, err := c.Find(http.MethodPost, "/v1/decide")
	if err != nil {
		t.Fatal(err)
	}
	h := New(newFake(t), testOptions(nil))
	for status, res := range map[int]*http.Response{
		400: post(t, h, "/v1/decide?rule=charter", "{}"),
		413: post(t, h, "/v1/decide", strings.Repeat(" ", maxBody+1)),
		414: post(t, h, "/v1/decide?"+strings.Repeat("a", maxURI), "{}"),
		415: post(t, h, "/v1/decide", "{}", "Content-Type", "text/plain"),
	} {
		body := []byte(read(t, res))
		if res.StatusCode != status {
			t.Errorf("status %d, want %d", res.StatusCode, status)
		}
		if err := c.Check(o, res.StatusCode, res.Header, body); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// A body that stops coming is a fault of the request, told without the addresses
// that the network's own words have in them.
func TestABodyThatStopsComing(t *testing.T) {
	stuck := &net.OpError{Op: "read", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 8080}, Err: os.ErrDeadlineExceeded}
	req := httptest.NewRequest(http.MethodPost, "/v1/decide", io.MultiReader(strings.NewReader(`{"date":`), iotest.ErrReader(stuck)))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	New(newFake(t), testOptions(nil)).ServeHTTP(rec, req)
	if body := rec.Body.String(); rec.Code != http.StatusBadRequest || strings.Contains(body, "192.0.2.7") || !strings.Contains(body, "did not come whole") {
		t.Errorf("status %d: %s", rec.Code, body)
	}
}
