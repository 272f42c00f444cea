/** `job`: a container that runs to its end, once for each record. The answer is `{ exitCode, reason, message, json }`. */
import type { JsonObject } from '../../api/object.ts'
import { TemplateError } from '../../template/error.ts'
import { isSecretHandle } from '../../template/secret.ts'
import type { StepKind } from '../step.ts'
import { textsOf } from './http.ts'
import { anyMap, bool, map, text, textMap, texts } from './schema.ts'
import { keyOfSecret } from './secrets.ts'

const volumeSorts = ['claim', 'secret', 'configMap', 'emptyDir'] as const

export const job: StepKind = {
  key: 'job',
  promise: 'acts',
  essentials: ['exitCode', 'json'],
  reattaches: true,
  about: 'A Job of one container; the result is what the container leaves as its termination message, and its `json` if it is some.',
  schema: map(
    {
      image: text,
      command: texts,
      args: texts,
      env: textMap,
      volumes: {
        type: 'object',
        additionalProperties: map({
          claim: text,
          secret: text,
          configMap: text,
          emptyDir: { type: ['boolean', 'object'] },
          key: text,
          subPath: text,
          readOnly: bool,
        }),
        description: 'By the path at which each is mounted.',
      },
      serviceAccount: text,
      resources: anyMap,
      spec: { ...anyMap, description: 'Merged over the spec of the pod.' },
      keep: {
        type: 'string',
        description: 'What becomes of the Job when its outcome is recorded: never, failed (the default), always, or a duration.',
      },
    },
    'image',
  ),
  request(value) {
    const { image, command, args, env, volumes, serviceAccount, resources, spec, keep } = value as Record<string, unknown>
    for (const [path, volume] of Object.entries((volumes ?? {}) as Record<string, object>)) {
      const sorts = volumeSorts.filter((sort) => Object.hasOwn(volume, sort))
      if (sorts.length !== 1)
        throw new TemplateError(
          'STEP_INVALID',
          `the volume at ${path} has ${sorts.length === 0 ? 'none' : sorts.length} of ${volumeSorts.join(', ')}`,
          { remedy: 'it has one of them' },
        )
    }
    return {
      image,
      ...(command !== undefined && { command }),
      ...(args !== undefined && { args }),
      ...(env !== undefined && { env: environmentOf(env) }),
      ...(volumes !== undefined && { volumes }),
      ...(serviceAccount !== undefined && { serviceAccount }),
      ...(resources !== undefined && { resources }),
      ...(spec !== undefined && { podSpec: spec }),
      keep: keep ?? 'failed',
    } as unknown as JsonObject
  },
}

/** A value of a Secret is a reference to its key, whatever spelling the playbook read it in. */
const environmentOf = (env: unknown): JsonObject =>
  Object.fromEntries(Object.entries(textsOf(env)).map(([name, value]) => [name, isSecretHandle(value) ? keyOfSecret(value) : value]))
