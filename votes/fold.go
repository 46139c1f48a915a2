package votes

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold brings text to the form in which it is searched: small letters without
// accents, every other sign and white space a single space. An apostrophe
// joins (d'Ivoire is divoire), but the s of a possessive is left out, so that
// Israel is found where Israel's is written.
func Fold(s string) string {
	if folded, ok := foldPlain(s); ok {
		return folded
	}
	var b strings.Builder
	b.Grow(len(s))
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		r := unicode.ToLower(runes[i])
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r): // an accent by itself, a mark that is not seen
		case apostrophe(r):
			if possessive(runes[i+1:]) {
				i++
			}
		case latin[r] != "":
			b.WriteString(latin[r])
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// foldPlain is Fold of what nearly all texts are: ASCII without an apostrophe.
func foldPlain(s string) (string, bool) {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b = append(b, c)
		case c >= 'A' && c <= 'Z':
			b = append(b, c+'a'-'A')
		case c >= utf8.RuneSelf, c == '\'', c == '`':
			return "", false
		case len(b) > 0 && b[len(b)-1] != ' ':
			b = append(b, ' ')
		}
	}
	return string(bytes.TrimSuffix(b, []byte(" "))), true
}

func apostrophe(r rune) bool { return strings.ContainsRune("'`´’‘ʼ′", r) }

// possessive tells whether an s is all that is left of a word.
func possessive(rest []rune) bool {
	if len(rest) == 0 || unicode.ToLower(rest[0]) != 's' {
		return false
	}
	return len(rest) == 1 || !unicode.IsLetter(rest[1]) && !unicode.IsDigit(rest[1]) && !unicode.Is(unicode.Mn, rest[1])
}

// latin are the letters of Latin alphabets with what they are searched as: to
// those of the names of states, the rest of Latin-1, Latin Extended A and B,
// and the letters of Vietnamese and of transliterations.
var latin = func() map[rune]string {
	m := map[rune]string{'æ': "ae", 'œ': "oe", 'ß': "ss", 'þ': "th", 'ĳ': "ij"}
	for base, letters := range map[string]string{
		"a": "ăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ", "b": "ḃḅḇɓ", "c": "ćĉċčḉ", "d": "ðđďḋḍḏḑḓɗ", "e": "ĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệəǝ",
		"f": "ḟ", "g": "ĝğġģǧǵḡ", "h": "ħĥȟḣḥḧḩḫẖ", "i": "ĩīĭįǐȉȋḭḯỉị", "j": "ĵǰ", "k": "ķǩḱḳḵƙ", "l": "łĺļľŀḷḹḻḽ", "m": "ḿṁṃ",
		"n": "ŋńņňǹṅṇṉṋ", "o": "ŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợǿ", "p": "ṕṗ", "r": "ŕŗřȑȓṙṛṝṟ", "s": "śŝşšșṡṣṥṧṩ", "t": "ŧţťțṫṭṯṱẗ",
		"u": "ũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữự", "v": "ṽṿ", "w": "ŵẁẃẅẇẉẘ", "x": "ẋẍ", "y": "ýŷȳẏẙỳỵỷỹƴ", "z": "źżžẑẓẕ",
	} {
		for _, l := range letters {
			m[l] = base
		}
	}
	for l, base := range accents {
		m[l] = string(base)
	}
	return m
}()
