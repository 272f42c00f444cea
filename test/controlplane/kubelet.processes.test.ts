/** What the node of real processes does with pods: see README.md. The programs are the shell and the tools of this machine. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { WebSocket } from 'ws'
import type { Cluster } from './cluster.ts'
import { eventually } from './eventually.ts'
import { testOnKubelet } from './kubelet-fixture.ts'
import { processesOf } from './process.ts'
import { runTool, tools } from './tools.ts'

const test = testOnKubelet()

interface ContainerState {
  running?: object
  waiting?: { reason: string; message?: string }
  terminated?: { exitCode: number; reason: string; message?: string }
}

interface Pod {
  metadata: { uid: string }
  status: {
    phase: string
    podIP?: string
    conditions?: { type: string; status: string }[]
    containerStatuses?: { restartCount: number; containerID?: string; state: ContainerState; lastState: ContainerState; ready: boolean }[]
  }
}

/** A container of the shell, and what else the pod has. */
const shell = (script: string, container: object = {}, pod: object = {}): object => ({
  containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', script], ...container }],
  ...pod,
})

const podsOf = (cluster: Cluster): string => `/api/v1/namespaces/${cluster.namespace}/pods`

async function create(cluster: Cluster, path: string, object: object): Promise<void> {
  const { status, body } = await cluster.request('POST', path, { body: object })
  expect({ status, message: status === 201 ? '' : body.message }).toEqual({ status: 201, message: '' })
}

const createPod = async (cluster: Cluster, name: string, spec: object, metadata: object = {}): Promise<void> =>
  await create(cluster, podsOf(cluster), { metadata: { name, ...metadata }, spec })

const read = async (cluster: Cluster, name: string): Promise<Pod> => (await cluster.request<Pod>('GET', `${podsOf(cluster)}/${name}`)).body

/** Waits for a state of the pod's only container. */
async function until(cluster: Cluster, name: string, describe: string, holds: (pod: Pod) => unknown): Promise<Pod> {
  return await cluster.eventually(
    async () => {
      const pod = await read(cluster, name)
      return holds(pod) ? pod : false
    },
    { describe: `${name}: ${describe}` },
  )
}

const container = (pod: Pod): NonNullable<Pod['status']['containerStatuses']>[number] | undefined => pod.status.containerStatuses?.[0]
const isReady = (pod: Pod): boolean => pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true
const started = async (cluster: Cluster, name: string): Promise<Pod> => await until(cluster, name, 'is ready', isReady)
const gone = async (cluster: Cluster, name: string): Promise<void> => {
  await cluster.eventually(async () => (await cluster.request('GET', `${podsOf(cluster)}/${name}`)).status === 404, {
    describe: `${name} is gone`,
  })
}

async function eventOf(cluster: Cluster, reason: string): Promise<string> {
  return await cluster.eventually(
    async () => {
      const { body } = await cluster.request<{ items: { reason: string; message: string }[] }>(
        'GET',
        `/api/v1/namespaces/${cluster.namespace}/events`,
      )
      return body.items.find((event) => event.reason === reason)?.message
    },
    { describe: `an event ${reason}` },
  )
}

