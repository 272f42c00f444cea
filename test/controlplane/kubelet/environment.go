package kubelet

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/fieldpath"
	"k8s.io/kubernetes/third_party/forked/golang/expansion"
)

// variables are the environment of a container by name.
type variables map[string]string

func (v variables) expand(text string) string {
	return expansion.Expand(text, expansion.MappingFuncFor(v))
}

func (v variables) list() []string {
	var list []string
	for name, value := range v {
		list = append(list, name+"="+value)
	}
	return list
}

// variables resolves the container's environment; later variables can use earlier ones as $(NAME).
func (c *container) variables(ctx context.Context, mounts mounts) (variables, error) {
	result := variables{
		"PATH":       strings.Join(c.image.Path, ":"),
		"HOME":       c.directory,
		"HOSTNAME":   c.pod.hostname(),
		"DNS_SERVER": c.pod.kubelet.addresses.dnsServer(),
	}
	for _, source := range c.spec.EnvFrom {
		values, err := c.pod.valuesOf(ctx, source)
		if err != nil {
			return nil, err
		}
		for name, value := range values {
			result[source.Prefix+name] = value
		}
	}
	for _, variable := range c.spec.Env {
		if variable.ValueFrom == nil {
			result[variable.Name] = mounts.rewrite(result.expand(variable.Value))
			continue
		}
		value, found, err := c.pod.valueFrom(ctx, variable.ValueFrom)
		if err != nil {
			return nil, fmt.Errorf("variable %q: %w", variable.Name, err)
		}
		if found {
			result[variable.Name] = value
		}
	}
	return result, nil
}

// valuesOf is nil for an optional object that is not there.
func (p *pod) valuesOf(ctx context.Context, source corev1.EnvFromSource) (map[string]string, error) {
	if source.SecretRef != nil {
		return p.secret(ctx, source.SecretRef.Name, source.SecretRef.Optional)
	}
	return p.configMap(ctx, source.ConfigMapRef.Name, source.ConfigMapRef.Optional)
}

func (p *pod) valueFrom(ctx context.Context, source *corev1.EnvVarSource) (value string, found bool, err error) {
	var values map[string]string
	var key, object string
	var optional *bool
	switch {
	case source.FieldRef != nil:
		value, err = p.field(source.FieldRef.FieldPath)
		return value, true, err
	case source.SecretKeyRef != nil:
		key, object, optional = source.SecretKeyRef.Key, source.SecretKeyRef.Name, source.SecretKeyRef.Optional
		values, err = p.secret(ctx, object, optional)
	default:
		key, object, optional = source.ConfigMapKeyRef.Key, source.ConfigMapKeyRef.Name, source.ConfigMapKeyRef.Optional
		values, err = p.configMap(ctx, object, optional)
	}
	if err != nil {
		return "", false, err
	}
	value, found = values[key]
	if !found && (optional == nil || !*optional) {
		return "", false, fmt.Errorf("%q has no key %q", object, key)
	}
	return value, found, nil
}

func (p *pod) secret(ctx context.Context, name string, optional *bool) (map[string]string, error) {
	secret, err := p.kubelet.client.CoreV1().Secrets(p.object.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil && !isOptional(optional, err) {
		return nil, err
	}
	values := map[string]string{}
	for key, value := range secret.Data {
		values[key] = string(value)
	}
	return values, nil
}

func (p *pod) configMap(ctx context.Context, name string, optional *bool) (map[string]string, error) {
	configMap, err := p.kubelet.client.CoreV1().ConfigMaps(p.object.Namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil && !isOptional(optional, err) {
		return nil, err
	}
	return configMap.Data, nil
}

// field is what a fieldRef names. The pod's address is the one where its processes have to listen, not the one in its status.
func (p *pod) field(path string) (string, error) {
	switch path {
	case "status.podIP", "status.podIPs":
		listening, _ := p.kubelet.addresses.listening(p.address)
		return listening, nil
	case "status.hostIP", "status.hostIPs":
		return p.kubelet.addresses.host(), nil
	case "spec.nodeName":
		return p.object.Spec.NodeName, nil
	case "spec.serviceAccountName":
		return p.object.Spec.ServiceAccountName, nil
	}
	return fieldpath.ExtractFieldPathAsString(p.object, path)
}

func (p *pod) hostname() string {
	if p.object.Spec.Hostname != "" {
		return p.object.Spec.Hostname
	}
	return p.object.Name
}
