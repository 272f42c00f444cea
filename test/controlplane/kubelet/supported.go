package kubelet

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// supported lists the fields of a pod's spec that this node honours, each with all that is in it.
var supported = strings.Fields(`
	hostname subdomain nodeName serviceAccountName restartPolicy terminationGracePeriodSeconds
	volumes[].name volumes[].emptyDir volumes[].secret volumes[].configMap volumes[].persistentVolumeClaim
	containers[].name containers[].image containers[].command containers[].args containers[].workingDir containers[].ports
	containers[].env[].name containers[].env[].value
	containers[].env[].valueFrom.fieldRef containers[].env[].valueFrom.secretKeyRef containers[].env[].valueFrom.configMapKeyRef
	containers[].envFrom
	containers[].volumeMounts[].name containers[].volumeMounts[].mountPath containers[].volumeMounts[].subPath
	containers[].startupProbe containers[].readinessProbe containers[].livenessProbe
	containers[].terminationMessagePath containers[].terminationMessagePolicy
`)

// ignored lists those that change nothing for a process that has the machine for itself, or that are the scheduler's.
var ignored = strings.Fields(`
	affinity automountServiceAccountToken dnsPolicy enableServiceLinks imagePullSecrets nodeSelector preemptionPolicy priority
	priorityClassName schedulerName securityContext serviceAccount setHostnameAsFQDN tolerations topologySpreadConstraints
	containers[].imagePullPolicy containers[].resources containers[].resizePolicy containers[].securityContext
	containers[].volumeMounts[].readOnly
`)

// excepted lists what is not honoured of those: a container that is restarted has the grace period of its pod.
var excepted = strings.Fields(`
	containers[].startupProbe.terminationGracePeriodSeconds containers[].livenessProbe.terminationGracePeriodSeconds
`)

var index = regexp.MustCompile(`\[\d+\]`)

// unsupported gives the path of the first field that this node can neither honour nor ignore.
func unsupported(spec corev1.PodSpec) (string, bool) {
	spec = *spec.DeepCopy()
	spec.Volumes = slices.DeleteFunc(spec.Volumes, func(volume corev1.Volume) bool { return isTokenVolume(volume.Name) })
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&spec)
	if err != nil {
		return err.Error(), true
	}
	for _, path := range leaves("", fields) {
		general := strings.TrimPrefix(index.ReplaceAllString(path, "[]"), ".")
		if rest, init := strings.CutPrefix(general, "initContainers[]"); init {
			general = "containers[]" + rest
		}
		if within(general, excepted) || !within(general, supported) && !within(general, ignored) {
			return "spec" + path, true
		}
	}
	return "", false
}

func within(path string, list []string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		rest, found := strings.CutPrefix(path, entry)
		return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
}

// leaves lists the paths of all values that are neither a map nor a list; an empty one counts as a value.
func leaves(path string, value any) []string {
	var found []string
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			found = append(found, leaves(path+"."+name, field)...)
		}
	case []any:
		for position, item := range value {
			found = append(found, leaves(fmt.Sprintf("%s[%d]", path, position), item)...)
		}
	}
	if found == nil {
		found = []string{path}
	}
	slices.Sort(found)
	return found
}
