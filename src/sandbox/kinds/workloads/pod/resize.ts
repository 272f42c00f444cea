/** Changing what the containers of a running pod may use. (registry/core/pod/strategy.go, ResizeStrategy; core/validation, ValidatePodResize) */
import { type FieldError, forbidden, invalidValue } from '../../../status/field-error.ts'
import type { Errors } from '../checks.ts'
import { same } from '../equality.ts'
import type { Container, Pod, PodSpec, ResourceRequirements, Texts } from '../shapes.ts'
import { qualityOfService } from './quality-of-service.ts'
import { validatePodCreate } from './validation.ts'

type Lists = 'containers' | 'initContainers'
const lists: readonly Lists[] = ['containers', 'initContainers']

/** The old pod with the amounts of the new one, if it has the same containers. */
export function keepOnlyResources(pod: Pod, old: Pod): void {
  const names = (spec: PodSpec, list: Lists): string[] => (spec[list] ?? []).map(({ name = '' }) => name)
  if (!lists.every((list) => same(names(pod.spec, list), names(old.spec, list)))) return
  const resized: Record<string, unknown> = { ...old.spec }
  for (const list of lists) {
    const before = old.spec[list]
    if (!before) continue
    resized[list] = before.map((container, index) => {
      const { resources, resizePolicy } = pod.spec[list]?.[index] ?? {}
      const { resources: _resources, resizePolicy: _policy, ...rest } = container
      return { ...rest, ...(resources && { resources }), ...(resizePolicy && { resizePolicy }) }
    })
  }
  delete resized['resources']
  if (pod.spec.resources) resized['resources'] = pod.spec.resources
  pod.spec = resized as PodSpec
}

export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  const errors: Errors = validatePodCreate({ ...pod, spec: { ...pod.spec, ephemeralContainers: [] } })
  if (old.spec.os?.name === 'windows') return [forbidden('', 'windows pods cannot be resized')]
  const quality = qualityOfService(pod.spec)
  if (qualityOfService(old.spec) !== quality)
    errors.push(invalidValue('spec', pod.status?.qosClass ?? quality, 'Pod QOS Class may not change as a result of resizing'))
  const running = old.status?.containerStatuses?.find(({ state }) => state?.running)
  if (running && !Object.hasOwn(running, 'resources')) errors.push(forbidden('spec', 'Pod running on node without support for resize'))
  const ordering = lists.flatMap((list) => orderingProblems(list, pod.spec[list] ?? [], old.spec[list] ?? []))
  if (ordering.length > 0) return [...errors, ...ordering]
  for (const list of ['initContainers', 'containers'] as const)
    old.spec[list]?.forEach((container, index) =>
      validateContainerResize(errors, `spec.${list}[${index}].resources`, pod.spec[list]?.[index] ?? {}, container),
    )
  pod.spec.containers?.forEach((container, index) => {
    if (!same(withoutCompute(container), withoutCompute(old.spec.containers?.[index] ?? {})))
      errors.push(forbidden('spec', 'only cpu and memory resources are mutable'))
  })
  pod.spec.initContainers?.forEach((container, index) => {
    const path = `spec.initContainers[${index}]`
    const before = old.spec.initContainers?.[index] ?? {}
    if (!same(withoutCompute(container), withoutCompute(before)))
      errors.push(forbidden(path, 'only cpu and memory resources for init or sidecar containers are mutable'))
    const restarts = container.resizePolicy?.some(({ restartPolicy }) => restartPolicy === 'RestartContainer')
    if (restarts && container.restartPolicy !== 'Always' && !same(container, before))
      errors.push(forbidden(path, 'non-sidecar init containers with a resize policy of RestartContainer cannot be resized'))
  })
  return errors
}

function orderingProblems(list: Lists, next: readonly Container[], old: readonly Container[]): FieldError[] {
  if (next.length !== old.length) return [forbidden(`spec.${list}`, `${list} may not be added or removed on resize`)]
  return next.flatMap(({ name }, index) =>
    name === old[index]?.name ? [] : [forbidden(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
  )
}

const compute = ['cpu', 'memory']

function validateContainerResize(errors: Errors, path: string, next: Container, old: Container): void {
  for (const kind of ['requests', 'limits'] as const)
    if (Object.keys(old.resources?.[kind] ?? {}).some((name) => next.resources?.[kind]?.[name] === undefined))
      errors.push(forbidden(`${path}.${kind}`, `resource ${kind} cannot be removed`))
}

function withoutCompute({ resources = {}, resizePolicy: _policy, ...rest }: Container): object {
  const others = (texts: Texts | undefined): Texts =>
    Object.fromEntries(Object.entries(texts ?? {}).filter(([name]) => !compute.includes(name)))
  const { limits, requests, ...kept }: ResourceRequirements = resources
  return { ...rest, resources: { ...kept, limits: others(limits), requests: others(requests) } }
}
