package kubelet

import (
	"context"
	"log"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
)

// changed has the status written soon.
func (p *pod) changed() {
	select {
	case p.report <- struct{}{}:
	default:
	}
}

func (p *pod) writeStatuses(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.report:
			p.writeStatus()
		}
	}
}

func (p *pod) writeStatus() {
	pods := p.kubelet.client.CoreV1().Pods(p.object.Namespace)
	err := retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		current, err := pods.Get(p.ctx, p.object.Name, metav1.GetOptions{})
		if err != nil || current.UID != p.object.UID {
			return err
		}
		status := p.status(current.Status)
		if equality.Semantic.DeepEqual(status, current.Status) {
			return nil
		}
		current.Status = status
		_, err = pods.UpdateStatus(p.ctx, current, metav1.UpdateOptions{})
		return err
	})
	if err != nil && !errors.IsNotFound(err) && p.ctx.Err() == nil {
		log.Printf("writing the status of %s/%s: %v", p.object.Namespace, p.object.Name, err)
	}
}

// status is what is known now, beside what others have written.
func (p *pod) status(written corev1.PodStatus) corev1.PodStatus {
	p.lock.Lock()
	defer p.lock.Unlock()
	status := *written.DeepCopy()
	status.Phase = p.phase
	status.StartTime = &p.began
	status.HostIP = p.kubelet.addresses.host()
	status.HostIPs = []corev1.HostIP{{IP: status.HostIP}}
	if p.address != "" {
		status.PodIP = p.address
		status.PodIPs = []corev1.PodIP{{IP: p.address}}
	}
	status.InitContainerStatuses = statuses(p.initContainers)
	status.ContainerStatuses = statuses(p.containers)

	initialized, ready := true, p.phase == corev1.PodRunning
	for _, c := range status.InitContainerStatuses {
		initialized = initialized && c.State.Terminated != nil && c.State.Terminated.ExitCode == 0
	}
	for _, c := range status.ContainerStatuses {
		ready = ready && c.Ready
	}
	ended := p.phase == corev1.PodSucceeded || p.phase == corev1.PodFailed
	reason := ""
	switch {
	case ended:
		reason = "PodCompleted"
	case !ready:
		reason = "ContainersNotReady"
	}
	setCondition(&status, corev1.PodReadyToStartContainers, p.address != "" && !ended, "")
	setCondition(&status, corev1.PodInitialized, initialized, "")
	setCondition(&status, corev1.ContainersReady, ready, reason)
	setCondition(&status, corev1.PodReady, ready, reason)
	return status
}

func statuses(containers []*container) []corev1.ContainerStatus {
	var list []corev1.ContainerStatus
	for _, c := range containers {
		list = append(list, c.status)
	}
	return list
}

func setCondition(status *corev1.PodStatus, kind corev1.PodConditionType, holds bool, reason string) {
	condition := corev1.PodCondition{Type: kind, Status: corev1.ConditionFalse, Reason: reason, LastTransitionTime: metav1.Now()}
	if holds {
		condition.Status = corev1.ConditionTrue
	}
	for position, present := range status.Conditions {
		if present.Type != kind {
			continue
		}
		if present.Status == condition.Status {
			condition.LastTransitionTime = present.LastTransitionTime
		}
		status.Conditions[position] = condition
		return
	}
	status.Conditions = append(status.Conditions, condition)
}
