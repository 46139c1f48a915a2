FROM golang:1.26.8 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=unknown
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /scvotes ./cmd/scvotes

# Nothing but the program: no shell, no packages, no user but a number. It
# needs a database: the private Postgres is not for containers.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /scvotes /scvotes
USER 65532:65532
ENV SCVOTES_ADDR=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["/scvotes", "healthcheck"]
ENTRYPOINT ["/scvotes"]
CMD ["serve"]