describe('a process', () => {
  test('gets variables from the pod, a Secret and a ConfigMap, and paths of volumes that exist', async ({ cluster }) => {
    const namespace = `/api/v1/namespaces/${cluster.namespace}`
    await create(cluster, `${namespace}/secrets`, {
      metadata: { name: 'secret' },
      stringData: { password: 'hidden', file: 'in the volume' },
    })
    await create(cluster, `${namespace}/configmaps`, { metadata: { name: 'settings' }, data: { LEVEL: 'debug' } })
    await createPod(
      cluster,
      'reader',
      shell(
        'echo "$NAME $PASSWORD $APP_LEVEL $GREETING"; cat /secret/file /secret/renamed; echo; echo kept > /scratch/a; cat "$SCRATCH/a"',
        {
          env: [
            { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
            { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'secret', key: 'password' } } },
            { name: 'GREETING', value: 'hello-$(NAME)' },
            { name: 'SCRATCH', value: '/scratch' },
          ],
          envFrom: [{ prefix: 'APP_', configMapRef: { name: 'settings' } }],
          volumeMounts: [
            { name: 'secret', mountPath: '/secret' },
            { name: 'scratch', mountPath: '/scratch' },
          ],
        },
        {
          restartPolicy: 'Never',
          volumes: [
            { name: 'secret', secret: { secretName: 'secret', items: ['file', 'renamed'].map((path) => ({ key: 'file', path })) } },
            { name: 'scratch', emptyDir: {} },
          ],
        },
      ),
    )
    await until(cluster, 'reader', 'has ended', ({ status }) => status.phase === 'Succeeded')
    const { stdout } = await cluster.kubectl(['logs', 'reader'])
    expect(stdout).toBe('reader hidden debug hello-reader\nin the volumein the volume\nkept\n')
  })

  test('is asked to end by SIGTERM and has its grace period', async ({ cluster }) => {
    const script = 'trap "sleep 1; echo bye > /dev/termination-log; exit 0" TERM; while :; do sleep 0.1; done'
    await createPod(cluster, 'orderly', shell(script), { finalizers: ['test.fairlead.dev/keep'] })
    await started(cluster, 'orderly')
    await cluster.kubectl(['delete', 'pod', 'orderly', '--wait=false', '--grace-period=20'])
    const ended = await until(cluster, 'orderly', 'has ended', (pod) => container(pod)?.state.terminated)
    expect(container(ended)?.state.terminated).toMatchObject({ exitCode: 0, reason: 'Completed', message: 'bye\n' })
    const body = { metadata: { finalizers: null } }
    await cluster.request('PATCH', `${podsOf(cluster)}/orderly`, { body, contentType: 'application/merge-patch+json' })
    await gone(cluster, 'orderly')
  })

  test('is killed after its grace period, with all that it started', async ({ cluster }) => {
    // The path makes the processes known by the pod's directory.
    await createPod(
      cluster,
      'stubborn',
      shell('trap "" TERM; loop() { while :; do sleep 0.1; : /dev/termination-log; done; }; loop & loop'),
    )
    const { uid } = (await started(cluster, 'stubborn')).metadata
    await cluster.eventually(() => processesOf(uid).length === 2, { describe: 'the two processes run' })
    await cluster.kubectl(['delete', 'pod', 'stubborn', '--wait=false', '--grace-period=1'])
    await gone(cluster, 'stubborn')
    await cluster.eventually(() => processesOf(uid).length === 0, { describe: 'the processes are gone' })
  })

  test('is started again when it ends, later each time, and its last words are kept', async ({ cluster }) => {
    await createPod(cluster, 'crashing', shell('echo run; printf broken > /dev/termination-log; exit 7'))
    const pod = await until(cluster, 'crashing', 'waits', (pod) => container(pod)?.state.waiting?.reason === 'CrashLoopBackOff')
    expect(container(pod)?.lastState.terminated).toMatchObject({ exitCode: 7, reason: 'Error', message: 'broken' })
    expect(container(pod)?.restartCount).toBeGreaterThan(0)
    expect((await cluster.kubectl(['logs', 'crashing', '--previous'])).stdout).toBe('run\n')
  })

  test('that starts in an init container has ended before the others start', async ({ cluster }) => {
    await createPod(
      cluster,
      'prepared',
      shell(
        'cat /work/result; sleep 60',
        { volumeMounts: [{ name: 'work', mountPath: '/work' }] },
        {
          initContainers: [
            {
              name: 'first',
              image: 'busybox',
              args: ['sh', '-c', 'sleep 0.5; echo made > /work/result'],
              volumeMounts: [{ name: 'work', mountPath: '/work' }],
            },
          ],
          volumes: [{ name: 'work', emptyDir: {} }],
        },
      ),
    )
    await started(cluster, 'prepared')
    await cluster.eventually(async () => (await cluster.kubectl(['logs', 'prepared'])).stdout === 'made\n')
  })
})

describe('probes', () => {
  test('a pod is ready, and found by the name of its service, while its readiness probe succeeds', async ({ cluster, kubelet }) => {
    const labels = { app: 'gated' }
    await create(cluster, `/api/v1/namespaces/${cluster.namespace}/services`, {
      metadata: { name: 'gated' },
      spec: { selector: labels, ports: [{ port: 80 }] },
    })
    const volume = { volumeMounts: [{ name: 'work', mountPath: '/work' }] }
    const readinessProbe = { exec: { command: ['test', '-e', '/work/ready'] }, periodSeconds: 1, failureThreshold: 1 }
    await createPod(cluster, 'gated', shell('sleep 60', { readinessProbe, ...volume }, { volumes: [{ name: 'work', emptyDir: {} }] }), {
      labels,
    })
    const resolve = async (): Promise<string> =>
      await new Promise((resolve) => {
        kubelet.lookup(`gated.${cluster.namespace}.svc`, {}, (error, address) =>
          resolve(error === null ? String(address) : String(error.code)),
        )
      })
    await eventOf(cluster, 'Unhealthy')
    expect(isReady(await read(cluster, 'gated'))).toBe(false)
    expect(await resolve()).toBe('ENOTFOUND')
    await cluster.kubectl(['exec', 'gated', '--', 'touch', '/work/ready'])
    const pod = await started(cluster, 'gated')
    await cluster.eventually(async () => (await resolve()) === pod.status.podIP?.replace('10.', '127.'), { describe: 'the name is known' })
    await cluster.kubectl(['exec', 'gated', '--', 'rm', '/work/ready'])
    await cluster.eventually(async () => (await resolve()) === 'ENOTFOUND', { describe: 'the name is unknown again' })
  })

  test('a container whose liveness probe fails is started again', async ({ cluster }) => {
    const livenessProbe = { exec: { command: ['test', '-e', '/work/alive'] }, periodSeconds: 1, failureThreshold: 2 }
    await createPod(
      cluster,
      'mortal',
      shell(
        'touch /work/alive; sleep 60',
        { livenessProbe, volumeMounts: [{ name: 'work', mountPath: '/work' }] },
        {
          volumes: [{ name: 'work', emptyDir: {} }],
          terminationGracePeriodSeconds: 1,
        },
      ),
    )
    await started(cluster, 'mortal')
    await cluster.kubectl(['exec', 'mortal', '--', 'rm', '/work/alive'])
    await until(cluster, 'mortal', 'was started again', (pod) => container(pod)?.restartCount === 1 && isReady(pod))
  })
})

