// Command registry serves WIT packages as a registry does that stores them in an OCI registry: it says where they are, hands out
// tokens, and serves blobs to whoever bears the token of their repository.
//
//	registry -dir=FOLDER -cert=FILE
//
// FOLDER has each blob as DIGEST, in the folder of its repository. The server has a certificate of its own, which it writes to FILE.
// It prints the address that it serves on, and a line for each request.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"flag"
	"fmt"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const host = "localhost"

func main() {
	dir := flag.String("dir", "", "`FOLDER` of blobs")
	file := flag.String("cert", "", "`FILE` to write the certificate to")
	flag.Parse()
	if err := serve(*dir, *file); err != nil {
		log.Fatal(err)
	}
}

func serve(dir, file string) error {
	cert, err := certificate()
	if err != nil {
		return err
	}
	block := &pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o644); err != nil {
		return err
	}
	l, err := tls.Listen("tcp", host+":0", &tls.Config{Certificates: []tls.Certificate{cert}})
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	address := net.JoinHostPort(host, port)
	fmt.Println(address)
	return http.Serve(l, handler(dir, address))
}

// certificate makes a certificate of the host, signed by itself.
func certificate() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage:  x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// prefix is that of the names of all repositories.
const prefix = "packages/"

func handler(dir, address string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/wasm-pkg/registry.json", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{"preferredProtocol": "oci", "oci": map[string]string{"registry": address, "namespacePrefix": prefix}})
	})
	mux.HandleFunc("GET /token", func(w http.ResponseWriter, r *http.Request) {
		answer(w, map[string]string{"token": "for " + r.FormValue("scope")})
	})
	mux.HandleFunc("GET /v2/", func(w http.ResponseWriter, r *http.Request) {
		repository, digest, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v2/"), "/blobs/")
		scope := "repository:" + repository + ":pull"
		switch {
		case !ok || !strings.HasPrefix(repository, prefix):
			http.NotFound(w, r)
		case r.Header.Get("Authorization") != "Bearer for "+scope:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="https://%s/token",service=%q,scope=%q`, address, host, scope))
			http.Error(w, `{"errors": [{"code": "UNAUTHORIZED"}]}`, http.StatusUnauthorized)
		default:
			http.ServeFile(w, r, filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(repository, prefix)), digest))
		}
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL)
		mux.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		log.Print(err)
	}
}
