package store

// orNull is a text for the database, null where it is empty.
func orNull[T ~string](s T) *string {
	if s == "" {
		return nil
	}
	t := string(s)
	return &t
}

func fromNull[T ~string](s *string) T {
	if s == nil {
		return ""
	}
	return T(*s)
}

// texts turns a list of any text type into what the driver knows.
func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}
