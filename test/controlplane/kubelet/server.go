package kubelet

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"k8s.io/cri-client/pkg/logs"
	"k8s.io/cri-streaming/pkg/streaming/remotecommand"
)

// serve answers the API server's questions for logs and exec, and nobody else's: it runs what it is told. It gives the port.
func (k *kubelet) serve() (int32, error) {
	certificate, err := tls.LoadX509KeyPair(k.options.Certificate, k.options.Key)
	if err != nil {
		return 0, err
	}
	authority, err := os.ReadFile(k.options.Authority)
	if err != nil {
		return 0, err
	}
	authorities := x509.NewCertPool()
	authorities.AppendCertsFromPEM(authority)
	listener, err := tls.Listen("tcp4", net.JoinHostPort(k.addresses.host(), "0"), &tls.Config{
		Certificates: []tls.Certificate{certificate},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authorities,
	})
	if err != nil {
		return 0, err
	}
	routes := http.NewServeMux()
	routes.HandleFunc("/containerLogs/{namespace}/{pod}/{container}", k.withContainer(serveLog))
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", k.withContainer(serveExec))
	go func() { _ = http.Serve(listener, routes) }()
	return int32(listener.Addr().(*net.TCPAddr).Port), nil
}

func (k *kubelet) withContainer(serve func(http.ResponseWriter, *http.Request, *container)) http.HandlerFunc {
	return func(response http.ResponseWriter, request *http.Request) {
		namespace, name, container := request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container")
		if p := k.podByName(namespace, name); p == nil {
			http.Error(response, fmt.Sprintf("pod %s/%s is not on this node", namespace, name), http.StatusNotFound)
		} else if c := p.container(container); c == nil {
			http.Error(response, fmt.Sprintf("pod %s/%s has no container %s", namespace, name, container), http.StatusNotFound)
		} else {
			serve(response, request, c)
		}
	}
}

func serveExec(response http.ResponseWriter, request *http.Request, c *container) {
	options, err := remotecommand.NewOptions(request)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	remotecommand.ServeExec(response, request, execution{c}, "", "", "", request.URL.Query()["command"], options,
		time.Hour, 30*time.Second, remotecommand.SupportedStreamingProtocols)
}

func serveLog(response http.ResponseWriter, request *http.Request, c *container) {
	query := request.URL.Query()
	options, err := logOptions(query)
	if err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	out := flushing{response, http.NewResponseController(response)}
	if err := c.readLog(request.Context(), query.Get("previous") == "true", options, out, out); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
	}
}

func logOptions(query url.Values) (*logs.LogOptions, error) {
	options := &logs.LogOptions{Follow: query.Get("follow") == "true", Timestamp: query.Get("timestamps") == "true"}
	var since *int64
	for name, field := range map[string]**int64{
		"tailLines": &options.TailLines, "limitBytes": &options.LimitBytes, "sinceSeconds": &since,
	} {
		if text := query.Get(name); text != "" {
			number, err := strconv.ParseInt(text, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			*field = &number
		}
	}
	if since != nil {
		options.Since = time.Now().Add(-time.Duration(*since) * time.Second)
	}
	if text := query.Get("sinceTime"); text != "" {
		time, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return nil, fmt.Errorf("sinceTime: %w", err)
		}
		options.Since = time
	}
	return options, nil
}

// flushing sends each write at once, for those that follow a log.
type flushing struct {
	http.ResponseWriter
	controller *http.ResponseController
}

func (f flushing) Write(content []byte) (int, error) {
	written, err := f.ResponseWriter.Write(content)
	_ = f.controller.Flush()
	return written, err
}
