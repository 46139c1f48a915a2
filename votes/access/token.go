// Package access says who may change the record and tells what they did: tokens
// and their scopes, calls and the answers to them, and the entries of the audit
// log. Like package votes it leans on the standard library only.
package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"scvotes/votes"
)

// Scope is one thing that a token allows. None holds another.
type Scope string

// The scopes. Reading is open to everybody; a token of that scope alone has no
// more than a name.
const (
	Read   Scope = "read"
	Import Scope = "import" // files
	Edit   Scope = "edit"   // decisions of editors
	Admin  Scope = "admin"  // webhooks, and the audit log
)

// Scopes lists every scope.
var Scopes = []Scope{Read, Import, Edit, Admin}

// ParseScopes reads scopes with commas between.
func ParseScopes(list string) ([]Scope, error) {
	var scopes []Scope
	for word := range strings.SplitSeq(list, ",") {
		s := Scope(strings.TrimSpace(word))
		if !slices.Contains(Scopes, s) {
			return nil, fmt.Errorf("%q is not a scope (read, import, edit, admin): %w", Redact(word), votes.ErrInvalid)
		}
		if !slices.Contains(scopes, s) {
			scopes = append(scopes, s)
		}
	}
	return scopes, nil
}

// Token is what is known of a token: all but its secret.
type Token struct {
	ID       string     `json:"id"` // part of the token itself, and no secret
	Name     string     `json:"name"`
	Scopes   []Scope    `json:"scopes"`
	Created  time.Time  `json:"created"`
	Expires  *time.Time `json:"expires"`   // nil for never
	LastUsed *time.Time `json:"last_used"` // to the minute
	Revoked  *time.Time `json:"revoked"`
}

// May tells whether the token has a scope.
func (t Token) May(s Scope) bool { return slices.Contains(t.Scopes, s) }

// ErrDenied is wrapped where a credential is none that lets anybody in.
var ErrDenied = errors.New("access denied")

// Why a credential was denied. They are told to whoever showed it.
var (
	ErrUnknown = denied("there is no such token")
	ErrExpired = denied("the token has expired")
	ErrRevoked = denied("the token was revoked")
)

// Why a call was not done that has a key by which it may be made again.
var (
	ErrKeyUsed  = errors.New("the Idempotency-Key stood for another request")
	ErrUnderWay = errors.New("a request with this Idempotency-Key is under way")
)

type denied string

func (d denied) Error() string { return string(d) }

func (d denied) Unwrap() error { return ErrDenied }

const (
	prefix      = "scv_" // by which scanners know a token that was left lying about
	idLength    = 12
	secretBytes = 32
)

// letters writes bytes in letters that no one mistakes and no address escapes.
var letters = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

var whole = regexp.MustCompile(`^scv_([a-z2-7]{12})_([a-z2-7]{52})$`)

// Credential is a token as somebody shows it. The secret itself is in none: it
// cannot be printed by mistake.
type Credential struct {
	ID  string
	sum [sha256.Size]byte
}

// New makes a token. The text is to be shown once.
func New() (text string, c Credential) {
	id := strings.ToLower(rand.Text()[:idLength])
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // it never fails
	return prefix + id + "_" + letters.EncodeToString(secret), Credential{id, sha256.Sum256(secret)}
}

// Parse reads a token; anything else wraps ErrUnknown.
func Parse(text string) (Credential, error) {
	m := whole.FindStringSubmatch(text)
	if m == nil {
		return Credential{}, ErrUnknown
	}
	secret, err := letters.DecodeString(m[2])
	if err != nil || letters.EncodeToString(secret) != m[2] {
		return Credential{}, ErrUnknown
	}
	return Credential{m[1], sha256.Sum256(secret)}, nil
}

// Sum is what is kept of the secret: its SHA-256. The secret is 32 bytes of
// chance, so that nobody finds it by trying and no salt is needed.
func (c Credential) Sum() []byte { return c.sum[:] }

// Has tells whether the secret has that sum, in a time that does not tell how
// much of it is right.
func (c Credential) Has(sum []byte) bool { return subtle.ConstantTimeCompare(c.sum[:], sum) == 1 }

func (c Credential) String() string { return prefix + c.ID }

// GoString keeps the sum out of %#v.
func (c Credential) GoString() string { return c.String() }

// secrets finds tokens in a text, whole or cut off, also as an address escapes them.
var secrets = regexp.MustCompile(`(?i)scv(?:_|%5F)([a-z2-7]{12})(?:_|%5F)[a-z2-7]+`)

// Redact leaves of every token in a text only what is no secret.
func Redact(text string) string {
	if len(text) < len(prefix)+idLength || !secrets.MatchString(text) {
		return text
	}
	return secrets.ReplaceAllString(text, prefix+"${1}_...")
}

// Sessions last for a day's work.
const SessionLife = 12 * time.Hour

// NewSession makes the secret of a session at the editor's page, for a cookie.
func NewSession() string {
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // it never fails
	return letters.EncodeToString(secret)
}

// SessionSum is what is kept of the secret of a session.
func SessionSum(secret string) []byte {
	sum := sha256.Sum256([]byte("scvotes session\x00" + secret))
	return sum[:]
}

// FormToken is what a form of a session has to bring back: only a page that was
// sent to whoever has the secret can know it, and it does not tell the secret.
func FormToken(secret string) string {
	sum := sha256.Sum256([]byte("scvotes form\x00" + secret))
	return letters.EncodeToString(sum[:])
}

// IsFormToken tells whether a form brought back what it was sent with.
func IsFormToken(secret, brought string) bool {
	return secret != "" && subtle.ConstantTimeCompare([]byte(FormToken(secret)), []byte(brought)) == 1
}