describe('exec and logs', () => {
  test('a command has its output, its input and its exit code', async ({ cluster }) => {
    await createPod(cluster, 'target', shell('sleep 60'))
    await started(cluster, 'target')
    const failed = await cluster.kubectl(['exec', 'target', '--', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
    expect(failed).toMatchObject({ stdout: 'out\n', exitCode: 3, stderr: 'err\ncommand terminated with exit code 3\n' })
    const input = await cluster.kubectl(['exec', '-i', 'target', '--', 'cat'], { input: 'typed' })
    expect(input).toEqual({ stdout: 'typed', stderr: '', exitCode: 0 })
    expect(await cluster.kubectl(['exec', 'target', '--', 'no-such-program'])).toMatchObject({ exitCode: 1 })
  })

  for (const protocol of ['v4.channel.k8s.io', 'v5.channel.k8s.io'])
    test(`a client of WebSocket ${protocol} gets the exit code`, async ({ cluster }) => {
      await createPod(cluster, 'target', shell('sleep 60'))
      await started(cluster, 'target')
      const query = new URLSearchParams([
        ...['sh', '-c', 'echo out; exit 3'].map((word): [string, string] => ['command', word]),
        ['container', 'main'],
        ['stdout', 'true'],
        ['stderr', 'true'],
      ])
      const socket = new WebSocket(`${cluster.server}${podsOf(cluster)}/target/exec?${query.toString()}`, protocol, {
        ca: cluster.ca,
        headers: { authorization: `Bearer ${cluster.token}` },
      })
      const channels = ['', '', '', '']
      socket.on('message', (data: Buffer) => {
        channels[data[0] as number] += data.subarray(1).toString()
      })
      await once(socket, 'close')
      expect(channels[1]).toBe('out\n')
      expect(JSON.parse(channels[3] as string)).toMatchObject({
        status: 'Failure',
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: '3' }] },
      })
    })

  test('logs are followed to the end of the container, and cut as asked', async ({ cluster }) => {
    await createPod(cluster, 'talking', shell('echo 1; sleep 1; echo 2 >&2; sleep 0.2; echo 3; printf 4', {}, { restartPolicy: 'Never' }))
    await started(cluster, 'talking')
    expect((await cluster.kubectl(['logs', '--follow', 'talking'])).stdout).toBe('1\n2\n3\n4')
    expect((await cluster.kubectl(['logs', '--tail=2', 'talking'])).stdout).toBe('3\n4')
    expect((await cluster.kubectl(['logs', '--timestamps', '--tail=2', 'talking'])).stdout).toMatch(/^\d{4}-\S+Z 3\n\d{4}-\S+Z 4/)
  })
})

describe('a Job', () => {
  test('succeeds with the termination message of its container', async ({ cluster }) => {
    const template = { spec: shell(`echo '{"rows":3}' > /dev/termination-log`, {}, { restartPolicy: 'Never' }) }
    await create(cluster, `/apis/batch/v1/namespaces/${cluster.namespace}/jobs`, { metadata: { name: 'works' }, spec: { template } })
    expect((await cluster.kubectl(['wait', 'job/works', '--for=condition=Complete', '--timeout=20s'])).stderr).toBe('')
    const { body } = await cluster.request<{ items: Pod[] }>('GET', podsOf(cluster), { query: { labelSelector: 'job-name=works' } })
    expect(body.items.map((pod) => container(pod)?.state.terminated)).toMatchObject([{ exitCode: 0, message: '{"rows":3}\n' }])
  })

  test('fails with the exit code, and with the end of the log where the policy says so', async ({ cluster }) => {
    const failing = { terminationMessagePolicy: 'FallbackToLogsOnError' }
    const template = { spec: shell('echo cannot connect >&2; exit 4', failing, { restartPolicy: 'Never' }) }
    const spec = { backoffLimit: 0, template }
    await create(cluster, `/apis/batch/v1/namespaces/${cluster.namespace}/jobs`, { metadata: { name: 'fails' }, spec })
    expect((await cluster.kubectl(['wait', 'job/fails', '--for=condition=Failed', '--timeout=20s'])).stderr).toBe('')
    const { body } = await cluster.request<{ items: Pod[] }>('GET', podsOf(cluster), { query: { labelSelector: 'job-name=fails' } })
    expect(body.items.map((pod) => container(pod)?.state.terminated)).toMatchObject([{ exitCode: 4, message: 'cannot connect\n' }])
  })
})

