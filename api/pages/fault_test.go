package pages

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"scvotes/votes"
)

// faultAt makes the page for a fault at an address.
func faultAt(t *testing.T, r Reader, address string, status int, title, detail string, faults votes.Faults, suggestions ...string) string {
	t.Helper()
	c := echo.New().NewContext(httptest.NewRequest(http.MethodGet, address, nil), httptest.NewRecorder())
	c.Response().Header().Set(echo.HeaderXRequestID, "number-of-the-request")
	body, err := sampleSite(r).Fault(c, status, title, detail, faults, suggestions)
	if err != nil {
		t.Fatal(err)
	}
	checkHTML(t, string(body))
	return string(body)
}

func TestFaultHelps(t *testing.T) {
	missing := faultAt(t, newSample(t), "/resolutions/S-2024-836", http.StatusNotFound, "Not found", "the record holds no vote S-2024-836", nil, "S-2024-835")
	for _, want := range []string{"<h1>Not found</h1>", "The record holds no vote S-2024-836.", `<a href="/resolutions/S-2024-835">S-2024-835</a>`,
		`name="q" value="S-2024-836"`, `<a href="/">`, "Revision 3"} {
		if !strings.Contains(missing, want) {
			t.Errorf("404 lacks %q", want)
		}
	}
	if strings.Contains(missing, "number-of-the-request") {
		t.Error("404 gives the number of a fault that was not logged")
	}
	refused := faultAt(t, newSample(t), "/resolutions?q=gaza&year=soon", http.StatusBadRequest, "The request has faults", "year: no year",
		votes.Faults{{Parameter: "year", Value: "soon", Message: "is no year"}})
	for _, want := range []string{"year “soon”: is no year", `value="gaza"`} {
		if !strings.Contains(refused, want) {
			t.Errorf("400 lacks %q", want)
		}
	}
	if strings.Contains(refused, "Year: no year.") {
		t.Error("400 tells its faults twice")
	}
}

// The page has to come out when the record cannot be read: that is what it tells of.
func TestFaultWithoutARecord(t *testing.T) {
	r := newSample(t)
	r.fault = errors.New("the database is away")
	body := faultAt(t, r, "/", http.StatusInternalServerError, "Internal error", "", nil)
	if strings.Contains(body, "database") || !strings.Contains(body, "number-of-the-request") || !strings.Contains(body, `href="/vetoes"`) {
		t.Errorf("got %s", body)
	}
}

func TestFaultEscapesWhatWasAsked(t *testing.T) {
	body := faultAt(t, newSample(t), "/resolutions/%22%3E%3Cscript%3Ealert(1)%3C/script%3E", http.StatusNotFound, "Not found", hostile, nil, `"><script>`)
	if strings.Contains(body, "<script") {
		t.Errorf("what was asked for became markup: %s", body)
	}
	long := faultAt(t, newSample(t), "/resolutions/"+strings.Repeat("x", 5000), http.StatusNotFound, "Not found", "", nil)
	if strings.Contains(long, `value="xx`) {
		t.Error("a search field is filled with an address of 5,000 letters")
	}
}

func TestMissing(t *testing.T) {
	r := newSample(t)
	err := sampleSite(r).Missing(t.Context(), "S-2024-836")
	if m := (MissingError{}); !errors.As(err, &m) || !errors.Is(err, votes.ErrNotFound) || len(m.Suggestions) != 1 || m.Suggestions[0] != "S-2024-835" {
		t.Errorf("got %v", err)
	}
	r.fault = errors.New("the database is away")
	if err := sampleSite(r).Missing(t.Context(), "S-2024-836"); !errors.Is(err, r.fault) || errors.Is(err, votes.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

// Each template fits its page, also where the page has nothing to show.
func TestTemplatesFitTheirPages(t *testing.T) {
	for _, p := range []page{aboutPage{}, dataPage{}, embedPage{}, faultPage{}} {
		body, err := render(p)
		if err != nil {
			t.Errorf("%s: %v", p.template(), err)
			continue
		}
		checkHTML(t, string(body))
	}
}
