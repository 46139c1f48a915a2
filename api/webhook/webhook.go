// Package webhook sends messages to addresses that others have named: signed by
// the Standard Webhooks scheme, in bounded time, and never to an address of a
// private network that was not allowed.
package webhook

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"scvotes/votes"
)

const (
	// DefaultTimeout is how long a receiver has to answer.
	DefaultTimeout = 10 * time.Second
	// maxAnswer is how much of an answer is read: nothing in it is of use.
	maxAnswer = 16 << 10
	// keySize is the size of a generated secret, in bytes.
	keySize = 32
)

// Options of a Sender; the zero value is of use.
type Options struct {
	// Allow names private networks to which messages may go, also by plain http.
	Allow     []netip.Prefix
	Timeout   time.Duration  // 0 is DefaultTimeout
	UserAgent string         // who sends
	Roots     *x509.CertPool // whom to trust; nil for those that the machine trusts
	Resolver  *net.Resolver  // who tells the addresses of a name; nil for that of the machine
}

// Sender sends messages. It is safe for use by many goroutines.
type Sender struct {
	secure, plain *http.Client
	timeout       time.Duration
	userAgent     string
}

// NewSender makes a Sender.
func NewSender(opt Options) *Sender {
	s := &Sender{timeout: opt.Timeout, userAgent: opt.UserAgent}
	if s.timeout == 0 {
		s.timeout = DefaultTimeout
	}
	if s.userAgent == "" {
		s.userAgent = "scvotes"
	}
	public := ssrf.New(ssrf.WithAnyPort(), ssrf.WithAllowedV4Prefixes(ofFamily(opt.Allow, 4)...), ssrf.WithAllowedV6Prefixes(ofFamily(opt.Allow, 6)...))
	s.secure = client(opt, public.Safe)
	s.plain = client(opt, func(network, address string, c syscall.RawConn) error { return onlyIn(opt.Allow, address) })
	return s
}

func ofFamily(prefixes []netip.Prefix, version int) []netip.Prefix {
	var list []netip.Prefix
	for _, p := range prefixes {
		if p.Addr().Is4() == (version == 4) {
			list = append(list, p)
		}
	}
	return list
}

var (
	errNotPublic = errors.New("its address is not a public one")
	errPlain     = errors.New("plain http goes to allowed networks only")
)

// onlyIn holds an address against the networks to which plain http may go.
func onlyIn(allowed []netip.Prefix, address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	for _, p := range allowed {
		if p.Contains(at.Addr().Unmap()) {
			return nil
		}
	}
	return errPlain
}

// client is one whose every connection is held against a guard when it is made,
// by the very address that was looked up: a name that leads elsewhere by then, or
// by another answer, is of no help. Redirects are not followed, and proxies not
// used, since either would lead around the guard.
func client(opt Options, guard func(network, address string, c syscall.RawConn) error) *http.Client {
	dialer := &net.Dialer{Timeout: 5 * time.Second, Control: guard, Resolver: opt.Resolver}
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: opt.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    5 * time.Second,
			MaxResponseHeaderBytes: maxAnswer,
			MaxIdleConnsPerHost:    1,
			IdleConnTimeout:        30 * time.Second,
			DisableCompression:     true,
			ForceAttemptHTTP2:      true,
		},
	}
}

// Send sends a message once. Each of the secrets signs it: while one takes the
// place of another, the receiver may know either.
func (s *Sender) Send(ctx context.Context, address string, secrets []string, id string, body []byte) votes.WebhookAttempt {
	began := time.Now()
	attempt := func(status int, err error) votes.WebhookAttempt {
		a := votes.WebhookAttempt{Status: status, Took: time.Since(began), Gone: status == http.StatusGone}
		if err != nil {
			a.Error = s.inWords(ctx, err)
		}
		return a
	}
	signature, err := sign(secrets, id, began, body)
	if err != nil {
		return attempt(0, err)
	}
	within, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(within, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return attempt(0, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", s.userAgent)
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(began.Unix(), 10))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	by := s.secure
	if req.URL.Scheme == "http" {
		by = s.plain
	}
	resp, err := by.Do(req)
	if err != nil {
		return attempt(0, err)
	}
	defer resp.Body.Close()
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer) // the status is the answer
	switch {
	case resp.StatusCode >= 200 && resp.StatusCode < 300:
		return attempt(resp.StatusCode, nil)
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		return attempt(resp.StatusCode, fmt.Errorf("answered %d: redirects are not followed", resp.StatusCode))
	}
	return attempt(resp.StatusCode, fmt.Errorf("answered %d", resp.StatusCode))
}

// inWords tells an error to who looks after the webhook: what happened, without
// the address, which stands beside it.
func (s *Sender) inWords(ctx context.Context, err error) string {
	var told *url.Error
	if errors.As(err, &told) {
		err = told.Err
	}
	var timedOut net.Error
	var unknown *net.DNSError
	switch {
	case errors.Is(err, ssrf.ErrProhibitedIP) || errors.Is(err, ssrf.ErrProhibitedNetwork):
		return errNotPublic.Error()
	case errors.Is(err, errPlain):
		return errPlain.Error()
	case ctx.Err() != nil:
		return "given up while this program ended"
	case errors.As(err, &unknown):
		return "the name of its host leads nowhere"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timedOut) && timedOut.Timeout():
		return fmt.Sprintf("no answer within %v", s.timeout)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused"
	case errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET):
		return "the connection was broken off"
	}
	return err.Error()
}

// sign makes the header webhook-signature.
func sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	if len(secrets) == 0 {
		return "", errors.New("the webhook has no secret to sign with")
	}
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		w, err := standardwebhooks.NewWebhook(secret)
		if err != nil {
			return "", errors.New("the secret of the webhook is not base64")
		}
		if signatures[i], err = w.Sign(id, at, body); err != nil {
			return "", errors.New("the message could not be signed")
		}
	}
	return strings.Join(signatures, " "), nil
}

// NewSecret makes a secret.
func NewSecret() string {
	key := make([]byte, keySize)
	_, _ = rand.Read(key) // never fails
	return votes.WebhookSecret(key)
}

// ParseAllowed reads networks apart by commas: 10.0.0.0/8,fd00::/8.
func ParseAllowed(text string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("%q is not a network, as 10.0.0.0/8", part)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}
