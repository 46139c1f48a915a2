package store_test

import (
	"errors"
	"testing"

	"scvotes/votes/access"
)

func TestASessionLastsAsLongAsItsToken(t *testing.T) {
	r := newRecord(t)
	begin := func() (access.Credential, string) {
		t.Helper()
		c, _ := r.newToken(t, access.Edit)
		session := access.NewSession()
		if token, err := r.SignIn(t.Context(), someCall(), c, session); err != nil || token.ID != c.ID {
			t.Fatal(token, err)
		}
		return c, session
	}
	for name, end := range map[string]func(access.Credential, string){
		"not": nil,
		"its day": func(_ access.Credential, session string) {
			r.exec(t, `UPDATE sessions SET created = now() - interval '1 day', expires = now() WHERE hash = $1`, access.SessionSum(session))
		},
		"expired": func(c access.Credential, _ string) {
			r.exec(t, `UPDATE tokens SET created = now() - interval '1 day', expires = now() WHERE id = $1`, c.ID)
		},
		"revoked": func(c access.Credential, _ string) {
			if _, err := r.RevokeToken(t.Context(), c.ID); err != nil {
				t.Error(err)
			}
		},
		"sign out": func(_ access.Credential, session string) {
			if err := r.SignOut(t.Context(), session); err != nil {
				t.Error(err)
			}
		},
	} {
		c, session := begin()
		if end != nil {
			end(c, session)
		}
		token, err := r.Session(t.Context(), session)
		if end == nil && (err != nil || token.ID != c.ID) || end != nil && !errors.Is(err, access.ErrDenied) {
			t.Errorf("%s: %+v, %v", name, token, err)
		}
	}
	if n := one[int](t, r, `SELECT count(*) FROM sessions WHERE expires <= now()`); n > 1 {
		t.Errorf("%d sessions that are over are kept", n)
	}
	stranger, _ := access.New()
	if _, err := r.Session(t.Context(), stranger); !errors.Is(err, access.ErrDenied) {
		t.Errorf("no session: %v", err)
	}
	_, unknown := access.New()
	if _, err := r.SignIn(t.Context(), someCall(), unknown, "x"); !errors.Is(err, access.ErrDenied) {
		t.Errorf("no token: %v", err)
	}
	if n := one[int](t, r, `SELECT count(*) FROM audit_log WHERE who = 'night desk' AND outcome = 'done'`); n != 5 {
		t.Errorf("%d of 5 are in the audit log", n)
	}
}
