package webhook

import (
	"context"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"golang.org/x/net/dns/dnsmessage"

	"scvotes/votes"
)

var body = []byte(`{"type":"webhook.test"}`)

// receiver is a server of TLS on this machine, and a sender that may reach it.
func receiver(t *testing.T, opt Options, h http.HandlerFunc) (*httptest.Server, *Sender) {
	t.Helper()
	server := httptest.NewTLSServer(h)
	t.Cleanup(server.Close)
	opt.Roots = x509.NewCertPool()
	opt.Roots.AddCert(server.Certificate())
	if opt.Allow == nil {
		opt.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	return server, NewSender(opt)
}

func TestReceiversCanTellWhoSent(t *testing.T) {
	before, after, stranger := NewSecret(), NewSecret(), NewSecret()
	var verified []error
	server, s := receiver(t, Options{UserAgent: "scvotes/test"}, func(w http.ResponseWriter, r *http.Request) {
		got, _ := io.ReadAll(r.Body)
		for _, secret := range []string{before, after, stranger} {
			v, err := standardwebhooks.NewWebhook(secret)
			if err != nil {
				t.Error(err)
			}
			verified = append(verified, v.Verify(got, r.Header))
		}
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("webhook-id") != "msg_1" || r.UserAgent() != "scvotes/test" {
			t.Errorf("%s with %v", r.Method, r.Header)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	a := s.Send(t.Context(), server.URL+"/hook", []string{after, before}, "msg_1", body)
	if a.Error != "" || a.Status != http.StatusNoContent {
		t.Fatalf("sent: %+v", a)
	}
	if verified[0] != nil || verified[1] != nil || verified[2] == nil {
		t.Errorf("verified by the secret before, the one after and that of a stranger: %v", verified)
	}
}

func TestASecretIsOfTheScheme(t *testing.T) {
	if err := votes.CheckWebhookSecret(NewSecret()); err != nil {
		t.Error(err)
	}
	for _, secret := range []string{"", "whsec_", "whsec_AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "whsec_!!!!" + strings.Repeat("A", 40)} {
		if votes.CheckWebhookSecret(secret) == nil {
			t.Errorf("%q was taken", secret)
		}
	}
	if a := NewSender(Options{}).Send(t.Context(), "https://example.org", nil, "msg_1", body); a.Error == "" {
		t.Error("a message without a signature was sent")
	}
}

// Nothing is sent to these, whatever the form the address is written in.
func TestPrivateAddressesAreRefused(t *testing.T) {
	s := NewSender(Options{Timeout: 2 * time.Second})
	for _, host := range []string{
		"127.0.0.1", "127.1.2.3", "localhost", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1",
		"192.0.0.1", "192.0.2.1", "198.18.0.1", "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[fc00::1]", "[ff02::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]",
		"[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001::1]", "[2001:db8::1]", "[100::1]",
	} {
		a := s.Send(t.Context(), "https://"+host+":9/", []string{NewSecret()}, "msg_1", body)
		if a.Error != errNotPublic.Error() {
			t.Errorf("%s: %q, want it refused", host, a.Error)
		}
	}
}

func TestPlainHTTPGoesToAllowedNetworksOnly(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	for allow, want := range map[string]string{"": errPlain.Error(), "10.0.0.0/8": errPlain.Error(), "127.0.0.0/8, fd00::/8": ""} {
		networks, err := ParseAllowed(allow)
		if err != nil {
			t.Fatal(err)
		}
		if a := NewSender(Options{Allow: networks}).Send(t.Context(), server.URL, []string{NewSecret()}, "msg_1", body); a.Error != want {
			t.Errorf("with %q allowed: %q, want %q", allow, a.Error, want)
		}
	}
	if _, err := ParseAllowed("10.0.0.0"); err == nil {
		t.Error("an address was taken for a network")
	}
}

// An answer of the name server is held against the rule each time: a name that
// led to an allowed address leads to another one a moment later.
func TestANameThatLeadsElsewhereIsOfNoHelp(t *testing.T) {
	var asked atomic.Int32
	names := nameServer(t, func() [4]byte {
		if asked.Add(1) <= 2 { // A and AAAA of the first message
			return [4]byte{127, 0, 0, 1}
		}
		return [4]byte{127, 0, 0, 2}
	})
	got := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		got++
		w.Header().Set("Connection", "close")
	}))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	s := NewSender(Options{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Resolver: names})
	for i, want := range []string{"", errPlain.Error()} {
		a := s.Send(t.Context(), "http://hook.example.org:"+port, []string{NewSecret()}, "msg_1", body)
		if a.Error != want {
			t.Errorf("message %d: %q, want %q", i+1, a.Error, want)
		}
	}
	if got != 1 {
		t.Errorf("%d messages came", got)
	}
}

// nameServer answers every question for an address with what address gives.
func nameServer(t *testing.T, address func() [4]byte) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil {
				continue
			}
			m.Response, m.Additionals = true, nil
			a := address()
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, Type: q.Type}, Body: &dnsmessage.AResource{A: a}}}
			}
			if answer, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	followed := false
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { followed = true }))
	defer inner.Close()
	server, s := receiver(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, inner.URL, http.StatusTemporaryRedirect)
	})
	a := s.Send(t.Context(), server.URL, []string{NewSecret()}, "msg_1", body)
	if followed || a.Status != http.StatusTemporaryRedirect || !strings.Contains(a.Error, "redirect") {
		t.Errorf("followed %v: %+v", followed, a)
	}
}

func TestWhatReceiversDoWrong(t *testing.T) {
	release := make(chan struct{})
	server, s := receiver(t, Options{Timeout: 300 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/500":
			w.WriteHeader(http.StatusInternalServerError)
		case "/410":
			w.WriteHeader(http.StatusGone)
		case "/silent":
			<-release
		case "/drip": // a status in time, and a body that never ends
			w.WriteHeader(http.StatusOK)
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("."))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		case "/flood":
			for range 1000 {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		case "/head":
			w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		case "/broken":
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close()
			}
		}
	})
	for path, want := range map[string]struct {
		status int
		gone   bool
		words  string
	}{
		"/500": {500, false, "answered 500"}, "/410": {410, true, "answered 410"}, "/silent": {0, false, "no answer within 300ms"},
		"/drip": {200, false, ""}, "/flood": {200, false, ""}, "/head": {0, false, "header"}, "/broken": {0, false, "broken off"},
	} {
		began := time.Now()
		a := s.Send(t.Context(), server.URL+path, []string{NewSecret()}, "msg_1", body)
		if a.Status != want.status || a.Gone != want.gone || want.words == "" != (a.Error == "") || !strings.Contains(a.Error, want.words) {
			t.Errorf("%s: %+v", path, a)
		}
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("%s took %v", path, took)
		}
	}
	close(release)
	server.Close()
	if a := s.Send(t.Context(), server.URL, []string{NewSecret()}, "msg_1", body); a.Error != "the connection was refused" {
		t.Errorf("where nobody listens: %q", a.Error)
	}
}
