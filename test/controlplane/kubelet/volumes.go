package kubelet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A process sees the whole machine, so nothing can be mounted at the path that a container names. Instead a volume is a directory
// somewhere, and the container's mount paths are replaced by it where the process hears of them: in its arguments and variables.
type mount struct{ container, machine string }

// mounts has the longest path first.
type mounts []mount

func newMounts(list []mount) mounts {
	slices.SortFunc(list, func(a, b mount) int { return len(b.container) - len(a.container) })
	return list
}

// rewrite replaces each mount path that stands in the text as a path or as the beginning of one.
func (m mounts) rewrite(text string) string {
	var result strings.Builder
	for at := 0; at < len(text); {
		if found, ok := m.at(text, at); ok {
			result.WriteString(found.machine)
			at += len(found.container)
		} else {
			result.WriteByte(text[at])
			at++
		}
	}
	return result.String()
}

func (m mounts) at(text string, at int) (mount, bool) {
	if text[at] != '/' || at > 0 && inPath(text[at-1], "/})") {
		return mount{}, false
	}
	for _, candidate := range m {
		rest, found := strings.CutPrefix(text[at:], candidate.container)
		if found && (rest == "" || !inPath(rest[0], "")) {
			return candidate, true
		}
	}
	return mount{}, false
}

// inPath tells whether the character belongs to a name in a path; more lists others.
func inPath(character byte, more string) bool {
	isLetter := character|0x20 >= 'a' && character|0x20 <= 'z'
	return isLetter || character >= '0' && character <= '9' || strings.IndexByte("._-"+more, character) >= 0
}

// isTokenVolume tells the volume that the API server adds to each pod. Processes that ask the API server are not served here.
func isTokenVolume(name string) bool { return strings.HasPrefix(name, "kube-api-access-") }

// makeVolumes makes the directories of the pod's volumes and fills them, or fills them anew. It gives them by volume name.
func (p *pod) makeVolumes(ctx context.Context) (map[string]string, error) {
	paths := map[string]string{}
	for _, volume := range p.object.Spec.Volumes {
		if isTokenVolume(volume.Name) {
			continue
		}
		path, err := p.makeVolume(ctx, volume)
		if err != nil {
			return nil, fmt.Errorf("volume %q: %w", volume.Name, err)
		}
		paths[volume.Name] = path
	}
	return paths, nil
}

func (p *pod) makeVolume(ctx context.Context, volume corev1.Volume) (string, error) {
	core, namespace := p.kubelet.client.CoreV1(), p.object.Namespace
	path := filepath.Join(p.directory, "volumes", volume.Name)
	switch {
	case volume.PersistentVolumeClaim != nil:
		claim, err := core.PersistentVolumeClaims(namespace).Get(ctx, volume.PersistentVolumeClaim.ClaimName, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		if claim.Status.Phase != corev1.ClaimBound {
			return "", fmt.Errorf("the claim %q is not bound", claim.Name)
		}
		bound, err := core.PersistentVolumes().Get(ctx, claim.Spec.VolumeName, metav1.GetOptions{})
		if err != nil {
			return "", err
		}
		if bound.Spec.HostPath == nil {
			return "", fmt.Errorf("the volume %q is not a directory of this machine", bound.Name)
		}
		return bound.Spec.HostPath.Path, nil
	case volume.Secret != nil:
		secret, err := core.Secrets(namespace).Get(ctx, volume.Secret.SecretName, metav1.GetOptions{})
		if err != nil && !isOptional(volume.Secret.Optional, err) {
			return "", err
		}
		return path, writeFiles(path, secret.Data, volume.Secret.Items)
	case volume.ConfigMap != nil:
		configMap, err := core.ConfigMaps(namespace).Get(ctx, volume.ConfigMap.Name, metav1.GetOptions{})
		if err != nil && !isOptional(volume.ConfigMap.Optional, err) {
			return "", err
		}
		files := map[string][]byte{}
		for name, text := range configMap.Data {
			files[name] = []byte(text)
		}
		for name, bytes := range configMap.BinaryData {
			files[name] = bytes
		}
		return path, writeFiles(path, files, volume.ConfigMap.Items)
	default:
		return path, os.MkdirAll(path, 0o700)
	}
}

func isOptional(optional *bool, err error) bool {
	return optional != nil && *optional && errors.IsNotFound(err)
}

// writeFiles makes the directory hold exactly these files; a program that reads one sees the old or the new content.
func writeFiles(directory string, files map[string][]byte, items []corev1.KeyToPath) error {
	if items != nil {
		chosen := map[string][]byte{}
		for _, item := range items {
			content, ok := files[item.Key]
			if !ok {
				return fmt.Errorf("there is no key %q", item.Key)
			}
			chosen[item.Path] = content
		}
		files = chosen
	}
	if err := os.MkdirAll(directory, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(directory)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, ok := files[entry.Name()]; !ok && !entry.IsDir() {
			_ = os.Remove(filepath.Join(directory, entry.Name()))
		}
	}
	for name, content := range files {
		path := filepath.Join(directory, name)
		if present, err := os.ReadFile(path); err == nil && string(present) == string(content) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path+".new", content, 0o700); err != nil {
			return err
		}
		if err := os.Rename(path+".new", path); err != nil {
			return err
		}
	}
	return nil
}

// mounts tells where the container's mounts lie on this machine, its termination message among them.
func (c *container) mounts() mounts {
	list := []mount{{c.spec.TerminationMessagePath, c.messagePath()}}
	for _, m := range c.spec.VolumeMounts {
		if !isTokenVolume(m.Name) {
			list = append(list, mount{strings.TrimRight(m.MountPath, "/"), filepath.Join(c.pod.volumes[m.Name], m.SubPath)})
		}
	}
	return newMounts(list)
}