describe('a claim', () => {
  test('keeps what was written when its pod is deleted, until it is deleted itself', async ({ cluster }) => {
    const claims = `/api/v1/namespaces/${cluster.namespace}/persistentvolumeclaims`
    await create(cluster, claims, {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    })
    const mounted = { volumeMounts: [{ name: 'data', mountPath: '/data' }] }
    const volumes = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }
    await createPod(cluster, 'writer', shell('echo kept > /data/file; sleep 60', mounted, volumes))
    await started(cluster, 'writer')
    await cluster.kubectl(['delete', 'pod', 'writer', '--grace-period=1'])
    await createPod(cluster, 'reader', shell('cat /data/file', mounted, { ...volumes, restartPolicy: 'Never' }))
    await until(cluster, 'reader', 'has ended', ({ status }) => status.phase === 'Succeeded')
    expect((await cluster.kubectl(['logs', 'reader'])).stdout).toBe('kept\n')

    const { body } = await cluster.request<{ spec: { volumeName: string } }>('GET', `${claims}/data`)
    const volume = `/api/v1/persistentvolumes/${body.spec.volumeName}`
    await cluster.kubectl(['delete', 'pod/reader', 'pvc/data'])
    await cluster.eventually(async () => (await cluster.request('GET', volume)).status === 404, { describe: 'its volume is gone' })
  })
})

describe('what the node cannot do', () => {
  test('is told by an event Unsupported, and the pod does not start', async ({ cluster }) => {
    await createPod(cluster, 'demanding', shell('sleep 60', { lifecycle: { preStop: { exec: { command: ['true'] } } } }))
    expect(await eventOf(cluster, 'Unsupported')).toContain('spec.containers[0].lifecycle')
    const pod = await until(cluster, 'demanding', 'waits', (pod) => container(pod)?.state.waiting?.reason === 'Unsupported')
    expect(pod.status.phase).toBe('Pending')
    await cluster.kubectl(['delete', 'pod', 'demanding'])
    await gone(cluster, 'demanding')
  })

  test('an image that it does not have is waited for', async ({ cluster }) => {
    await createPod(cluster, 'absent', { containers: [{ name: 'main', image: 'registry.test/absent:1' }] })
    const pod = await until(cluster, 'absent', 'waits', (pod) => container(pod)?.state.waiting?.reason === 'ImagePullBackOff')
    expect(container(pod)?.state.waiting?.message).toContain('registry.test/absent:1')
  })
})

describe('the end', () => {
  test('of whoever started the node is the end of all its processes, also by SIGKILL', async () => {
    const program = fileURLToPath(new URL('main.ts', import.meta.url))
    const starter = spawn(process.execPath, [program, '--nodes=0', '--kubelet'], { stdio: ['ignore', 'pipe', 'ignore'] })
    const ended = once(starter, 'exit')
    const [line] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string]
    const kubeconfig = line.replace('export KUBECONFIG=', '')
    const directory = dirname(kubeconfig)
    // A process and one that it started; a volume's path has the directory in it.
    const script = '(while :; do sleep 1; : /work; done) & wait'
    const volume = { volumeMounts: [{ name: 'work', mountPath: '/work' }] }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod' },
      spec: shell(script, volume, { volumes: [{ name: 'work', emptyDir: {} }] }),
    }
    const { kubectl } = await tools(() => {})
    const created = await eventually(
      async () => {
        const { exitCode } = await runTool(kubectl, ['apply', '--filename=-'], kubeconfig, { input: JSON.stringify(pod) })
        return exitCode === 0
      },
      { describe: 'the pod is made' },
    )
    expect(created).toBe(true)
    const shells = (): string[] => processesOf(directory).filter((command) => command.startsWith('sh -c'))
    await eventually(() => shells().length === 2, { describe: 'the processes run' })
    starter.kill('SIGKILL')
    await ended
    await eventually(() => processesOf(directory).length === 0 && !existsSync(directory), {
      describe: `${directory} and its processes are gone`,
    })
  })
})
