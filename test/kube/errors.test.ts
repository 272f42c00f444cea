import { describe, expect, it } from 'vitest'
import { ApiError } from '../../src/kube/errors.ts'

describe('an error of another class', () => {
  it('keeps all that the first one tells', () => {
    const details = {
      class: 'conflict',
      method: 'PATCH',
      path: '/api/v1/namespaces/eu/services/web',
      code: 409,
      reason: 'Conflict',
      fields: [{ path: 'spec.ports[0].port', reason: 'FieldValueInvalid' }],
      conflicts: [{ manager: 'kubectl', path: '.spec.type' }],
      retryAfter: 1000,
      maybeDone: true,
    } as const
    const { method, path, code, reason, fields, conflicts, retryAfter, maybeDone } = new ApiError(details).as('alreadyExists')
    expect({ class: 'conflict', method, path, code, reason, fields, conflicts, retryAfter, maybeDone }).toEqual(details)
  })
})
