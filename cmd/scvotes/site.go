package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"scvotes/store"
)

// siteOptions is what export --site was told.
type siteOptions struct {
	dir       string
	publicURL string
	pictures  bool             // also the PNG of every vote
	now       func() time.Time // the clock of every answer
	stderr    io.Writer
}

func (o *siteOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&o.dir, "site", "", "write the API and the pages as files into this folder, for any web host")
	f.StringVar(&o.publicURL, "public-url", "", "with --site: where the world will find it, as https://votes.example.org (SCVOTES_PUBLIC_URL)")
	f.BoolVar(&o.pictures, "pictures", true, "with --site: also the PNG pictures of every vote, most of its bytes")
	o.now = time.Now
}

// check refuses a command line that asks for a site and something else, or for
// no site and its settings.
func (o *siteOptions) check(c *cobra.Command) error {
	given := c.Flags().Changed
	if !given("site") {
		for _, name := range []string{"public-url", "pictures"} {
			if given(name) {
				return usageError{fmt.Errorf("--%s is for --site", name)}
			}
		}
		return nil
	}
	for _, name := range []string{"format", "output"} {
		if given(name) {
			return usageError{fmt.Errorf("--%s and --site do not go together: a site has every format", name)}
		}
	}
	if o.dir == "" {
		return usageError{errors.New("--site needs the name of a folder")}
	}
	o.publicURL = orEnv(o.publicURL, "SCVOTES_PUBLIC_URL", "")
	origin, err := siteOrigin(o.publicURL)
	if err != nil {
		return usageError{err}
	}
	o.publicURL, o.stderr = origin, c.ErrOrStderr()
	return nil
}

// siteOrigin reads the public address. Pages lead to each other from the root of
// their host, so that it can have no path.
func siteOrigin(address string) (string, error) {
	if address == "" {
		return "", errors.New("--site needs --public-url (or SCVOTES_PUBLIC_URL): feeds, citations and pages hold absolute addresses")
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("--public-url %q: it is an address as https://votes.example.org", address)
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", fmt.Errorf("--public-url %q: a site has a host of its own, and its address nothing behind that", address)
	}
	return u.Scheme + "://" + u.Host, nil
}

// exportSite writes everything that the server answers into a folder, all of one
// moment of the record. The folder is replaced when the last file is written,
// and left as it was after any failure.
func exportSite(ctx context.Context, s *store.Store, opt siteOptions, stdout io.Writer) error {
	began := time.Now()
	dir, err := siteFolder(opt.dir)
	if err != nil {
		return fmt.Errorf("cannot write %s: %w", opt.dir, plainPathError(err))
	}
	opt.dir = dir
	if err := mayReplace(opt.dir); err != nil {
		return err
	}
	staging, err := stage(opt.dir)
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging) // no such folder once it was renamed
	var m *siteManifest
	var routes []siteRoute
	if err := atMoments(ctx, s, siteWorkers(), func(moments []*moment) (err error) {
		m, routes, err = crawlSite(ctx, moments, staging, opt)
		return err
	}); err != nil {
		return err
	}
	if err := m.writeHostFiles(staging, opt.dir, routes); err != nil {
		return err
	}
	if err := m.write(filepath.Join(staging, manifestName)); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := replace(opt.dir, staging); err != nil {
		return err
	}
	m.summary(stdout, opt.dir, time.Since(began))
	return nil
}

// summary tells what was written, and what was not.
func (m *siteManifest) summary(w io.Writer, dir string, took time.Duration) {
	var bytes int64
	for _, f := range m.Files {
		bytes += f.Bytes
	}
	fmt.Fprintf(w, "%s: %s at revision %d\n", dir, m.PublicURL, m.Revision.Number)
	fmt.Fprintf(w, "  files:     %d, %.1f MB, in %.1f s\n", len(m.Files), float64(bytes)/1e6, took.Seconds())
	fmt.Fprintf(w, "  redirects: %d\n", len(m.Moved))
	if m.LeftOut > 0 {
		fmt.Fprintf(w, "  left out:  %s (--pictures=false)\n", counted(m.LeftOut, "picture"))
	}
	n := 0
	for _, questions := range m.Questions {
		n += questions
	}
	fmt.Fprintf(w, "  questions: %s with a filter that only a server answers, of %d paths\n", counted(n, "link"), len(m.Questions))
	if len(m.Dead) > 0 { // as examples in the contract of votes that this record does not hold
		fmt.Fprintf(w, "  dead:      %s to which the server has no answer either: see %s\n", counted(len(m.Dead), "link"), manifestName)
	}
	fmt.Fprintln(w, "  a host that does not read nginx.conf drops what stands behind ? in an address: see docs/site.md")
}
