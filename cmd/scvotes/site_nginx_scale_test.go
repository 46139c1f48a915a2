//go:build scale

package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scvotes/api"
	"scvotes/store"
)

// TestSiteOfTheStarterRecord compares every file of a whole record with what the
// server answers, and then with what nginx answers by the configuration that the
// export writes.
func TestSiteOfTheStarterRecord(t *testing.T) { siteBehindNginx(t, openStore(t, loaded(t))) }

func TestSiteOfThePublishedRecord(t *testing.T) {
	if testing.Short() {
		t.Skip("60,000 files")
	}
	siteBehindNginx(t, openStore(t, published(t)))
}

func siteBehindNginx(t *testing.T, s *store.Store) {
	dir, m := exported(t, s, siteOptions{})
	t.Run("server", func(t *testing.T) {
		checkSite(t, s, dir, m)
		checkEveryRoute(t, dir, m)
		checkLinks(t, dir, m, 50)
	})
	server := startNginx(t, filepath.Join(dir, "nginx.conf"))
	t.Run("files", func(t *testing.T) {
		eachAtOnce(m.Files, func(f siteFile) {
			f.ETag = "" // nginx makes its own
			if err := f.checkHost(dir, server, m); err != nil {
				t.Errorf("%s: %v", f.Address, err)
			}
		})
	})
	t.Run("redirects", func(t *testing.T) {
		eachAtOnce(m.Moved, func(move siteMove) {
			status, header, _, err := askPlainly(server + move.Address)
			if err != nil || status != move.Status || header.Get("Location") != move.Location || header.Get("Access-Control-Allow-Origin") != "*" {
				t.Errorf("%s: %v, %d to %q; want %d to %q", move.Address, err, status, header.Get("Location"), move.Status, move.Location)
			}
		})
	})
	t.Run("no answer is another's", func(t *testing.T) { checkNotThere(t, server) })
	t.Run("a server behind it", func(t *testing.T) { checkServerBehind(t, s, dir) })
}

