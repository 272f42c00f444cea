package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// writeCertificates makes what a control plane needs to be trusted, fresh for each start:
// ca.crt; server.crt and server.key for the API server; administrator.crt and administrator.key, a client certificate of the
// group system:masters; service-account.key and service-account.pub, which sign and verify service account tokens.
func writeCertificates(directory string) error {
	authorityKey, err := newKey()
	if err != nil {
		return err
	}
	authority := certificate("fairlead-test-ca", nil)
	authority.IsCA = true
	authority.BasicConstraintsValid = true
	authority.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature
	if err := sign(directory, "ca", authority, authority, &authorityKey.PublicKey, authorityKey); err != nil {
		return err
	}

	server := certificate("kube-apiserver", nil)
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = []string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if err := issue(directory, "server", server, authority, authorityKey); err != nil {
		return err
	}

	administrator := certificate("administrator", []string{"system:masters"})
	administrator.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if err := issue(directory, "administrator", administrator, authority, authorityKey); err != nil {
		return err
	}

	serviceAccount, err := newKey()
	if err != nil {
		return err
	}
	if err := writeKey(directory, "service-account.key", serviceAccount); err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&serviceAccount.PublicKey)
	if err != nil {
		return err
	}
	return writePEM(directory, "service-account.pub", "PUBLIC KEY", public)
}

func newKey() (*ecdsa.PrivateKey, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

func certificate(commonName string, organization []string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	check(err)
	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: commonName, Organization: organization},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
	}
}

// issue makes a key and the certificate for it, and writes NAME.key and NAME.crt.
func issue(directory, name string, template, authority *x509.Certificate, authorityKey *ecdsa.PrivateKey) error {
	key, err := newKey()
	if err != nil {
		return err
	}
	if err := writeKey(directory, name+".key", key); err != nil {
		return err
	}
	return sign(directory, name, template, authority, &key.PublicKey, authorityKey)
}

func sign(directory, name string, template, authority *x509.Certificate, key *ecdsa.PublicKey, authorityKey *ecdsa.PrivateKey) error {
	encoded, err := x509.CreateCertificate(rand.Reader, template, authority, key, authorityKey)
	if err != nil {
		return err
	}
	return writePEM(directory, name+".crt", "CERTIFICATE", encoded)
}

func writeKey(directory, file string, key *ecdsa.PrivateKey) error {
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(directory, file, "EC PRIVATE KEY", encoded)
}

func writePEM(directory, file, label string, bytes []byte) error {
	return os.WriteFile(filepath.Join(directory, file), pem.EncodeToMemory(&pem.Block{Type: label, Bytes: bytes}), 0o600)
}
