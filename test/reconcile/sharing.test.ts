import { describe, expect, it } from 'vitest'
import type { KubernetesObject } from '../../src/api/object.ts'
import { conflictWith } from '../../src/reconcile/plan.ts'
import { madeByAnother, type Names, titleOf, withNames } from '../../src/reconcile/sharing.ts'

const app = (name: string, uid: string): KubernetesObject => ({
  apiVersion: 'app.company.com/v1',
  kind: 'App',
  metadata: { name, namespace: 'eu', uid },
})
const [own, other] = [app('shop', 'u1'), app('blog', 'u2')]
const names: Names = {
  primaryOf: (uid) => [own, other].find(({ metadata }) => metadata.uid === uid),
  isNamespaced: ({ kind }) => kind !== 'Site',
  isComplete: () => true,
}
const entry = (uid: string, role = 'dependents') => ({
  manager: `fairlead/${role}/${uid}`,
  operation: 'Apply' as const,
  apiVersion: 'v1',
})
const object = (metadata: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', namespace: 'eu', ...metadata },
})
const owner = (uid: string, kind = 'App', name = 'blog') => ({ apiVersion: 'app.company.com/v1', kind, name, uid, controller: true })
const made = (uid: string) => ({ labels: { 'fairlead.dev/primary-uid': uid }, managedFields: [entry(uid)] })

describe('why an object is left alone', () => {
  const shared =
    'App eu/blog renders it too and had it first; App eu/shop takes it over when App eu/blog is gone or does not render it any more'
  it.each<[string, object, string | undefined]>([
    ['nothing, if we made it', made('u1'), undefined],
    ['the other made it', { ...made('u2'), ownerReferences: [owner('u2')] }, shared],
    ['the other made it where no owner reference reaches', made('u2'), shared],
    [
      'one of another operator made it, which its owner reference names',
      { ...made('u9'), ownerReferences: [owner('u9', 'Team', 'builders')] },
      shared.replaceAll('App eu/blog', 'Team eu/builders'),
    ],
    [
      'one outside of namespaces made it',
      { ...made('u9'), ownerReferences: [owner('u9', 'Site', 'eu-west')] },
      shared.replaceAll('App eu/blog', 'Site eu-west'),
    ],
    [
      'somebody made it whom nothing names',
      made('u9'),
      'it was made for a custom resource that this operator does not know; App eu/shop makes it when it is gone',
    ],
    [
      'somebody made it whom nothing names, and it lost the label',
      { managedFields: [entry('u9')] },
      'it was made for a custom resource that this operator does not know, whose label it has lost',
    ],
    ['its label is a copy', { labels: { 'fairlead.dev/primary-uid': 'u2' } }, 'it carries the label of App eu/blog, which has not made it'],
    [
      'its label is a copy of a stranger’s',
      { labels: { 'fairlead.dev/primary-uid': 'u9' } },
      'it carries the label of another custom resource, which has not made it',
    ],
    ['another controller has it', { ...made('u1'), ownerReferences: [owner('u7', 'Robot', 'r2')] }, 'it is controlled by Robot/r2'],
    [
      'another controller has what the other made',
      { ...made('u2'), ownerReferences: [owner('u7', 'Robot', 'r2')] },
      'it is controlled by Robot/r2',
    ],
  ])('%s', (_why, metadata, message) => {
    expect(conflictWith(object(metadata), own, 'fairlead/dependents/u1', names)).toBe(message)
  })

  it('is not that another made it, where only the label or only the entry says so', () => {
    expect(madeByAnother(object({ labels: { 'fairlead.dev/primary-uid': 'u2' }, managedFields: [entry('u3')] }), own)).toBeUndefined()
    expect(madeByAnother(object({ managedFields: [entry('u2')] }), own)).toBeUndefined()
    expect(madeByAnother(object({ ...made('u2'), managedFields: [entry('u2', 'lists')] }), own)).toBeUndefined()
  })
})

describe('a message', () => {
  it('names field managers of primaries, known or not, and no other', () => {
    expect(
      withNames(
        '.data.a belongs to "fairlead/dependents/u2", .data.b to "fairlead/lists/u9", .data.c to "fairlead/finalizer" and "helm"',
        names,
      ),
    ).toBe(
      '.data.a belongs to "App eu/blog (fairlead)", .data.b to "another custom resource (fairlead)", .data.c to "fairlead/finalizer" and "helm"',
    )
  })
  it('takes a name only from an owner reference with that UID', () => {
    expect(titleOf('u9', names, object({ ownerReferences: [owner('u8')] }))).toBeUndefined()
  })
})