// checkServerBehind changes nginx.conf as docs/site.md tells, and asks for what
// has a file and what has none.
func checkServerBehind(t *testing.T, s *store.Store, dir string) {
	t.Helper()
	behind := httptest.NewServer(api.New(reader{s}, api.Options{PublicURL: siteURL}))
	defer behind.Close()
	var command string
	for _, b := range fenced(read(t, filepath.Join("..", "..", "docs", "site.md"))) {
		if strings.HasPrefix(b.text, "sed ") {
			command = b.text
		}
	}
	conf := write(t, "nginx.conf", read(t, filepath.Join(dir, "nginx.conf")))
	sed := exec.Command("sh", "-c", strings.Replace(command, "http://127.0.0.1:8080", behind.URL, 1))
	sed.Dir = filepath.Dir(conf)
	if out, err := sed.CombinedOutput(); err != nil || command == "" {
		t.Fatalf("%v: %s%s", err, command, out)
	}
	server := startNginx(t, conf)
	for _, address := range []string{"/v1/resolutions?outcome=vetoed&limit=1", "/resolutions?outcome=vetoed&topic=nothing", "/healthz", "/resolutions/S-1900-1"} {
		status, _, body, err := askPlainly(server + address)
		want, _, asked, err2 := askPlainly(behind.URL + address)
		if err != nil || err2 != nil || status != want || !bytes.Equal(body, asked) {
			t.Errorf("%s: %v %v, status %d, the server says %d\n%.300s", address, err, err2, status, want, body)
		}
	}
	res, err := plainly.Post(server+"/v1/decide", "application/json", strings.NewReader(`{"date":"2024-11-20"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusMethodNotAllowed {
		t.Errorf("POST /v1/decide: status %d: the server was not asked", res.StatusCode)
	}
}

// checkHost compares a file with what a host answers to its address.
func (f siteFile) checkHost(dir, server string, m *siteManifest) error {
	file, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.File)))
	if err != nil {
		return err
	}
	status, header, body, err := askPlainly(server + f.Address)
	switch {
	case err != nil:
		return err
	case status != http.StatusOK || !bytes.Equal(file, body):
		return fmt.Errorf("status %d, %d bytes of %d", status, len(body), len(file))
	case header.Get("Content-Type") != f.ContentType || header.Get("ETag") == "" || header.Get("Last-Modified") == "":
		return fmt.Errorf("its head is %v, not of %s", header, f.ContentType)
	}
	for _, said := range []map[string]string{m.Headers, f.Headers} {
		for name, value := range said {
			if name != "Link" && header.Get(name) != value { // the next page is in the body too
				return fmt.Errorf("%s %q, not %q", name, header.Get(name), value)
			}
		}
	}
	return nil
}

// checkNotThere asks for what the site does not hold.
func checkNotThere(t *testing.T, server string) {
	t.Helper()
	for address, page := range map[string]bool{
		"/resolutions?outcome=vetoed&topic=nothing": true,
		"/resolutions?after=nonsense":               true,
		"/no-such-page":                             true,
		"/resolutions/S-1900-1":                     true,
		"/nginx.conf":                               true,
		"/_headers":                                 true,
		"/_query/resolutions/after=x.html":          true,
		"/404.html":                                 true,
		"/v1/resolutions?outcome=vetoed&limit=1":    false,
		"/v1/resolutions?cursor=nonsense":           false,
		"/v1/resolutions?../../../../etc/passwd":    false,
		"/v1/resolutions?..%2f..%2fnginx.conf":      false,
		"/v1/resolutions.csv?..":                    false,
		"/v1/resolutions.csv?outcome=vetoed":        false,
		"/v1/no-such-thing":                         false,
		"/v1/decide":                                false,
		"/v1":                                       false,
	} {
		status, header, body, err := askPlainly(server + address)
		want, words := "application/problem+json", `"title":"Not in this copy"`
		if page {
			want, words = "text/html; charset=UTF-8", "<h1>Not in this copy</h1>"
		}
		if err != nil || status != http.StatusNotFound || header.Get("Content-Type") != want || header.Get("Cache-Control") != "no-store" || !strings.Contains(string(body), words) {
			t.Errorf("%s: %v, status %d, %v\n%.200s", address, err, status, header, body)
		}
	}
	for address, to := range map[string]string{"/about/": "/about", "/members/USA/?show=all": "/members/USA?show=all", "//elsewhere.example/": "/elsewhere.example"} {
		status, header, _, err := askPlainly(server + address)
		if err != nil || status != http.StatusPermanentRedirect || header.Get("Location") != to {
			t.Errorf("%s: %v, %d to %q, want %q", address, err, status, header.Get("Location"), to)
		}
	}
	res, err := plainly.Post(server+"/v1/decide", "application/json", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusNotFound {
		t.Errorf("POST /v1/decide: status %d", res.StatusCode)
	}
}

// startNginx serves a site by its nginx.conf, and returns the address.
func startNginx(t *testing.T, conf string) string {
	t.Helper()
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/nginx"); err != nil {
			t.Fatal("nginx is not installed: apt-get install nginx-light")
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	home := t.TempDir()
	conf = read(t, conf)
	if !strings.Contains(conf, "\tlisten 80;\n") {
		t.Fatal("nginx.conf does not listen on port 80")
	}
	site := filepath.Join(home, "site.conf")
	main := fmt.Sprintf("daemon off; master_process off; pid %[1]s/pid; error_log %[1]s/error.log; events { }\nhttp {\n access_log off;\n", home)
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		main += fmt.Sprintf(" %s_temp_path %s/%s;\n", kind, home, kind)
	}
	main += fmt.Sprintf(" include %s;\n}\n", site)
	for name, text := range map[string]string{site: strings.Replace(conf, "listen 80;", "listen "+address+";", 1), filepath.Join(home, "main.conf"): main} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var said output
	cmd := exec.Command(program, "-p", home, "-c", filepath.Join(home, "main.conf"))
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if res, err := plainly.Get("http://" + address + "/robots.txt"); err == nil {
			_, _ = io.Copy(io.Discard, res.Body)
			res.Body.Close()
			return "http://" + address
		}
		if time.Now().After(deadline) {
			errors, _ := os.ReadFile(filepath.Join(home, "error.log"))
			t.Fatalf("nginx does not answer:\n%s%s", said.String(), errors)
		}
	}
}
