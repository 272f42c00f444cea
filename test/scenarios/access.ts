/** Who may do what, as the API server says. */
import type { Cluster } from '../controlplane/fixture.ts'

/** Whether a service account may, in a namespace or in all of them: a change of a role is believed a moment after it was made. */
export async function may(cluster: Cluster, user: string, verb: string, resource: string, namespace = cluster.namespace): Promise<boolean> {
  const [, , account] = user.split(':')
  const { body } = await cluster.request<{ status: { allowed: boolean } }>('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${account}`, 'system:authenticated'],
        resourceAttributes: { verb, group: '', resource, namespace },
      },
    },
  })
  return body.status.allowed
}
