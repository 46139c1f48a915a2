package api

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scvotes/votes"
)

// accountsPage is the page on accounts for people who quote the record.
func accountsPage(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../docs/accounts.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryKindOfDiscrepancyIsExplained(t *testing.T) {
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (.*) \\|$").FindAllStringSubmatch(accountsPage(t), -1) {
		explained = append(explained, row[1])
		if !strings.HasSuffix(row[2], ".") {
			t.Errorf("%s: %q is no sentence", row[1], row[2])
		}
	}
	if diff := cmp.Diff(votes.DiscrepancyKinds, explained); diff != "" {
		t.Errorf("kinds (-) and the table of docs/accounts.md (+) differ:\n%s", diff)
	}
}

func TestThePageOnAccountsLeadsToWhatThereIs(t *testing.T) {
	c := contract(t)
	h := New(newFake(t), testOptions(nil))
	addresses := regexp.MustCompile("`(/v1/[^`]*)`").FindAllStringSubmatch(accountsPage(t), -1)
	if len(addresses) < 5 {
		t.Fatalf("%d addresses", len(addresses))
	}
	for _, a := range addresses {
		if _, err := c.Find(http.MethodGet, a[1]); err != nil {
			t.Errorf("%s: %v", a[1], err)
		}
		if status := get(t, h, a[1]).StatusCode; status == 400 || status >= 500 {
			t.Errorf("%s: status %d", a[1], status)
		}
	}
}
